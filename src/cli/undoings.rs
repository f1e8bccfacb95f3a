//! Which transactions were taken back, and by which ones.

use std::collections::{BTreeMap, BTreeSet};

use crate::transaction::journal::{Header, Record, State};
use crate::transaction::{Budget, Store};
use crate::tree::HostPath;

/// By which later transactions each one was taken back, all of it or a part.
#[derive(Default)]
pub(super) struct Undoings {
    whole: BTreeMap<u64, u64>,
    part: BTreeMap<u64, u64>,
}

impl Undoings {
    /// Reads them off the headers, the oldest first. What was taken back itself takes nothing back, so that the newest
    /// are looked at first.
    pub(super) fn of(all: &[Header]) -> Self {
        let mut undoings = Self::default();
        // of those that hold, the newest first: the transaction, and back to which it went
        let mut back_to: Vec<(u64, u64)> = Vec::new();
        for header in all.iter().rev() {
            let after = back_to.iter().find(|(_, id)| *id < header.id);
            if let Some((later, _)) = after {
                undoings.whole.entry(header.id).or_insert(*later);
            }
            if undoings.whole.contains_key(&header.id) || header.state != State::Applied {
                continue;
            }
            back_to.extend(header.back_to.map(|id| (header.id, id)));
            if let Some(undone) = header.undoes {
                undoings.whole.entry(undone).or_insert(header.id);
            }
            for undone in &header.overrides {
                undoings.part.entry(*undone).or_insert(header.id);
            }
        }
        undoings
    }

    /// Returns the transaction that took this one back, and was not taken back itself.
    pub(super) fn whole(&self, header: &Header) -> Option<u64> {
        self.whole.get(&header.id).copied()
    }

    /// Returns the one that took a part of it back.
    pub(super) fn part(&self, header: &Header) -> Option<u64> {
        self.part.get(&header.id).copied()
    }
}

/// Returns the transactions after `id` that changed one of the files and still hold, with what they changed.
pub(super) fn later<'h>(
    store: &Store<'_>,
    headers: &'h [Header],
    id: u64,
    paths: &BTreeSet<HostPath>,
) -> Vec<(&'h Header, Record)> {
    let undoings = Undoings::of(headers);
    let holds = |header: &&Header| {
        header.id > id && header.state == State::Applied && undoings.whole(header).is_none()
    };
    let budget = &mut Budget::of_one();
    let found = headers.iter().filter(holds).filter_map(|header| {
        let record = store.record(header.id, budget).ok()?;
        let mut changes = record.changes.iter();
        let named = changes.any(|change| paths.contains(&change.path));
        named.then_some((header, record))
    });
    found.collect()
}
