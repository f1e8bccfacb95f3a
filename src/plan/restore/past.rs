//! What is asked of an earlier transaction for each file that it changed: told once, and only if it is asked.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::backend::lens::Lens;
use crate::backend::{Piece, kernel, lenses};
use crate::change::{Change, ChangeSet};
use crate::host::Host;
use crate::host::profile::Backend;
use crate::host::value::InterfaceName;
use crate::layout::{About, kind_anywhere};
use crate::tree::{Attrs, Entry, File, HostPath, Node, Tree};

/// An earlier transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierTransaction {
    /// Its number.
    pub id: u64,
    /// The command line, without the program's name.
    pub command: String,
    /// What it changed.
    pub set: ChangeSet,
    /// What was wrong before it and not after it: rule and subject.
    pub repaired: Vec<(String, String)>,
}

/// What became of the files after the original was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EditedSince {
    /// All are as they were left: nothing was said since that could be lost.
    No,
    /// Something was edited: the original comes back only if it says just what the files say.
    Yes,
    /// Nobody knows: the original comes back if it says all that the files say.
    Unknown,
}

/// Files, each with what it was.
pub(super) type Gone = Rc<[(HostPath, File)]>;

/// What all profiles said, before and after.
pub(super) type Said = [HashSet<Piece>; 2];

/// An earlier transaction, and what is known of it beyond a file.
pub(super) struct Past<'a> {
    pub(super) earlier: &'a EarlierTransaction,
    told: OnceCell<Told>,
    /// The interface whose addressing a bridge got.
    first: OnceCell<Option<String>>,
    said: OnceCell<HashMap<Backend, Said>>,
}

/// What the changes of a transaction tell together.
pub(super) struct Told {
    /// The formats of the profiles that went.
    formats: HashSet<Backend>,
    /// Whether it made files: it moved addressing into them.
    pub(super) made: bool,
    /// What became of the files that it left; copies of originals do not matter.
    pub(super) edited_since: EditedSince,
    /// The files that it took away, and that are not there again.
    pub(super) gone: Gone,
}

impl<'a> Past<'a> {
    pub(super) fn of(earlier: &'a EarlierTransaction) -> Self {
        Self {
            earlier,
            told: OnceCell::new(),
            first: OnceCell::new(),
            said: OnceCell::new(),
        }
    }

    /// Returns what its changes tell together, seen from `tree`.
    pub(super) fn told(&self, tree: &Tree) -> &Told {
        let set = &self.earlier.set;
        self.told.get_or_init(|| Told {
            formats: formats(set),
            made: set
                .iter()
                .any(|change| change.before.is_none() && !change.path.name().ends_with(".old")),
            edited_since: edited_since(tree, set),
            gone: missing(tree, set.iter().filter_map(gone)),
        })
    }

    /// Returns whether, if it made a bridge, it gave it the addressing of `port`: that of the first port that has some, in the
    /// order of the command.
    pub(super) fn moved(&self, host: &Host, port: &InterfaceName) -> bool {
        let first = self.first.get_or_init(|| addressed(host, self.earlier));
        first.as_ref().is_none_or(|first| first == port.as_str())
    }

    /// Returns what the profiles of this format said before it, and after.
    pub(super) fn said(&self, lens: &Lens) -> Option<&Said> {
        let all = self.said.get_or_init(|| {
            let formats = lenses::LENSES.iter();
            formats
                .map(|lens| (lens.backend, said(&self.earlier.set, lens)))
                .collect()
        });
        all.get(&lens.backend)
    }
}

impl Told {
    /// Returns whether files of profiles in another format than that at `path` went: it wrote what they said anew.
    pub(super) fn came_from_another(&self, path: &HostPath) -> bool {
        let own = format(path);
        self.formats.iter().any(|other| Some(*other) != own)
    }
}

/// Returns the format of the profile at `path`.
fn format(path: &HostPath) -> Option<Backend> {
    let kind = kind_anywhere(path.as_str());
    kind.filter(|kind| kind.about == About::Profile)?.format
}

