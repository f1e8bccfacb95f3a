//! The laws of the lenses, over every fixture host, as it is and with more in each file, and every operation.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kvmnet::backend::{self, EmitError, Interest, laws};
use kvmnet::change::ChangeSet;
use kvmnet::host::Host;
use kvmnet::host::profile::Backend;
use kvmnet::op::{self, Force, Operation};
use kvmnet::tree::{Attrs, Entry, File, HostPath, Node, Tree};

use crate::operations;
use crate::support::whole::on_all;
use crate::support::{fixture, hosts, tree};

/// Of so many operations one is tried, unless all are asked for (`KVMNET_WHOLE=1`): on each host others.
const STEP: usize = 5;
/// Of so many that are tried one has those that can follow it tried as well.
const STEP_OF_SECOND: usize = 8;

/// Returns the distance of what is tried.
pub(crate) fn step(usual: usize) -> usize {
    match std::env::var_os("KVMNET_WHOLE") {
        Some(_) => 1,
        None => usual,
    }
}

/// A fixture host, maybe with more in its files.
pub(crate) struct Subject {
    /// Which one it is, counted from 0.
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) tree: Tree,
    pub(crate) host: Host,
}

/// Returns every fixture host as it is, and with more in its files.
pub(crate) fn subjects() -> Vec<Subject> {
    let mut found = Vec::new();
    for name in hosts() {
        let plain = tree(&fixture(&name));
        let rich = enriched(&plain);
        for (kind, tree) in [("", plain), (" enriched", rich)] {
            let host = backend::inspect(&tree, Interest::All);
            let name = format!("{name}{kind}");
            let number = found.len();
            found.push(Subject {
                number,
                name,
                tree,
                host,
            });
        }
    }
    found
}

/// What each profile has besides: a comment, an unknown key, and settings that the model does not hold.
const OF_PROFILES: &str = "\n# ticket 4711\nADMIN_TICKET=4711 # ask first\nETHTOOL_OPTS=\"wol g\" # quiet\n\
    USERCTL=no # by rule 7\n";
/// What each network and guest has besides.
const OF_DOCUMENTS: &str = "\n  <!-- ticket 4711 -->\n  <title>4711</title>\n  <metadata><a:b xmlns:a='urn:a' c='d'/></metadata>";

/// What each keyfile has besides.
const OF_KEYFILES: &str = "
# by the network team
[user]
org.example.rack=12
";

/// Returns the tree with more in its profiles, networks and guests.
fn enriched(tree: &Tree) -> Tree {
    let mut rich = tree.clone();
    for (path, entry) in tree.entries() {
        let Entry::File(file) = entry else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(&file.bytes) else {
            continue;
        };
        let text = match path.as_str() {
            name if name.contains("/network-scripts/ifcfg-") => {
                let rich = format!("{}{OF_PROFILES}", text.trim_end());
                match text.contains('\r') {
                    true => rich.replace("\r\n", "\n").replace('\n', "\r\n"),
                    false => rich,
                }
            }
            name if name.ends_with(".nmconnection") => {
                format!("{}\n{OF_KEYFILES}", text.trim_end())
            }
            name if name.starts_with("/etc/libvirt") => {
                let name = ["</name>", "</description>"]
                    .into_iter()
                    .find_map(|tag| Some(text.find(tag)? + tag.len()));
                match name {
                    Some(at) => [&text[..at], OF_DOCUMENTS, &text[at..]].concat(),
                    None => continue,
                }
            }
            _ => continue,
        };
        let mut file = file.clone();
        file.bytes = text.into_bytes();
        rich.insert(path.clone(), Entry::File(file));
    }
    rich
}

#[test]
fn writing_what_was_read_changes_nothing() {
    let mut counts = [0; 3];
    for Subject {
        name, tree, host, ..
    } in subjects()
    {
        get_put(&name, &tree, &host).unwrap();
        let set = backend::emit(&tree, &host, &host).unwrap();
        assert!(set.is_empty(), "{name}: {set:?}");
        let profiles = profiles(&host).count();
        counts[0] += profiles;
        counts[1] += host.networks.len();
        counts[2] += host.guests.len();
    }
    println!("{counts:?} profiles, networks and guests written again");
    assert!(counts.iter().all(|count| *count > 40), "{counts:?}");
}

