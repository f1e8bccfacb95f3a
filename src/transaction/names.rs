//! The names of what kvmnet puts on a disk, and how private it is.

use super::journal::State;
use crate::root::TEMP_PREFIX;
use crate::tree::HostPath;

/// Where the state lies.
pub const STATE: &str = "/var/lib/kvmnet";
/// The folder of transactions in it.
pub(super) const TRANSACTIONS: &str = "transactions";

/// In a transaction's folder: who did it and when, and how far it got.
pub(super) const JOURNAL: &str = "journal.json";
/// What it changed, a line each.
pub(super) const CHANGES: &str = "changes";
/// Long values of extended attributes.
pub(super) const VALUES: &str = "values";
/// The files that were there.
pub(super) const BEFORE: &str = "before";
/// The files that it wrote.
pub(super) const AFTER: &str = "after";
/// What was edited by hand before it was taken back.
pub(super) const FOUND: &str = "found";

/// How the name of a transaction's folder ends while it is made or taken away.
pub(super) const UNFINISHED: &str = ".new";

/// Returns the name of the journal that waits to take the place of the one that holds.
pub(super) fn journal_to_come(state: State) -> &'static str {
    match state {
        State::Applied => "journal.applied",
        State::Recovered => "journal.recovered",
        State::Prepared => "journal.prepared",
    }
}

/// Returns the name of a transaction's folder under which it is never read.
pub(super) fn unfinished(id: u64) -> String {
    format!("{id}{UNFINISHED}")
}

/// The name of the temporary of change `n`.
pub(super) fn temporary(id: u64, n: usize) -> String {
    format!("{TEMP_PREFIX}{id}-{n}")
}

/// Folders of kvmnet's own are private, like all beneath them.
pub(super) fn folder_mode(path: &HostPath) -> u32 {
    if path.is_beneath(&HostPath::literal(super::STATE)) {
        0o700
    } else {
        0o755
    }
}
