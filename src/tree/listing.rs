//! What is in a folder, by name.

use super::{Entry, HostPath, Tree};
use crate::work::{self, Work};

impl Tree {
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
        let first = HostPath::before_all(&whole);
        let length = whole.len() - prefix.len();
        self.entries
            .range(first..)
            .take_while(move |(path, _)| path.as_str().starts_with(&whole))
            .inspect(|_| work::count(Work::Visited, 1))
            .map(move |(path, entry)| (&path.as_str()[length..], path, entry))
            .filter(|(name, ..)| !name.is_empty() && !name.contains('/'))
    }

    /// Returns what is beneath `folder`, in folders in it too, sorted.
    pub fn beneath<'a>(
        &'a self,
        folder: &HostPath,
    ) -> impl Iterator<Item = (&'a HostPath, &'a Entry)> + use<'a> {
        let whole = format!("{}/", folder.as_str().trim_end_matches('/'));
        self.entries
            .range(HostPath::before_all(&whole)..)
            .take_while(move |(path, _)| path.as_str().starts_with(&whole))
            .inspect(|_| work::count(Work::Visited, 1))
    }

    /// Returns the folders in `folder` that were looked into.
    pub fn folders_in(&self, folder: &HostPath) -> impl Iterator<Item = &HostPath> {
        let inside = self.folders.range(folder.clone()..).map(|(path, _)| path);
        let beneath = inside.take_while(move |path| path.is_beneath(folder));
        beneath.filter(move |path| path.folder() == *folder && *path != folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
