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
mod folders;
mod further;
mod keys;
mod kind;
pub(crate) mod known;
mod layer2;
mod layout;
mod load;
mod moves;
mod outline;
mod owned;
mod pieces;
mod read;
mod read_back;
mod reader;
pub(crate) mod route_line;
pub(super) mod routes;
mod ssid;
mod text;
mod things;
mod wording;
mod words;
mod write;

pub(super) use addressing::address_v4;
pub(crate) use folders::may_be_misnamed;
pub(super) use folders::pick_with_secrets;
pub(super) use keys::is_known;
pub(crate) use kind::{Part, VRF, is_bond_port, part, part_by_name};
pub(super) use read::unnamed;
pub(crate) use reader::{Reader, brings_up, nm_controlled, nm_knows};
pub(super) use routes::destination_of;
pub(super) use ssid::ssid;
pub use text::{Companion, CompanionRole, Role, Setting, Text};
pub(crate) use wording::{gives_address, is_copy};

use std::sync::Arc;

use super::lens::{Beside, Found, Lens, Writer};
use super::{EmitError, Emitter};
use crate::host::Host;
use crate::host::profile::{Backend, Profile};
use crate::readers::{Docs, Readers};
use crate::tree::Tree;

/// The format.
pub(super) const LENS: Lens = Lens {
    backend: Backend::Ifcfg,
    folders: folders::FOLDERS,
    read: found,
    layer2: layer2::layer2,
    beside,
    named: companion::named,
    outline: outline::outline,
    pieces: pieces::pieces,
    is_typed: pieces::is_typed,
    is_told: pieces::is_told,
    writer: Some(Writer {
        write,
        read_back: read_back::read_back,
        conserves: conserve::conserves,
    }),
};

fn found(tree: &Tree, readers: &Readers, _: &Docs) -> Found {
    let (profiles, broken) = read::profiles(tree, readers);
    Found {
        profiles: profiles.into_iter().map(Arc::new).collect(),
        broken,
        ..Found::default()
    }
}

/// Writes the profiles in which `after` differs from `before`.
fn write(emitter: &mut Emitter<'_>, before: &Host, after: &Host) -> Result<(), EmitError> {
    let difference = difference::Difference::of(emitter.tree, before, after, emitter.writes_all());
    write::write(emitter, &difference)
}

fn beside(tree: &Tree, readers: &Readers, profile: &Profile) -> Vec<Beside> {
    let companions = Text::of(tree, readers, profile).companions.into_iter();
    let beside = |companion: Companion| Beside {
        says: format!("{:?} {}", companion.role, companion.content.raw()),
        addresses: companion.addresses.iter().map(|said| said.value).collect(),
        at: companion.origin,
    };
    companions.map(beside).collect()
}

/// Returns the text of the profiles of `host` that are of this format, in `tree`, which holds it.
#[must_use]
pub fn texts<'h>(tree: &Tree, host: &'h Host) -> Vec<(&'h Profile, Text)> {
    let ours = host.profiles();
    let ours = ours.filter(|profile| profile.home.backend == Backend::Ifcfg);
    ours.map(|profile| (profile, Text::of(tree, &host.readers, profile)))
        .collect()
}
