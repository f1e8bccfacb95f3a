//! `rollback`: the plan that takes transactions back.

mod against;
mod taken_along;
mod taken_back;

pub(super) use taken_back::Extent;

use std::collections::{BTreeMap, BTreeSet};

use super::error::CliError;
use super::permitted;
use super::planned::{Asked, Planned, Undone};
use super::seen::Seen;
use super::waiting;
use super::written::without_copies;
use crate::change::{Change, ChangeSet, Marks};
use crate::plan::{self, Goal, PutRight, TakeBack};
use crate::transaction::Store;
use crate::tree::HostPath;

use against::{Against, against};
use taken_along::TakenAlong;
use taken_back::Back;

/// Returns the plan that takes transactions back.
pub(super) fn planned(
    seen: &Seen<'_>,
    extent: Extent,
    asked: &Asked<'_>,
) -> Result<Planned, CliError> {
    let force = asked.options.force;
    let store = Store::new(seen.root());
    // what is recorded of a transaction stays as it is: where there are still the same ones, nothing of it is another
    let headers = seen.look(|root| Ok(Store::new(root).headers()?))?;
    let back = Back::of(seen, &headers, extent)?;
    let Against {
        set: full,
        deeds,
        marked: found,
        edits,
        stay,
    } = against(seen, &headers, &back, force)?;
    let owners = owners(seen, &deeds, &found)?;
    let empty = still_there(seen, &back, full.is_empty())?;
    let (undoes, back_to) = back.extent.recorded();
    let along = TakenAlong::of(&store, &headers, undoes, &edits)?;
    let others = others(&empty, &store.path()?);
    let marks = permitted::marks(&full.iter().collect::<Vec<_>>(), &found);
    // here the last one has its number, too
    let (words, unit) = back.extent.command(force, asked.options.confirm_within);
    let shown = without_copies(&back.copies, &full);
    let ends = ends(seen, back.extent, undoes)?;
    let [full, shown] = [full, shown].map(|set| with(set, &ends));
    let take_back = TakeBack {
        moves: moves(marks, &others, [&full, &shown], along.goes, along.returns),
        title: back.title,
        shown,
        full,
        deeds,
        found,
        owners,
        warnings: stay.into_iter().map(stays).chain(along.warnings).collect(),
        unit,
        put_right: PutRight(back.repaired),
    };
    Ok(Planned {
        plan: asked.make(seen, Goal::TakeBack(&take_back), &words)?,
        applies: asked.applies(&words),
        words,
        undoes: Some(Undone {
            undoes,
            back_to,
            overrides: along.overridden.into_iter().collect(),
            copies: back.copies,
            empty,
            kept: along.kept,
            ends: ends.into_iter().map(|change| change.path).collect(),
        }),
        confirm_within: asked.options.confirm_within,
        picture: None,
        tree: None,
    })
}

/// Returns who owns the folders of what is written.
fn owners(
    seen: &Seen<'_>,
    deeds: &[Change],
    found: &BTreeMap<HostPath, Marks>,
) -> Result<BTreeSet<(u32, u32)>, CliError> {
    permitted::owners(&deeds.iter().collect::<Vec<_>>(), found, |path| {
        let path = path.clone();
        seen.look(move |root| Ok(root.owner_above(&path)?))
    })
}

/// Returns the folders that are not those of kvmnet's state.
fn others<'f>(folders: &'f [HostPath], state: &HostPath) -> Vec<&'f HostPath> {
    let folders = folders.iter();
    folders.filter(|folder| !folder.is_beneath(state)).collect()
}

/// Returns a set with further changes.
fn with(mut set: ChangeSet, further: &[Change]) -> ChangeSet {
    for change in further {
        set.put(change.clone());
    }
    set
}

/// Returns what takes the files away by which the transaction waits that is taken back, if it does.
fn ends(seen: &Seen<'_>, extent: Extent, undoes: Option<u64>) -> Result<Vec<Change>, CliError> {
    let Some((by, _)) = seen.look(waiting::waiting)? else {
        return Ok(Vec::new());
    };
    let is_undone = match extent {
        Extent::After(id) => by.id > id,
        Extent::Unconfirmed => true,
        Extent::One(_) | Extent::Last => undoes == Some(by.id),
    };
    match is_undone {
        true => waiting::ending(seen, &by),
        false => Ok(Vec::new()),
    }
}

/// Returns the copies of originals that become earlier copies again; what is not shown otherwise is said.
fn rewritten(full: &ChangeSet, shown: &ChangeSet) -> Vec<String> {
    let hidden = full
        .iter()
        .filter(|change| shown.get(&change.path).is_none());
    let rewritten = hidden.filter(|change| change.before.is_some() && change.after.is_some());
    rewritten
        .map(|change| format!("{} as it was before", change.path))
        .collect()
}

fn stays(copy: HostPath) -> String {
    format!("{copy} is no longer the copy that was made: it is left unchanged")
}

/// Returns in words what else changes than texts: attributes, folders, and what was made since.
fn moves(
    marks: Vec<String>,
    empty: &[&HostPath],
    [full, shown]: [&ChangeSet; 2],
    goes: Vec<String>,
    returns: Vec<String>,
) -> Vec<(String, Vec<String>)> {
    let empty = empty.iter().map(|folder| format!("{folder} is deleted"));
    let moves = [
        ("attributes", marks),
        ("copies", rewritten(full, shown)),
        ("if left empty", empty.collect()),
        ("also goes", goes),
        ("comes back", returns),
    ];
    let moves = moves.into_iter();
    moves
        .flat_map(|(heading, lines)| plan::one_by_one(heading, lines))
        .collect()
}

/// Returns the folders that are there.
fn still_there(
    seen: &Seen<'_>,
    back: &Back,
    nothing_changes: bool,
) -> Result<Vec<HostPath>, CliError> {
    let mut there = Vec::new();
    // the end of a wait is no change, and its folders go all the same
    let nothing_changes = nothing_changes && back.extent != Extent::Unconfirmed;
    for folder in back.folders.iter().filter(|_| !nothing_changes) {
        let path = folder.clone();
        if seen.look(move |root| Ok(root.open_real_folder(&path).is_ok()))? {
            there.push(folder.clone());
        }
    }
    Ok(there)
}
