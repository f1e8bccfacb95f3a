//! Taking back a transaction that was interrupted: what was there before is put back.
//!
//! Each step may be done again: recovery can itself be interrupted anywhere.

use std::collections::BTreeMap;

use super::journal::{Record, State};
use super::kept::Budget;
use super::names::{UNFINISHED, folder_mode, temporary};
use super::steps::{self, RecoveryStep};
use super::{Guard, Result, TransactionError, disk, exchange};
use crate::change::{Change, ChangeSet, Labels, Marks};
use crate::root::{Folder, RootError, TEMP_PREFIX};
use crate::tree::{HostPath, Node};

/// An interrupted transaction that can be taken back.
#[derive(Debug)]
#[must_use]
pub struct Recovery<'g, 'r> {
    pub(super) guard: &'g Guard<'r>,
    pub(super) record: Record,
    before: Vec<Option<Node>>,
    /// The marks of what was there before.
    marks: Vec<Marks>,
    restored: ChangeSet,
    /// Changes of the record where content and mode are as before already; the marks may differ.
    same: Vec<Change>,
    found: BTreeMap<HostPath, Marks>,
    pub(super) edited: Vec<(usize, Option<Node>, Option<Node>)>,
    steps: Vec<RecoveryStep>,
}

impl<'r> Guard<'r> {
    /// Returns the recovery of the interrupted transaction, if there is one.
    ///
    /// # Errors
    /// A journal or a kept copy that cannot be read.
    pub fn recovery<'g>(&'g self) -> Result<Option<Recovery<'g, 'r>>> {
        let kept = self.kept()?;
        let headers = kept.headers()?;
        let Some(pending) = headers
            .iter()
            .find(|header| header.state == State::Prepared)
        else {
            return Ok(None);
        };
        match kept.record(pending.id, &mut Budget::of_one())? {
            Some(record) => Recovery::of(self, record).map(Some),
            None => Ok(None),
        }
    }
}

impl<'g, 'r> Recovery<'g, 'r> {
    pub(super) fn of(guard: &'g Guard<'r>, record: Record) -> Result<Self> {
        let (set, old) = guard.kept()?.change_set(&record, &mut Budget::of_one())?;
        let (mut before, mut edited, mut all) = (Vec::new(), Vec::new(), Vec::new());
        let (mut restored, mut same) = (ChangeSet::default(), Vec::new());
        let mut marks_now = BTreeMap::new();
        for (n, change) in record.changes.iter().enumerate() {
            let change = set.get(&change.path);
            let (old_node, new) = change.map_or((None, None), |change| {
                (change.before.clone(), change.after.clone())
            });
            let path = &record.changes[n].path;
            let (found, now) = guard.store.root.read_marked(path)?.unzip();
            marks_now.insert(path.clone(), now.unwrap_or_default());
            let marks = old.get(path).cloned().unwrap_or_default();
            let deed = Change {
                path: path.clone(),
                before: found.clone(),
                after: old_node.clone(),
                labels: Labels::Exact(marks.clone()),
            };
            match deed.before == deed.after {
                true => same.push(deed),
                false => restored.put(deed),
            }
            all.push(marks);
            if found != old_node && found != new {
                edited.push((n, new, found));
            }
            before.push(old_node);
        }
        restored.take_renames(&set);
        let steps = steps::taking_back(
            &record,
            &edited.iter().map(|(n, ..)| *n).collect::<Vec<_>>(),
        );
        Ok(Self {
            guard,
            record,
            before,
            marks: all,
            restored,
            same,
            found: marks_now,
            edited,
            steps,
        })
    }

    /// Returns the transaction.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Returns what is put back, from what is there now.
    #[must_use]
    pub fn restored(&self) -> &ChangeSet {
        &self.restored
    }

    /// Returns each change of the record, from what is there now, be it that the marks alone differ.
    #[must_use]
    pub fn deeds(&self) -> Vec<&Change> {
        self.restored.iter().chain(&self.same).collect()
    }

    /// Returns the folders that go, if nothing is left in them.
    #[must_use]
    pub fn folders(&self) -> &[HostPath] {
        &self.record.folders
    }

    /// Returns the marks of what is there now.
    #[must_use]
    pub fn found(&self) -> &BTreeMap<HostPath, Marks> {
        &self.found
    }

