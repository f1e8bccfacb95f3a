//! The plan's substance: for every path, what is there before and what is there after.
//!
//! A [`ChangeSet`] is a plain value that can be shown, saved, applied to a [`Tree`] and turned round.
//! Performing it on a disk is the business of `transaction`.

mod hex;

use std::collections::BTreeMap;

pub use hex::Hex;

use crate::tree::{Attrs, Entry, File, HostPath, LinkEnd, Node, Tree};

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

    /// Returns where the file at `from` went, if both halves of the rename are part of this set.
    #[must_use]
    pub fn renamed_to(&self, from: &HostPath) -> Option<&HostPath> {
        let (to, _) = self.renames.iter().find(|(_, old)| *old == from)?;
        self.renamed_from(to).map(|_| to)
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

    /// Returns the tree as it is after the change.
    #[must_use]
    pub fn apply_to(&self, tree: &Tree) -> Tree {
        let mut after = tree.clone();
        self.apply(&mut after);
        after
    }

    /// Makes the changes in `tree`.
    pub fn apply(&self, tree: &mut Tree) {
        self.make(tree);
        let moved: Vec<_> = self.links_moved(tree).collect();
        for (path, link) in moved {
            tree.insert(path, link);
        }
    }

    /// Returns the links of `tree`, in which the change was made, that lead elsewhere now: to a file that came, or nowhere.
    fn links_moved(&self, tree: &Tree) -> impl Iterator<Item = (HostPath, Entry)> {
        let file = |path: &HostPath| {
            let change = self.changes.get(path)?;
            Some(matches!(change.after, Some(Node::File(_))))
        };
        let appears = self
            .changes
            .values()
            .any(|change| change.before.is_none() != change.after.is_none());
        let links = tree.entries().filter(move |_| appears);
        links.filter_map(move |(path, entry)| {
            let Entry::Link { target, end } = entry else {
                return None;
            };
            let end = match end {
                LinkEnd::At(at) if !tree.exists(at) && self.changes.contains_key(at) => {
                    LinkEnd::Broken(format!("{at} is not there"))
                }
                LinkEnd::Broken(_) => {
                    let at = tree.real(&leads(&tree.real(path).folder(), target)?);
                    LinkEnd::At(file(&at)?.then_some(at)?)
                }
                LinkEnd::At(_) | LinkEnd::NotFollowed => return None,
            };
            let target = target.clone();
            Some((path.clone(), Entry::Link { target, end }))
        })
    }

    fn make(&self, tree: &mut Tree) {
        // where links lead is known from the tree as it was
        let entries: Vec<_> = self
            .changes
            .values()
            .flat_map(|change| {
                let entry = self.entry_after(tree, change);
                let names = tree.names_of(&change.path).into_iter();
                names.map(move |name| (name, entry.clone()))
            })
            .collect();
        for (path, entry) in entries {
            match entry {
                Some(entry) => tree.insert(path, entry),
                None => tree.remove(&path),
            }
        }
    }

    fn entry_after(&self, tree: &Tree, change: &Change) -> Option<Entry> {
        Some(match change.after.as_ref()? {
            Node::File(file) => Entry::File(file.clone()),
            Node::Link(target) => {
                let known = tree.link_end(self.renames.get(&change.path).unwrap_or(&change.path));
                let end = known
                    .or_else(|| self.end_of_new(tree, change, target))
                    .unwrap_or_else(|| LinkEnd::Broken("not looked at".to_owned()));
                Entry::Link {
                    target: target.clone(),
                    end,
                }
            }
        })
    }
}

impl ChangeSet {
    /// Returns where a new link leads, if that is a file of the tree or of this set.
    fn end_of_new(&self, tree: &Tree, change: &Change, target: &str) -> Option<LinkEnd> {
        let path = leads(&change.path.folder(), target)?;
        let real = tree.real(&path);
        let file = match self.changes.get(&real) {
            Some(change) => matches!(change.after, Some(Node::File(_))),
            None => matches!(tree.get(&path), Some(Entry::File(_))),
        };
        file.then_some(LinkEnd::At(real))
    }
}

/// Returns the path that the text of a link in `folder` names; no link on the way is followed.
fn leads(folder: &HostPath, target: &str) -> Option<HostPath> {
    let whole = match target.starts_with('/') {
        true => target.to_owned(),
        false => format!("{folder}/{target}"),
    };
    let mut parts = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    HostPath::parse(&format!("/{}", parts.join("/"))).ok()
}

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
