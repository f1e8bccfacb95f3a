//! What the kernel of the running host shows of its interfaces, where the tree has it.

use std::collections::{BTreeMap, BTreeSet};

use crate::host::value::{InterfaceName, MacAddress};
use crate::readers;
use crate::tree::{Attrs, Entry, File, HostPath, Pick, Tree};

/// Where the kernel lists the interfaces: a folder each, with their hardware addresses.
pub(super) const INTERFACES: &str = "/sys/class/net";

/// What the folder of an interface holds, and what the interface then is, the first one first.
///
/// Source: the kernel's Documentation/ABI/testing/sysfs-class-net, br_sysfs_addif() in net/bridge/br_sysfs_if.c, tun_attrs in
/// drivers/net/tun.c.
const KINDS: &[(&str, &str)] = &[
    ("bridge", "bridge"),
    ("bonding", "bond"),
    ("tun_flags", "tap"),
    ("phy80211", "wifi"),
    ("device", "ethernet"),
];

/// Decides what of that folder is read.
pub(super) fn pick(name: &str) -> Pick {
    match name {
        // a file of the driver for bonds
        "bonding_masters" => Pick::Skip,
        _ => Pick::Enter(|name| match name {
            "address" => Pick::Read,
            name if KINDS.iter().any(|(known, _)| *known == name) => Pick::Note,
            _ => Pick::Skip,
        }),
    }
}

/// Returns the interfaces.
pub(super) fn interfaces(tree: &Tree) -> Vec<InterfaceName> {
    let folder = HostPath::literal(INTERFACES);
    let folders = tree.folders_in(&folder).map(HostPath::name);
    let files = tree.beneath(&folder).filter_map(|(path, _)| {
        let within = path
            .as_str()
            .strip_prefix(INTERFACES)?
            .trim_start_matches('/');
        within.split('/').next()
    });
    let names: BTreeSet<&str> = folders.chain(files).collect();
    let names = names.into_iter();
    names
        .filter_map(|name| InterfaceName::parse(name).ok())
        .collect()
}

/// Returns what the kernel shows each interface to be: where a tree holds no more than addresses, a card.
pub(super) fn kinds(tree: &Tree) -> BTreeMap<InterfaceName, &'static str> {
    let folder = HostPath::literal(INTERFACES);
    let kind = |name: InterfaceName| {
        let own = folder.join(name.as_str());
        let shows = |(file, _): &&(&str, &str)| tree.get(&own.join(file)).is_some();
        let (_, kind) = KINDS.iter().find(shows)?;
        Some((name, *kind))
    };
    let known: BTreeMap<_, _> = interfaces(tree).into_iter().filter_map(kind).collect();
    let rest = if known.is_empty() {
        "ethernet"
    } else {
        "virtual"
    };
    let all = interfaces(tree).into_iter();
    all.map(|name| {
        let kind = known.get(&name).copied().unwrap_or(rest);
        (name, kind)
    })
    .collect()
}

/// Returns the file that has the hardware address of an interface.
fn address_file(name: &InterfaceName) -> HostPath {
    HostPath::literal(INTERFACES)
        .join(name.as_str())
        .join("address")
}

/// Returns the hardware addresses of the interfaces: as the kernel shows them, and of those that it does not have as udev's files
/// name them.
pub(crate) fn addresses(tree: &Tree) -> BTreeMap<InterfaceName, MacAddress> {
    let names = interfaces(tree).into_iter();
    let known = names.filter_map(|name| {
        let file = tree.file(&address_file(&name))?;
        let text = std::str::from_utf8(&file.bytes).ok()?;
        Some((name, MacAddress::parse(text.trim())?))
    });
    let mut known: BTreeMap<InterfaceName, MacAddress> = known.collect();
    let mut there: BTreeSet<MacAddress> = known.values().copied().collect();
    for (mac, name) in readers::named_cards(tree) {
        let (Some(mac), Ok(name)) = (MacAddress::parse(&mac), InterfaceName::parse(&name)) else {
            continue;
        };
        if !known.contains_key(&name) && there.insert(mac) {
            known.insert(name, mac);
        }
    }
    known
}

/// Lets a tree of a few files show these hardware addresses: by them keyfiles name their cards.
pub(crate) fn show(tree: &mut Tree, macs: &BTreeMap<InterfaceName, MacAddress>) {
    for (name, mac) in macs {
        let bytes = format!("{mac}\n").into_bytes();
        let attrs = Attrs {
            mode: 0o444,
            uid: 0,
            gid: 0,
        };
        tree.insert(address_file(name), Entry::File(File { bytes, attrs }));
    }
}
