//! What the real NetworkManager makes of bridges that `kvmnet` writes as keyfiles: on each card of each fixture host, as
//! it was before and as it is afterwards, there and back.
//!
//! `nm-load` tells which files and keys it takes, `nm-compare` whether the bridge is to the host what the card was. They
//! run as root with `KVMNET_REAL_DAEMONS=1` only; then nothing that they need may be missing. The newer NetworkManager
//! comes by apt, beside the installed one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use tempfile::TempDir;

use crate::support::snapshot::{self, copy_to};
use crate::support::{copy, fixture, host, hosts, kvmnet, oracle, real_daemons};
use kvmnet::host::profile::Backend;

/// The bridge that is made.
const BRIDGE: &str = "brx0";

/// What may be asked for beside the port.
const OPTIONS: &[&[&str]] = &[
    &["--dhcp"],
    &["--no-address"],
    &["--stp", "on"],
    &["--address", "10.7.0.5/24"],
    &[
        "--address",
        "10.7.0.5/24",
        "--gateway",
        "10.7.0.1",
        "--dns",
        "10.7.0.2",
    ],
    &[
        "--address",
        "10.7.0.5/24",
        "--address",
        "2001:db8:7::5/64",
        "--gateway",
        "10.7.0.1",
        "--gateway",
        "2001:db8:7::1",
        "--dns",
        "2001:db8:7::2",
        "--stp",
        "on",
        "--forward-delay",
        "4",
    ],
    &["--address", "2001:db8:7::5/64", "--onboot", "no"],
];

/// Held by the test that brings the newer NetworkManager.
static BRINGS: Mutex<()> = Mutex::new(());

/// A NetworkManager.
pub(crate) struct Nm {
    /// What its programs' paths begin with, empty for the installed one.
    prefix: String,
    /// What it does not like on each host as it was.
    disliked: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Nm {
    pub(crate) fn installed() -> Self {
        Self::of(String::new())
    }

    fn of(prefix: String) -> Self {
        let disliked = Mutex::default();
        Self { prefix, disliked }
    }

    /// Brings 1.52 from Debian's archive, unless an earlier run did.
    pub(crate) fn newer() -> Self {
        let _one = BRINGS.lock().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nm-versions");
        let nmcli = folder.join("trixie-nmcli");
        let runs = |nmcli: &Path| {
            let version = Command::new(nmcli).arg("--version").output();
            version.is_ok_and(|output| output.status.success())
        };
        if !runs(&nmcli) {
            let mut bring = Command::new("bash");
            bring.arg(oracle("nm-versions")).arg(&folder).arg("trixie");
            let output = bring.output().unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(
                runs(&nmcli),
                "NetworkManager 1.52 cannot be had, and KVMNET_REAL_DAEMONS=1: {error}"
            );
        }
        Self::of(format!("{}/trixie-", folder.display()))
    }

    /// Returns what it says of the keyfiles: which it takes, and all that it does not like, without the names of files.
    #[track_caller]
    pub(crate) fn load(&self, root: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut command = Command::new("bash");
        command.arg(oracle("nm-load")).arg(root);
        if !self.prefix.is_empty() {
            command.env("NM_DAEMON", format!("{}NetworkManager", self.prefix));
            command.env("NMCLI", format!("{}nmcli", self.prefix));
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let code = output.status.code().unwrap_or(-1);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(code, 0 | 1), "nm-load ({code}): {error}\n{said}");
        let (mut loaded, mut disliked) = (BTreeSet::new(), BTreeSet::new());
        for line in said.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            match fields[..] {
                ["LOADED", file, ..] => {
                    loaded.insert(file.to_owned());
                }
                // a line that moves from one file to another is dropped here as there
                ["DROPPED", _, what] => {
                    disliked.insert(format!("DROPPED {what}"));
                }
                ["SHADOWED" | "IGNORED" | "LOG", ..] => {
                    disliked.insert(line.to_owned());
                }
                _ => {}
            }
        }
        (loaded, disliked)
    }

    /// Asserts that every file of the second tree is taken, and that nothing is disliked that was not on the host before.
    #[track_caller]
    fn takes(&self, trees: &Trees, card: &Card, what: &str) {
        let after = trees.after();
        let (loaded, disliked) = self.load(&after);
        assert_eq!(loaded, keyfiles(&after), "{what}: {disliked:?}");
        let known = self.disliked.lock().unwrap().get(&card.host).cloned();
        let before = known.unwrap_or_else(|| {
            let (_, disliked) = self.load(&trees.before());
            let mut known = self.disliked.lock().unwrap();
            known.insert(card.host.clone(), disliked.clone());
            disliked
        });
        let new: Vec<&String> = disliked.difference(&before).collect();
        assert!(new.is_empty(), "{what}: {new:?}");
    }