fn profiles(host: &Host) -> impl Iterator<Item = &HostPath> {
    let ours = host.profiles().filter(|p| p.home.backend == Backend::Ifcfg);
    ours.filter_map(|profile| profile.home.file.as_ref())
}

/// Writes the host again, past every shortcut, and checks that each file was written, as it was.
fn get_put(what: &str, tree: &Tree, host: &Host) -> Result<(), String> {
    let again = laws::rewritten(tree, host).map_err(|error| format!("{what}: {error}"))?;
    laws::get_put(&again).map_err(|violation| format!("{what}: {violation:?}"))?;
    let companions = host
        .profiles()
        .flat_map(|profile| profile.layer3.further.iter())
        .map(|part| &part.at);
    let networks = host
        .networks()
        .filter_map(|network| network.origin.as_ref());
    let guests = host.guests().map(|guest| &guest.origin);
    let places = host.references.iter().map(|reference| &reference.at);
    let files = profiles(host).chain(companions).chain(networks);
    for path in files.chain(guests).chain(places) {
        let end = tree.end_of(path);
        if !again.iter().any(|change| change.path == end) {
            return Err(format!("{what}: {path} was passed over"));
        }
    }
    Ok(())
}

#[test]
fn a_list_of_ports_is_left_as_it_stands() {
    // in an order of its own, and with a port that no file makes
    let bridge = "DEVICE=br0\nTYPE=OVSBridge\nDEVICETYPE=ovs\nOVSBOOTPROTO=dhcp\nOVSDHCPINTERFACES=\"bond9 ens34\"\n";
    let port = "DEVICE=ens34\nTYPE=OVSPort\nDEVICETYPE=ovs\nOVS_BRIDGE=br0\n";
    let mut tree = Tree::default();
    for (name, text) in [("br0", bridge), ("ens34", port)] {
        let folder = HostPath::literal("/etc/sysconfig/network-scripts");
        let path = folder.join(&format!("ifcfg-{name}"));
        let (mode, uid, gid) = (0o644, 0, 0);
        let attrs = Attrs { mode, uid, gid };
        let bytes = text.as_bytes().to_vec();
        tree.insert_folder(folder.clone(), folder);
        tree.insert(path, Entry::File(File { bytes, attrs }));
    }
    let host = backend::inspect(&tree, Interest::All);
    assert_eq!(host.profiles.len(), 2);
    get_put("a list of ports", &tree, &host).unwrap();
}

/// Hosts on which nothing reads ifcfg files.
const NOT_IFCFG: &[&str] = &[
    "debian",
    "libvirt-kinds",
    "netplan",
    "netplan-nm",
    "networkd",
    "proxmox",
    "rhel10",
];

#[test]
fn operations_keep_the_laws() {
    let counts = [(); 3].map(|()| AtomicUsize::new(0));
    let count = |kind: usize| counts[kind].fetch_add(1, Ordering::Relaxed);
    let (every, second) = (step(STEP), step(STEP_OF_SECOND));
    on_all(
        &subjects(),
        |subject| subject.name.clone(),
        |subject| {
            let mut done = 0;
            let first = operations::first(&subject.host);
            let sample = first.iter().skip(subject.number % every).step_by(every);
            for (number, first) in sample.enumerate() {
                let Some(Done { tree, host }) = performed(&subject.tree, &subject.host, first)?
                else {
                    continue;
                };
                done += 1;
                count(kind(first));
                if number % second > 0 {
                    continue;
                }
                get_put(&format!("{first:?}"), &tree, &host)?;
                for second in operations::second(&host).iter() {
                    performed(&tree, &host, second).map_err(|e| format!("{first:?}\n{e}"))?;
                }
            }
            // bridge operations change ifcfg files, and only where a program reads them
            let plain = subject.name.split(' ').next().unwrap();
            let least = if NOT_IFCFG.contains(&plain) { 0 } else { 2 };
            match done >= least {
                true => Ok(()),
                false => Err("nearly everything is refused".to_owned()),
            }
        },
    );
    let counts = counts.map(AtomicUsize::into_inner);
    println!(
        "{counts:?} operations on profiles, networks and guests: each {every}th, and each {second}th of these with those \
         that can follow"
    );
    assert!(counts.iter().all(|count| *count > 150), "{counts:?}");
}

