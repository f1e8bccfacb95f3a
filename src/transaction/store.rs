//! The transactions beneath a root: who may read them, and who may write.

use std::collections::{BTreeMap, BTreeSet};

use rustix::fd::OwnedFd;

use super::journal::{Header, Record, RecordedChange, State};
use super::kept::{Budget, Kept};
use super::names::{STATE, TRANSACTIONS};
use super::{Result, TransactionError, disk, own};
use crate::change::{ChangeSet, Labels};
use crate::root::{Folder, Root, RootError};
use crate::tree::{HostPath, Node};

/// The transactions beneath a root.
#[derive(Clone, Copy, Debug)]
pub struct Store<'r> {
    pub(super) root: &'r Root,
}

/// The right to write: one process has it at a time.
#[derive(Debug)]
pub struct Guard<'r> {
    pub(super) store: Store<'r>,
    pub(super) state: Folder,
    pub(super) _lock: OwnedFd,
}

impl<'r> Store<'r> {
    /// Returns the transactions beneath `root`; nothing is made.
    #[must_use]
    pub fn new(root: &'r Root) -> Self {
        Self { root }
    }

    /// Returns where the state lies, without links on the way, be it there or not.
    ///
    /// # Errors
    /// A link on the way that leads nowhere.
    pub fn path(&self) -> Result<HostPath> {
        let state = HostPath::literal(STATE);
        let mut there = HostPath::literal("/");
        for part in state.parts() {
            if !self.root.has_history() && part == state.name() {
                // it will be put aside, whatever it is
                there = there.join(part);
                continue;
            }
            there = match self.root.resolve_folder(&there.join(part)) {
                Ok(folder) => folder.path().clone(),
                Err(RootError::Missing { .. }) => there.join(part),
                Err(error) if self.root.passes_over(&there, &error) => there.join(part),
                Err(error) => return Err(error.into()),
            };
        }
        Ok(there)
    }

    /// Returns whether anything was ever written beneath this root.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.state().is_ok_and(|state| state.is_some())
    }

    /// Returns kvmnet's folder, if it is there and to be trusted.
    pub(super) fn state(&self) -> Result<Option<Folder>> {
        let path = HostPath::literal(STATE);
        match self.root.resolve_folder(&path.folder()) {
            Ok(parent) => own::child(&parent, path.name()),
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn transactions(&self) -> Result<Option<Kept>> {
        if !self.root.has_history() {
            return Ok(None);
        }
        match self.state()? {
            Some(state) => Ok(own::child(&state, TRANSACTIONS)?.map(Kept::new)),
            None => Ok(None),
        }
    }

    /// Returns all transactions without what they changed, the oldest first.
    ///
    /// # Errors
    /// A journal that cannot be read, understood or trusted.
    pub fn headers(&self) -> Result<Vec<Header>> {
        match self.transactions()? {
            Some(kept) => kept.headers(),
            None => Ok(Vec::new()),
        }
    }

    /// Returns the transaction `id`.
    ///
    /// # Errors
    /// It is not there, or cannot be read or trusted.
    pub fn record(&self, id: u64, budget: &mut Budget) -> Result<Record> {
        let kept = self.transactions()?.ok_or(TransactionError::Unknown(id))?;
        if let Some(record) = kept.record(id, budget)? {
            return Ok(record);
        }
        let later = kept.headers()?.iter().any(|header| header.id > id);
        Err(match later && id > 0 {
            true => TransactionError::Forgotten(id),
            false => TransactionError::Unknown(id),
        })
    }

    /// Returns the transaction that was interrupted, if there is one.
    ///
    /// # Errors
    /// A journal that cannot be read, understood or trusted.
    pub fn pending(&self) -> Result<Option<Header>> {
        let prepared = |header: &Header| header.state == State::Prepared;
        Ok(self.headers()?.into_iter().find(prepared))
    }

    /// Returns what the transaction changed, contents and all.
    ///
    /// # Errors
    /// A kept copy that cannot be read or trusted.
    pub fn change_set(&self, record: &Record, budget: &mut Budget) -> Result<ChangeSet> {
        let id = record.header.id;
        let kept = self.transactions()?.ok_or(TransactionError::Unknown(id))?;
        Ok(kept.change_set(record, budget)?.0)
    }

    /// Returns which of `paths` the last change to them wrote as copies of originals, each with what it wrote.
    ///
    /// # Errors
    /// A record or a kept copy that cannot be read or trusted.
    pub fn own_copies(
        &self,
        paths: &BTreeSet<HostPath>,
        budget: &mut Budget,
    ) -> Result<BTreeMap<HostPath, Vec<u8>>> {
        let (mut own, mut open) = (BTreeMap::new(), paths.clone());
        if open.is_empty() {
            return Ok(own);
        }
        let headers = self.headers()?;
        let applied = headers
            .iter()
            .rev()
            .filter(|header| header.state == State::Applied);
        for header in applied {
            if open.is_empty() {
                break;
            }
            let record = self.record(header.id, budget)?;
            let named = |change: &&RecordedChange| open.contains(&change.path);
            if !record.changes.iter().any(|change| named(&change)) {
                continue;
            }
            let set = self.change_set(&record, budget)?;
            for change in record.changes.iter().filter(named) {
                let after = set
                    .get(&change.path)
                    .and_then(|change| change.after.as_ref());
                if let (Some(_), Some(Node::File(file))) = (&change.copy_of, after) {
                    own.insert(change.path.clone(), file.bytes.clone());
                }
            }
            open.retain(|path| set.get(path).is_none());
        }
        Ok(own)
    }

    /// Returns the set that takes the transaction back, marks and all.
    ///
    /// # Errors
    /// A kept copy that cannot be read or trusted.
    pub fn inverse(&self, record: &Record, budget: &mut Budget) -> Result<ChangeSet> {
        let id = record.header.id;
        let kept = self.transactions()?.ok_or(TransactionError::Unknown(id))?;
        let (mut set, old) = kept.change_set(record, budget)?;
        for change in record.waits() {
            set.drop(&change.path);
        }
        Ok(set.inverse(|path| Labels::Exact(old.get(path).cloned().unwrap_or_default())))
    }
}

impl Guard<'_> {
    /// Returns the folder of transactions, made if it is missing.
    pub(super) fn transactions(&self) -> Result<Folder> {
        if disk::make_folder(&self.state, TRANSACTIONS, 0o700)? {
            disk::sync_folder(&self.state)?;
        }
        own::open_child(&self.state, TRANSACTIONS)
    }

    /// Returns what is kept of transactions; the folder that is locked, wherever it was put meanwhile.
    pub(super) fn kept(&self) -> Result<Kept> {
        Ok(Kept::new(self.transactions()?))
    }
}
