//! What is taken back: one transaction, or all that came after one, as the history has them.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{Change, ChangeSet};
use crate::cli::error::CliError;
use crate::cli::seen::Seen;
use crate::cli::undoings::Undoings;
use crate::cli::written::copies;
use crate::transaction::journal::{Header, State};
use crate::transaction::{Budget, Store, TransactionError, measure};
use crate::tree::{HostPath, Node};

/// Which transactions are taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Extent {
    /// The last one.
    Last,
    /// This one.
    One(u64),
    /// All after this one.
    After(u64),
    /// The one that waits to be confirmed.
    Unconfirmed,
}

impl Extent {
    /// Returns the transaction that is taken back alone, and the one that all later ones are taken back to.
    pub(super) fn recorded(self) -> (Option<u64>, Option<u64>) {
        match self {
            Self::After(id) => (None, Some(id)),
            Self::One(id) => (Some(id), None),
            Self::Last | Self::Unconfirmed => (None, None),
        }
    }

    /// Returns the words of the command, and the name of the unit that runs it.
    pub(super) fn command(self, force: bool, within: Option<u64>) -> (Vec<String>, String) {
        let mut words = vec!["rollback".to_owned()];
        let unit = match self {
            Self::After(id) => {
                words.extend(["--to".to_owned(), id.to_string()]);
                format!("rollback-to-{id}")
            }
            Self::One(id) => {
                words.push(id.to_string());
                format!("rollback-{id}")
            }
            Self::Last => "rollback".to_owned(),
            Self::Unconfirmed => {
                words.push("--unconfirmed".to_owned());
                "rollback".to_owned()
            }
        };
        words.extend(force.then(|| "--force".to_owned()));
        if let Some(seconds) = within {
            words.extend(["--confirm-within".to_owned(), format!("{seconds}s")]);
        }
        (words, unit)
    }
}

/// What is taken back.
pub(super) struct Back {
    pub(super) extent: Extent,
    pub(super) title: String,
    /// What takes it back, if nothing was changed since.
    pub(super) set: ChangeSet,
    /// Copies of originals that were made: the file, and its copy.
    pub(super) copies: Vec<(HostPath, HostPath)>,
    /// What was wrong before them, and not after them: rule and subject.
    pub(super) repaired: BTreeSet<(String, String)>,
    /// Folders that they made.
    pub(super) folders: BTreeSet<HostPath>,
    /// Files that were edited between two of them, each with the edit.
    pub(super) between: Vec<(Change, Option<Node>)>,
}

impl Back {
    /// Returns what is taken back.
    pub(super) fn of(
        seen: &Seen<'_>,
        headers: &[Header],
        extent: Extent,
    ) -> Result<Self, CliError> {
        let store = &Store::new(seen.root());
        match extent {
            Extent::After(id) => all_after(store, headers, id),
            Extent::Last => one(store, headers, None),
            Extent::Unconfirmed => unconfirmed(seen, headers),
            Extent::One(id) => one(store, headers, Some(id)),
        }
    }
}

/// Returns one transaction to be taken back, the last one where none is named.
fn one(store: &Store<'_>, headers: &[Header], id: Option<u64>) -> Result<Back, CliError> {
    let applied = |header: &&Header| header.state == State::Applied;
    let last = headers.iter().rev().find(applied).map(|header| header.id);
    let id = id.or(last).ok_or_else(no_transaction)?;
    let budget = &mut Budget::of_one();
    let record = store.record(id, budget)?;
    if record.header.state != State::Applied {
        let message = format!("transaction {id} was interrupted and never took effect");
        return Err(CliError::refused(message).help("kvmnet recover"));
    }
    Ok(Back {
        extent: Extent::One(id),
        title: format!("roll back transaction {id} ({})", record.header.command),
        set: store.inverse(&record, budget)?,
        copies: copies(&record),
        repaired: record.repaired.into_iter().collect(),
        folders: record.folders.into_iter().collect(),
        between: Vec::new(),
    })
}

