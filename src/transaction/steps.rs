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
    /// Take a file away by which an earlier transaction waited to be confirmed, and make that durable.
    EndWait(HostPath),
}

/// Returns what is done for `record`, in order; `empty` are folders that go if nothing is left in them, `ends` files that go once
/// it is applied.
pub(super) fn applying(record: &Record, empty: &[HostPath], ends: &[HostPath]) -> Vec<Step> {
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
    let (waits, others): (Vec<_>, Vec<_>) = changes().partition(|(_, change)| change.waits);
    let armed: BTreeSet<HostPath> = waits
        .iter()
        .map(|(_, change)| change.path.folder())
        .collect();
    steps.extend(waits.iter().map(|(n, _)| Step::Swap(*n)));
    if !armed.is_empty() {
        // the names of folders that were made for them as well
        let above: BTreeSet<HostPath> = record.folders.iter().map(HostPath::folder).collect();
        steps.extend(above.into_iter().map(Step::SyncFolder));
    }
    steps.extend(armed.into_iter().map(Step::SyncFolder));
    steps.extend(others.iter().map(|(n, _)| Step::Swap(*n)));
    steps.extend(empty.iter().rev().cloned().map(Step::RemoveFolder));
    let mut touched: BTreeSet<HostPath> = record
        .changes
        .iter()
        .map(|change| change.path.folder())
        .collect();
    touched.extend(record.folders.iter().chain(empty).map(HostPath::folder));
    steps.extend(touched.into_iter().map(Step::SyncFolder));
    steps.push(Step::Commit);
    steps.extend(ends.iter().cloned().map(Step::EndWait));
    if !ends.is_empty() {
        // these may have held them
        steps.extend(empty.iter().rev().cloned().map(Step::RemoveFolder));
    }
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
    // what would take the change back goes last: until then it is known that it must be
    let changes = record.changes.iter().enumerate();
    let (waits, others): (Vec<_>, Vec<_>) = changes.partition(|(_, change)| change.waits);
    steps.extend(others.iter().map(|(n, _)| RecoveryStep::Restore(*n)));
    if !waits.is_empty() {
        let folders = others.iter().map(|(_, change)| change.path.folder());
        let folders: BTreeSet<HostPath> = folders.collect();
        steps.extend(folders.into_iter().map(RecoveryStep::SyncFolder));
    }
    steps.extend(waits.iter().rev().map(|(n, _)| RecoveryStep::Restore(*n)));
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
