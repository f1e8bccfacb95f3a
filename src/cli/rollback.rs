//! `rollback`: the plan that takes transactions back.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CliError;
use super::held;
use super::lost::{Edited, Lost};
use super::planned::{Asked, Planned, Undone};
use super::seen::Seen;
use super::undoings::later;
use super::written::{copies, without_copies};
use crate::change::{Change, ChangeSet, Marks};
use crate::plan::{self, Goal, PutRight, TakeBack};
use crate::root::Root;
use crate::transaction::journal::{Header, State};
use crate::transaction::{Budget, Store, TransactionError, measure};
use crate::tree::{HostPath, Node};

/// Which transactions are taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The last one.
    Last,
    /// This one.
    One(u64),
    /// All after this one.
    After(u64),
}

/// What is taken back.
struct Back {
    which: Which,
    title: String,
    /// What takes it back, if nothing was changed since.
    set: ChangeSet,
    /// Copies of originals that were made: the file, and its copy.
    copies: Vec<(HostPath, HostPath)>,
    /// What was wrong before them, and not after them: rule and subject.
    repaired: BTreeSet<(String, String)>,
    /// Folders that they made.
    folders: BTreeSet<HostPath>,
    /// Files that were edited between two of them, each with the edit.
    between: Vec<(Change, Option<Node>)>,
}

/// Returns the plan that takes transactions back.
pub(super) fn planned(
    seen: &Seen<'_>,
    which: Which,
    asked: &Asked<'_>,
) -> Result<Planned, CliError> {
    let force = asked.options.force;
    let store = Store::new(seen.root());
    // what is recorded of a transaction stays as it is: where there are still the same ones, nothing of it is another
    let headers = seen.look(|root| Ok(Store::new(root).headers()?))?;
    let back = match which {
        Which::After(id) => all_after(&store, &headers, id)?,
        Which::Last => one(&store, &headers, None)?,
        Which::One(id) => one(&store, &headers, Some(id))?,
    };
    let Against {
        set: full,
        deeds,
        marked: found,
        edits,
        stay,
    } = against(seen, &headers, &back, force)?;
    let above = |path: &HostPath| {
        let path = path.clone();
        seen.look(move |root| Ok(root.owner_above(&path)?))
    };
    let owners = held::owners(&deeds.iter().collect::<Vec<_>>(), &found, above)?;
    let empty = match full.is_empty() {
        true => Vec::new(),
        false => still_there(seen, &back.folders)?,
    };
    let (undoes, back_to) = match back.which {
        Which::After(id) => (None, Some(id)),
        Which::One(id) => (Some(id), None),
        Which::Last => (None, None),
    };
    let lost = Lost::of(&store, &headers, undoes, &edits)?;
    let state = store.path()?;
    let empty_ones = empty.iter().filter(|folder| !folder.is_beneath(&state));
    let moves = [
        (
            "attributes",
            held::marks(&full.iter().collect::<Vec<_>>(), &found),
        ),
        (
            "if left empty",
            empty_ones.map(|folder| format!("{folder} goes")).collect(),
        ),
        ("goes too", lost.goes),
        ("comes back", lost.returns),
    ];
    let moves = moves.into_iter();
    let moves = moves.flat_map(|(heading, lines)| plan::one_by_one(heading, lines));
    let stay = stay
        .into_iter()
        .map(|path| format!("{path} is no longer the copy that was made: it stays as it is"));
    let (words, unit) = words(back.which, force);
    let take_back = TakeBack {
        title: back.title,
        shown: without_copies(&back.copies, &full),
        full,
        deeds,
        found,
        owners,
        moves: moves.collect(),
        warnings: stay.chain(lost.warnings).collect(),
        unit,
        put_right: PutRight(back.repaired),
    };
    Ok(Planned {
        plan: asked.make(seen, Goal::TakeBack(&take_back), &words)?,
        words,
        undoes: Some(Undone {
            undoes,
            back_to,
            overrides: lost.overridden.into_iter().collect(),
            copies: back.copies,
            empty,
            kept: lost.kept,
        }),
    })
}

/// Returns the words of the command, and the name of the unit that runs it: the last transaction may be another by the time
/// that a saved plan is applied.
fn words(which: Which, force: bool) -> (Vec<String>, String) {
    let mut words = vec!["rollback".to_owned()];
    let unit = match which {
        Which::After(id) => {
            words.extend(["--to".to_owned(), id.to_string()]);
            format!("rollback-to-{id}")
        }
        Which::One(id) => {
            words.push(id.to_string());
            format!("rollback-{id}")
        }
        Which::Last => "rollback".to_owned(),
    };
    words.extend(force.then(|| "--force".to_owned()));
    (words, unit)
}

