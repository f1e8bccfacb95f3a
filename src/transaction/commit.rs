//! Applying a change set: the list of steps, and how one step is done.

use std::collections::BTreeSet;

use super::journal::{Header, Record, State, Values};
use super::kept::{CHANGES, JOURNAL, VALUES};
use super::take_back::unedited;
use super::{Guard, Result, TransactionError, disk, own};
use crate::change::{Change, Marks};
use crate::root::{Folder, RootError, TEMP_PREFIX};
use crate::tree::{HostPath, Node};

/// What is known of a transaction beside its changes.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// Seconds since 1970 (UTC).
    pub time: i64,
    /// Who makes it.
    pub user: String,
    /// The command line, without the program's name.
    pub command: String,
    /// The transaction that it takes back.
    pub undoes: Option<u64>,
    /// Where it takes back all that came after an earlier one, that one.
    pub back_to: Option<u64>,
    /// Earlier transactions of which it takes back a part.
    pub overrides: Vec<u64>,
    /// Folders that go where nothing is left in them.
    pub empty: Vec<HostPath>,
    /// What is wrong before it and not after it: rule and subject.
    pub repaired: Vec<(String, String)>,
    /// Copies of originals among the changes: the file, and its copy.
    pub copies: Vec<(HostPath, HostPath)>,
}

/// One step; numbers count the changes of the record.
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

/// The name of the temporary of change `n`.
pub(super) fn temporary(id: u64, n: usize) -> String {
    format!("{TEMP_PREFIX}{id}-{n}")
}

/// Returns what is done for `record`, in order; `empty` are folders that go if nothing is left in them.
pub(super) fn steps(record: &Record, empty: &[HostPath]) -> Vec<Step> {
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

    /// Does all steps. If one fails, everything is taken back.
    ///
    /// # Errors
    /// [`TransactionError::TakenBack`], or [`TransactionError::Stuck`] if that failed too.
    pub fn run(mut self) -> Result<Record> {
        for step in &self.steps {
            if let Err(cause) = self.perform(step) {
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

    pub(super) fn collecting(&self) -> String {
        format!("{}.new", self.record.header.id)
    }

    /// Does one step.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn perform(&self, step: &Step) -> Result<()> {
        let root = self.guard.store.root;
        match step {
            Step::Collect => self.collect(),
            Step::KeepBefore(n) => self.keep("before", *n, self.set[*n].change.before.as_ref()),
            Step::KeepAfter(n) => self.keep("after", *n, self.set[*n].change.after.as_ref()),
            Step::WriteJournals => self.write_journals(),
            Step::SyncKept => {
                let folder = self.kept()?;
                for side in ["before", "after", VALUES] {
                    if side != VALUES || !self.values.is_empty() {
                        disk::sync_folder(&child(&folder, side)?)?;
                    }
                }
                disk::sync_folder(&folder)
            }
            Step::Publish => {
                let transactions = self.guard.transactions()?;
                disk::rename(
                    &transactions,
                    &self.collecting(),
                    &self.record.header.id.to_string(),
                )?;
                disk::sync_folder(&transactions)
            }
            Step::MakeFolder(path) => {
                let parent = root.open_real_folder(&path.folder())?;
                disk::make_folder(&parent, path.name(), folder_mode(path)).map(|_| ())
            }
            Step::Stage(n) => {
                let Prepared { change, after } = &self.set[*n];
                let Some(node) = &change.after else {
                    return Ok(());
                };
                let folder = root.open_real_folder(&change.path.folder())?;
                disk::write_node(&folder, &temporary(self.record.header.id, *n), node, after)
            }
            Step::Swap(n) => {
                let change = &self.set[*n].change;
                let folder = root.open_real_folder(&change.path.folder())?;
                unedited(&folder, change)?;
                match change.after {
                    Some(_) => disk::rename(
                        &folder,
                        &temporary(self.record.header.id, *n),
                        change.path.name(),
                    ),
                    None => disk::remove(&folder, change.path.name()),
                }
            }
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
            Step::Commit => mark(self.guard, self.record.header.id, State::Applied),
        }
    }

    fn collect(&self) -> Result<()> {
        let transactions = self.guard.transactions()?;
        disk::remove_tree(&transactions, &self.collecting())?;
        disk::make_folder(&transactions, &self.collecting(), 0o700)?;
        let folder = self.kept()?;
        for side in ["before", "after"] {
            disk::make_folder(&folder, side, 0o700)?;
        }
        Ok(())
    }

    fn kept(&self) -> Result<Folder> {
        child(&self.guard.transactions()?, &self.collecting())
    }

    fn keep(&self, side: &str, n: usize, node: Option<&Node>) -> Result<()> {
        let Some(Node::File(file)) = node else {
            return Ok(());
        };
        disk::write_private(&child(&self.kept()?, side)?, &n.to_string(), &file.bytes)
    }

    /// The journals to come are written now, so that a full disk cannot keep a transaction from ending.
    fn write_journals(&self) -> Result<()> {
        let folder = self.kept()?;
        disk::write_private(&folder, CHANGES, self.lines.concat().as_bytes())?;
        if !self.values.is_empty() {
            disk::make_folder(&folder, VALUES, 0o700)?;
            let values = child(&folder, VALUES)?;
            for (n, value) in self.values.iter().enumerate() {
                disk::write_private(&values, &n.to_string(), value)?;
            }
        }
        for (name, state) in [
            (JOURNAL, State::Prepared),
            ("journal.applied", State::Applied),
            ("journal.recovered", State::Recovered),
            ("journal.prepared", State::Prepared),
        ] {
            let header = Header {
                state,
                ..self.record.header.clone()
            };
            disk::write_private(&folder, name, header.to_text().as_bytes())?;
        }
        Ok(())
    }
}

/// Folders of kvmnet's own are private, like all beneath them.
pub(super) fn folder_mode(path: &HostPath) -> u32 {
    if path.is_beneath(&HostPath::literal(super::STATE)) {
        0o700
    } else {
        0o755
    }
}

pub(super) fn child(folder: &Folder, name: &str) -> Result<Folder> {
    let path = folder.path().join(name);
    Ok(folder.child(name)?.ok_or(RootError::Missing { path })?)
}

/// Exchanges the journal for the one that was written for this state; if that is done, there is nothing to do.
pub(super) fn mark(guard: &Guard<'_>, id: u64, state: State) -> Result<()> {
    let name = match state {
        State::Applied => "journal.applied",
        State::Recovered => "journal.recovered",
        State::Prepared => "journal.prepared",
    };
    let folder = child(&guard.transactions()?, &id.to_string())?;
    if own::read(&folder, name, 1 << 20)?.is_some() {
        disk::rename(&folder, name, JOURNAL)?;
    }
    disk::sync_folder(&folder)
}
