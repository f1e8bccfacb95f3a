//! What takes transactions back, held against what is there now: done already, as they left it, or edited since.

use std::collections::{BTreeMap, BTreeSet};

use super::taken_along::Edited;
use super::taken_back::{Back, Extent};
use crate::change::{Change, ChangeSet, Marks};
use crate::cli::error::CliError;
use crate::cli::seen::Seen;
use crate::cli::undoings::later;
use crate::root::Root;
use crate::transaction::journal::Header;
use crate::transaction::{Store, TransactionError};
use crate::tree::{HostPath, Node};

/// What comes of an inverse where it is made.
#[derive(Default)]
pub(super) struct Against<'b> {
    /// What is done.
    pub(super) set: ChangeSet,
    /// What is asked for, be it done already or not.
    pub(super) deeds: Vec<Change>,
    /// The marks of what is there.
    pub(super) marked: BTreeMap<HostPath, Marks>,
    /// What was edited since.
    pub(super) edits: Vec<Edited<'b>>,
    /// Copies of originals that are others' by now, and stay.
    pub(super) stay: Vec<HostPath>,
}

/// Holds the inverse against what is there: done already, as left, or edited since.
pub(super) fn against<'b>(
    seen: &Seen<'_>,
    headers: &[Header],
    back: &'b Back,
    force: bool,
) -> Result<Against<'b>, CliError> {
    let (there, marked) = there(seen, &back.set)?;
    let mut result = Against {
        marked,
        ..Against::default()
    };
    let deed = |(change, found): &(&Change, Option<Node>)| Change {
        before: found.clone(),
        ..(*change).clone()
    };
    result.deeds = there.iter().map(deed).collect();
    if there.iter().all(|(change, found)| *found == change.after) {
        return Ok(result);
    }
    if let Some((change, found)) = back.between.first().filter(|_| !force) {
        return Err(edited(seen.root(), headers, back, change, found.clone()));
    }
    let between = back.between.iter().map(|(change, found)| Edited {
        change,
        found: found.clone(),
        between: true,
    });
    result.edits.extend(between);
    let copies: BTreeSet<&HostPath> = back.copies.iter().map(|(_, at)| at).collect();
    for (change, found) in there {
        let (as_left, done) = (found == change.before, found == change.after);
        let is_copy = copies.contains(&change.path);
        // a copy that was tidied away is nobody's loss, one that was written since is whose it is
        if is_copy && !as_left && !done && found.is_some() {
            result.stay.push(change.path.clone());
            continue;
        }
        if !is_copy && !as_left {
            if !force {
                return Err(edited(seen.root(), headers, back, change, found));
            }
            if !done {
                let (found, between) = (found.clone(), false);
                result.edits.push(Edited {
                    change,
                    found,
                    between,
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

/// What a change finds at its path.
type There<'b> = (&'b Change, Option<Node>);

/// Returns what is at the paths of a set, and the marks of it.
fn there<'b>(
    seen: &Seen<'_>,
    set: &'b ChangeSet,
) -> Result<(Vec<There<'b>>, BTreeMap<HostPath, Marks>), CliError> {
    let (mut there, mut marked) = (Vec::new(), BTreeMap::new());
    for change in set.iter() {
        let path = change.path.clone();
        let node = seen.look(move |root| Ok(root.read_marked(&path)?))?;
        let (found, marks) = node.unzip();
        marked.insert(change.path.clone(), marks.unwrap_or_default());
        there.push((change, found));
    }
    Ok((there, marked))
}

/// Refuses to take back what was edited since.
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
    let (refused, id) = match back.extent {
        Extent::One(id) => (format!("transaction {id} cannot be rolled back"), id),
        Extent::After(id) => {
            error.message = format!(
                "what came after transaction {id} cannot be rolled back: {name} was {what} since"
            );
            return error.help(format!(
                "keep the edit aside and roll back: kvmnet rollback --to {id} --force"
            ));
        }
        Extent::Last | Extent::Unconfirmed => ("it cannot be rolled back".to_owned(), 0),
    };
    let paths = back.set.iter().map(|change| change.path.clone()).collect();
    let later = later(&Store::new(root), headers, id, &paths);
    let (message, kept) = match later.last() {
        Some((later, _)) => {
            let later = later.id;
            error = error
                .help(format!("roll that back first: kvmnet rollback {later}"))
                .help(format!(
                    "or roll back everything after it too: kvmnet rollback --to {}",
                    id - 1
                ));
            (
                format!("{refused}: transaction {later} changed its files since"),
                "or undo what that made of them as well",
            )
        }
        None => (
            format!("{refused}: {name} was {what} since"),
            "keep the edit aside and roll back",
        ),
    };
    error.message = message;
    error.help(format!("{kept}: kvmnet rollback {id} --force"))
}
