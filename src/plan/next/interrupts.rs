//! Whose link goes down meanwhile: the interfaces themselves, and the guests that run on them.

use std::collections::BTreeSet;

use crate::backend;
use crate::host::profile::Profile;
use crate::tree::Tree;

/// Returns the interfaces of profiles, and the guests that run on one of them.
pub(in crate::plan) fn names<'p>(
    profiles: impl Iterator<Item = &'p Profile>,
    tree: &Tree,
) -> Vec<String> {
    let names: BTreeSet<&str> = profiles
        .map(|profile| profile.interface.as_str())
        .filter(|name| *name != "lo")
        .collect();
    let guests = backend::guests_on(tree, &names);
    let guests = guests.into_iter().map(|guest| format!("guest {guest}"));
    names
        .iter()
        .map(|name| (*name).to_owned())
        .chain(guests)
        .collect()
}
