//! From a change set to a transaction: nothing is written yet, and what would fail midway is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::commit::{Prepared, Transaction};
use super::journal::{Header, Record, RecordedChange, State, VERSION, Values};
use super::kept::{self, Kept};
use super::names::UNFINISHED;
use super::{Guard, Result, TransactionError, disk, steps};
use crate::change::{Change, ChangeSet, Labels, Marks};
use crate::root::{RootError, xattr};
use crate::tree::{HostPath, Node};

/// What is known of a transaction beside its changes.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// Seconds since 1970 (UTC).
    pub time: i64,
    /// Who makes it.
    pub user: String,
    /// The command line, without the program's name.
    pub command: String,
    /// The transaction that it takes back.
    pub undoes: Option<u64>,
    /// Where it takes back all that came after an earlier one, that one.
    pub back_to: Option<u64>,
    /// Earlier transactions of which it takes back a part.
    pub overrides: Vec<u64>,
    /// Folders that go where nothing is left in them.
    pub empty: Vec<HostPath>,
    /// What is wrong before it and not after it: rule and subject.
    pub repaired: Vec<(String, String)>,
    /// Copies of originals among the changes: the file, and its copy.
    pub copies: Vec<(HostPath, HostPath)>,
    /// Where it waits to be confirmed, how long, in seconds.
    pub confirm_within: Option<u64>,
    /// Files among the changes that are there only while it waits.
    pub waits: BTreeSet<HostPath>,
    /// Files among the changes that go since an earlier transaction waits no more: once this one is applied, in this order.
    pub ends: Vec<HostPath>,
}

impl Meta {
    /// Returns the header of the transaction `id`, of which nothing is done yet.
    fn header(self, id: u64) -> Header {
        Header {
            version: VERSION,
            id,
            time: self.time,
            user: self.user,
            command: self.command,
            state: State::Prepared,
            undoes: self.undoes,
            back_to: self.back_to,
            confirm_within: self.confirm_within,
            overrides: self.overrides,
            files: 0,
            lines: 0,
        }
    }
}

impl<'r> Guard<'r> {
    /// Returns the transaction that applies `set`; nothing is written yet.
    ///
    /// # Errors
    /// A path that is not what `set` expects, or where writing would fail; an interrupted transaction.
    pub fn transaction<'g>(&'g self, set: &ChangeSet, meta: Meta) -> Result<Transaction<'g, 'r>> {
        kept::measure(set)?;
        let kept = self.kept()?;
        refuse_pending(&kept)?;
        let copies: BTreeMap<_, _> = meta.copies.iter().map(|(of, at)| (at, of)).collect();
        let (mut folders, mut changes, mut prepared) = (BTreeSet::new(), Vec::new(), Vec::new());
        let mut values = Values::new();
        // what takes the change back is in place before anything else is
        let (waits, others): (Vec<&Change>, Vec<&Change>) = set
            .iter()
            .filter(|change| !meta.ends.contains(&change.path))
            .partition(|change| meta.waits.contains(&change.path));
        for change in waits.into_iter().chain(others) {
            let before = self.verify(change, &mut folders)?;
            let after = self.labels(change)?;
            let mut recorded = RecordedChange::of(change, &before, &after, &mut values);
            recorded.copy_of = copies.get(&change.path).map(|of| (*of).clone());
            recorded.waits = meta.waits.contains(&change.path);
            changes.push(recorded);
            prepared.push(Prepared {
                change: change.clone(),
                after,
            });
        }
        let (empty, ends) = (meta.empty.clone(), meta.ends.clone());
        let repaired = meta.repaired.clone();
        let mut record = Record {
            header: meta.header(next_id(&kept)?),
            changes,
            renames: set
                .renames()
                .map(|(from, to)| (from.clone(), to.clone()))
                .collect(),
            folders: folders.into_iter().collect(),
            repaired,
        };
        let lines = record.lines();
        record.header.lines = lines.len();
        record.header.files = record.asked().count();
        kept::check(&record, &lines, &values)?;
        let steps = steps::applying(&record, &empty, &ends);
        Ok(Transaction {
            guard: self,
            record,
            lines,
            values,
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

    /// Checks that the path is what the change expects and can be written; returns its extended attributes.
    fn verify(&self, change: &Change, missing: &mut BTreeSet<HostPath>) -> Result<Marks> {
        let folder = match self.store.root.open_real_folder(&change.path.folder()) {
            Ok(folder) => Some(folder),
            Err(RootError::Missing { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let there = match &folder {
            Some(folder) => folder.read_node(change.path.name())?,
            None => None,
        };
        let (found, marks) = there.unzip();
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
        Ok(marks.unwrap_or_default())
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
    fn labels(&self, change: &Change) -> Result<Marks> {
        let path = match &change.labels {
            Labels::Exact(marks) => return Ok(marks.clone()),
            Labels::Like(path) => path,
        };
        if change.after.is_none() {
            return Ok(Marks::default());
        }
        let folder = match self.store.root.open_real_folder(&path.folder()) {
            Ok(folder) => folder,
            Err(RootError::Missing { .. }) => return Ok(Marks::default()),
            Err(error) => return Err(error.into()),
        };
        let inner = match path.name() {
            // the root is in no folder
            "" => Some(self.store.root.open_real_folder(path)?),
            name => folder.child(name).ok().flatten(),
        };
        if let Some(inner) = inner {
            let io = |source| TransactionError::Io {
                doing: "read the label of",
                path: path.clone(),
                source,
            };
            let mut xattrs = xattr::read(inner.reopen()?).map_err(io)?;
            xattrs.retain(|name, _| name == xattr::SELINUX);
            return Ok(Marks {
                xattrs,
                owner: None,
            });
        }
        let like = folder.read_node(path.name())?;
        Ok(match (like, &change.after) {
            // a link is like a link, a file like a file
            (Some((Node::Link(_), marks)), Some(Node::Link(_)))
            | (Some((Node::File(_), marks)), Some(Node::File(_))) => marks,
            _ => Marks::default(),
        })
    }
}

/// Refuses to begin before what was interrupted is taken back.
fn refuse_pending(kept: &Kept) -> Result<()> {
    let headers = kept.headers()?;
    let mut states = headers.iter();
    match states.find(|header| header.state == State::Prepared) {
        Some(pending) => Err(TransactionError::Pending(pending.id)),
        None => Ok(()),
    }
}

/// Returns the number after the last one, or after what the last one left.
fn next_id(kept: &Kept) -> Result<u64> {
    let mut last = kept.ids()?.last().copied().unwrap_or(0);
    for (name, _) in kept.folder.names()? {
        let left = name
            .to_str()
            .ok()
            .and_then(|name| name.strip_suffix(UNFINISHED));
        last = last.max(left.and_then(kept::number).unwrap_or(0));
    }
    last.checked_add(1)
        .ok_or_else(|| TransactionError::Distrusted {
            path: kept.folder.path().clone(),
            why: "no transaction IDs are left".to_owned(),
        })
}
