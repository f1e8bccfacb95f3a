//! What can be migrated where something else cannot.

use std::collections::BTreeSet;

use super::chosen::{Port, together};
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::Refusal;
use crate::tree::word_of;

/// Returns the refusal to say, if something is refused: that of a bridge, bond or team rather than that of its port; with the
/// interfaces that can be migrated without what cannot.
pub(super) fn of(
    chosen: &[&Profile],
    bond_ports: &[Port],
    refused: Vec<(&Profile, Refusal)>,
) -> Option<Refusal> {
    let names: BTreeSet<&InterfaceName> = refused.iter().map(|(one, _)| &one.interface).collect();
    let of_bond = |profile: &Profile| {
        let mut ports = bond_ports.iter();
        let bond = ports.find(|(port, _)| *port == profile.interface);
        bond.map(|(_, bond)| bond)
    };
    let follows = |profile: &Profile| {
        let controller = profile.controller.as_ref().or_else(|| of_bond(profile));
        controller.is_some_and(|controller| names.contains(controller))
    };
    let first = refused.iter().find(|(profile, _)| !follows(profile));
    let (_, refusal) = first.or_else(|| refused.first())?;
    let refusal = refusal.clone();
    let free: Vec<String> = free(chosen, bond_ports, &names);
    let instead = format!(
        "migrate the others: kvmnet migrate keyfile {}",
        free.join(" ")
    );
    let help = match (refusal.help.clone(), free.is_empty()) {
        (help, true) => help,
        (Some(help), false) => Some(format!("{help}; or {instead}")),
        (None, false) => Some(instead),
    };
    Some(Refusal { help, ..refusal })
}

/// Returns the names of those that can be migrated, as words of a shell: no one that has a part that cannot.
fn free(
    chosen: &[&Profile],
    bond_ports: &[Port],
    refused: &BTreeSet<&InterfaceName>,
) -> Vec<String> {
    let bound = together(chosen, bond_ports, refused.iter().copied().collect());
    let free = chosen.iter().map(|profile| &profile.interface);
    let free: BTreeSet<&InterfaceName> = free.filter(|name| !bound.contains(*name)).collect();
    free.iter().map(|name| word_of(name.as_str())).collect()
}
