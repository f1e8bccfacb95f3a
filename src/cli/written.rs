//! What a transaction wrote, the copies of originals told apart from what was asked for.

use std::collections::BTreeSet;

use crate::change::ChangeSet;
use crate::plan;
use crate::transaction::journal::{Record, RecordedChange};
use crate::tree::HostPath;

/// Returns the copies of originals that a transaction wrote.
pub(super) fn copies(record: &Record) -> Vec<(HostPath, HostPath)> {
    let copy = |change: &RecordedChange| Some((change.copy_of.clone()?, change.path.clone()));
    record.changes.iter().filter_map(copy).collect()
}

/// Returns the set without copies of originals: what only says that it is a copy is shown.
pub(super) fn without_copies(copies: &[(HostPath, HostPath)], set: &ChangeSet) -> ChangeSet {
    let copies = copies
        .iter()
        .filter(|(of, at)| plan::ensure_copy(set, of, at));
    let copies: BTreeSet<&HostPath> = copies.map(|(_, at)| at).collect();
    let mut wanted = ChangeSet::default();
    for change in set.iter().filter(|change| !copies.contains(&change.path)) {
        wanted.put(change.clone());
    }
    for (from, to) in set.renames() {
        wanted.note_rename(from.clone(), to.clone());
    }
    wanted
}
