//! The copies of originals that a plan makes: beside the file, unless a program of the tree would take them for configuration.

use super::copies::{BackupMode, Copies, CopyPlace, LONGEST_NAME, beside, there};
use crate::change::{Change, ChangeSet, Labels};
use crate::readers::Readers;
use crate::tree::{Entry, HostPath, Node, Tree};

/// Why a copy does not lie beside its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// This program loads it there as configuration.
    Loads(&'static str),
    /// A file of that name is there already, and is not kvmnet's.
    IsThere,
}

/// A copy of an original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// The file.
    pub of: HostPath,
    /// Its copy.
    pub at: HostPath,
    /// What keeps it from lying beside the file, or loads it there.
    pub because: Option<Because>,
}

/// Returns whether the change at `at` only makes a copy of what `of` was, or takes away a copy of what `of` is: where
/// copies lie, with its bytes and its owner.
#[must_use]
pub fn ensure_copy(set: &ChangeSet, of: &HostPath, at: &HostPath) -> bool {
    let stored = [format!("{of}.old"), format!("{of}/.old")];
    let stored = stored
        .iter()
        .find_map(|end| at.as_str().strip_suffix(end.as_str()));
    let placed =
        *at == beside(of) || stored.is_some_and(|store| store.ends_with("/kvmnet/backups"));
    let (Some(original), Some(copy)) = (set.get(of), set.get(at)) else {
        return false;
    };
    let file = |node: &Option<Node>| matches!(node, Some(Node::File(_)));
    let made = file(&copy.after) && copy.after == original.before;
    let gone = copy.after.is_none() && file(&copy.before) && copy.before == original.after;
    placed && at != of && (made || gone)
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
        let side = copies.path(CopyPlace::Beside, &change.path);
        // the rule speaks of the folder as programs name it
        let logical = tree
            .names_of(&change.path)
            .into_iter()
            .next()
            .unwrap_or_else(|| change.path.clone());
        let loads = readers.loads_backup_in(&logical.folder());
        let loads = loads.map(Because::Loads);
        let foreign = !copies.may_replace(tree, &side, original);
        let because = loads.or(foreign.then_some(Because::IsThere));
        let too_long = side.name().len() > LONGEST_NAME;
        let blocked = too_long
            || matches!(
                tree.get(&side),
                Some(Entry::Other(_) | Entry::Unreadable(_))
            );
        let stored = || copies.path(CopyPlace::Store, &change.path);
        let (at, because) = match copies.mode {
            BackupMode::None => continue,
            BackupMode::Beside if !blocked && !foreign => (side, because),
            BackupMode::Beside => (stored(), foreign.then_some(Because::IsThere)),
            BackupMode::Store => (stored(), None),
            BackupMode::Auto if because.is_some() || blocked => (stored(), because),
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
