//! Where copies of originals lie, `FILE.old` beside the file or in the store, and which are there: kvmnet's own, and those that
//! others made.

mod marks;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{PlanError, Source};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::{Entry, File, HostPath, Node, Pick, Picker, Scope, Tree};

/// Where copies of originals go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackupMode {
    /// Beside the file where that is harmless, else in the store.
    #[default]
    Auto,
    /// Beside the file.
    Beside,
    /// In the store.
    Store,
    /// Nowhere; the history keeps the originals all the same.
    None,
}

/// How copies are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Copies {
    /// Where they go.
    pub(super) mode: BackupMode,
    /// The folder of kvmnet's state, without links on the way: the store is in it.
    pub(super) state: HostPath,
    /// The copies beside files that earlier changes wrote, with what they wrote last: others are the admin's, and stay.
    pub(super) own: BTreeMap<HostPath, Vec<u8>>,
}

/// Returns the path of the copy beside `path`.
pub(super) fn beside(path: &HostPath) -> HostPath {
    path.folder().join(&format!("{}.old", path.name()))
}

/// `NAME_MAX`, limits.h: the longest name of a file, in bytes.
pub(super) const LONGEST_NAME: usize = 255;

/// What stands behind the names of the copies that kvmnet makes.
pub(super) const OLD: &str = ".old";

/// A copy that kvmnet did not make.
#[derive(Clone, Debug)]
pub(super) struct Other<'t> {
    /// Where it lies.
    pub(super) place: CopyPlace,
    /// Its path.
    pub(super) at: HostPath,
    /// What stands behind the name of the file.
    pub(super) mark: String,
    /// Its text.
    pub(super) bytes: &'t [u8],
}

/// Where a copy lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum CopyPlace {
    /// Beside its file.
    Beside,
    /// In the store.
    Store,
}

impl Copies {
    fn store(&self) -> HostPath {
        self.state.join("backups")
    }

    /// Returns the path of the copy of `path`.
    pub(super) fn path(&self, place: CopyPlace, path: &HostPath) -> HostPath {
        match place {
            CopyPlace::Beside => beside(path),
            CopyPlace::Store => {
                let mut stored = format!("{}{path}.old", self.store());
                if path.name().len() + ".old".len() > LONGEST_NAME {
                    // a folder of that name holds the copy
                    stored = format!("{}{path}/.old", self.store());
                }
                HostPath::parse(&stored).expect("a path below a path is one")
            }
        }
    }

    /// Returns where copies of `path` may lie.
    pub(super) fn places(&self, path: &HostPath) -> [HostPath; 2] {
        [CopyPlace::Beside, CopyPlace::Store].map(|place| self.path(place, path))
    }

    /// Reads `scope`, what lies where copies may go, and learns which of it kvmnet wrote.
    pub(super) fn look<S: Source>(
        &mut self,
        source: &S,
        tree: &mut Tree,
        scope: &Scope,
    ) -> Result<(), PlanError<S::Error>> {
        tree.absorb(source.files(scope).map_err(PlanError::Unread)?);
        self.own = source.own_copies(&self.beside(tree, &scope.files));
        Ok(())
    }

    /// Returns whether a copy of `original` may take the place of what is at `side`: nothing, the same bytes, or an earlier copy.
    pub(super) fn may_replace(&self, tree: &Tree, side: &HostPath, original: &File) -> bool {
        match there(tree, side) {
            None => true,
            Some(Node::File(found)) => {
                found.bytes == original.bytes || self.own.get(side) == Some(&found.bytes)
            }
            Some(Node::Link(_)) => false,
        }
    }

    /// Returns the copies beside files that are there, and of which it matters whose they are.
    fn beside(&self, tree: &Tree, wanted: &[HostPath]) -> BTreeSet<HostPath> {
        let copies = wanted.iter().filter(|path| path.name().ends_with(".old"));
        let store = self.store();
        let beside = copies.filter(|path| !path.as_str().starts_with(store.as_str()));
        beside
            .filter(|path| there(tree, path).is_some())
            .cloned()
            .collect()
    }

