//! A transaction from its first step to its last; where one fails, what was done is taken back at once.

use super::commit::Transaction;
use super::journal::{Record, State};
use super::names::unfinished;
use super::recover::Recovery;
use super::steps::Step;
use super::{Result, TransactionError, disk, exchange};

impl Transaction<'_, '_> {
    /// Does all steps. If one fails, everything is taken back.
    ///
    /// # Errors
    /// [`TransactionError::TakenBack`], or [`TransactionError::Stuck`] if that failed too.
    pub fn run(mut self) -> Result<Record> {
        let mut applied = false;
        for step in &self.steps {
            let done = self.perform(step);
            if applied {
                // it is done, and what is left of an earlier one does nothing any more
                continue;
            }
            applied = *step == Step::Commit;
            if let Err(cause) = done {
                let cause = Box::new(cause);
                return Err(match self.take_back(step) {
                    Ok(()) => TransactionError::TakenBack(cause),
                    Err(again) => TransactionError::Stuck {
                        cause,
                        again: Box::new(again),
                    },
                });
            }
        }
        self.guard.prune();
        self.record.header.state = State::Applied;
        Ok(self.record)
    }

    /// Takes back what was done up to the step that failed.
    fn take_back(&self, failed: &Step) -> Result<()> {
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
            return disk::remove_tree(&transactions, &unfinished(self.record.header.id));
        }
        if *failed == Step::Commit {
            // the journal may say already that it is applied: not while files are put back
            exchange::mark(self.guard, self.record.header.id, State::Prepared)?;
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
            Step::RemoveFolder(_) | Step::SyncFolder(_) | Step::Commit | Step::EndWait(_) => {
                usize::MAX
            }
        };
        recovery.leaving_edits_from(first).run().map(|_| ())
    }
}
