//! What was read of a host: paths beneath the root, and the entries found there.
//!
//! A [`Tree`] is a value: `root` fills one, everything between reading and writing works on it.
//! It must not know what the files mean, nor how they are read; how much of them is read at all, [`budget`] says.

pub mod budget;
mod scope;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

pub use scope::{Pick, Picker, Scope};

use crate::work::{self, Work};

/// A path beneath the root, as the programs of that host would name it: absolute, without `.`, `..` or empty parts.
///
/// Paths sort as trees are walked: a folder, all that is in it, then the next name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPath(Utf8PathBuf);

impl Ord for HostPath {
    fn cmp(&self, other: &Self) -> Ordering {
        // by bytes, `/` before all others: much faster than part by part, and the same order
        let (left, right) = (self.as_str().as_bytes(), other.as_str().as_bytes());
        let rank = |byte: u8| if byte == b'/' { 0 } else { u16::from(byte) + 1 };
        let words = left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0);
        let same = 8 * words.take_while(|(a, b)| a == b).count();
        match left[same..]
            .iter()
            .zip(&right[same..])
            .find(|(a, b)| a != b)
        {
            Some((a, b)) => rank(*a).cmp(&rank(*b)),
            None => left.len().cmp(&right.len()),
        }
    }
}

impl PartialOrd for HostPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The text is no path beneath a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no absolute path without `.`, `..` and empty parts", text.escape_debug())]
pub struct BadHostPath {
    text: String,
}

impl HostPath {
    /// Returns the path that `text` names; `/etc/./x`, `/etc/../x`, `etc/x` and a NUL byte are errors.
    pub fn parse(text: &str) -> Result<Self, BadHostPath> {
        let bad = || BadHostPath {
            text: text.to_owned(),
        };
        let parts = text.strip_prefix('/').ok_or_else(bad)?;
        let fine =
            |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\0');
        if !parts.is_empty() && !parts.split('/').all(fine) {
            return Err(bad());
        }
        Ok(Self(Utf8PathBuf::from(text)))
    }

    /// Returns a path that is written in the program itself.
    ///
    /// # Panics
    /// When `text` is no host path; for literals only.
    #[must_use]
    pub fn literal(text: &'static str) -> Self {
        Self::parse(text).expect("a literal is a host path")
    }

    /// Returns the path of the entry `name` in this folder; `name` holds no `/`.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        debug_assert!(
            !name.contains('/') && !name.is_empty(),
            "one entry: {name:?}"
        );
        Self(self.0.join(name))
    }

    /// Returns the folder that holds this entry; the root's folder is the root.
    #[must_use]
    pub fn folder(&self) -> Self {
        Self(
            self.0
                .parent()
                .map_or_else(|| Utf8PathBuf::from("/"), Utf8Path::to_owned),
        )
    }

    /// Returns the last part of the path, "" for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.file_name().unwrap_or("")
    }

    /// Returns the path with its leading `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the path without its leading `/`, as patches and archives have it.
    #[must_use]
    pub fn relative(&self) -> &str {
        self.0.as_str().trim_start_matches('/')
    }

    /// Returns whether the path is `folder` or lies anywhere beneath it.
    #[must_use]
    pub fn is_beneath(&self, folder: &Self) -> bool {
        self.0.starts_with(&folder.0)
    }

    /// Returns the parts of the path, from the root down.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.relative().split('/').filter(|part| !part.is_empty())
    }
}

impl fmt::Display for HostPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl TryFrom<String> for HostPath {
    type Error = BadHostPath;
    fn try_from(text: String) -> Result<Self, BadHostPath> {
        Self::parse(&text)
    }
}

impl From<HostPath> for String {
    fn from(path: HostPath) -> Self {
        path.0.into_string()
    }
}

/// The mode and the owner of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attrs {
    /// Permission bits, set-id and sticky bits: the lower twelve bits of `st_mode`.
    pub mode: u32,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
}

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The whole content.
    pub bytes: Vec<u8>,
    /// Mode and owner.
    pub attrs: Attrs,
}

/// What kvmnet writes: a regular file or a symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A regular file.
    File(File),
    /// A symbolic link, by the text it holds.
    Link(String),
}

/// Where a symbolic link ends, resolved as inside a chroot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEnd {
    /// At this path, which is no link; the tree holds its entry.
    At(HostPath),
    /// Nowhere, or in a circle; the text says which.
    Broken(String),
    /// Nobody asked: only the link's own text was read.
    NotFollowed,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A regular file that was read.
    File(File),
    /// A symbolic link.
    Link {
        /// The text of the link.
        target: String,
        /// Where it leads beneath the root.
        end: LinkEnd,
    },
    /// Something that is there, but was not asked for: its content is unknown.
    Unread,
    /// Something that is no file: a folder, device, socket or FIFO, named by this word.
    Other(&'static str),
    /// A file that was asked for, and could not be read for this reason.
    Unreadable(String),
}

/// Everything that was read of a host.
///
/// Keys are the paths that the host's programs use. Where a folder on the way is a symbolic link, [`Tree::real`]
/// gives the path without it, which is where files are written and what a patch names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: BTreeMap<HostPath, Entry>,
    folders: BTreeMap<HostPath, HostPath>,
    oddities: Vec<String>,
}

impl Tree {
    /// Adds or replaces an entry.
    pub fn insert(&mut self, path: HostPath, entry: Entry) {
        self.entries.insert(path, entry);
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
        self.entries.remove(path);
    }