    /// Returns the steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[RecoveryStep] {
        &self.steps
    }

    /// Refuses if a file was edited by hand since.
    ///
    /// # Errors
    /// [`TransactionError::Changed`] with the first such file.
    pub fn unedited(self) -> Result<Self> {
        match self.edited.first() {
            None => Ok(self),
            Some((n, expected, found)) => Err(TransactionError::Changed {
                path: self.record.changes[*n].path.clone(),
                expected: expected.clone(),
                found: found.clone(),
            }),
        }
    }

    /// Leaves what was edited by hand as it is, from change `first` on: these were not yet put in place.
    pub(super) fn leaving_edits_from(mut self, first: usize) -> Self {
        let edited: Vec<usize> = self.edited.iter().map(|(n, ..)| *n).collect();
        self.steps.retain(|step| match step {
            RecoveryStep::KeepFound(n) | RecoveryStep::Restore(n) => {
                *n < first || !edited.contains(n)
            }
            RecoveryStep::MakeFolder(_)
            | RecoveryStep::Clean(_)
            | RecoveryStep::RemoveFolder(_)
            | RecoveryStep::SyncFolder(_)
            | RecoveryStep::Mark => true,
        });
        self
    }

    /// Does all steps; what was edited by hand since is kept aside in the transaction's folder `found`.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn run(self) -> Result<Record> {
        for step in &self.steps {
            self.perform(step)?;
        }
        let mut record = self.record;
        record.header.state = State::Recovered;
        Ok(record)
    }

    /// Does one step.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn perform(&self, step: &RecoveryStep) -> Result<()> {
        let root = self.guard.store.root;
        let path = match step {
            RecoveryStep::KeepFound(n) => return self.keep_found(*n),
            RecoveryStep::Mark => return self.mark(),
            RecoveryStep::Restore(n) => &self.record.changes[*n].path,
            RecoveryStep::Clean(path) | RecoveryStep::SyncFolder(path) => &path.join("x"),
            RecoveryStep::MakeFolder(path) | RecoveryStep::RemoveFolder(path) => path,
        };
        let folder = match root.open_real_folder(&path.folder()) {
            Ok(folder) => folder,
            // it was to be made by a step that was never reached
            Err(RootError::Missing { .. }) => return Ok(()),
            // a file is where it was to be made: what is restored here is that nothing was
            Err(RootError::NotFolder { .. }) if !self.brings_back(step) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        match step {
            RecoveryStep::MakeFolder(path) => {
                disk::make_folder(&folder, path.name(), folder_mode(path)).map(|_| ())
            }
            RecoveryStep::Restore(n) => self.restore(&folder, *n),
            RecoveryStep::Clean(_) => {
                for (name, _) in folder.names()? {
                    let name = name.to_string_lossy();
                    if name.starts_with(TEMP_PREFIX) {
                        disk::remove(&folder, &name)?;
                    }
                }
                Ok(())
            }
            RecoveryStep::RemoveFolder(path) => disk::remove_empty(&folder, path.name()),
            RecoveryStep::SyncFolder(_) => disk::sync_folder(&folder),
            RecoveryStep::KeepFound(_) | RecoveryStep::Mark => Ok(()),
        }
    }

    fn brings_back(&self, step: &RecoveryStep) -> bool {
        matches!(step, RecoveryStep::Restore(n) if self.before[*n].is_some())
    }

    fn restore(&self, folder: &Folder, n: usize) -> Result<()> {
        let change = &self.record.changes[n];
        let marks = &self.marks[n];
        let there = folder.read_node(change.path.name())?;
        match &self.before[n] {
            None if there.is_none() => Ok(()),
            None => disk::remove(folder, change.path.name()),
            Some(node)
                if there
                    .as_ref()
                    .is_some_and(|(found, there)| found == node && there == marks) =>
            {
                Ok(())
            }
            Some(node) => {
                let name = temporary(self.record.header.id, n);
                disk::write_node(folder, &name, node, marks)?;
                disk::rename(folder, &name, change.path.name())
            }
        }
    }

    /// Exchanges the journal; left-overs of transactions that were never prepared go too.
    fn mark(&self) -> Result<()> {
        exchange::mark(self.guard, self.record.header.id, State::Recovered)?;
        self.guard.sweep()
    }
}

impl Guard<'_> {
    /// Takes away what transactions left that were never prepared.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn sweep(&self) -> Result<()> {
        let transactions = self.transactions()?;
        for (name, _) in transactions.names()? {
            let name = name.to_string_lossy();
            if name.ends_with(UNFINISHED) {
                disk::remove_tree(&transactions, &name)?;
            }
        }
        Ok(())
    }
}
