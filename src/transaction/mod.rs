//! Transactions: all of a change set reaches the disk, or nothing does, and every one can be taken back.
//!
//! Beneath the root, in /var/lib/kvmnet (mode 0700, since copies of originals hold secrets):
//! `lock`, and `transactions/<id>/` with `journal.json`, `before/<n>` and `after/<n>`. A transaction is *prepared* when
//! its folder got its name: from then on what was there before can be put back. It is *applied* when its journal was
//! exchanged for the one that says so: that one rename is the commit. What is prepared and not applied has not happened,
//! and is taken back ([`Guard::recovery`]) before anything else is written.
//!
//! `commit` and `recover` are lists of steps: what is done is data, and one function does one step, so that a test can
//! stop behind each. This module knows files, not networks; clock, user and process come from its caller.

mod commit;
mod disk;
pub mod journal;
mod prepare;
mod recover;
mod take_back;

use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

pub use commit::{Meta, Step, Transaction};
use journal::{Record, RecordedNode, State};
pub use recover::{Recovery, RecoveryStep};

use crate::change::{Change, ChangeSet, Labels};
use crate::root::{Folder, Root, RootError, retry};
use crate::tree::{File, HostPath, Node};

/// Where the state lies.
pub const STATE: &str = "/var/lib/kvmnet";
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
    /// A journal that cannot be understood.
    #[error("`{path}` is no journal of a transaction: {why}")]
    Journal {
        /// The journal.
        path: HostPath,
        /// What is wrong.
        why: String,
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
            there = match self.root.resolve_folder(&there.join(part)) {
                Ok(folder) => folder.path().clone(),
                Err(RootError::Missing { .. }) => there.join(part),
                Err(error) => return Err(error.into()),
            };
        }
        Ok(there)
    }

    /// Returns whether anything was ever written beneath this root.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.root.resolve_folder(&HostPath::literal(STATE)).is_ok()
    }

    fn transactions(&self) -> Result<Option<Folder>> {
        match self
            .root
            .resolve_folder(&HostPath::literal(STATE).join("transactions"))
        {
            Ok(folder) => Ok(Some(folder)),
            Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns all transactions, the oldest first.
    ///
    /// # Errors
    /// A journal that cannot be read or understood.
    pub fn records(&self) -> Result<Vec<Record>> {
        let Some(folder) = self.transactions()? else {
            return Ok(Vec::new());
        };
        let mut ids: Vec<u64> = folder
            .names()?
            .iter()
            .filter_map(|(name, _)| name.to_str().ok()?.parse().ok())
            .collect();
        ids.sort_unstable();
        ids.into_iter()
            .filter_map(|id| self.read(&folder, id).transpose())
            .collect()
    }

    /// Returns a transaction, nothing if it was pruned meanwhile.
    fn read(&self, folder: &Folder, id: u64) -> Result<Option<Record>> {
        let Some(folder) = folder.child(&id.to_string())? else {
            return Ok(None);
        };
        let path = folder.path().join("journal.json");
        let Some((Node::File(file), _)) = folder.read_node("journal.json")? else {
            return Ok(None);
        };
        match Record::parse(&file.bytes) {
            Ok(record) => Ok(Some(record)),
            Err(why) => Err(TransactionError::Journal { path, why }),
        }
    }

    /// Returns the transaction `id`.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub fn record(&self, id: u64) -> Result<Record> {
        let folder = self.transactions()?.ok_or(TransactionError::Unknown(id))?;
        self.read(&folder, id)?.ok_or(TransactionError::Unknown(id))
    }

    /// Returns the transaction that was interrupted, if there is one.
    ///
    /// # Errors
    /// A journal that cannot be read or understood.
    pub fn pending(&self) -> Result<Option<Record>> {
        Ok(self
            .records()?
            .into_iter()
            .find(|record| record.state == State::Prepared))
    }

    /// Returns what the transaction changed, contents and all.
    ///
    /// # Errors
    /// A kept copy that cannot be read.
    pub fn change_set(&self, record: &Record) -> Result<ChangeSet> {
        let mut set = ChangeSet::default();
        for (n, change) in record.changes.iter().enumerate() {
            let labels = change
                .after
                .as_ref()
                .map(RecordedNode::xattrs)
                .unwrap_or_default();
            set.put(Change {
                path: change.path.clone(),
                before: self.content(record.id, "before", n, change.before.as_ref())?,
                after: self.content(record.id, "after", n, change.after.as_ref())?,
                labels: Labels::Exact(labels),
            });
        }
        for (from, to) in &record.renames {
            set.note_rename(from.clone(), to.clone());
        }
        Ok(set)
    }

    /// Returns the set that takes the transaction back, extended attributes and all.
    ///
    /// # Errors
    /// A kept copy that cannot be read.
    pub fn inverse(&self, record: &Record) -> Result<ChangeSet> {
        let old = |path: &HostPath| {
            let change = record.changes.iter().find(|change| change.path == *path);
            Labels::Exact(
                change
                    .and_then(|change| change.before.as_ref())
                    .map(RecordedNode::xattrs)
                    .unwrap_or_default(),
            )
        };
        Ok(self.change_set(record)?.inverse(old))
    }

    fn content(
        &self,
        id: u64,
        side: &str,
        n: usize,
        node: Option<&RecordedNode>,
    ) -> Result<Option<Node>> {
        let Some(node) = node else { return Ok(None) };
        let attrs = match node {
            RecordedNode::Link { target } => return Ok(Some(Node::Link(target.clone()))),
            RecordedNode::File { attrs, .. } => *attrs,
        };
        let folder = HostPath::literal(STATE)
            .join("transactions")
            .join(&id.to_string())
            .join(side);
        let folder = self.root.resolve_folder(&folder)?;
        match folder.read_node(&n.to_string())? {
            Some((Node::File(file), _)) => Ok(Some(Node::File(File {
                bytes: file.bytes,
                attrs,
            }))),
            _ => Err(RootError::Missing {
                path: folder.path().join(&n.to_string()),
            }
            .into()),
        }
    }

    /// Takes the lock, waiting for it as long as `wait`; `holder` says who has it then.
    ///
    /// # Errors
    /// [`TransactionError::Locked`], or a state folder that cannot be made.
    pub fn lock(self, wait: Duration, holder: &str) -> Result<Guard<'r>> {
        const PAUSE: Duration = Duration::from_millis(20);
        let state = self.make_state()?;
        let path = state.path().join("lock");
        let io = |doing| {
            move |source| TransactionError::Io {
                doing,
                path: path.clone(),
                source,
            }
        };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let lock =
            retry(|| rustix::fs::openat(state.fd(), "lock", flags, Mode::from_raw_mode(0o600)))
                .map_err(io.clone()("open"))?;
        let mut left = wait;
        loop {
            match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if left.is_zero() => return Err(held(&lock)),
                Err(Errno::WOULDBLOCK) => {
                    std::thread::sleep(PAUSE.min(left));
                    left = left.saturating_sub(PAUSE);
                }
                Err(errno) => return Err(io("lock")(errno)),
            }
        }
        // who holds it is a courtesy: a full disk must not keep us from taking things back
        let _ = rustix::fs::ftruncate(&lock, 0)
            .and_then(|()| rustix::io::pwrite(&lock, holder.as_bytes(), 0));
        Ok(Guard {
            store: self,
            state,
            _lock: lock,
        })
    }

    fn make_state(&self) -> Result<Folder> {
        let path = HostPath::literal(STATE);
        if let Ok(folder) = self.root.resolve_folder(&path) {
            return Ok(folder);
        }
        let mut here = HostPath::literal("/");
        let parts: Vec<&str> = path.parts().collect();
        for (index, part) in parts.iter().enumerate() {
            let parent = self.root.resolve_folder(&here)?;
            here = here.join(part);
            if self.root.resolve_folder(&here).is_err() {
                disk::make_folder(
                    &parent,
                    part,
                    if index + 1 == parts.len() {
                        0o700
                    } else {
                        0o755
                    },
                )?;
                disk::sync_folder(&parent)?;
            }
        }
        Ok(self.root.resolve_folder(&path)?)
    }
}

