//! What must hold for any bytes: the bodies of the fuzz targets, which `tests/fuzz.rs` runs over the seeds as well.
//!
//! No body may panic but by its own assertions; the laws are those of the architecture. To add one: a function here, its
//! line in [`ALL`], its target in `fuzz_targets`, its folder in `seeds`.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use kvmnet::backend::{self, EmitError, Interest, laws};
use kvmnet::change::Change;
use kvmnet::doc::shell::ShellDoc;
use kvmnet::doc::xml::XmlDoc;
use kvmnet::host::Host;
use kvmnet::host::network::{Forward, LibvirtName};
use kvmnet::host::value::InterfaceName;
use kvmnet::op::guest::{GuestOperation, Target, Which};
use kvmnet::op::network::{DhcpWish, NetworkOperation, Wishes};
use kvmnet::op::{self, BridgeAdd, Choice, Force, Operation};
use kvmnet::plan::{
    self, BackupMode, EarlierTransaction, Goal, Options, PlanError, Run, Source, saved,
};
use kvmnet::template::{FOLDER, Format, TEMPLATES, Templates};
use kvmnet::transaction::journal::{Record, VERSION};
use kvmnet::tree::{Attrs, Entry, File, HostPath, Scope, Tree};

/// A body.
pub(crate) type Body = fn(&[u8]);

/// The bodies by name.
pub(crate) const ALL: &[(&str, Body)] = &[
    ("guest", guest),
    ("ifcfg", ifcfg),
    ("journal", journal),
    ("keyfile", keyfile),
    ("leases", leases),
    ("network", network),
    ("plan", plan),
    ("readers", readers),
    ("template", template),
];

const IFCFG: &str = "/etc/sysconfig/network-scripts/ifcfg-ens33";
const BRIDGE: &str = "/etc/sysconfig/network-scripts/ifcfg-br0";
const KEYFILE: &str = "/etc/NetworkManager/system-connections/ens33.nmconnection";
const NETWORK: &str = "/etc/libvirt/qemu/networks/lab.xml";
const DEFAULT: &str = "/etc/libvirt/qemu/networks/default.xml";
const GUEST: &str = "/etc/libvirt/qemu/vm1.xml";
const LEASES: &str = "/var/lib/libvirt/dnsmasq/virbr0.status";

const BRIDGE_TEXT: &str = "DEVICE=br0\nTYPE=Bridge\nONBOOT=yes\n";
const DEFAULT_TEXT: &str = "<network>\n  <name>default</name>\n  <uuid>9a05da11-e96b-47f3-8253-a3a482e445f5</uuid>\n  \
    <forward mode='nat'/>\n  <bridge name='virbr0' stp='on' delay='0'/>\n  <mac address='52:54:00:0a:cd:21'/>\n  \
    <ip address='192.168.122.1' netmask='255.255.255.0'>\n    <dhcp>\n      \
    <range start='192.168.122.2' end='192.168.122.254'/>\n    </dhcp>\n  </ip>\n</network>\n";

/// A profile of the network scripts, with its bridges.
pub(crate) fn ifcfg(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert_eq!(ShellDoc::parse(text).to_string(), text);
    }
    let tree = tree(&[(IFCFG, bytes), (BRIDGE, BRIDGE_TEXT.as_bytes())]);
    let host = unchanged(&tree);
    for profile in &host.profiles {
        let ports = vec![profile.interface.clone()];
        for (addressing, dns) in [(Choice::Move, None), (Choice::Dhcp, Some("10.0.0.53"))] {
            let add = BridgeAdd {
                addressing,
                dns: dns.iter().filter_map(|ip| ip.parse().ok()).collect(),
                ..BridgeAdd::over(interface("br9"), ports.clone())
            };
            if let Some(tree) = changed(&tree, &host, &Operation::BridgeAdd(add)) {
                let host = backend::inspect(&tree, Interest::All);
                let (bridge, to) = (interface("br9"), None);
                changed(&tree, &host, &Operation::BridgeRemove { bridge, to });
            }
        }
        let (bridge, port) = (interface("br0"), profile.interface.clone());
        changed(
            &tree,
            &host,
            &Operation::AddPort {
                bridge,
                port,
                onboot: None,
            },
        );
        let (bridge, port) = (interface("br0"), profile.interface.clone());
        changed(&tree, &host, &Operation::RemovePort { bridge, port });
        let bridge = profile.interface.clone();
        changed(&tree, &host, &Operation::BridgeRemove { bridge, to: None });
    }
    if let Some(profile) = host.profiles.first() {
        let (bridge, port) = (interface("br0"), profile.interface.clone());
        planned(&tree, &Operation::RemovePort { bridge, port });
    }
}

