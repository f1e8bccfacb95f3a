//! Taking back, at once, a transaction in which a step failed.

use super::commit::{Step, Transaction, mark};
use super::journal::State;
use super::recover::Recovery;
use super::{Result, TransactionError, disk};
use crate::change::Change;
use crate::root::Folder;

impl Transaction<'_, '_> {
    /// Takes back what was done up to the step that failed.
    pub(super) fn take_back(&self, failed: &Step) -> Result<()> {
        let collecting = matches!(
            failed,
            Step::Collect
                | Step::KeepBefore(_)
                | Step::KeepAfter(_)
                | Step::WriteJournals
                | Step::SyncKept
        );
        let transactions = self.guard.transactions()?;
        if collecting
            || transactions
                .child(&self.record.header.id.to_string())?
                .is_none()
        {
            return disk::remove_tree(&transactions, &self.collecting());
        }
        if *failed == Step::Commit {
            // the journal may say already that it is applied: not while files are put back
            mark(self.guard, self.record.header.id, State::Prepared)?;
        }
        let recovery = Recovery::of(self.guard, self.record.clone())?;
        // what is not yet in place keeps what was edited there
        let first = match failed {
            Step::Swap(n) => *n,
            Step::Collect
            | Step::KeepBefore(_)
            | Step::KeepAfter(_)
            | Step::WriteJournals
            | Step::SyncKept
            | Step::Publish
            | Step::MakeFolder(_)
            | Step::Stage(_) => 0,
            Step::RemoveFolder(_) | Step::SyncFolder(_) | Step::Commit => usize::MAX,
        };
        recovery.leaving_edits_from(first).run().map(|_| ())
    }
}

/// Refuses to replace what was edited since the transaction began.
pub(super) fn unedited(folder: &Folder, change: &Change) -> Result<()> {
    let found = folder.read_node(change.path.name())?.map(|(node, _)| node);
    if found == change.before {
        return Ok(());
    }
    Err(TransactionError::Changed {
        path: change.path.clone(),
        expected: change.before.clone(),
        found,
    })
}
