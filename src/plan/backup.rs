//! The copies `FILE.old` of originals: beside the file, unless a program of the tree would take them for configuration.

use crate::backend::readers::Readers;
use crate::change::{Change, ChangeSet, Labels};
use crate::tree::{Entry, HostPath, Node, Tree};

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
pub struct Copies {
    /// Where they go.
    pub mode: BackupMode,
    /// The folder of kvmnet's state, without links on the way: the store is in it.
    pub state: HostPath,
}

impl Copies {
    /// Returns the path of the copy of `path` in the store.
    pub(super) fn stored(&self, path: &HostPath) -> HostPath {
        let stored = format!("{}/backups{path}.old", self.state);
        HostPath::parse(&stored).expect("a path below a path is one")
    }
}

/// A copy of an original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub of: HostPath,
    /// Its copy.
    pub at: HostPath,
    /// Which program keeps it from lying beside the file, or loads it there.
    pub because: Option<&'static str>,
}

/// Returns the path of the copy beside `path`.
pub(super) fn beside(path: &HostPath) -> HostPath {
    path.folder().join(&format!("{}.old", path.name()))
}

/// Returns `set` with the copies of every file that is changed or deleted, and where they lie.
pub(super) fn add(
    tree: &Tree,
    readers: &Readers,
    set: &ChangeSet,
    copies: &Copies,
) -> (ChangeSet, Vec<Backup>) {
    let (mut full, mut backups) = (set.clone(), Vec::new());
    for change in set.iter() {
        let Some(Node::File(original)) = &change.before else {
            continue;
        };
        let side = beside(&change.path);
        // the rule speaks of the folder as programs name it
        let logical = tree
            .names_of(&change.path)
            .into_iter()
            .next()
            .unwrap_or_else(|| change.path.clone());
        let because = readers.loads_backup_in(&logical.folder());
        let blocked = matches!(
            tree.get(&side),
            Some(Entry::Other(_) | Entry::Unreadable(_))
        );
        let (at, because) = match copies.mode {
            BackupMode::None => continue,
            BackupMode::Beside if !blocked => (side, because),
            BackupMode::Beside | BackupMode::Store => (copies.stored(&change.path), None),
            BackupMode::Auto if because.is_some() || blocked => {
                (copies.stored(&change.path), because)
            }
            BackupMode::Auto => (side, None),
        };
        let after = Some(Node::File(original.clone()));
        let labels = Labels::Like(change.path.clone());
        full.put(Change {
            path: at.clone(),
            before: there(tree, &at),
            after,
            labels,
        });
        backups.push(Backup {
            of: change.path.clone(),
            at,
            because,
        });
    }
    (full, backups)
}

fn there(tree: &Tree, path: &HostPath) -> Option<Node> {
    match tree.get(path)? {
        Entry::File(file) => Some(Node::File(file.clone())),
        Entry::Link { target, .. } => Some(Node::Link(target.clone())),
        Entry::Unread | Entry::Other(_) | Entry::Unreadable(_) => None,
    }
}

/// Says why copies do not lie beside their files.
pub(super) fn explain(backups: &[Backup]) -> Option<String> {
    let (backup, because) = backups
        .iter()
        .find_map(|backup| Some((backup, backup.because?)))?;
    if backup.at.folder() == backup.of.folder() {
        return Some(format!(
            "{because} loads the .old files beside the originals as configuration: better leave --backup beside out"
        ));
    }
    let at = backup.at.as_str();
    let store = at.split_inclusive("/backups").next().unwrap_or(at);
    Some(format!(
        "the originals are kept in {store}, not beside the files: {because} would load an .old file as configuration"
    ))
}
