//! Forgetting transactions: the oldest, of which what they replaced is kept for good first, and those that a user drops.

use std::collections::BTreeSet;

use super::journal::{Header, Record, RecordedNode, State};
use super::kept::{Budget, Kept};
use super::names::{BEFORE, FOUND, unfinished};
use super::{Guard, KEPT, Result, disk, own};
use crate::root::{Folder, MAX_FILE_BYTES, RootError};

impl Guard<'_> {
    /// Forgets all but the last transactions, and keeps for good what they replaced; what cannot be kept or removed is left
    /// for the next time.
    pub(super) fn prune(&self) {
        let Ok(kept) = self.kept() else { return };
        let Ok(headers) = kept.headers() else { return };
        let settled = headers
            .iter()
            .filter(|header| header.state != State::Prepared);
        let older = settled.clone().count().saturating_sub(KEPT);
        let waiting = self.store.waiting().ok().flatten();
        let waiting = waiting.and_then(|waiting| waiting.by).map(|by| by.id);
        // the oldest first: what is kept for good is what was there first
        for header in settled.take(older) {
            // one that may yet be rolled back stays, and a later one must not be forgotten before it
            if waiting == Some(header.id) || self.retire(&kept, header).is_err() {
                return;
            }
        }
    }

    /// Drops these transactions for good, and what they replaced with them; one that was interrupted stays.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn drop_transactions(&self, ids: &BTreeSet<u64>) -> Result<()> {
        let kept = self.kept()?;
        for header in kept.headers()? {
            if header.state != State::Prepared && ids.contains(&header.id) {
                discard(&kept.folder, header.id)?;
            }
        }
        Ok(())
    }

    /// Forgets a transaction, and keeps for good what it replaced; of one that was interrupted, what was edited since.
    fn retire(&self, kept: &Kept, header: &Header) -> Result<()> {
        let budget = &mut Budget::of_one();
        if let Some(record) = kept.record(header.id, budget)? {
            let folder = kept.folder.open_child(&header.id.to_string())?;
            match header.state {
                State::Applied => self.keep_replaced(&folder, &record)?,
                State::Recovered => self.keep_found(&folder, &record)?,
                State::Prepared => {}
            }
        }
        discard(&kept.folder, header.id)
    }

    fn keep_replaced(&self, folder: &Folder, record: &Record) -> Result<()> {
        let folder = folder.open_child(BEFORE)?;
        let budget = &mut Budget::of_side();
        let replaced = record.changes.iter().enumerate();
        let replaced =
            replaced.filter(|(_, change)| matches!(change.before, Some(RecordedNode::File { .. })));
        for (n, change) in replaced {
            let path = folder.path().join(&n.to_string());
            let bytes = budget.read(&folder, &n.to_string(), MAX_FILE_BYTES)?;
            let bytes = bytes.ok_or(RootError::Missing { path })?;
            // a copy of an original that is kept already is that original once more
            let known = match &change.copy_of {
                Some(of) => self.has(of, &bytes)?,
                None => false,
            };
            if !known {
                self.keep(&change.path, record.header.id, &bytes)?;
            }
        }
        Ok(())
    }

    /// Keeps what was edited by hand before the transaction was taken back: `found/N-NAME`.
    fn keep_found(&self, folder: &Folder, record: &Record) -> Result<()> {
        let Some(folder) = own::child(folder, FOUND)? else {
            return Ok(());
        };
        let budget = &mut Budget::of_side();
        for (name, kind) in folder.names()? {
            let name = name.to_string_lossy().into_owned();
            let n = name
                .split_once('-')
                .and_then(|(n, _)| n.parse::<usize>().ok());
            let change = n.and_then(|n| record.changes.get(n));
            let Some(change) = change.filter(|_| kind.is_file()) else {
                continue;
            };
            let path = folder.path().join(&name);
            let bytes = budget.read(&folder, &name, MAX_FILE_BYTES)?;
            let bytes = bytes.ok_or(RootError::Missing { path })?;
            self.keep(&change.path, record.header.id, &bytes)?;
        }
        Ok(())
    }
}

/// Takes a transaction's folder away: first its name, so that half of it is never read, not even after a power cut.
fn discard(transactions: &Folder, id: u64) -> Result<()> {
    let doomed = unfinished(id);
    disk::remove_tree(transactions, &doomed)?;
    disk::rename(transactions, &id.to_string(), &doomed)?;
    disk::sync_folder(transactions)?;
    disk::remove_tree(transactions, &doomed)
}
