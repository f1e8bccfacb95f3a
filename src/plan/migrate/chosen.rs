//! Which profiles are migrated.

use std::collections::{BTreeMap, BTreeSet};

use super::Migration;
use crate::host::Host;
use crate::host::profile::{Backend, Profile};
use crate::host::value::InterfaceName;
use crate::layout::kind_of;
use crate::op::{Refusal, absent, listed};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::{HostPath, Tree};

/// A port of a bond or team, and that.
pub(super) type Port = (InterfaceName, InterfaceName);

/// Returns the profiles that `migration` names, with what belongs to them: a bridge or bond with its ports. Those of `unnamed`
/// are no interface's.
pub(super) fn of<'h>(
    tree: &Tree,
    host: &'h Host,
    unnamed: &'h [Profile],
    bond_ports: &[Port],
    migration: &Migration,
) -> Result<Vec<&'h Profile>, Refusal> {
    let named = host
        .profiles()
        .filter(|profile| profile.home.backend == Backend::Ifcfg);
    let all: Vec<&Profile> = named.chain(unnamed).collect();
    if migration.interfaces.is_empty() {
        ensure_read(host, unnamed)?;
        return Ok(all);
    }
    let known: BTreeSet<&InterfaceName> = all.iter().map(|profile| &profile.interface).collect();
    for name in &migration.interfaces {
        if known.contains(name) {
            continue;
        }
        return Err(unknown(tree, host, &all, name));
    }
    let names = together(&all, bond_ports, migration.interfaces.iter().collect());
    Ok(all
        .into_iter()
        .filter(|profile| names.contains(&profile.interface))
        .collect())
}

/// Refuses files of profiles that cannot be read.
fn ensure_read(host: &Host, unnamed: &[Profile]) -> Result<(), Refusal> {
    let of_ours = |path: &HostPath| {
        kind_of(path.as_str()).is_some_and(|kind| kind.format == Some(Backend::Ifcfg))
    };
    let files = unnamed
        .iter()
        .filter_map(|profile| profile.home.file.as_ref());
    let files: BTreeSet<&HostPath> = files.collect();
    let is_read = |path: &HostPath| files.contains(path);
    let mut broken = host.broken.iter();
    let broken = broken.find(|broken| of_ours(&broken.path) && !is_read(&broken.path));
    if let Some(broken) = broken {
        let message = format!("{} cannot be read: {}", broken.path, broken.why);
        return Err(Refusal::new(message)
            .at(Some(&broken.path), broken.line)
            .help(broken.help()));
    }
    Ok(())
}

/// Returns the refusal for a name of which there is no ifcfg profile.
fn unknown(tree: &Tree, host: &Host, all: &[&Profile], name: &InterfaceName) -> Refusal {
    if let Some(profile) = host.profile(name) {
        let file = profile.home.file.as_ref();
        let message = format!("`{name}` has a keyfile already");
        return Refusal::new(message).at(file, None).help("omit it");
    }
    let loopback = HostPath::literal(NETWORK_SCRIPTS).join("ifcfg-lo");
    if name.as_str() == "lo" && tree.exists(&loopback) {
        let message = "`lo` needs no keyfile: its ifcfg file stays on purpose, and NetworkManager brings `lo` up without one";
        return Refusal::new(message)
            .at(Some(&loopback), None)
            .help("omit it");
    }
    let names: Vec<&str> = all
        .iter()
        .map(|profile| profile.interface.as_str())
        .collect();
    let refusal = Refusal::new(absent("ifcfg profile of", name.as_str()));
    match listed(&names) {
        Some(help) => refusal.help(help),
        None => refusal,
    }
}

/// Adds to `names` whatever is a port of one of them, or has one of them as its port.
pub(super) fn together(
    all: &[&Profile],
    bond_ports: &[Port],
    names: Vec<&InterfaceName>,
) -> BTreeSet<InterfaceName> {
    let of_bridges = all
        .iter()
        .filter_map(|profile| Some((&profile.interface, profile.controller.as_ref()?)));
    let of_bonds = bond_ports.iter().map(|(port, bond)| (port, bond));
    let mut beside: BTreeMap<&InterfaceName, Vec<&InterfaceName>> = BTreeMap::new();
    for (port, controller) in of_bridges.chain(of_bonds) {
        beside.entry(port).or_default().push(controller);
        beside.entry(controller).or_default().push(port);
    }
    let (mut found, mut wanted) = (BTreeSet::new(), names);
    while let Some(name) = wanted.pop() {
        if found.insert(name.clone()) {
            wanted.extend(beside.get(name).into_iter().flatten());
        }
    }
    found
}
