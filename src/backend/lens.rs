//! What a format of connection profiles does: how its files are read, and written.

use std::net::IpAddr;
use std::sync::Arc;

use super::violation::Violation;
use super::{EmitError, Emitter};
use crate::change::ChangeSet;
use crate::host::layer2::Layer2;
use crate::host::profile::{Backend, Profile};
use crate::host::value::InterfaceName;
use crate::host::{Broken, Host, Routed, Unnamed};
use crate::readers::{Doc, Docs, Readers};
use crate::tree::{HostPath, Picker, Tree};

/// A format: how its files are read, what their text says, and how they are written.
pub(crate) struct Lens {
    /// The format.
    pub(crate) backend: Backend,
    /// The folders in which its files lie, and what of them is read.
    pub(crate) folders: &'static [(&'static str, Picker)],
    /// Finds the profiles of a tree, of which some files were parsed before.
    pub(crate) read: fn(&Tree, &Readers, &Docs) -> Found,
    /// Finds the files that belong to a profile because of its name.
    pub(crate) beside: fn(&Tree, &Readers, &Profile) -> Vec<Beside>,
    /// Says what the file of a profile says of layer 2.
    pub(crate) layer2: fn(&Tree, &Docs, &Profile) -> Layer2,
    /// Names the interfaces that have such files, whether they have a profile or not.
    pub(crate) named: fn(&Tree, &Readers) -> Vec<InterfaceName>,
    /// Says what a file is made of.
    pub(crate) outline: fn(&str) -> Outline,
    /// Says what a file says, piece by piece, each with its line, counted from 0.
    pub(crate) pieces: fn(&[u8]) -> Vec<(usize, Piece)>,
    /// Returns whether the model tells what a piece says, so that two files are compared without it.
    pub(crate) is_typed: fn(&Piece) -> bool,
    /// Returns whether a piece of a file that goes says nothing that is lost: who the profile is, or what the model tells; with
    /// `true` also what only a bridge has.
    pub(crate) is_told: fn(&Piece, bool) -> bool,
    /// How it is written; a format without is read to know what is taken.
    pub(crate) writer: Option<Writer>,
}

/// How a format is written, and how that is checked.
pub(crate) struct Writer {
    /// Writes the profiles in which two hosts differ.
    pub(crate) write: fn(&mut Emitter<'_>, &Host, &Host) -> Result<(), EmitError>,
    /// The law PutGet.
    pub(crate) read_back: fn(&Tree, &ChangeSet, &Host, &Host) -> Result<(), Violation>,
    /// The law of conservation.
    pub(crate) conserves: fn(&Tree, &ChangeSet, &Host, &Host) -> Result<(), Violation>,
}

/// What the files of a format say.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The profiles, sorted by file.
    pub(crate) profiles: Vec<Arc<Profile>>,
    /// Profiles that are not in force, since others of the same interface come before them.
    pub(crate) idle: Vec<Profile>,
    /// Files that could not be read as what they are.
    pub(crate) broken: Vec<Broken>,
    /// Profiles that name no interface that is known.
    pub(crate) unnamed: Vec<Unnamed>,
    /// Subnets of files that are no profile of an interface.
    pub(crate) routed: Vec<Routed>,
    /// The files that were parsed.
    pub(crate) docs: Vec<(HostPath, Doc)>,
}

/// A file that belongs to a profile because of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Where it is.
    pub at: HostPath,
    /// What it is for and says, where its owner's name is left open: the same for every owner.
    pub says: String,
    /// The addresses that it adds.
    pub addresses: Vec<IpAddr>,
}

/// What a file says in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// A key and its value.
    Setting(String, String),
    /// A comment, from its sign on.
    Comment(String),
    /// A line that is neither.
    Line(String),
}

/// What a file is made of, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The keys, in their order.
    pub keys: Vec<String>,
    /// Those that not every profile has.
    pub notable: Vec<String>,
    /// How many lines have a comment.
    pub comments: usize,
    /// Whether there are lines that only a shell understands.
    pub has_code: bool,
    /// The first line that is such, or has a value that is.
    pub first_shell: Option<u32>,
    /// Whether it begins with a byte order mark.
    pub byte_order_mark: bool,
    /// Whether its lines end in CR LF.
    pub cr_lf: bool,
}
