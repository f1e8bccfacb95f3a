//! Transactions: all of a change set reaches the disk, or nothing does, and every one can be taken back.
//!
//! Beneath the root, in /var/lib/kvmnet (mode 0700, since copies of originals hold secrets):
//! `transactions/<id>/` with `journal.json`, `changes`, `before/<n>` and `after/<n>`; `originals` (see there). A transaction is *prepared* when
//! its folder got its name: from then on what was there before can be put back. It is *applied* when its journal was
//! exchanged for the one that says so: that one rename is the commit. What is prepared and not applied has not happened,
//! and is taken back ([`Guard::recovery`]) before anything else is written.
//!
//! What is done is a list of `steps`, and `commit` and `recover` do one of them at a time, so that a test can stop behind
//! each. This module knows files, not networks; clock, user and process come from its caller.

mod aside;
mod commit;
mod disk;
mod error;
mod exchange;
mod forget;
mod found;
pub mod journal;
mod kept;
mod lock;
mod names;
mod originals;
mod own;
mod prepare;
mod recover;
mod run;
mod steps;
mod store;
mod waiting;

pub use commit::Transaction;
use error::Result;
pub use error::TransactionError;
pub use kept::{Budget, measure};
pub use names::STATE;
pub use originals::{Held, Original};
pub use prepare::Meta;
pub use recover::Recovery;
pub use steps::{RecoveryStep, Step};
pub use store::{Guard, Store};
pub use waiting::{MARKER, Waiting};

/// Transactions that are kept.
const KEPT: usize = 20;