/// A keyfile of NetworkManager.
pub(crate) fn keyfile(bytes: &[u8]) {
    let ifcfg = b"DEVICE=ens34\nBOOTPROTO=dhcp\nONBOOT=yes\n";
    let tree = tree(&[(KEYFILE, bytes), (IFCFG, ifcfg)]);
    let host = unchanged(&tree);
    for profile in &host.profiles {
        let add = BridgeAdd::over(interface("br9"), vec![profile.interface.clone()]);
        if let Some(tree) = changed(&tree, &host, &Operation::BridgeAdd(add)) {
            let host = backend::inspect(&tree, Interest::All);
            let (bridge, to) = (interface("br9"), None);
            changed(&tree, &host, &Operation::BridgeRemove { bridge, to });
        }
    }
}

/// Files of programs that are read for names alone: each has the bytes.
const OTHERS: &[&str] = &[
    "/etc/netplan/a.yaml",
    "/etc/network/interfaces",
    "/etc/NetworkManager/conf.d/a.conf",
    "/etc/openvswitch/conf.db",
    "/etc/os-release",
    "/etc/sysconfig/network/ifcfg-eth0",
    "/etc/systemd/network/a.netdev",
    "/etc/systemd/network/a.network",
    "/run/NetworkManager/conf.d/b.conf",
    "/run/NetworkManager/system-connections/a.nmconnection",
];

/// A file of a program that configures interfaces.
pub(crate) fn readers(bytes: &[u8]) {
    let files: Vec<_> = OTHERS.iter().map(|path| (*path, bytes)).collect();
    let host = unchanged(&tree(&files));
    let foreign = host.foreign_bridges();
    for (name, ..) in foreign.iter().take(4) {
        assert!(host.foreign_bridge(name).is_some(), "{name}");
    }
    let ports = vec![interface("eth0"), interface("ens33")];
    for port in &ports {
        let (bridge, port) = (interface("br0"), port.clone());
        let _ = op::plan(
            &host,
            &Operation::AddPort {
                bridge,
                port,
                onboot: None,
            },
            Force::No,
        );
    }
    let _ = host.readers.not_read();
}

/// A libvirt network.
pub(crate) fn network(bytes: &[u8]) {
    xml(bytes);
    let tree = tree(&[(NETWORK, bytes), (DEFAULT, DEFAULT_TEXT.as_bytes())]);
    let host = unchanged(&tree);
    for network in &host.networks {
        let name = network.name.clone();
        changed(
            &tree,
            &host,
            &Operation::Network(NetworkOperation::Remove { name }),
        );
        let set = |mode, wishes| {
            let name = network.name.clone();
            let remove_hosts = Vec::new();
            Operation::Network(NetworkOperation::Set {
                name,
                mode,
                wishes,
                remove_hosts,
            })
        };
        changed(
            &tree,
            &host,
            &set(Some(Forward::Isolated), Wishes::default()),
        );
        changed(&tree, &host, &set(Some(Forward::Nat), Wishes::default()));
        let subnets = vec!["10.97.0.0/24".parse().expect("a subnet")];
        let domain = Some("a.example".to_owned());
        let wishes = Wishes {
            subnets,
            domain,
            ..Wishes::default()
        };
        changed(&tree, &host, &set(None, wishes));
        let wishes = Wishes {
            dhcp: DhcpWish::Off,
            ..Wishes::default()
        };
        changed(&tree, &host, &set(None, wishes));
        let name = LibvirtName::parse("copy").expect("a name");
        let (source, wishes) = (network.name.clone(), Wishes::default());
        changed(
            &tree,
            &host,
            &Operation::Network(NetworkOperation::Copy {
                source,
                name,
                mode: None,
                wishes,
            }),
        );
    }
    if let Some(network) = host.networks.first() {
        let name = network.name.clone();
        let set = NetworkOperation::Set {
            name,
            mode: Some(Forward::Isolated),
            wishes: Wishes::default(),
            remove_hosts: Vec::new(),
        };
        planned(&tree, &Operation::Network(set));
    }
}

