//! Which file counts, where a program looks in several places.

use std::collections::BTreeMap;

use crate::tree::{HostPath, Tree};

/// Returns the text of the first of these files that is there.
pub(super) fn text(tree: &Tree, paths: &[&'static str]) -> Option<String> {
    let file = paths
        .iter()
        .find_map(|path| tree.file(&HostPath::literal(path)))?;
    Some(String::from_utf8_lossy(&file.bytes).into_owned())
}

/// Returns the files of several folders, sorted by name; of those with one name that of the first folder.
pub(super) fn strongest(
    tree: &Tree,
    folders: impl Iterator<Item = HostPath>,
) -> BTreeMap<&str, &HostPath> {
    let mut found = BTreeMap::new();
    for folder in folders {
        for (name, path) in tree.names(&folder) {
            found.entry(name).or_insert(path);
        }
    }
    found
}
