//! How long a plan, and a plan with its application, take: on a typical host, and with 20,000 files beneath the scope.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark builds trees"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use camino::Utf8Path;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use kvmnet::backend::{self, Interest};
use kvmnet::host::network::{Forward, LibvirtName};
use kvmnet::host::value::InterfaceName;
use kvmnet::lint::{self, RULES, Sight};
use kvmnet::op::network::{NetworkOperation, Wishes};
use kvmnet::op::{BridgeAdd, Force, Operation};
use kvmnet::plan::{self, BackupMode, EarlierTransaction, Goal, Judged, Options, Run, Source};
use kvmnet::root::{Root, RootError};
use kvmnet::transaction::{Meta, Store};
use kvmnet::tree::{HostPath, Pick, Scope, Tree};
use tempfile::TempDir;

fn copy_of(host: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    let from = format!("{}/fixtures/hosts/{host}/.", env!("CARGO_MANIFEST_DIR"));
    let done = Command::new("cp")
        .arg("-a")
        .arg(from)
        .arg(dir.path())
        .status()
        .unwrap();
    assert!(done.success());
    dir
}

fn open(dir: &Path) -> Root {
    Root::open(Utf8Path::from_path(dir).unwrap()).unwrap()
}

fn operation() -> Operation {
    let [bridge, port] = ["br0", "ens33"].map(|name| InterfaceName::parse(name).unwrap());
    Operation::BridgeAdd(BridgeAdd::over(bridge, vec![port]))
}

fn network_add() -> Operation {
    Operation::Network(NetworkOperation::Add {
        name: LibvirtName::parse("lab").unwrap(),
        mode: Forward::Nat,
        wishes: Wishes::default(),
    })
}

/// A host that kvmnet did nothing to yet.
struct Fresh<'r>(&'r Root);

impl Source for Fresh<'_> {
    type Error = RootError;

    fn files(&self, scope: &Scope) -> Result<Tree, RootError> {
        self.0.read_tree(scope)
    }

    fn state_folder(&self) -> Result<HostPath, RootError> {
        Ok(Store::new(self.0).path().unwrap())
    }

    fn own_copies(&self, _: &BTreeSet<HostPath>) -> BTreeMap<HostPath, Vec<u8>> {
        BTreeMap::new()
    }

    fn history(&self) -> Result<Vec<EarlierTransaction>, RootError> {
        Ok(Vec::new())
    }
}

fn planned(root: &Root, operation: &Operation) -> Judged {
    let options = Options {
        backup: BackupMode::Auto,
        force: Force::No,
        run: Run {
            command: "bridge add br0 --port ens33".to_owned(),
            forced: false,
        },
        confirm: None,
    };
    plan::make(&Fresh(root), Goal::Operation(operation), &options).unwrap()
}

/// What `check` does.
fn checked(root: &Root) -> usize {
    let tree = root.read_tree(&backend::scope(Interest::All)).unwrap();
    let host = backend::inspect(&tree, Interest::All);
    lint::check(&Sight::of(&tree, &host), RULES).len()
}

fn typical(c: &mut Criterion) {
    let dir = copy_of("static-routes");
    let root = open(dir.path());
    c.bench_function("plan on a typical host", |b| {
        b.iter(|| black_box(planned(&root, &operation())))
    });
    let fresh = || copy_of("static-routes");
    c.bench_function("plan and apply on a typical host", |b| {
        b.iter_batched(
            fresh,
            |dir| {
                let root = open(dir.path());
                let plan = planned(&root, &operation());
                let guard = Store::new(&root).lock(Duration::ZERO, "bench").unwrap();
                guard.commit(&plan.full, Meta::default()).unwrap();
                dir
            },
            BatchSize::PerIteration,
        );
    });
}

/// Reads the files of a folder, as plainly as can be.
fn read_all(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files
        .map(|entry| fs::read(entry.path()).unwrap().len())
        .sum()
}