/// A guest.
pub(crate) fn guest(bytes: &[u8]) {
    xml(bytes);
    let known = [
        (DEFAULT, DEFAULT_TEXT.as_bytes()),
        (BRIDGE, BRIDGE_TEXT.as_bytes()),
    ];
    let tree = tree(&[&[(GUEST, bytes)], known.as_slice()].concat());
    let host = unchanged(&tree);
    for guest in &host.guests {
        let to = [
            Target::Network("default".to_owned()),
            Target::Bridge(interface("br0")),
        ];
        let model = || "virtio".to_owned();
        let which = [
            Which::Only,
            Which::Number(2),
            Which::New {
                model: model(),
                mac: None,
            },
        ];
        for (target, which) in to
            .iter()
            .flat_map(|to| which.iter().map(move |which| (to, which)))
        {
            let (guest, target, which) = (guest.name.clone(), target.clone(), which.clone());
            changed(
                &tree,
                &host,
                &Operation::Guest(GuestOperation::Connect {
                    guest,
                    target,
                    which,
                }),
            );
        }
        let guest = guest.name.clone();
        changed(
            &tree,
            &host,
            &Operation::Guest(GuestOperation::Disconnect {
                guest,
                which: Which::Number(1),
            }),
        );
    }
    if let Some(guest) = host.guests.first() {
        let disconnect = GuestOperation::Disconnect {
            guest: guest.name.clone(),
            which: Which::Number(1),
        };
        planned(&tree, &Operation::Guest(disconnect));
    }
}

/// A record of leases.
pub(crate) fn leases(bytes: &[u8]) {
    let tree = tree(&[(LEASES, bytes), (DEFAULT, DEFAULT_TEXT.as_bytes())]);
    let (leases, broken) = backend::leases(&tree);
    assert!(leases.len() + broken.len() <= bytes.len() + 1);
}

/// The journal of a transaction, a NUL byte, and its changes: what is understood is written as it was understood.
pub(crate) fn journal(bytes: &[u8]) {
    let (header, changes) = match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    let Ok(record) = Record::parse(header, changes) else {
        return;
    };
    let mut again = record.clone();
    again.header.version = VERSION;
    let lines = again.lines();
    again.header.lines = lines.len();
    let text = again.header.to_text();
    let read = Record::parse(text.as_bytes(), lines.concat().as_bytes());
    assert_eq!(read, Ok(again));
}

/// A saved plan: what is understood is written as it was understood.
pub(crate) fn plan(bytes: &[u8]) {
    let Some(saved) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| saved::read(text).ok())
    else {
        return;
    };
    let text = saved::write(&saved.plan, &saved.words);
    let again = saved::read(&text).expect("what was written is read");
    assert_eq!(again, saved);
    assert_eq!(saved::write(&again.plan, &again.words), text);
    assert_eq!(saved.deviation(&again.plan), None);
    let _ = kvmnet::diff::patch(&saved.plan.full);
}

/// The longest text that a template may make.
const MADE: usize = 4 << 20;

/// An override of a template: it makes a text of a bounded length, or says why not.
pub(crate) fn template(bytes: &[u8]) {
    let setting =
        |n: usize| serde_json::json!({"key": format!("KEY{n}"), "value": "it's <a> & $(b)"});
    let settings: Vec<_> = (0..2).map(setting).collect();
    let values = serde_json::json!({
        "name": "br0", "bridge": "br0", "uuid": "9a05da11-e96b-47f3-8253-a3a482e445f5", "mac": "52:54:00:0a:cd:21",
        "settings": settings, "stp": true, "empty": [], "nested": {"settings": [{"name": "a"}]},
    });
    // one for each way to escape
    let formats = [Format::Shell, Format::Xml];
    let first = |format| {
        TEMPLATES
            .iter()
            .find(move |template| template.format == format)
    };
    for template in formats.into_iter().filter_map(first) {
        let path = HostPath::literal(FOLDER).join(&format!("{}.hbs", template.name));
        let (mode, uid, gid) = (0o644, 0, 0);
        let (attrs, bytes) = (Attrs { mode, uid, gid }, bytes.to_vec());
        let mut tree = Tree::default();
        tree.insert_folder(path.folder(), path.folder());
        tree.insert(path, Entry::File(File { bytes, attrs }));
        let templates = Templates::of(&tree);
        match templates.render(template.name, &values) {
            Ok(text) => assert!(text.len() <= MADE),
            Err(error) => assert!(!error.why.is_empty()),
        }
    }
}

