//! Transactions: all of a change set reaches the disk, or nothing does, and every one can be taken back.
//!
//! Beneath the root, in /var/lib/kvmnet (mode 0700, since copies of originals hold secrets):
//! `transactions/<id>/` with `journal.json`, `changes`, `before/<n>` and `after/<n>`; `originals` (see there). A transaction is *prepared* when
//! its folder got its name: from then on what was there before can be put back. It is *applied* when its journal was
//! exchanged for the one that says so: that one rename is the commit. What is prepared and not applied has not happened,
//! and is taken back ([`Guard::recovery`]) before anything else is written.
//!
//! `commit` and `recover` are lists of steps: what is done is data, and one function does one step, so that a test can
//! stop behind each. This module knows files, not networks; clock, user and process come from its caller.

mod commit;
mod disk;
pub mod journal;
mod kept;
mod lock;
mod originals;
mod own;
mod prepare;
mod recover;
mod take_back;

use std::collections::{BTreeMap, BTreeSet};

use rustix::fd::OwnedFd;
use rustix::io::Errno;

pub use commit::{Meta, Step, Transaction};
use journal::{Header, Record, RecordedChange, State};
use kept::Kept;
pub use kept::{Budget, measure};
pub use originals::{Held, Original};
pub use recover::{Recovery, RecoveryStep};

use crate::change::{ChangeSet, Labels};
use crate::root::{Folder, Root, RootError};
use crate::tree::{HostPath, Node};

/// Where the state lies.
pub const STATE: &str = "/var/lib/kvmnet";
/// The folder of transactions in it.
const TRANSACTIONS: &str = "transactions";
/// Transactions that are kept.
const KEPT: usize = 20;

/// A transaction could not be made, read or taken back.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// A path could not be looked at.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The kernel refused something.
    #[error("cannot {doing} `{path}`: {source}")]
    Io {
        /// What was being tried.
        doing: &'static str,
        /// On what.
        path: HostPath,
        /// What the kernel said.
        source: Errno,
    },
    /// Another process writes.
    #[error("another kvmnet is writing: {holder}")]
    Locked {
        /// What the lock's holder wrote of itself.
        holder: String,
    },
    /// A path is not what it was when the change was planned.
    #[error("`{path}` is no longer what it was")]
    Changed {
        /// The path.
        path: HostPath,
        /// What should be there.
        expected: Option<Node>,
        /// What is there.
        found: Option<Node>,
    },
    /// A transaction that was interrupted must be taken back first.
    #[error("transaction {0} was interrupted, and must be taken back first")]
    Pending(u64),
    /// There is no such transaction.
    #[error("there is no transaction {0}")]
    Unknown(u64),
    /// It was there, and later ones took its place.
    #[error("transaction {0} is no longer kept: the last {KEPT} are")]
    Forgotten(u64),
    /// A journal that cannot be understood.
    #[error("`{path}` is no journal of a transaction: {why}")]
    Journal {
        /// The journal.
        path: HostPath,
        /// What is wrong.
        why: String,
    },
    /// Something of kvmnet's own that others may have written.
    #[error("`{path}` cannot be trusted: {why}")]
    Distrusted {
        /// What it is.
        path: HostPath,
        /// Why.
        why: String,
    },
    /// More than could be read again, and so be taken back.
    #[error("{what}: more than kvmnet can read again, and so take back")]
    TooMuch {
        /// What is.
        what: String,
    },
    /// It failed midway and was taken back: nothing was changed.
    #[error("{0}; everything is as it was before")]
    TakenBack(Box<Self>),
    /// It failed midway, and taking it back failed too.
    #[error("{cause}; taking it back failed too: {again}")]
    Stuck {
        /// What failed first.
        cause: Box<Self>,
        /// What failed then.
        again: Box<Self>,
    },
}

type Result<T> = std::result::Result<T, TransactionError>;

/// The transactions beneath a root.
#[derive(Clone, Copy, Debug)]
pub struct Store<'r> {
    root: &'r Root,
}

/// The right to write: one process has it at a time.
#[derive(Debug)]
pub struct Guard<'r> {
    store: Store<'r>,
    state: Folder,
    _lock: OwnedFd,
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
    fn state(&self) -> Result<Option<Folder>> {
        let path = HostPath::literal(STATE);
        match self.root.resolve_folder(&path.folder()) {
            Ok(parent) => own::child(&parent, path.name()),
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn transactions(&self) -> Result<Option<Kept>> {
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
        let (set, old) = kept.change_set(record, budget)?;
        Ok(set.inverse(|path| Labels::Exact(old.get(path).cloned().unwrap_or_default())))
    }
}

impl Guard<'_> {
    /// Returns the folder of transactions, made if it is missing.
    fn transactions(&self) -> Result<Folder> {
        if disk::make_folder(&self.state, TRANSACTIONS, 0o700)? {
            disk::sync_folder(&self.state)?;
        }
        let path = self.state.path().join(TRANSACTIONS);
        let folder = own::child(&self.state, TRANSACTIONS)?;
        Ok(folder.ok_or(RootError::Missing { path })?)
    }

    /// Returns what is kept of transactions; the folder that is locked, wherever it was put meanwhile.
    fn kept(&self) -> Result<Kept> {
        Ok(Kept::new(self.transactions()?))
    }

    /// Forgets all but the last transactions, and keeps for good what they replaced; what cannot be kept or removed is left
    /// for the next time.
    fn prune(&self) {
        let Ok(kept) = self.kept() else { return };
        let Ok(headers) = kept.headers() else { return };
        let settled = headers
            .iter()
            .filter(|header| header.state != State::Prepared);
        let older = settled.clone().count().saturating_sub(KEPT);
        // the oldest first: what is kept for good is what was there first
        for header in settled.take(older) {
            if self.retire(&kept, header).is_err() {
                // a later one must not be forgotten before it
                return;
            }
        }
    }
}

/// Takes a transaction's folder away: first its name, so that half of it is never read, not even after a power cut.
fn discard(transactions: &Folder, id: u64) -> Result<()> {
    let doomed = format!("{id}.new");
    disk::remove_tree(transactions, &doomed)?;
    disk::rename(transactions, &id.to_string(), &doomed)?;
    disk::sync_folder(transactions)?;
    disk::remove_tree(transactions, &doomed)
}