    /// Returns where the file at `path` is put away; `n` tells apart those of one name.
    pub(super) fn away(&self, path: &HostPath, n: usize) -> HostPath {
        let number = if n == 0 {
            String::new()
        } else {
            format!(".{n}")
        };
        let stored = format!("{}{path}{number}", self.store());
        HostPath::parse(&stored).expect("a path below a path is one")
    }

    /// Returns the files of which a copy lies at `place`, each with its copy. `mark` is what stands behind the names of the copies.
    pub(super) fn found(&self, tree: &Tree, place: CopyPlace, mark: &str) -> Vec<(HostPath, File)> {
        let store = self.store();
        let original = |(path, entry): (&HostPath, &Entry)| {
            let Entry::File(file) = entry else {
                return None;
            };
            let name = path.as_str().strip_suffix(mark)?;
            let of = HostPath::parse(name.strip_prefix(store.as_str()).unwrap_or(name)).ok()?;
            let here = match mark {
                OLD => self.path(place, &of) == *path,
                _ => {
                    self.folder(place, &of)
                        .join(&format!("{}{mark}", of.name()))
                        == *path
                }
            };
            here.then(|| (of, file.clone()))
        };
        tree.entries().filter_map(original).collect()
    }

    /// Returns the folder in which copies of the file at `path` lie.
    fn folder(&self, place: CopyPlace, path: &HostPath) -> HostPath {
        let folder = path.folder();
        match place {
            CopyPlace::Beside => folder,
            CopyPlace::Store => HostPath::parse(&format!("{}{folder}", self.store()))
                .expect("a path below a path is one"),
        }
    }

    /// Returns the copies that others made of a file with these paths, that by which programs know it and the real one, and where
    /// they lie: the latest first of those that say when.
    pub(super) fn others<'t>(&self, tree: &'t Tree, paths: &BTreeSet<&HostPath>) -> Vec<Other<'t>> {
        let mut found = Vec::new();
        let places = [CopyPlace::Beside, CopyPlace::Store];
        let pairs = paths
            .iter()
            .flat_map(|path| places.map(|place| (place, *path)));
        for (place, path) in pairs {
            let names = tree.names_with(&self.folder(place, path), path.name());
            found.extend(names.filter_map(|(name, at)| {
                let mark = name.strip_prefix(path.name())?;
                let copy = mark != OLD && marks::says_copy(mark);
                let file = tree.file(at).filter(|_| copy)?;
                let (at, mark) = (at.clone(), mark.to_owned());
                let bytes = &file.bytes;
                Some(Other {
                    place,
                    at,
                    mark,
                    bytes,
                })
            }));
        }
        found.sort_by_key(|copy| {
            let date = marks::date(&copy.mark);
            (date.is_some(), Reverse(date), copy.at.clone())
        });
        found
    }

    /// Returns what must be read to know all copies of files that hang on an interface.
    pub(super) fn folders(&self) -> Vec<(HostPath, Picker)> {
        let copy = |name: &str| match name.ends_with(OLD) || marks::may_be_copy(name) {
            true => Pick::Read,
            false => Pick::Skip,
        };
        let folders = ["/etc", "/etc/dhcp", NETWORK_SCRIPTS];
        let stored = folders.map(|folder| format!("{}{folder}", self.store()));
        let paths = folders.map(str::to_owned).into_iter().chain(stored);
        paths
            .filter_map(|path| Some((HostPath::parse(&path).ok()?, copy as Picker)))
            .collect()
    }
}

/// Returns the file or link at a path.
pub(super) fn there(tree: &Tree, path: &HostPath) -> Option<Node> {
    match tree.get(path)? {
        Entry::File(file) => Some(Node::File(file.clone())),
        Entry::Link { target, .. } => Some(Node::Link(target.clone())),
        Entry::Unread | Entry::Other(_) | Entry::Unreadable(_) => None,
    }
}
