//! What is done to apply a transaction, and to take it back, step by step: as data, so that a test can stop behind each.

use std::collections::BTreeSet;

use super::journal::Record;
use crate::tree::HostPath;

/// One step of applying; numbers count the changes of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make the folder that collects what is kept, under a name that is never read.
    Collect,
    /// Keep what is there before the change.
    KeepBefore(usize),
    /// Keep what is there after the change.
    KeepAfter(usize),
    /// Write the journals: the one that holds now, and those that can replace it by a rename.
    WriteJournals,
    /// Make all that is kept durable.
    SyncKept,
    /// Give the folder its name: the transaction is prepared.
    Publish,
    /// Make a folder that a new file needs.
    MakeFolder(HostPath),
    /// Write what comes, under a temporary name beside its target.
    Stage(usize),
    /// Put it in place, or take away what goes.
    Swap(usize),
    /// Take a folder away that the transaction to be taken back had made.
    RemoveFolder(HostPath),
    /// Make the names in a folder durable.
    SyncFolder(HostPath),
    /// Exchange the journal: the transaction is applied.
    Commit,
}

/// Returns what is done for `record`, in order; `empty` are folders that go if nothing is left in them.
pub(super) fn applying(record: &Record, empty: &[HostPath]) -> Vec<Step> {
    let all = 0..record.changes.len();
    let changes = || record.changes.iter().enumerate();
    let mut steps = vec![Step::Collect];
    steps.extend(
        changes()
            .filter(|(_, change)| change.before.is_some())
            .map(|(n, _)| Step::KeepBefore(n)),
    );
    steps.extend(
        changes()
            .filter(|(_, change)| change.after.is_some())
            .map(|(n, _)| Step::KeepAfter(n)),
    );
    steps.extend([Step::WriteJournals, Step::SyncKept, Step::Publish]);
    steps.extend(record.folders.iter().cloned().map(Step::MakeFolder));
    steps.extend(
        changes()
            .filter(|(_, change)| change.after.is_some())
            .map(|(n, _)| Step::Stage(n)),
    );
    steps.extend(all.map(Step::Swap));
    steps.extend(empty.iter().rev().cloned().map(Step::RemoveFolder));
    let mut touched: BTreeSet<HostPath> = record
        .changes
        .iter()
        .map(|change| change.path.folder())
        .collect();
    touched.extend(record.folders.iter().chain(empty).map(HostPath::folder));
    steps.extend(touched.into_iter().map(Step::SyncFolder));
    steps.push(Step::Commit);
    steps
}

/// One step of taking back; numbers count the changes of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecoveryStep {
    /// Keep aside what was put there by hand since.
    KeepFound(usize),
    /// Make a folder again that the transaction had taken away.
    MakeFolder(HostPath),
    /// Put back what was there before.
    Restore(usize),
    /// Take our temporaries away.
    Clean(HostPath),
    /// Take away a folder that the transaction had made.
    RemoveFolder(HostPath),
    /// Make the names in a folder durable.
    SyncFolder(HostPath),
    /// Exchange the journal: the transaction has not happened.
    Mark,
}

/// Returns what is done to take `record` back, in order.
pub(super) fn taking_back(record: &Record, edited: &[usize]) -> Vec<RecoveryStep> {
    let mut steps: Vec<_> = edited.iter().map(|n| RecoveryStep::KeepFound(*n)).collect();
    let touched: BTreeSet<HostPath> = record
        .changes
        .iter()
        .map(|change| change.path.folder())
        .collect();
    // folders of files that were there: a rollback may have taken them away
    let mut needed = BTreeSet::new();
    for change in record
        .changes
        .iter()
        .filter(|change| change.before.is_some())
    {
        let mut folder = change.path.folder();
        while folder.as_str() != "/" {
            needed.insert(folder.clone());
            folder = folder.folder();
        }
    }
    steps.extend(needed.iter().cloned().map(RecoveryStep::MakeFolder));
    steps.extend((0..record.changes.len()).map(RecoveryStep::Restore));
    steps.extend(touched.iter().cloned().map(RecoveryStep::Clean));
    steps.extend(
        record
            .folders
            .iter()
            .rev()
            .cloned()
            .map(RecoveryStep::RemoveFolder),
    );
    let mut synced = touched;
    synced.extend(record.folders.iter().chain(&needed).map(HostPath::folder));
    steps.extend(synced.into_iter().map(RecoveryStep::SyncFolder));
    steps.push(RecoveryStep::Mark);
    steps
}