fn xml(bytes: &[u8]) {
    if let Some(Ok(doc)) = std::str::from_utf8(bytes).ok().map(XmlDoc::parse) {
        assert_eq!(doc.to_string().as_bytes(), bytes);
    }
}

fn interface(name: &str) -> InterfaceName {
    InterfaceName::parse(name).expect("a name of an interface")
}

/// Returns a tree of these files.
fn tree(files: &[(&'static str, &[u8])]) -> Tree {
    let mut tree = Tree::default();
    for (path, bytes) in files {
        let path = HostPath::literal(path);
        let (mode, uid, gid) = (0o600, 0, 0);
        let (attrs, bytes) = (Attrs { mode, uid, gid }, bytes.to_vec());
        tree.insert_folder(path.folder(), path.folder());
        tree.insert(path, Entry::File(File { bytes, attrs }));
    }
    tree
}

/// Reads the host, and checks that writing what was read changes nothing, past every shortcut.
fn unchanged(tree: &Tree) -> Host {
    let host = backend::inspect(tree, Interest::All);
    let again = laws::rewritten(tree, &host).expect("what was read can be written again");
    if let Err(violation) = laws::get_put(&again) {
        panic!("{violation:?}");
    }
    let set = backend::emit(tree, &host, &host).expect("what was read can be written");
    assert!(set.is_empty(), "{set:?}");
    host
}

/// Performs the operation, and checks that what is written then is what was meant, and that nothing is lost that was not
/// given up (`emit` holds both laws against what it wrote); nothing is a refusal.
fn changed(tree: &Tree, host: &Host, operation: &Operation) -> Option<Tree> {
    let meant = op::plan(host, operation, Force::Yes).ok()?.host;
    match backend::emit(tree, host, &meant) {
        Ok(set) => {
            let after = set.apply_to(tree);
            unchanged(&after);
            Some(after)
        }
        Err(EmitError::InTheWay { .. }) => None,
        Err(error) => panic!("{error}: {operation:?}"),
    }
}

/// A host of which all is known.
struct Whole<'t>(&'t Tree);

impl Source for Whole<'_> {
    type Error = Infallible;

    fn files(&self, _: &Scope) -> Result<Tree, Infallible> {
        Ok(self.0.clone())
    }

    fn state_folder(&self) -> Result<HostPath, Infallible> {
        Ok(HostPath::literal("/var/lib/kvmnet"))
    }

    fn own_copies(&self, _: &BTreeSet<HostPath>) -> BTreeMap<HostPath, Vec<u8>> {
        BTreeMap::new()
    }

    fn history(&self) -> Result<Vec<EarlierTransaction>, Infallible> {
        Ok(Vec::new())
    }
}

/// Plans the operation as commands do, judged; what is shown is part of what is written.
fn planned(tree: &Tree, operation: &Operation) {
    let options = Options {
        backup: BackupMode::Auto,
        force: Force::Yes,
        run: Run {
            command: "fuzz".to_owned(),
            forced: true,
        },
        confirm: None,
    };
    match plan::make(&Whole(tree), Goal::Operation(operation), &options) {
        Ok(judged) => {
            let written = |change: &Change| judged.full.get(&change.path) == Some(change);
            assert!(judged.set.iter().all(written), "{judged:?}");
        }
        Err(PlanError::Refused { .. } | PlanError::Emit(EmitError::InTheWay { .. })) => {}
        Err(error) => panic!("{error:?}: {operation:?}"),
    }
}