    /// Notes that the folder that programs call `logical` was read at `real`.
    pub fn insert_folder(&mut self, logical: HostPath, real: HostPath) {
        self.folders.insert(logical, real);
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
            }
        }
        part
    }

    /// Adds all that another reading found.
    pub fn absorb(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.folders.extend(other.folders);
        let known: std::collections::HashSet<String> = self.oddities.iter().cloned().collect();
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

    /// Returns whether the folder is there, and was looked into.
    #[must_use]
    pub fn has_folder(&self, folder: &HostPath) -> bool {
        self.folders.contains_key(folder)
    }

    /// Returns the folders in `folder` that were looked into.
    pub fn folders_in(&self, folder: &HostPath) -> impl Iterator<Item = &HostPath> {
        let inside = self.folders.range(folder.clone()..).map(|(path, _)| path);
        let beneath = inside.take_while(move |path| path.is_beneath(folder));
        beneath.filter(move |path| path.folder() == *folder && *path != folder)
    }

    /// Returns the path at which a write to `path` ends: links followed, linked folders too.
    #[must_use]
    pub fn end_of(&self, path: &HostPath) -> HostPath {
        match self.entries.get(path) {
            Some(Entry::Link {
                end: LinkEnd::At(end),
                ..
            }) => end.clone(),
            _ => self.real(path),
        }
    }

    /// Returns `path` with a linked folder replaced by where it leads; the entry itself is not followed.
    #[must_use]
    pub fn real(&self, path: &HostPath) -> HostPath {
        match self.folders.get(&path.folder()) {
            Some(real) => real.join(path.name()),
            None => path.clone(),
        }
    }

    /// Returns whether the folder of `path` was read, and is no link nor behind one.
    #[must_use]
    pub fn is_real(&self, path: &HostPath) -> bool {
        let folder = path.folder();
        self.folders.get(&folder) == Some(&folder)
    }

    /// Returns the paths by which programs reach what is really at `real`: itself, or through linked folders.
    #[must_use]
    pub fn names_of(&self, real: &HostPath) -> Vec<HostPath> {
        let folder = real.folder();
        let linked = self.folders.iter().filter(|(_, end)| **end == folder);
        let mut names: Vec<_> = linked
            .map(|(logical, _)| logical.join(real.name()))
            .collect();
        if names.is_empty() {
            names.push(real.clone());
        }
        names
    }

    /// Returns where the symbolic link at `path` leads.
    #[must_use]
    pub fn link_end(&self, path: &HostPath) -> Option<LinkEnd> {
        self.names_of(path)
            .iter()
            .find_map(|name| match self.entries.get(name) {
                Some(Entry::Link { end, .. }) => Some(end.clone()),
                _ => None,
            })
    }

    /// Returns the names in `folder` with their paths, sorted.
    pub fn names<'a>(
        &'a self,
        folder: &HostPath,
    ) -> impl Iterator<Item = (&'a str, &'a HostPath)> + use<'a> {
        self.names_with(folder, "")
    }

    /// Returns the names in `folder` that begin with `prefix`, with their paths, sorted.
    pub fn names_with<'a>(
        &'a self,
        folder: &HostPath,
        prefix: &str,
    ) -> impl Iterator<Item = (&'a str, &'a HostPath)> + use<'a> {
        let listed = self.listed_with(folder, prefix);
        listed.map(|(name, path, _)| (name, path))
    }

    /// Returns the names in `folder` with their paths and what is there, sorted.
    pub fn listed<'a>(
        &'a self,
        folder: &HostPath,
    ) -> impl Iterator<Item = (&'a str, &'a HostPath, &'a Entry)> + use<'a> {
        self.listed_with(folder, "")
    }

    fn listed_with<'a>(
        &'a self,
        folder: &HostPath,
        prefix: &str,
    ) -> impl Iterator<Item = (&'a str, &'a HostPath, &'a Entry)> + use<'a> {
        let whole = format!("{}/{prefix}", folder.as_str().trim_end_matches('/'));
        let first = HostPath(Utf8PathBuf::from(&whole));
        let length = whole.len() - prefix.len();
        self.entries
            .range(first..)
            .take_while(move |(path, _)| path.as_str().starts_with(&whole))
            .inspect(|_| work::count(Work::Visited, 1))
            .map(move |(path, entry)| (&path.as_str()[length..], path, entry))
            .filter(|(name, ..)| !name.is_empty() && !name.contains('/'))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_paths_that_could_leave_the_root() {
        for bad in [
            "",
            "etc",
            "/etc/../x",
            "/etc/./x",
            "/etc//x",
            "/etc/",
            "/..",
            "/a\0b",
        ] {
            assert!(HostPath::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(HostPath::parse("/").unwrap().name(), "");
        assert_eq!(HostPath::parse("/etc/x").unwrap().folder().as_str(), "/etc");
    }

    #[test]
    fn lists_the_names_of_one_folder_only() {
        let mut tree = Tree::default();
        for path in ["/a/x", "/a/x/y", "/a/z", "/a!b", "/ab/c", "/b"] {
            tree.insert(HostPath::parse(path).unwrap(), Entry::Unread);
        }
        let names: Vec<_> = tree
            .names(&HostPath::literal("/a"))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["x", "z"]);
    }
}
