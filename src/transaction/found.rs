//! What was edited by hand before a transaction was taken back: kept aside, in the transaction's folder `found`.

use super::journal::Record;
use super::names::{FOUND, TRANSACTIONS};
use super::{Guard, Recovery, Result, STATE, disk};
use crate::change::Marks;
use crate::tree::{HostPath, Node};

impl Recovery<'_, '_> {
    /// Keeps what was edited at the path of change `n`; there may be nothing left of it.
    pub(super) fn keep_found(&self, n: usize) -> Result<()> {
        let change = &self.record.changes[n];
        let Some((_, _, Some(edit))) = self.edited.iter().find(|(edited, ..)| *edited == n) else {
            return Ok(());
        };
        let id = self.record.header.id.to_string();
        let folder = self.guard.transactions()?.open_child(&id)?;
        disk::make_folder(&folder, FOUND, 0o700)?;
        let found = folder.open_child(FOUND)?;
        let name = format!("{n}-{}", change.path.name());
        disk::remove(&found, &name)?;
        match edit {
            Node::File(file) => disk::write_private(&found, &name, &file.bytes)?,
            Node::Link(_) => disk::write_node(&found, &name, edit, &Marks::default())?,
        }
        disk::sync_folder(&found)?;
        disk::sync_folder(&folder)
    }
}

impl Guard<'_> {
    /// Returns what was edited by hand before this transaction was taken back: where it was, and where it is kept now.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn kept_aside(&self, record: &Record) -> Result<Vec<(HostPath, HostPath)>> {
        let id = record.header.id.to_string();
        let Some(folder) = self.transactions()?.child(&id)? else {
            return Ok(Vec::new());
        };
        let Some(found) = folder.child(FOUND)? else {
            return Ok(Vec::new());
        };
        let place = HostPath::literal(STATE)
            .join(TRANSACTIONS)
            .join(&id)
            .join(FOUND);
        let mut kept = Vec::new();
        for (name, _) in found.names()? {
            let name = name.to_string_lossy();
            // a name is the number of the change, and that of its file
            let number = name
                .split_once('-')
                .and_then(|(n, _)| n.parse::<usize>().ok());
            if let Some(change) = number.and_then(|n| record.changes.get(n)) {
                kept.push((change.path.clone(), place.join(&name)));
            }
        }
        kept.sort();
        Ok(kept)
    }
}