fn held(lock: &OwnedFd) -> TransactionError {
    let mut buffer = [0; 512];
    let length = rustix::io::pread(lock, &mut buffer, 0).unwrap_or(0);
    let text = String::from_utf8_lossy(&buffer[..length]).trim().to_owned();
    TransactionError::Locked {
        holder: if text.is_empty() {
            "an unnamed process".to_owned()
        } else {
            text
        },
    }
}

impl Guard<'_> {
    /// Returns the folder of transactions, made if it is missing.
    fn transactions(&self) -> Result<Folder> {
        if disk::make_folder(&self.state, "transactions", 0o700)? {
            disk::sync_folder(&self.state)?;
        }
        let path = self.state.path().join("transactions");
        Ok(self
            .state
            .child("transactions")?
            .ok_or(RootError::Missing { path })?)
    }

    /// Forgets all but the last transactions; what cannot be removed is left for the next time.
    fn prune(&self) {
        let (Ok(records), Ok(folder)) = (self.store.records(), self.transactions()) else {
            return;
        };
        let settled: Vec<u64> = records
            .iter()
            .filter(|r| r.state != State::Prepared)
            .map(|r| r.id)
            .collect();
        for id in settled.iter().rev().skip(KEPT) {
            let _ = discard(&folder, *id);
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
