//! NetworkManager takes profiles into use: it reads them, then brings up those that changed.
//!
//! Source: nmcli(1) (`connection reload`, `up`; bringing up a port brings up its controller); of the ways from a card to a bridge and
//! back, tried with 1.42, 1.52 and 1.58, `reload` and `up` of the port alone keeps every connection (run).

use std::collections::HashMap;

use super::interrupts::names;
use super::steps::{NextSteps, Run};
use crate::backend;
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::{Future, Operation};
use crate::readers::Program;
use crate::tree::Tree;

const READER: &str = Program::NetworkManager.name();

/// Returns the commands that read the profiles and then `start` them; `changed` are the profiles that are others, old and new.
pub(super) fn steps(
    start: Vec<String>,
    changed: &[&Profile],
    tree: &Tree,
    unit: &str,
    run: &Run,
) -> NextSteps {
    let mut commands = vec!["nmcli connection reload".to_owned()];
    commands.extend(start);
    let interrupts = names(changed.iter().copied(), tree);
    NextSteps::after(READER, commands, unit, run)
        .cut_by_any()
        .interrupting(interrupts)
}

/// What NetworkManager had is the network service's from now on: it lets go of what has no profile.
pub(super) fn back_to_scripts(unit: &str, run: &Run) -> NextSteps {
    let start = [
        "nmcli connection reload",
        "systemctl stop NetworkManager",
        "systemctl daemon-reload",
        "systemctl start network",
    ];
    let start = start.map(str::to_owned).to_vec();
    NextSteps::after(Program::NetworkScripts.name(), start, unit, run)
        .cut_by_any()
        .with_remark("now, or with the next boot")
}

/// What the network service had is NetworkManager's from now on: it must stop with the old files.
pub(in crate::plan) fn to_nm(unit: &str, run: &Run, some_are_left: bool) -> NextSteps {
    let start = [
        "systemctl daemon-reload",
        "systemctl restart NetworkManager",
    ];
    let others = some_are_left.then_some("systemctl start network");
    let start = start.into_iter().chain(others).map(str::to_owned);
    let stop = vec!["systemctl stop network".to_owned()];
    let steps = NextSteps::around(READER, stop, start.collect(), unit, run)
        .with_remark("now, or with the next boot");
    match others {
        Some(_) => steps,
        None => steps.or_else("systemctl start network"),
    }
}

/// Bringing up a port brings up its bridge; a profile that is gone is taken down by the reload.
pub(super) fn up(
    operation: &Operation,
    bridge: &InterfaceName,
    before: &Host,
    future: &Future,
) -> Vec<String> {
    let ports: Vec<&InterfaceName> = match operation {
        Operation::BridgeAdd(request) => request.ports.iter().collect(),
        Operation::BridgeRemove { bridge, .. } => before
            .ports_of(bridge)
            .map(|port| &port.interface)
            .collect(),
        Operation::AddPort { port, .. } | Operation::RemovePort { port, .. } => vec![port],
        Operation::Network(_) | Operation::Guest(_) => Vec::new(),
    };
    // one without a profile has nothing to bring up
    let profiles = future.host.by_interface();
    let ports = ports
        .into_iter()
        .filter_map(|port| profiles.get(port).copied());
    let heir = future.moved.as_ref().map(|moved| &moved.to);
    let take = |port: &Profile| match port.autostart || heir == Some(&port.interface) {
        true => up_one(port),
        false if port.controller.is_some() => up_one(port),
        false => disconnect(port),
    };
    let mut up: Vec<String> = ports.map(take).collect();
    let bridge = profiles.get(bridge).copied();
    // a bridge that brings up its ports comes up with them
    let bridge = bridge.filter(|bridge| !bridge.home.backend.is_of_network_manager());
    if matches!(operation, Operation::BridgeAdd(_)) {
        up.extend(bridge.map(up_one));
    }
    up
}

/// Returns the commands that bring up the profiles of files that changed, whatever changed them: ports first, since they bring up their bridge.
pub(super) fn up_after(old: &[&Profile], new: &[&Profile]) -> Vec<String> {
    let (bridges, ports): (Vec<&Profile>, Vec<&Profile>) =
        new.iter().partition(|profile| profile.bridge().is_some());
    let up = ports.into_iter().chain(bridges);
    let (old, new) = (by_interface(old), by_interface(new));
    let up = up.map(|profile| match waits(&old, &new, profile) {
        true => disconnect(profile),
        false => up_one(profile),
    });
    up.collect()
}

/// Profiles by their interfaces, of several the first.
pub(super) type ByInterface<'p> = HashMap<&'p InterfaceName, &'p Profile>;

pub(super) fn by_interface<'p>(profiles: &[&'p Profile]) -> ByInterface<'p> {
    let mut found = ByInterface::new();
    for profile in profiles {
        found.entry(&profile.interface).or_insert(profile);
    }
    found
}

/// Returns whether a profile that is a port no more, of a bridge that stays, is one that waits to be brought up.
fn waits(old: &ByInterface<'_>, new: &ByInterface<'_>, profile: &Profile) -> bool {
    let controller = old
        .get(&profile.interface)
        .and_then(|old| old.controller.as_ref());
    let stays = |name: &InterfaceName| new.contains_key(name) || !old.contains_key(name);
    let was_port = controller.is_some_and(stays);
    was_port && profile.controller.is_none() && !profile.autostart
}

/// Returns the command that takes an interface from its bridge, and leaves it down: its profile does not come up by itself.
fn disconnect(profile: &Profile) -> String {
    let name = backend::shell_word(profile.interface.as_str());
    format!("nmcli device disconnect {name}")
}

/// Returns the command that brings up a profile: by its UUID where that is known, since names may be there twice.
fn up_one(profile: &Profile) -> String {
    // NetworkManager refuses a file with another one
    let uuid = profile.uuid.as_deref();
    let uuid = uuid.filter(|uuid| uuid.chars().all(|c| c.is_ascii_hexdigit() || c == '-'));
    match uuid.filter(|uuid| !uuid.is_empty()) {
        Some(uuid) => format!("nmcli connection up uuid {uuid}"),
        None => format!("nmcli connection up {}", backend::shell_word(&profile.id)),
    }
}