fn kind(operation: &Operation) -> usize {
    match operation {
        Operation::BridgeAdd(_)
        | Operation::BridgeRemove { .. }
        | Operation::AddPort { .. }
        | Operation::RemovePort { .. } => 0,
        Operation::Network(_) => 1,
        Operation::Guest(_) => 2,
    }
}

/// What is there after an operation.
struct Done {
    tree: Tree,
    host: Host,
}

/// Returns what an operation writes, and what it means; nothing is a refusal.
pub(crate) fn written(
    tree: &Tree,
    host: &Host,
    operation: &Operation,
) -> Result<Option<(ChangeSet, Host)>, String> {
    let Ok(future) = op::plan(host, operation, Force::Yes) else {
        return Ok(None);
    };
    match laws::written(tree, host, &future.host) {
        Ok(set) => Ok(Some((set, future.host))),
        Err(EmitError::InTheWay { .. }) => Ok(None),
        Err(error) => Err(format!("{operation:?}: {error}")),
    }
}

/// Plans, writes and reads back; returns what is there then, `None` for a refusal.
fn performed(tree: &Tree, host: &Host, operation: &Operation) -> Result<Option<Done>, String> {
    let Some((set, meant)) = written(tree, host, operation)? else {
        return Ok(None);
    };
    let fault = |what: String| format!("{operation:?}: {what}");
    laws::put_get(tree, &set, host, &meant).map_err(|v| fault(shown(&v, &set)))?;
    laws::conservation(tree, &set, host, &meant).map_err(|v| fault(shown(&v, &set)))?;
    let tree = set.apply_to(tree);
    let found = backend::inspect(&tree, Interest::All);
    is_as_meant(host, &meant, &found).map_err(fault)?;
    Ok(Some(Done { tree, host: found }))
}

fn shown(violation: &laws::Violation, set: &ChangeSet) -> String {
    let text = |node: &Option<Node>| match node {
        Some(Node::File(file)) => String::from_utf8_lossy(&file.bytes).into_owned(),
        node => format!("{node:?}"),
    };
    let mut shown = format!("{violation:?}");
    for change in set.iter() {
        let (before, after) = (text(&change.before), text(&change.after));
        shown += &format!("\n----- {}\n{before}-----\n{after}", change.path);
    }
    shown
}

/// Checks all of a host that was read against what was meant: what changed as far as PutGet does not, and that all else is
/// as it was.
fn is_as_meant(before: &Host, meant: &Host, found: &Host) -> Result<(), String> {
    for profile in &meant.profiles {
        if before.profiles.iter().any(|old| Arc::ptr_eq(old, profile)) {
            let same = |other: &&Arc<_>| other == &profile;
            if !found.profiles.iter().any(|other| same(&other)) {
                return Err(format!("{} is another", profile.interface));
            }
        }
    }
    let count = [
        found.profiles.len(),
        found.networks.len(),
        found.guests.len(),
    ];
    let wanted = [
        meant.profiles.len(),
        meant.networks.len(),
        meant.guests.len(),
    ];
    if count != wanted {
        return Err(format!(
            "{count:?} profiles, networks, guests: not {wanted:?}"
        ));
    }
    for network in meant.networks() {
        let mut wanted = network.clone();
        wanted.like = None;
        let same = |other: &kvmnet::host::network::Network| {
            wanted
                .origin
                .get_or_insert_with(|| other.origin.clone().expect("what was read has a file"));
            let same = *other == wanted;
            wanted.origin.clone_from(&network.origin);
            same
        };
        if !found.networks().any(same) {
            return Err(format!("the network {} is another", network.name));
        }
    }
    if let Some(guest) = meant
        .guests
        .iter()
        .find(|guest| !found.guests.contains(guest))
    {
        return Err(format!("the guest {} is another", guest.name));
    }
    let broken = |host: &Host| -> Vec<_> {
        let broken = host.broken.iter();
        broken.map(|broken| broken.path.clone()).collect()
    };
    if broken(found) != broken(meant) {
        return Err(format!(
            "broken: {:?}, not {:?}",
            broken(found),
            broken(meant)
        ));
    }
    let places = |host: &Host| -> Vec<_> {
        let references = host.references.iter();
        references
            .map(|r| (r.at.clone(), r.line, r.interface.clone()))
            .collect()
    };
    match places(found) == places(meant) {
        true => Ok(()),
        false => Err(format!("{:?}, not {:?}", places(found), places(meant))),
    }
}