    /// Returns what differs from `before` to `after`, the faults alone.
    #[track_caller]
    fn compare(&self, before: &Path, after: &Path, card: &Card, options: &[&str]) -> Vec<String> {
        let mut command = Command::new("python3");
        command.arg(oracle("nm-compare")).args([before, after]);
        command.args(["--port", &card.name]).args(options);
        for (name, mac) in &card.macs {
            command.args(["--nic", &format!("{name}={mac}")]);
        }
        if !self.prefix.is_empty() {
            command.args(["--nm", &self.prefix]);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().unwrap_or(-1);
        assert!(
            matches!(code, 0 | 1),
            "nm-compare ({code}): {error}\n{said}"
        );
        assert_eq!(code == 0, said.ends_with("SAME\n"), "{said}");
        let lines = said.lines().map(str::trim);
        let faults = lines.filter(|line| {
            let is_verdict = *line == "SAME" || line.starts_with("DIFFERENT");
            !is_verdict && !line.starts_with("note:") && !is_of_metric(line)
        });
        faults.map(str::to_owned).collect()
    }
}

/// Returns whether a line says that a metric is another one. It may be any that lets default routes keep their order, since
/// NetworkManager counts up none that is written: `the_default_route_goes_where_it_went` looks at that order.
fn is_of_metric(line: &str) -> bool {
    line.contains(".route-metric at ")
}

/// A card, or what stands for one, that a keyfile configures.
struct Card {
    host: String,
    name: String,
    /// The cards of the host by their MAC addresses.
    macs: Vec<(String, String)>,
}

impl Card {
    fn of(host: &str, name: &str) -> Self {
        let folder = fixture(host).join("sys/class/net");
        let entries = fs::read_dir(folder).into_iter().flatten();
        let macs = entries.map(|entry| {
            let entry = entry.unwrap();
            let mac = fs::read_to_string(entry.path().join("address")).unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, mac.trim().to_owned())
        });
        Self {
            host: host.to_owned(),
            name: name.to_owned(),
            macs: macs.collect(),
        }
    }

    fn what(&self) -> String {
        format!("{} on {}", self.name, self.host)
    }

    /// Returns a copy of the host, and another one with the bridge on the card, as `kvmnet` makes it.
    #[track_caller]
    fn bridged(&self, options: &[&str]) -> Trees {
        let trees = Trees::of(&self.host);
        let mut args = vec!["bridge", "add", BRIDGE, "--port", &self.name, "--yes", "-q"];
        args.extend(options);
        run(&trees.after(), &args);
        trees.tidy();
        trees
    }
}

/// Two copies of a host.
struct Trees {
    before: TempDir,
    after: TempDir,
}

impl Trees {
    fn of(host: &str) -> Self {
        let (before, after) = (copy(&fixture(host)), copy(&fixture(host)));
        Self { before, after }
    }

    fn before(&self) -> PathBuf {
        self.before.path().join("root")
    }

    fn after(&self) -> PathBuf {
        self.after.path().join("root")
    }

    /// Takes from the second one what `kvmnet` keeps for a way back, and what it wrote to libvirt's files.
    fn tidy(&self) {
        let after = self.after();
        let kept = snapshot::nodes(&after).into_keys();
        for path in kept.filter(|path| path.ends_with(".old")) {
            fs::remove_file(after.join(path)).unwrap();
        }
        let state = after.join(snapshot::STATE);
        if state.exists() {
            fs::remove_dir_all(state).unwrap();
        }
        let libvirt = "etc/libvirt";
        if after.join(libvirt).exists() {
            fs::remove_dir_all(after.join(libvirt)).unwrap();
            copy_to(&self.before().join(libvirt), &after.join(libvirt));
        }
    }
}

/// Runs a command that must succeed.
#[track_caller]
fn run(root: &Path, args: &[&str]) {
    let output = kvmnet(root, args);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {error}");
}

