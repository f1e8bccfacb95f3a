//! What a power cut may leave: of all that was not synced some things got to the disk, and others did not.

use std::collections::BTreeSet;

use super::disk::{Disk, Op, Run, Unsynced};

/// Of up to so many changes of names that are not synced, every choice is tried.
const ALL_CHOICES: usize = 7;

/// How a state came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cut {
    /// Of the changes of names that were not synced, the first ones are there.
    Prefix,
    /// One is missing, those before and behind it are there.
    Dropped,
    /// One is there, those before and behind it are missing.
    Alone,
    /// Some are there, in any choice.
    Choice,
    /// Bytes that were not synced are missing, or rubbish.
    Data,
}

/// A state of the disk after a power cut.
pub(crate) struct State {
    pub(crate) cut: Cut,
    pub(crate) disk: Disk,
    /// Whether the program had said that the change is applied.
    pub(crate) said: bool,
    pub(crate) what: String,
}

/// Calls `try_one` with every state that a power cut behind the first `skip` operations may leave, except those that it left one call earlier.
pub(crate) fn states(run: &Run, skip: usize, mut try_one: impl FnMut(State)) {
    for n in skip + 1..=run.ops.len() {
        // to sync leaves fewer states than before, and no new ones
        if matches!(run.ops[n - 1], Op::Sync(_)) {
            continue;
        }
        let said = matches!(run.ops[n - 1], Op::Said);
        let durable: Vec<bool> = (0..n).map(|at| is_durable(run, at, n)).collect();
        let pending = (0..n).filter(|at| !durable[*at] && run.ops[*at].file().is_none());
        let pending: Vec<usize> = pending.collect();
        let new = newest(run, n, &pending);
        for (cut, kept) in choices(&pending) {
            if new.is_some_and(|new| !kept.contains(&new)) {
                continue;
            }
            for left in [Unsynced::Whole, Unsynced::Lost, Unsynced::Garbage] {
                let Some(disk) = disk(run, &durable, &kept, left) else {
                    continue;
                };
                let dropped: Vec<_> = pending.iter().filter(|at| !kept.contains(at)).collect();
                let what =
                    format!("power cut behind operation {n}, {left:?} data, without {dropped:?}");
                let cut = if left == Unsynced::Whole {
                    cut
                } else {
                    Cut::Data
                };
                try_one(State {
                    cut,
                    disk,
                    said,
                    what,
                });
            }
        }
    }
}

/// Returns the change of names without which a state was already there before operation `n - 1`: that one itself, or the
/// one that made the file which it writes to.
fn newest(run: &Run, n: usize, pending: &[usize]) -> Option<usize> {
    match run.ops[n - 1].file() {
        Some(file) => {
            let made =
                |at: &&usize| matches!(&run.ops[**at], Op::Enter { node, .. } if *node == file);
            pending.iter().find(made).copied()
        }
        None => pending.last().copied().filter(|at| *at == n - 1),
    }
}

/// Returns whether operation `at` was made durable before operation `n`.
fn is_durable(run: &Run, at: usize, n: usize) -> bool {
    let op = &run.ops[at];
    let mut needed = op.folders();
    needed.extend(op.file());
    needed.iter().all(|wanted| {
        let mut later = run.ops[at..n].iter();
        later.any(|op| matches!(op, Op::Sync(node) if node == wanted))
    })
}

/// Returns the sets of operations that may have got to the disk.
fn choices(pending: &[usize]) -> Vec<(Cut, BTreeSet<usize>)> {
    let mut all = Vec::new();
    for n in 0..=pending.len() {
        all.push((Cut::Prefix, pending[..n].iter().copied().collect()));
    }
    for one in pending {
        let others = pending.iter().copied().filter(|other| other != one);
        all.push((Cut::Dropped, others.collect()));
        all.push((Cut::Alone, BTreeSet::from([*one])));
    }
    if pending.len() <= ALL_CHOICES {
        for bits in 0..1_usize << pending.len() {
            let kept = pending.iter().enumerate();
            let kept = kept.filter(|(n, _)| bits >> n & 1 == 1).map(|(_, at)| *at);
            all.push((Cut::Choice, kept.collect()));
        }
    }
    let mut seen = BTreeSet::new();
    all.retain(|(_, kept)| seen.insert(kept.clone()));
    all
}

/// Returns the disk with all operations that are durable, and of changes of names that are not, those in `kept`;
/// nothing where all data is synced, so that `left` makes no difference.
fn disk(run: &Run, durable: &[bool], kept: &BTreeSet<usize>, left: Unsynced) -> Option<Disk> {
    let mut disk = run.start.clone();
    let mut unsynced = false;
    for (at, op) in run.ops[..durable.len()].iter().enumerate() {
        if durable[at] || kept.contains(&at) {
            disk.perform(op);
        } else if op.file().is_some() {
            unsynced = true;
            disk.perform_unsynced(op, left);
        }
    }
    (unsynced || left == Unsynced::Whole).then_some(disk)
}
