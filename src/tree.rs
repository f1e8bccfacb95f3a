//! What was read of a host: paths beneath the root, and the entries found there.
//!
//! A [`Tree`] is a value: `root` fills one, everything between reading and writing works on it.
//! It must not know what the files mean, nor how they are read; how much of them is read at all, [`budget`] says.

pub mod budget;
mod entry;
mod leads;
mod listing;
mod path;
mod scope;
mod word;

use std::collections::{BTreeMap, HashSet};

pub use entry::{Attrs, Entry, File, LinkEnd, Node, Time};
pub use path::{BadHostPath, HostPath};
pub use scope::{Pick, Picker, Scope};
pub use word::word_of;

/// Everything that was read of a host.
///
/// Keys are the paths that the host's programs use. Where a folder on the way is a symbolic link, [`Tree::real`]
/// gives the path without it, which is where files are written and what a patch names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: BTreeMap<HostPath, Entry>,
    folders: BTreeMap<HostPath, HostPath>,
    oddities: Vec<String>,
    /// When files were last changed, where that was asked for.
    times: BTreeMap<HostPath, Time>,
}

impl Tree {
    /// Adds or replaces an entry.
    pub fn insert(&mut self, path: HostPath, entry: Entry) {
        self.times.remove(&path);
        self.entries.insert(path, entry);
    }

    /// Says when the file at `path` was last changed.
    pub fn insert_time(&mut self, path: HostPath, time: Time) {
        self.times.insert(path, time);
    }

    /// Returns when the file at `path` was last changed, `None` where that is not known, as of one that is yet to be written.
    #[must_use]
    pub fn changed_at(&self, path: &HostPath) -> Option<Time> {
        self.times.get(path).copied()
    }

    /// Adds or replaces many entries, sorted by path: at once, where one by one would take longer.
    pub fn insert_sorted(&mut self, entries: Vec<(HostPath, Entry)>) {
        if entries.len() < 512 {
            self.entries.extend(entries);
        } else {
            self.entries.append(&mut entries.into_iter().collect());
        }
    }

    /// Takes an entry away.
    pub fn remove(&mut self, path: &HostPath) {
        self.times.remove(path);
        self.entries.remove(path);
    }

    /// Notes something that was passed over while reading, such as a name in no UTF-8.
    pub fn insert_oddity(&mut self, text: String) {
        self.oddities.push(text);
    }

    /// Returns the part of the tree that holds just these paths, and where their links lead.
    #[must_use]
    pub fn only(&self, paths: &[HostPath]) -> Self {
        let mut part = Self {
            folders: self.folders.clone(),
            ..Self::default()
        };
        for path in paths {
            let end = match self.entries.get(path) {
                Some(Entry::Link {
                    end: LinkEnd::At(end),
                    ..
                }) => Some(end),
                _ => None,
            };
            for path in std::iter::once(path).chain(end) {
                if let Some(entry) = self.entries.get(path) {
                    part.entries.insert(path.clone(), entry.clone());
                }
                if let Some(time) = self.times.get(path) {
                    part.times.insert(path.clone(), *time);
                }
            }
        }
        part
    }

    /// Adds all that another reading found.
    pub fn absorb(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.folders.extend(other.folders);
        self.times.extend(other.times);
        let known: HashSet<String> = self.oddities.iter().cloned().collect();
        let new = other.oddities.into_iter();
        self.oddities
            .extend(new.filter(|text| !known.contains(text)));
    }

    /// Returns what was passed over while reading, one sentence each.
    #[must_use]
    pub fn oddities(&self) -> &[String] {
        &self.oddities
    }

    /// Returns the entry at `path` itself: a link is a link.
    #[must_use]
    pub fn get(&self, path: &HostPath) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Returns the entry at `path` with the tree's own path.
    #[must_use]
    pub fn entry(&self, path: &HostPath) -> Option<(&HostPath, &Entry)> {
        self.entries.get_key_value(path)
    }

    /// Returns whether anything is at `path`, be it a dangling link.
    #[must_use]
    pub fn exists(&self, path: &HostPath) -> bool {
        self.entries.contains_key(path)
    }

    /// Returns the regular file that a program sees at `path`, links followed.
    #[must_use]
    pub fn file(&self, path: &HostPath) -> Option<&File> {
        self.file_in(self.entries.get(path)?)
    }

    /// Returns the regular file that a program sees at an entry of this tree, links followed.
    #[must_use]
    pub fn file_in<'t>(&'t self, entry: &'t Entry) -> Option<&'t File> {
        match entry {
            Entry::File(file) => Some(file),
            Entry::Link {
                end: LinkEnd::At(end),
                ..
            } => match self.entries.get(end)? {
                Entry::File(file) => Some(file),
                Entry::Link { .. } | Entry::Unread | Entry::Other(_) | Entry::Unreadable(_) => None,
            },
            Entry::Link { .. } | Entry::Unread | Entry::Other(_) | Entry::Unreadable(_) => None,
        }
    }

    /// Returns the number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns every entry, sorted by path.
    pub fn entries(&self) -> impl Iterator<Item = (&HostPath, &Entry)> {
        self.entries.iter()
    }
}
