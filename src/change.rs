//! The plan's substance: for every path, what is there before and what is there after.
//!
//! A [`ChangeSet`] is a plain value that can be shown, saved, applied to a [`Tree`](crate::tree::Tree) and turned round.
//! Performing it on a disk is the business of `transaction`.

mod after;
mod editor;
mod hex;

use std::collections::{BTreeMap, HashMap};

pub use editor::Editor;
pub use hex::Hex;

use crate::tree::{HostPath, Node};

/// Extended attributes by name, such as `security.selinux`.
pub type Xattrs = BTreeMap<String, Vec<u8>>;

/// What is on a file or link beside content, mode and owner of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Extended attributes.
    pub xattrs: Xattrs,
    /// Owner and group of a link; a file has them in its own attributes.
    pub owner: Option<(u32, u32)>,
}

/// Where the extended attributes (SELinux label, ACL) of a written file come from, and the owner of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Those of what is at this path when the transaction is prepared; a folder gives its SELinux label only.
    Like(HostPath),
    /// Exactly these.
    Exact(Marks),
}

/// What happens at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path without symbolic links on the way.
    pub path: HostPath,
    /// What must be there when the change is applied, `None` for nothing.
    pub before: Option<Node>,
    /// What is there afterwards, `None` for nothing.
    pub after: Option<Node>,
    /// The extended attributes of `after`.
    pub labels: Labels,
}

/// All that a plan writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    changes: BTreeMap<HostPath, Change>,
    renames: BTreeMap<HostPath, HostPath>,
}

impl ChangeSet {
    /// Notes that `path` holds `after` in the end; later words about a path replace earlier ones.
    pub fn put(&mut self, change: Change) {
        let before = match self.changes.remove(&change.path) {
            Some(known) => known.before,
            None => change.before,
        };
        if before == change.after {
            self.renames.remove(&change.path);
            return;
        }
        self.changes
            .insert(change.path.clone(), Change { before, ..change });
    }

    /// Notes that what is at `to` afterwards is what was at `from`; for showing, the changes stand for themselves.
    pub fn note_rename(&mut self, from: HostPath, to: HostPath) {
        self.renames.insert(to, from);
    }

    /// Notes the renames of another set, turned round.
    pub fn take_renames(&mut self, other: &Self) {
        let turned = other.renames.iter();
        self.renames
            .extend(turned.map(|(to, from)| (from.clone(), to.clone())));
    }

    /// Adds all changes of another set, which is about other paths.
    pub fn absorb(&mut self, other: &Self) {
        let changes = other.changes.iter();
        self.changes
            .extend(changes.map(|(path, change)| (path.clone(), change.clone())));
        let renames = other.renames.iter();
        self.renames
            .extend(renames.map(|(to, from)| (to.clone(), from.clone())));
    }

    /// Returns where the file at `to` came from, if both its halves are part of this set.
    #[must_use]
    pub fn renamed_from(&self, to: &HostPath) -> Option<&HostPath> {
        let from = self.renames.get(to)?;
        let gone = self
            .changes
            .get(from)
            .is_some_and(|change| change.after.is_none());
        let new = self
            .changes
            .get(to)
            .is_some_and(|change| change.before.is_none());
        (gone && new).then_some(from)
    }

    /// Returns where files went, by their old paths, if both halves of the rename are part of this set; of several that were
    /// one file the first counts.
    #[must_use]
    pub fn moves(&self) -> HashMap<&HostPath, &HostPath> {
        let mut moves = HashMap::new();
        for (to, from) in &self.renames {
            moves.entry(from).or_insert(to);
        }
        moves.retain(|_, to| self.renamed_from(to).is_some());
        moves
    }

    /// Returns all changes, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.changes.values()
    }

    /// Returns all renames as (from, to), sorted by the new path.
    pub fn renames(&self) -> impl Iterator<Item = (&HostPath, &HostPath)> {
        self.renames
            .iter()
            .filter(|(to, _)| self.renamed_from(to).is_some())
            .map(|(to, from)| (from, to))
    }

    /// Returns the change at `path`.
    #[must_use]
    pub fn get(&self, path: &HostPath) -> Option<&Change> {
        self.changes.get(path)
    }

    /// Returns the changes of these paths alone.
    #[must_use]
    pub fn only(&self, paths: &[HostPath]) -> Self {
        let changes = paths
            .iter()
            .filter_map(|path| self.changes.get_key_value(path));
        let renames = paths
            .iter()
            .filter_map(|path| self.renames.get_key_value(path));
        Self {
            changes: changes
                .map(|(path, change)| (path.clone(), change.clone()))
                .collect(),
            renames: renames
                .map(|(new, old)| (new.clone(), old.clone()))
                .collect(),
        }
    }

    /// Returns whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the number of paths that change.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Leaves the change of a path out.
    pub fn drop(&mut self, path: &HostPath) {
        self.changes.remove(path);
    }

    /// Returns the set that takes this one back, extended attributes left to `labels`.
    #[must_use]
    pub fn inverse(&self, labels: impl Fn(&HostPath) -> Labels) -> Self {
        let turn = |change: &Change| Change {
            path: change.path.clone(),
            before: change.after.clone(),
            after: change.before.clone(),
            labels: labels(&change.path),
        };
        Self {
            changes: self
                .changes
                .values()
                .map(|change| (change.path.clone(), turn(change)))
                .collect(),
            renames: self
                .renames
                .iter()
                .map(|(to, from)| (from.clone(), to.clone()))
                .collect(),
        }
    }
}
