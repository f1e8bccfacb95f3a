//! What was edited by hand before a transaction was taken back: kept aside, in the transaction's folder `found`.

use std::collections::BTreeSet;

use super::names::{FOUND, TRANSACTIONS};
use super::{Recovery, Result, STATE, disk};
use crate::change::Marks;
use crate::tree::{HostPath, Node};

impl Recovery<'_, '_> {
    /// Keeps what was edited at the path of change `n`; there may be nothing left of it.
    pub(super) fn keep_found(&self, n: usize) -> Result<()> {
        let Some((_, _, Some(edit))) = self.edited.iter().find(|(edited, ..)| *edited == n) else {
            return Ok(());
        };
        let id = self.record.header.id.to_string();
        let folder = self.guard.transactions()?.open_child(&id)?;
        disk::make_folder(&folder, FOUND, 0o700)?;
        let found = folder.open_child(FOUND)?;
        let name = self.kept_name(n);
        disk::remove(&found, &name)?;
        match edit {
            Node::File(file) => disk::write_private(&found, &name, &file.bytes)?,
            Node::Link(_) => disk::write_node(&found, &name, edit, &Marks::default())?,
        }
        disk::sync_folder(&found)?;
        disk::sync_folder(&folder)
    }

    /// Returns what was edited by hand: where it was, and where it is kept as soon as this is done, or is kept already by a
    /// recovery that was itself interrupted.
    ///
    /// # Errors
    /// What the kernel refuses.
    pub fn kept_aside(&self) -> Result<Vec<(HostPath, HostPath)>> {
        let id = self.record.header.id.to_string();
        let mut names = BTreeSet::new();
        if let Some(folder) = self.guard.transactions()?.child(&id)?
            && let Some(found) = folder.child(FOUND)?
        {
            let there = found.names()?.into_iter();
            names.extend(there.map(|(name, _)| name.to_string_lossy().into_owned()));
        }
        let edited = self.edited.iter().filter(|(.., found)| found.is_some());
        names.extend(edited.map(|(n, ..)| self.kept_name(*n)));
        let place = HostPath::literal(STATE).join(TRANSACTIONS).join(&id);
        let place = place.join(FOUND);
        let all = self.record.changes.iter().enumerate();
        let kept = all.filter_map(|(n, change)| {
            let name = self.kept_name(n);
            let kept = names.contains(&name).then(|| place.join(&name))?;
            Some((change.path.clone(), kept))
        });
        Ok(kept.collect())
    }

    /// Returns the name under which what was edited at the path of change `n` is kept.
    fn kept_name(&self, n: usize) -> String {
        format!("{n}-{}", self.record.changes[n].path.name())
    }
}
