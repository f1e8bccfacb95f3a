//! The commands of NetworkManager that bring profiles up, and take interfaces from their bridges.

use std::collections::HashMap;

use crate::backend;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;

/// Returns the commands that bring up profiles, ports first: they bring up their bridge.
pub(super) fn up_all(old: &[Profile], new: &[Profile]) -> Vec<String> {
    let (bridges, ports): (Vec<_>, Vec<_>) =
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
type ByInterface<'p> = HashMap<&'p InterfaceName, &'p Profile>;

fn by_interface(profiles: &[Profile]) -> ByInterface<'_> {
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
pub(super) fn disconnect(profile: &Profile) -> String {
    let name = backend::shell_word(profile.interface.as_str());
    format!("nmcli device disconnect {name}")
}

/// Returns the command that brings up a profile: by its UUID where that is known, since names may be there twice.
pub(super) fn up_one(profile: &Profile) -> String {
    match &profile.uuid {
        Some(uuid) => format!("nmcli connection up uuid {uuid}"),
        None => format!("nmcli connection up {}", backend::shell_word(&profile.id)),
    }
}
