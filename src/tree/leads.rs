//! Where paths lead: through linked folders, and behind links.

use super::{Entry, HostPath, LinkEnd, Tree};

impl Tree {
    /// Notes that the folder that programs call `logical` was read at `real`.
    pub fn insert_folder(&mut self, logical: HostPath, real: HostPath) {
        self.folders.insert(logical, real);
    }

    /// Returns whether the folder is there, and was looked into.
    #[must_use]
    pub fn has_folder(&self, folder: &HostPath) -> bool {
        self.folders.contains_key(folder)
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
}
