//! From a change set to a transaction: nothing is written yet, and what would fail midway is refused.

use std::collections::BTreeSet;

use super::commit::{Meta, Prepared, Transaction, steps};
use super::journal::{Record, State, VERSION};
use super::{Guard, Result, TransactionError, disk};
use crate::change::{Change, ChangeSet, Labels, Xattrs};
use crate::root::{RootError, xattr};
use crate::tree::{HostPath, Node};

impl<'r> Guard<'r> {
    /// Returns the transaction that applies `set`; nothing is written yet.
    ///
    /// # Errors
    /// A path that is not what `set` expects, or where writing would fail; an interrupted transaction.
    pub fn transaction<'g>(&'g self, set: &ChangeSet, meta: Meta) -> Result<Transaction<'g, 'r>> {
        let records = self.store.records()?;
        if let Some(pending) = records
            .iter()
            .find(|record| record.state == State::Prepared)
        {
            return Err(TransactionError::Pending(pending.id));
        }
        let (mut folders, mut changes, mut prepared) = (BTreeSet::new(), Vec::new(), Vec::new());
        for change in set.iter() {
            let before = self.verify(change, &mut folders)?;
            let after = self.labels(change)?;
            let mut recorded = Record::change(change, &before, &after);
            recorded.copy_of = meta
                .copies
                .iter()
                .find(|(_, at)| *at == change.path)
                .map(|(of, _)| of.clone());
            changes.push(recorded);
            prepared.push(Prepared {
                change: change.clone(),
                after,
            });
        }
        let undone = meta
            .undoes
            .and_then(|id| records.iter().find(|record| record.id == id));
        let record = Record {
            version: VERSION,
            id: self.next_id(&records)?,
            time: meta.time,
            user: meta.user,
            command: meta.command,
            state: State::Prepared,
            undoes: meta.undoes,
            changes,
            renames: set
                .renames()
                .map(|(from, to)| (from.clone(), to.clone()))
                .collect(),
            folders: folders.into_iter().collect(),
        };
        let steps = steps(&record, undone.map_or(&[], |undone| &undone.folders));
        Ok(Transaction {
            guard: self,
            record,
            set: prepared,
            steps,
        })
    }

    /// Applies `set`: all of it, or nothing.
    ///
    /// # Errors
    /// As [`Guard::transaction`]; [`TransactionError::TakenBack`] if it failed midway and nothing is changed.
    pub fn commit(&self, set: &ChangeSet, meta: Meta) -> Result<Record> {
        self.transaction(set, meta)?.run()
    }

    fn next_id(&self, records: &[Record]) -> Result<u64> {
        let mut last = records.last().map_or(0, |record| record.id);
        if let Some(folder) = self.store.transactions()? {
            for (name, _) in folder.names()? {
                let id = name
                    .to_str()
                    .ok()
                    .and_then(|name| name.split('.').next()?.parse().ok());
                last = last.max(id.unwrap_or(0));
            }
        }
        Ok(last + 1)
    }

    /// Checks that the path is what the change expects and can be written; returns its extended attributes.
    fn verify(&self, change: &Change, missing: &mut BTreeSet<HostPath>) -> Result<Xattrs> {
        let folder = match self.store.root.open_real_folder(&change.path.folder()) {
            Ok(folder) => Some(folder),
            Err(RootError::Missing { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let there = match &folder {
            Some(folder) => folder.read_node(change.path.name())?,
            None => None,
        };
        let (found, xattrs) =
            there.map_or((None, Xattrs::new()), |(node, xattrs)| (Some(node), xattrs));
        if found != change.before {
            let (path, expected) = (change.path.clone(), change.before.clone());
            return Err(TransactionError::Changed {
                path,
                expected,
                found,
            });
        }
        if let Some(Node::File(file)) = &change.after {
            disk::check_owner(&change.path, file.attrs)?;
        }
        match folder {
            Some(folder) => disk::check_writable(&folder)?,
            None => self.missing_folders(&change.path.folder(), missing)?,
        }
        Ok(xattrs)
    }

    /// Collects the folders that must be made for `path`, and checks that the first can be.
    fn missing_folders(&self, path: &HostPath, missing: &mut BTreeSet<HostPath>) -> Result<()> {
        let mut here = path.clone();
        loop {
            match self.store.root.open_real_folder(&here) {
                Ok(folder) => return disk::check_writable(&folder),
                Err(RootError::Missing { .. }) => missing.insert(here.clone()),
                Err(error) => return Err(error.into()),
            };
            here = here.folder();
        }
    }

    /// Returns the extended attributes that the file of a change gets.
    fn labels(&self, change: &Change) -> Result<Xattrs> {
        let path = match &change.labels {
            Labels::Exact(xattrs) => return Ok(xattrs.clone()),
            Labels::Like(path) => path,
        };
        if !matches!(change.after, Some(Node::File(_))) {
            return Ok(Xattrs::new());
        }
        let folder = match self.store.root.open_real_folder(&path.folder()) {
            Ok(folder) => folder,
            Err(RootError::Missing { .. }) => return Ok(Xattrs::new()),
            Err(error) => return Err(error.into()),
        };
        if let Ok(Some(inner)) = folder.child(path.name()) {
            let io = |source| TransactionError::Io {
                doing: "read the label of",
                path: path.clone(),
                source,
            };
            let mut xattrs = xattr::read(inner.reopen()?).map_err(io)?;
            xattrs.retain(|name, _| name == xattr::SELINUX);
            return Ok(xattrs);
        }
        Ok(folder
            .read_node(path.name())?
            .map(|(_, xattrs)| xattrs)
            .unwrap_or_default())
    }
}
