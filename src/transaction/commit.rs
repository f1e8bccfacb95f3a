//! Applying a change set: how one step is done.

use super::journal::{Record, State, Values};
use super::names::{AFTER, BEFORE, CHANGES, VALUES, folder_mode, temporary, unfinished};
use super::steps::Step;
use super::{Guard, Result, TransactionError, disk, exchange};
use crate::change::{Change, Marks};
use crate::root::{Folder, RootError};
use crate::tree::Node;

/// A transaction that can be performed.
#[derive(Debug)]
#[must_use]
pub struct Transaction<'g, 'r> {
    pub(super) guard: &'g Guard<'r>,
    pub(super) record: Record,
    pub(super) lines: Vec<String>,
    pub(super) values: Values,
    pub(super) set: Vec<Prepared>,
    pub(super) steps: Vec<Step>,
}

/// A change with the extended attributes of both sides.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) change: Change,
    pub(super) after: Marks,
}

impl Transaction<'_, '_> {
    /// Returns the steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Does one step.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn perform(&self, step: &Step) -> Result<()> {
        let root = self.guard.store.root;
        match step {
            Step::Collect => self.collect(),
            Step::KeepBefore(n) => self.keep(BEFORE, *n, self.set[*n].change.before.as_ref()),
            Step::KeepAfter(n) => self.keep(AFTER, *n, self.set[*n].change.after.as_ref()),
            Step::WriteJournals => self.write_journals(),
            Step::SyncKept => self.sync_kept(),
            Step::Publish => self.publish(),
            Step::MakeFolder(path) => {
                let parent = root.open_real_folder(&path.folder())?;
                disk::make_folder(&parent, path.name(), folder_mode(path)).map(|_| ())
            }
            Step::Stage(n) => self.stage(*n),
            Step::Swap(n) => self.swap(*n),
            Step::RemoveFolder(path) => {
                disk::remove_empty(&root.open_real_folder(&path.folder())?, path.name())
            }
            Step::SyncFolder(path) => match root.open_real_folder(path) {
                Ok(folder) => disk::sync_folder(&folder),
                Err(RootError::Missing { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            },
            // put aside by somebody, it would be another process that takes this back
            Step::Commit if !self.guard.store.is_current(&self.guard.state)? => {
                let path = self.guard.state.path().clone();
                Err(RootError::Missing { path }.into())
            }
            Step::Commit => exchange::mark(self.guard, self.record.header.id, State::Applied),
            Step::EndWait(path) => self.guard.end_wait(path),
        }
    }

    fn collect(&self) -> Result<()> {
        let transactions = self.guard.transactions()?;
        disk::remove_tree(&transactions, &unfinished(self.record.header.id))?;
        disk::make_folder(&transactions, &unfinished(self.record.header.id), 0o700)?;
        let folder = self.kept()?;
        for side in [BEFORE, AFTER] {
            disk::make_folder(&folder, side, 0o700)?;
        }
        Ok(())
    }

    fn kept(&self) -> Result<Folder> {
        let name = unfinished(self.record.header.id);
        Ok(self.guard.transactions()?.open_child(&name)?)
    }

    fn keep(&self, side: &str, n: usize, node: Option<&Node>) -> Result<()> {
        let Some(Node::File(file)) = node else {
            return Ok(());
        };
        disk::write_private(&self.kept()?.open_child(side)?, &n.to_string(), &file.bytes)
    }

    fn write_journals(&self) -> Result<()> {
        let folder = self.kept()?;
        disk::write_private(&folder, CHANGES, self.lines.concat().as_bytes())?;
        if !self.values.is_empty() {
            disk::make_folder(&folder, VALUES, 0o700)?;
            let values = folder.open_child(VALUES)?;
            for (n, value) in self.values.iter().enumerate() {
                disk::write_private(&values, &n.to_string(), value)?;
            }
        }
        exchange::write_journals(&folder, &self.record.header)
    }

    fn sync_kept(&self) -> Result<()> {
        let folder = self.kept()?;
        for side in [BEFORE, AFTER, VALUES] {
            if side != VALUES || !self.values.is_empty() {
                disk::sync_folder(&folder.open_child(side)?)?;
            }
        }
        disk::sync_folder(&folder)
    }

    fn publish(&self) -> Result<()> {
        let (transactions, id) = (self.guard.transactions()?, self.record.header.id);
        disk::rename(&transactions, &unfinished(id), &id.to_string())?;
        disk::sync_folder(&transactions)
    }

    fn stage(&self, n: usize) -> Result<()> {
        let Prepared { change, after } = &self.set[n];
        let Some(node) = &change.after else {
            return Ok(());
        };
        let root = self.guard.store.root;
        let folder = root.open_real_folder(&change.path.folder())?;
        disk::write_node(&folder, &temporary(self.record.header.id, n), node, after)
    }

    fn swap(&self, n: usize) -> Result<()> {
        let change = &self.set[n].change;
        let root = self.guard.store.root;
        let folder = root.open_real_folder(&change.path.folder())?;
        unedited(&folder, change)?;
        let (staged, name) = (temporary(self.record.header.id, n), change.path.name());
        match change.after {
            Some(_) => disk::rename(&folder, &staged, name),
            None => disk::remove(&folder, name),
        }
    }
}

/// Refuses to replace what was edited since the transaction began.
fn unedited(folder: &Folder, change: &Change) -> Result<()> {
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
