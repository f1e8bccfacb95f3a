//! The lens between `ifcfg-*` files with their companions and connection profiles.
//!
//! `read` finds the profiles, `write` turns the difference of two hosts into edits, `companion` knows the files that are
//! found by an interface's name, `layout` and `addressing` say what the settings are. What is not understood is carried.
//! Source of the rules: initscripts' network-scripts and NetworkManager's ifcfg-rh plugin.

mod addressing;
mod alias;
mod carry;
pub(super) mod companion;
mod conserve;
mod create;
mod default_route;
mod difference;
mod keys;
mod kind;
mod layout;
mod load;
mod moves;
mod outline;
mod owned;
mod pieces;
mod read;
mod read_back;
pub(super) mod routes;
mod text;
mod things;
mod words;
mod write;

pub(super) use addressing::address_v4;
pub(super) use conserve::conserves;
pub(crate) use kind::{Part, Reader, is_bond_port, nm_knows, part, part_by_name};
pub use outline::{Outline, outline};
pub use pieces::{Piece, pieces};
pub(super) use read::profiles;
pub(super) use read_back::read_back;
pub use text::{Companion, CompanionRole, Role, Setting, Text};

use super::{EmitError, Emitter};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::readers::Readers;
use crate::tree::Tree;

/// Writes the profiles in which `after` differs from `before`.
pub(super) fn write(
    emitter: &mut Emitter<'_>,
    before: &Host,
    after: &Host,
) -> Result<(), EmitError> {
    let difference = difference::Difference::of(emitter.tree, before, after, emitter.writes_all());
    write::write(emitter, &difference)
}

/// Returns the text of `profiles` in `tree`, in the same order.
pub(super) fn texts<'p>(
    tree: &Tree,
    readers: &Readers,
    profiles: impl Iterator<Item = &'p Profile>,
) -> Vec<(&'p Profile, Text)> {
    profiles
        .map(|profile| (profile, Text::of(tree, readers, profile)))
        .collect()
}

/// Returns whether a key is about addresses, their method, or gateways.
pub(super) fn is_address_key(key: &str) -> bool {
    keys::class(key) == keys::Class::Layer3(Role::Address)
}