/// Returns the names of the keyfiles.
fn keyfiles(root: &Path) -> BTreeSet<String> {
    let folder = root.join("etc/NetworkManager/system-connections");
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Returns all that can become a port of a bridge in keyfiles.
fn cards() -> Vec<Card> {
    let mut cards = Vec::new();
    for name in hosts() {
        let host = host(&fixture(&name));
        let free = host.profiles().filter(|profile| {
            let ours = profile.home.backend == Backend::NmKeyfile;
            ours && profile.is_read() && profile.controller.is_none() && profile.bridge().is_none()
        });
        cards.extend(free.map(|profile| Card::of(&name, profile.interface.as_str())));
    }
    assert!(cards.len() > 10, "cards are found: {}", cards.len());
    cards
}

/// Returns whether the tests can run; where they are asked for, what they need must be there.
pub(crate) fn wanted() -> bool {
    let wanted = real_daemons();
    if !wanted {
        println!("skipped: NetworkManager is asked only with KVMNET_REAL_DAEMONS=1");
    }
    wanted
}

/// Does `work` for each, on two threads, since most of the time is spent waiting for the daemon.
pub(crate) fn each<T: Sync>(all: &[T], work: impl Fn(&T) + Sync) {
    let half = all.len().div_ceil(2).max(1);
    std::thread::scope(|scope| {
        for part in all.chunks(half) {
            scope.spawn(|| part.iter().for_each(&work));
        }
    });
}

/// Makes the bridge on the card, and asserts that it is taken, and to the host what the card was.
#[track_caller]
fn bridged_alike(nm: &Nm, card: &Card) -> Trees {
    let (trees, what) = (card.bridged(&[]), card.what());
    nm.takes(&trees, card, &what);
    let bridge = ["--bridge", BRIDGE];
    let faults = nm.compare(&trees.before(), &trees.after(), card, &bridge);
    assert_eq!(faults, Vec::<String>::new(), "{what}");
    trees
}

#[test]
fn a_bridge_is_what_its_card_was_and_the_card_is_it_again() {
    if !wanted() {
        return;
    }
    let (nm, cards) = (Nm::installed(), cards());
    each(&cards, |card| {
        let trees = bridged_alike(&nm, card);
        let bridged = copy(&trees.after());
        let bridged = bridged.path().join("root");
        run(&trees.after(), &["bridge", "remove", BRIDGE, "--yes", "-q"]);
        trees.tidy();
        let back = ["--bridge", BRIDGE, "--reverse"];
        let faults = nm.compare(&bridged, &trees.after(), card, &back);
        assert!(faults.is_empty(), "{}, removed: {faults:#?}", card.what());
    });
    println!("{} bridges compared, there and back", cards.len());
}

#[test]
fn a_newer_networkmanager_finds_the_same() {
    if !wanted() {
        return;
    }
    let (nm, cards) = (Nm::newer(), cards());
    each(&cards, |card| drop(bridged_alike(&nm, card)));
    println!("{} bridges compared by the newer one", cards.len());
}

#[test]
fn bridges_with_addresses_of_their_own_are_taken() {
    if !wanted() {
        return;
    }
    let nm = Nm::installed();
    let cards = [Card::of("rhel9", "ens33"), Card::of("coreos", "enp2s0")];
    let all: Vec<(&Card, &[&str])> = cards
        .iter()
        .flat_map(|card| OPTIONS.iter().map(move |options| (card, *options)))
        .collect();
    each(&all, |(card, options)| {
        let (trees, what) = (card.bridged(options), card.what());
        nm.takes(&trees, card, &format!("{what} {options:?}"));
    });
    println!("{} bridges with options taken", all.len());
}

/// The bridges of `nmcli-bridged`, their ports, and whether it takes a newer one to see that they are ports.
const OF_NMCLI: &[(&str, &str, bool)] = &[
    ("br0", "eno1", false),
    ("br1", "eno2", false),
    ("br1", "eno2", true),
    ("br2", "eno3", true),
];

#[test]
fn bridges_that_nmcli_wrote_are_taken_away() {
    if !wanted() {
        return;
    }
    let (old, new) = (Nm::installed(), Nm::newer());
    for (bridge, port, is_new) in OF_NMCLI {
        let (nm, card) = (
            if *is_new { &new } else { &old },
            Card::of("nmcli-bridged", port),
        );
        let trees = Trees::of(&card.host);
        run(&trees.after(), &["bridge", "remove", bridge, "--yes", "-q"]);
        trees.tidy();
        nm.takes(&trees, &card, bridge);
        let options = ["--bridge", bridge, "--reverse", "--stp", ""];
        let faults = nm.compare(&trees.before(), &trees.after(), &card, &options);
        assert!(faults.is_empty(), "{bridge}: {faults:#?}");
    }
}

#[test]
fn the_default_route_goes_where_it_went() {
    if !wanted() {
        return;
    }
    // beside a static card one with DHCP, and the other way round
    for (nm, name) in [
        (Nm::installed(), "ens33"),
        (Nm::newer(), "ens33"),
        (Nm::installed(), "ens34"),
    ] {
        let mut card = Card::of("rhel9", name);
        card.macs = ["ens33", "ens34"]
            .into_iter()
            .zip(["52:54:00:00:00:33", "52:54:00:00:00:34"])
            .map(|(name, mac)| (name.to_owned(), mac.to_owned()))
            .collect();
        let trees = card.bridged(&[]);
        let options = ["--activate", "--dhcp", "--bridge", BRIDGE];
        let faults = nm.compare(&trees.before(), &trees.after(), &card, &options);
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

#[test]
fn hosts_come_up_alike() {
    if !wanted() {
        return;
    }
    let nm = Nm::installed();
    let static_address = (Card::of("rhel9", "ens33"), vec!["--activate"]);
    let asks = (Card::of("coreos", "enp3s0"), vec!["--activate", "--dhcp"]);
    each(&[static_address, asks], |(card, options)| {
        let trees = card.bridged(&[]);
        let options = [options.as_slice(), &["--bridge", BRIDGE]].concat();
        let faults = nm.compare(&trees.before(), &trees.after(), card, &options);
        assert!(faults.is_empty(), "{}: {faults:#?}", card.what());
    });
}
