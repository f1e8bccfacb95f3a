//! Why a transaction could not be made, read or taken back.

use rustix::io::Errno;

use super::KEPT;
use crate::root::RootError;
use crate::tree::{HostPath, Node};

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
    #[error("`{path}` has changed since it was read")]
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
    #[error("`{path}` is not a valid transaction journal: {why}")]
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
    #[error("{what}: too much for kvmnet to read again, so it could not be taken back")]
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

pub(super) type Result<T> = std::result::Result<T, TransactionError>;
