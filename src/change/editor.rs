//! The pen of the core: what is to be written becomes changes against a tree.

use super::{Change, ChangeSet, Labels};
use crate::tree::{Attrs, Entry, File, HostPath, Node, Tree};

/// Collects changes against a tree: the only writer of [`ChangeSet`] in the core.
#[derive(Debug)]
pub struct Editor<'a> {
    tree: &'a Tree,
    set: ChangeSet,
}

impl<'a> Editor<'a> {
    /// Returns an editor that has changed nothing yet.
    #[must_use]
    pub fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            set: ChangeSet::default(),
        }
    }

    /// Gives the existing file at `path` new bytes; mode, owner and labels stay. Links are written through.
    pub fn rewrite(&mut self, path: &HostPath, bytes: Vec<u8>) {
        let real = self.tree.end_of(path);
        let Some(file) = self.tree.file(path) else {
            return;
        };
        let after = Node::File(File {
            bytes,
            attrs: file.attrs,
        });
        self.set.put(Change {
            before: Some(Node::File(file.clone())),
            after: Some(after),
            labels: Labels::Like(real.clone()),
            path: real,
        });
    }

    /// Makes a new file (or replaces what is there) with the given mode and owner, labelled like `like`.
    pub fn create(&mut self, path: &HostPath, bytes: Vec<u8>, attrs: Attrs, like: &HostPath) {
        let real = self.tree.real(path);
        let before = self.node(path);
        let labels = Labels::Like(self.tree.end_of(like));
        self.set.put(Change {
            path: real,
            before,
            after: Some(Node::File(File { bytes, attrs })),
            labels,
        });
    }

    /// Makes a symbolic link that holds `target`.
    pub fn link(&mut self, path: &HostPath, target: &str) {
        let real = self.tree.real(path);
        let (before, labels) = (self.node(path), Labels::Like(real.folder()));
        self.set.put(Change {
            path: real,
            before,
            after: Some(Node::Link(target.to_owned())),
            labels,
        });
    }

    /// Takes the entry at `path` away: a link goes, what it points to stays.
    pub fn delete(&mut self, path: &HostPath) {
        let real = self.tree.real(path);
        let Some(before) = self.node(path) else {
            return;
        };
        self.set.put(Change {
            before: Some(before),
            after: None,
            labels: Labels::Like(real.clone()),
            path: real,
        });
    }

    /// Gives the file at `from` the name `to`, with new bytes. A link is renamed, and its target rewritten.
    pub fn rename(&mut self, from: &HostPath, to: &HostPath, bytes: Vec<u8>) {
        let (old, new) = (self.tree.real(from), self.tree.real(to));
        let after = match self.node(from) {
            Some(Node::File(file)) => Node::File(File {
                bytes,
                attrs: file.attrs,
            }),
            Some(Node::Link(target)) => {
                self.rewrite(from, bytes);
                Node::Link(target)
            }
            None => return,
        };
        let before = self.node(to);
        self.set.put(Change {
            path: new.clone(),
            before,
            after: Some(after),
            labels: Labels::Like(old.clone()),
        });
        self.delete(from);
        self.set.note_rename(old, new);
    }

    /// Returns what was collected so far.
    #[must_use]
    pub fn set(&self) -> ChangeSet {
        self.set.clone()
    }

    /// Returns what was collected.
    #[must_use]
    pub fn finish(self) -> ChangeSet {
        self.set
    }

    fn node(&self, path: &HostPath) -> Option<Node> {
        match self.tree.get(path)? {
            Entry::File(file) => Some(Node::File(file.clone())),
            Entry::Link { target, .. } => Some(Node::Link(target.clone())),
            Entry::Unread | Entry::Other(_) | Entry::Unreadable(_) => None,
        }
    }
}