/// Returns the folders that are there.
fn still_there(seen: &Seen<'_>, folders: &BTreeSet<HostPath>) -> Result<Vec<HostPath>, CliError> {
    let mut there = Vec::new();
    for folder in folders {
        let path = folder.clone();
        if seen.look(move |root| Ok(root.open_real_folder(&path).is_ok()))? {
            there.push(folder.clone());
        }
    }
    Ok(there)
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
        which: Which::One(id),
        title: format!("roll back transaction {id} ({})", record.header.command),
        set: store.inverse(&record, budget)?,
        copies: copies(&record),
        repaired: record.repaired.into_iter().collect(),
        folders: record.folders.into_iter().collect(),
        between: Vec::new(),
    })
}

/// Returns all transactions after `id`, as one.
fn all_after(store: &Store<'_>, headers: &[Header], id: u64) -> Result<Back, CliError> {
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
        which: Which::After(id),
        title,
        set,
        copies: copies_of.into_iter().map(|(at, of)| (of, at)).collect(),
        repaired,
        folders,
        between,
    })
}

fn no_transaction() -> CliError {
    CliError::refused("there is no transaction to roll back").help("kvmnet history")
}

/// What comes of an inverse where it is made.
#[derive(Default)]
struct Against<'b> {
    /// What is done.
    set: ChangeSet,
    /// What is asked for, be it done already or not.
    deeds: Vec<Change>,
    /// The marks of what is there.
    marked: BTreeMap<HostPath, Marks>,
    /// What was edited since.
    edits: Vec<Edited<'b>>,
    /// Copies of originals that are others' by now, and stay.
    stay: Vec<HostPath>,
}

/// Holds the inverse against what is there: done already, as left, or edited since.
fn against<'b>(
    seen: &Seen<'_>,
    headers: &[Header],
    back: &'b Back,
    force: bool,
) -> Result<Against<'b>, CliError> {
    let (mut there, mut result) = (Vec::new(), Against::default());
    for change in back.set.iter() {
        let path = change.path.clone();
        let node = seen.look(move |root| Ok(root.read_marked(&path)?))?;
        let (found, marks) = node.unzip();
        let marks = marks.unwrap_or_default();
        result.marked.insert(change.path.clone(), marks);
        there.push((change, found));
    }
    let deed = |(change, found): &(&Change, Option<Node>)| Change {
        before: found.clone(),
        ..(*change).clone()
    };
    result.deeds = there.iter().map(deed).collect();
    if there.iter().all(|(change, found)| *found == change.after) {
        return Ok(result);
    }
    for (change, found) in &back.between {
        if !force {
            return Err(edited(seen.root(), headers, back, change, found.clone()));
        }
        let found = found.clone();
        result.edits.push(Edited {
            change,
            found,
            between: true,
        });
    }
    let copies: BTreeSet<&HostPath> = back.copies.iter().map(|(_, at)| at).collect();
    for (change, found) in there {
        if found != change.before && copies.contains(&change.path) {
            // one that was tidied away is nobody's loss, one that was written since is whose it is
            if found.is_some() && found != change.after {
                result.stay.push(change.path.clone());
                continue;
            }
        } else if found != change.before {
            if !force {
                return Err(edited(seen.root(), headers, back, change, found));
            }
            if found != change.after {
                let found = found.clone();
                result.edits.push(Edited {
                    change,
                    found,
                    between: false,
                });
            }
        }
        result.set.put(Change {
            before: found,
            ..change.clone()
        });
    }
    for (from, to) in back.set.renames() {
        result.set.note_rename(from.clone(), to.clone());
    }
    Ok(result)
}

fn edited(
    root: &Root,
    headers: &[Header],
    back: &Back,
    change: &Change,
    found: Option<Node>,
) -> CliError {
    let what = if found.is_some() { "edited" } else { "deleted" };
    let (path, expected) = (change.path.clone(), change.before.clone());
    let mut error = CliError::from(TransactionError::Changed {
        path,
        expected,
        found,
    });
    let name = change.path.name();
    let (refused, id) = match back.which {
        Which::One(id) => (format!("transaction {id} cannot be rolled back"), id),
        Which::After(id) => {
            error.message = format!(
                "what came after transaction {id} cannot be rolled back: {name} was {what} since"
            );
            return error.help(format!(
                "keep the edit aside and roll back: kvmnet rollback --to {id} --force"
            ));
        }
        Which::Last => ("it cannot be rolled back".to_owned(), 0),
    };
    let paths = back.set.iter().map(|change| change.path.clone()).collect();
    error.message = match later(&Store::new(root), headers, id, &paths).last() {
        Some((later, _)) => {
            let later = later.id;
            error = error
                .help(format!("roll that back first: kvmnet rollback {later}"))
                .help(format!(
                    "or take back all that came after it too: kvmnet rollback --to {}",
                    id - 1
                ));
            format!("{refused}: transaction {later} changed its files since")
        }
        None => format!("{refused}: {name} was {what} since"),
    };
    error.help(format!(
        "keep aside what was edited and roll back: kvmnet rollback {id} --force"
    ))
}
