//! The lens between NetworkManager's keyfiles and connection profiles.
//!
//! `read` finds the profiles, `write` turns the difference of two hosts into edits, `carry` takes the text of a layer-3
//! configuration from one file to another, `spell` spells what an operation sets. What is not understood is carried.
//! Source of the rules: nm-settings-keyfile(5), NetworkManager's nm-keyfile.c, and what NetworkManager 1.30 to 1.58 did with
//! such files when they were run.

mod addressing;
mod carry;
mod conserve;
mod difference;
mod force;
mod keys;
mod layer2;
mod pieces;
mod read;
mod read_back;
mod spell;
mod write;

pub use write::without_addresses;

use super::lens::{Lens, Writer};
use crate::host::profile::Backend;
use crate::readers::{IMAGE_KEYFILES, KEYFILES, pick_keyfile};
use crate::tree::Pick;

/// The format.
pub(super) const LENS: Lens = Lens {
    backend: Backend::NmKeyfile,
    // in /etc NetworkManager asks for no suffix, and of several of one UUID takes the newest
    folders: &[(KEYFILES, |_| Pick::Dated), (IMAGE_KEYFILES, pick_keyfile)],
    read: read::found,
    layer2: layer2::layer2,
    beside: |_, _, _| Vec::new(),
    named: |_, _| Vec::new(),
    outline: pieces::outline,
    pieces: pieces::pieces,
    is_typed: pieces::is_typed,
    is_told: pieces::is_told,
    writer: Some(Writer {
        write: write::write,
        read_back: read_back::read_back,
        conserves: conserve::conserves,
    }),
};
