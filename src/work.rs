//! How much work was done, counted: what the tests hold against the size of the input.
//!
//! Time depends on the machine; these numbers depend on the input alone. They are kept where assertions are, and cost
//! nothing in a release. To count one more kind of work: a variant here, and a call of [`count`] where it is done.

use std::sync::atomic::{AtomicU64, Ordering};

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Bytes that were parsed.
    Parsed,
    /// Assignments, elements and names in folders that were looked at.
    Visited,
    /// Pairs of lines that were compared.
    Compared,
    /// Bytes that were read from, or written to, the disk.
    Moved,
}

/// All kinds of work.
pub const ALL: [Work; 4] = [Work::Parsed, Work::Visited, Work::Compared, Work::Moved];

static DONE: [AtomicU64; ALL.len()] = [const { AtomicU64::new(0) }; ALL.len()];

/// Counts `amount` of work.
pub fn count(work: Work, amount: usize) {
    if cfg!(debug_assertions) {
        DONE[work as usize].fetch_add(amount as u64, Ordering::Relaxed);
    }
}

/// Returns how much of it this process has done; 0 in a release.
#[must_use]
pub fn done(work: Work) -> u64 {
    DONE[work as usize].load(Ordering::Relaxed)
}