/// Returns the file of a network or guest with a UUID and a MAC address that no other has.
fn unique(text: &str, n: usize) -> String {
    let line = |line: &str| {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim_start().starts_with("<uuid>") {
            let kind = usize::from(text.contains("<domain"));
            return format!("{indent}<uuid>{kind:08x}-0000-4000-8000-{n:012x}</uuid>\n");
        }
        match line.find("52:54:00:") {
            Some(at) => {
                let kind = if text.contains("<domain") { 0x80 } else { 0 };
                let mac = format!(
                    "{:02x}:{:02x}:{:02x}",
                    kind | (n >> 16),
                    n >> 8 & 255,
                    n & 255
                );
                format!("{}{mac}{}\n", &line[..at + 9], &line[at + 17..])
            }
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

/// 10,000 networks and 10,000 guests, or 10,000 NICs with a route file each: the second must be read, the guests not.
fn large(c: &mut Criterion) {
    let guests = copy_of("tutorial");
    let libvirt = guests.path().join("etc/libvirt/qemu");
    let network = fs::read_to_string(libvirt.join("networks/default.xml")).unwrap();
    let guest = fs::read_to_string(libvirt.join("vm1.xml")).unwrap();
    let nics = copy_of("tutorial");
    let scripts = nics.path().join("etc/sysconfig/network-scripts");
    let nic = fs::read_to_string(scripts.join("ifcfg-ens33")).unwrap();
    for n in 0..10_000 {
        let text = network
            .replace("default", &format!("n{n}"))
            .replace("virbr0", &format!("vb{n}"))
            .replace("192.168.122", &format!("10.{}.{}", n / 256, n % 256));
        fs::write(libvirt.join(format!("networks/n{n}.xml")), unique(&text, n)).unwrap();
        let text = guest
            .replace("vm1", &format!("g{n}"))
            .replace("'default'", &format!("'n{n}'"));
        fs::write(libvirt.join(format!("g{n}.xml")), unique(&text, n)).unwrap();
        fs::write(
            scripts.join(format!("ifcfg-p{n}")),
            nic.replace("ens33", &format!("p{n}")),
        )
        .unwrap();
        fs::write(
            scripts.join(format!("route-p{n}")),
            format!("10.0.0.0/8 dev p{n}\n"),
        )
        .unwrap();
    }
    let mut group = c.benchmark_group("20,000 files");
    group.sample_size(20);
    for (name, dir, folder) in [
        ("networks and guests", &guests, "/etc/libvirt/qemu/networks"),
        ("NICs and routes", &nics, "/etc/sysconfig/network-scripts"),
    ] {
        let root = open(dir.path());
        let all: fn(&str) -> Pick = |_| Pick::Read;
        let scope = Scope {
            folders: vec![(HostPath::parse(folder).unwrap(), all)],
            ..Scope::default()
        };
        group.bench_function(format!("{name}: read the folder"), |b| {
            b.iter(|| black_box(root.read_tree(&scope).unwrap()));
        });
        group.bench_function(format!("{name}: plan"), |b| {
            b.iter(|| black_box(planned(&root, &operation())))
        });
    }
    let line = format!("kvmnet --root {} guest connect ", guests.path().display());
    group.bench_function("networks and guests: complete a guest, as a process", |b| {
        b.iter(|| {
            let mut program = Command::new(env!("CARGO_BIN_EXE_kvmnet"));
            let answer = program.args(["__complete", "bash", "", &line, ""]).output();
            assert!(answer.unwrap().stdout.len() > 10_000);
        });
    });
    let root = open(guests.path());
    group.bench_function("networks and guests: read in one thread", |b| {
        b.iter(|| black_box(read_all(&libvirt) + read_all(&libvirt.join("networks"))));
    });
    group.bench_function("networks and guests: understand all", |b| {
        b.iter(|| {
            let tree = root.read_tree(&backend::scope(Interest::All)).unwrap();
            black_box(backend::inspect(&tree, Interest::All))
        });
    });
    group.bench_function("networks and guests: check", |b| {
        b.iter(|| black_box(checked(&root)));
    });
    group.bench_function("networks and guests: network add", |b| {
        b.iter(|| black_box(planned(&root, &network_add())));
    });
    group.finish();
}

criterion_group!(benches, typical, large);
criterion_main!(benches);