fn formats(set: &ChangeSet) -> HashSet<Backend> {
    let gone = set.iter().filter(|change| change.after.is_none());
    gone.filter_map(|change| format(&change.path)).collect()
}

/// Returns what the profiles of this format said before a change, and after.
fn said(set: &ChangeSet, lens: &Lens) -> Said {
    let said = |of: fn(&Change) -> Option<&Node>| {
        let changes = set.iter().filter(|change| is_profile(lens, &change.path));
        let files = changes.filter_map(of).filter_map(|node| match node {
            Node::File(file) => Some(pieces(lens, &file.bytes)),
            Node::Link(_) => None,
        });
        files.flatten().collect()
    };
    [
        said(|change| change.before.as_ref()),
        said(|change| change.after.as_ref()),
    ]
}

/// Returns whether the file is a profile of this format.
fn is_profile(lens: &Lens, path: &HostPath) -> bool {
    format(path) == Some(lens.backend) && !path.name().ends_with(".old")
}

/// Returns what a text of a profile of this format says, without what the profiles that are compared tell.
pub(super) fn pieces(lens: &Lens, bytes: &[u8]) -> HashSet<Piece> {
    let pieces = (lens.pieces)(bytes).into_iter().map(|(_, piece)| piece);
    pieces.filter(|piece| !(lens.is_typed)(piece)).collect()
}

/// Returns the first interface in the command of a transaction that had addressing before it.
fn addressed(host: &Host, earlier: &EarlierTransaction) -> Option<String> {
    let mut tree = Tree::default();
    kernel::show(&mut tree, &host.macs);
    for change in earlier.set.iter() {
        if let Some(Node::File(file)) = &change.before {
            tree.insert(change.path.clone(), unowned(&file.bytes));
        }
    }
    let profiles = lenses::profiles(&tree, &host.readers);
    let addressed = profiles
        .iter()
        .filter(|profile| !profile.layer3.gives_no_address());
    let addressed: HashSet<&str> = addressed.map(|p| p.interface.as_str()).collect();
    let words = earlier.command.split([' ', ',', '=']);
    let mut words = words.map(|word| word.trim_matches(['\'', '"']));
    words
        .find(|word| addressed.contains(word))
        .map(str::to_owned)
}

/// Returns the file that a change took away.
fn gone(change: &Change) -> Option<(HostPath, File)> {
    match (&change.before, &change.after) {
        (Some(Node::File(file)), None) => Some((change.path.clone(), file.clone())),
        _ => None,
    }
}

/// Returns what became of the files that `set` left; copies of originals do not matter.
fn edited_since(tree: &Tree, set: &ChangeSet) -> EditedSince {
    let copy = |change: &&Change| change.path.name().ends_with(".old");
    let untouched = |change: &Change| match (&change.after, tree.get(&change.path)) {
        (Some(Node::File(left)), Some(Entry::File(found))) => left.bytes == found.bytes,
        (Some(Node::Link(left)), Some(Entry::Link { target, .. })) => left == target,
        (None, None) => true,
        _ => false,
    };
    match set.iter().filter(|change| !copy(change)).all(untouched) {
        true => EditedSince::No,
        false => EditedSince::Yes,
    }
}

/// Returns those of these files that are not there by one of their names: others need not come back.
pub(super) fn missing(tree: &Tree, files: impl Iterator<Item = (HostPath, File)>) -> Gone {
    let missing = |path: &HostPath| tree.names_of(path).iter().any(|name| !tree.exists(name));
    files.filter(|(path, _)| missing(path)).collect()
}

/// Returns a file of which only the bytes matter.
pub(super) fn unowned(bytes: &[u8]) -> Entry {
    let attrs = Attrs {
        mode: 0,
        uid: 0,
        gid: 0,
    };
    Entry::File(File {
        bytes: bytes.to_vec(),
        attrs,
    })
}