/// Returns the one that waits to be confirmed; nothing, where none does, or it was taken back already.
fn unconfirmed(seen: &Seen<'_>, headers: &[Header]) -> Result<Back, CliError> {
    let store = &Store::new(seen.root());
    // confirmed in the meantime, it is not the same any more
    let waiting = seen.look(|root| Ok(Store::new(root).waiting()?))?;
    let waits = waiting.is_some();
    let by = waiting.and_then(|waiting| waiting.by);
    let undone = by.as_ref().and_then(|by| Undoings::of(headers).whole(by));
    // what is left of it are the folders that were made for the wait
    let left = match (&by, undone) {
        (Some(by), Some(_)) => store.record(by.id, &mut Budget::of_one())?.folders,
        (_, _) => Vec::new(),
    };
    let title = match (&by, undone) {
        (Some(by), None) => return one(store, headers, Some(by.id)),
        (Some(by), Some(undone)) => format!(
            "end the wait of transaction {}, which was rolled back by {undone}",
            by.id
        ),
        (None, _) if waits => {
            let message = "a change waits to be confirmed whose transaction is not kept: it cannot be rolled back";
            return Err(
                CliError::refused(message).help("let nothing wait any more: kvmnet confirm")
            );
        }
        (None, _) => "no change waits to be confirmed".to_owned(),
    };
    Ok(Back {
        extent: Extent::Unconfirmed,
        title,
        set: ChangeSet::default(),
        copies: Vec::new(),
        repaired: BTreeSet::new(),
        folders: left.into_iter().collect(),
        between: Vec::new(),
    })
}

/// Returns all transactions after `id`, as one.
fn all_after(store: &Store<'_>, headers: &[Header], id: u64) -> Result<Back, CliError> {
    refuse_gaps(headers, id)?;
    let later = headers
        .iter()
        .rev()
        .filter(|header| header.id > id && header.state == State::Applied);
    let (mut set, mut copies_of, mut taken) = (ChangeSet::default(), BTreeMap::new(), Vec::new());
    let (mut repaired, mut folders) = (BTreeSet::new(), BTreeSet::new());
    let (mut between, mut targets) = (Vec::new(), BTreeMap::<HostPath, Option<Node>>::new());
    let budget = &mut Budget::of_one();
    for header in later {
        let record = store.record(header.id, budget)?;
        let inverse = store.inverse(&record, budget)?;
        let own: BTreeSet<HostPath> = copies(&record).into_iter().map(|(_, at)| at).collect();
        for change in inverse.iter() {
            // what the later one found must be what this one left
            let later = targets.insert(change.path.clone(), change.after.clone());
            if let Some(found) = later.filter(|found| *found != change.before)
                && !own.contains(&change.path)
            {
                between.push((change.clone(), found));
            }
            set.put(change.clone());
        }
        measure(&set)?;
        // what a file was to the earliest of them is what it is again
        copies_of.extend(copies(&record).into_iter().map(|(of, at)| (at, of)));
        taken.push(header.id);
        repaired.extend(record.repaired);
        folders.extend(record.folders);
    }
    let title = match taken.as_slice() {
        [] => format!("roll back to transaction {id}"),
        [one] => format!("roll back to transaction {id}: take back transaction {one}"),
        [last, .., first] => {
            format!("roll back to transaction {id}: take back transactions {first} to {last}")
        }
    };
    Ok(Back {
        extent: Extent::After(id),
        title,
        set,
        copies: copies_of.into_iter().map(|(at, of)| (of, at)).collect(),
        repaired,
        folders,
        between,
    })
}

/// Refuses to take back all after `id` where some of it is not kept any more.
fn refuse_gaps(headers: &[Header], id: u64) -> Result<(), CliError> {
    let (Some(first), Some(last)) = (headers.first(), headers.last()) else {
        return Err(no_transaction());
    };
    if id > last.id {
        return Err(TransactionError::Unknown(id).into());
    }
    let next = id.saturating_add(1);
    if next < first.id {
        // what came right after it is needed, and is gone
        return Err(TransactionError::Forgotten(next).into());
    }
    let numbers: BTreeSet<u64> = headers.iter().map(|header| header.id).collect();
    if let Some(gone) = (next..last.id).find(|number| !numbers.contains(number)) {
        return Err(TransactionError::Forgotten(gone).into());
    }
    Ok(())
}

fn no_transaction() -> CliError {
    CliError::refused("there is no transaction to roll back").help("kvmnet history")
}
