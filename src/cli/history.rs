//! `history`, `rollback` and `recover`.

use serde_json::json;

use super::change::{self, Planned, Undone};
use super::error::{CliError, Exit};
use super::screen::one_line;
use super::wish::Asked;
use super::{Session, clock, operation, quoted, steady, table};
use crate::backend::{self, Interest};
use crate::change::{Change, ChangeSet};
use crate::diff;
use crate::plan::{self, Plan, Verdict};
use crate::root::Root;
use crate::transaction::journal::{Record, RecordedChange, State};
use crate::transaction::{Store, TransactionError};
use crate::tree::{HostPath, Node};

/// Lists the transactions, or shows the patch of one.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    id: Option<u64>,
) -> Result<Exit, CliError> {
    let store = Store::new(root);
    let records = steady::look(session, root, || Ok(store.records()?))?;
    let Some(id) = id else {
        return list(session, root, &records);
    };
    let record = store.record(id)?;
    let set = wanted(&record, &store.change_set(&record)?);
    if session.json {
        let (shown, _) = session.screen.shown(&set);
        let text = String::from_utf8_lossy(&diff::patch(&shown)).into_owned();
        let mut object = object(&record, &records);
        object["diff"] = json!(text);
        session.print_json(&json!({ "schema": 1, "transaction": object }))?;
        return Ok(Exit::Done);
    }
    if !session.quiet {
        let zone = clock::zone(root);
        let (when, state) = (clock::local(record.time, &zone), state(&record, &records));
        session
            .screen
            .line(&format!("transaction {id}: {}", one_line(&record.command)))?;
        session
            .screen
            .line(&format!("{when} by {}, {state}\n", record.user))?;
    }
    session.screen.changes(&set)?;
    Ok(Exit::Done)
}

fn list(session: &mut Session<'_>, root: &Root, records: &[Record]) -> Result<Exit, CliError> {
    if session.json {
        let objects: Vec<_> = records
            .iter()
            .map(|record| object(record, records))
            .collect();
        session.print_json(&json!({ "schema": 1, "transactions": objects }))?;
        return Ok(Exit::Done);
    }
    if records.is_empty() {
        session
            .screen
            .line("No transaction was made beneath this root.")?;
        return Ok(Exit::Done);
    }
    let zone = clock::zone(root);
    let mut rows = vec![["ID", "WHEN", "WHO", "COMMAND", "FILES", "STATE"].map(str::to_owned)];
    rows.extend(records.iter().rev().map(|record| {
        let files = record.asked().count().to_string();
        let when = clock::local(record.time, &zone);
        [
            record.id.to_string(),
            when,
            record.user.clone(),
            record.command.clone(),
            files,
            state(record, records),
        ]
    }));
    for line in table::table(&rows, &[0, 4]) {
        session.screen.line(&line)?;
    }
    Ok(Exit::Done)
}

/// Says how a transaction stands: one that was taken back counts again when that was taken back.
fn state(record: &Record, all: &[Record]) -> String {
    match record.state {
        State::Prepared => "interrupted".to_owned(),
        State::Recovered => "interrupted, taken back".to_owned(),
        State::Applied => match undone_by(record, all) {
            Some(id) => format!("rolled back by {id}"),
            None => "applied".to_owned(),
        },
    }
}

fn undone_by(record: &Record, all: &[Record]) -> Option<u64> {
    let undoes = |later: &&Record| later.undoes == Some(record.id) && later.state == State::Applied;
    let later = all.iter().rev().find(undoes)?;
    undone_by(later, all).is_none().then_some(later.id)
}

fn object(record: &Record, all: &[Record]) -> serde_json::Value {
    let files: Vec<_> = record.asked().map(|change| change.path.as_str()).collect();
    json!({
        "id": record.id,
        "time": record.time,
        "user": record.user,
        "command": record.command,
        "state": match record.state {
            State::Prepared => "prepared",
            State::Recovered => "recovered",
            State::Applied if undone_by(record, all).is_some() => "rolled_back",
            State::Applied => "applied",
        },
        "undoes": record.undoes,
        "rolled_back_by": undone_by(record, all),
        "files": files,
    })
}

/// Returns the set without copies of originals.
fn wanted(record: &Record, set: &ChangeSet) -> ChangeSet {
    let mut asked = ChangeSet::default();
    for change in record.asked().filter_map(|change| set.get(&change.path)) {
        asked.put(change.clone());
    }
    for (from, to) in set.renames() {
        asked.note_rename(from.clone(), to.clone());
    }
    asked
}

/// Returns the copies of originals that a transaction wrote.
fn copies(record: &Record) -> Vec<(HostPath, HostPath)> {
    let copy = |change: &RecordedChange| Some((change.copy_of.clone()?, change.path.clone()));
    record.changes.iter().filter_map(copy).collect()
}

/// Returns the plan that takes a transaction back.
pub(super) fn planned(
    root: &Root,
    id: Option<u64>,
    asked: &Asked<'_>,
) -> Result<Planned, CliError> {
    let force = asked.options.force;
    let store = Store::new(root);
    let record = match id {
        Some(id) => store.record(id)?,
        None => {
            let last = store
                .records()?
                .into_iter()
                .rev()
                .find(|record| record.state == State::Applied);
            last.ok_or_else(|| {
                CliError::refused("there is no transaction to roll back").help("kvmnet history")
            })?
        }
    };
    if record.state != State::Applied {
        let message = format!(
            "transaction {} was interrupted and never took effect",
            record.id
        );
        return Err(CliError::refused(message).help("kvmnet recover"));
    }
    let full = against(root, &record, store.inverse(&record)?, force)?;
    // the last one may be another by the time that a saved plan is applied
    let mut words = vec!["rollback".to_owned(), record.id.to_string()];
    words.extend(force.then(|| "--force".to_owned()));
    let command = asked.run_instead_of(quoted(&words));
    let tree = root.read_tree(&backend::scope(Interest::All))?;
    let set = wanted(&record, &full);
    let mut plan = Plan {
        title: format!("roll back transaction {} ({})", record.id, record.command),
        next_steps: plan::steps_after(&tree, &set, &format!("rollback-{}", record.id), &command),
        set,
        full,
        backups: Vec::new(),
        moves: Vec::new(),
        warnings: Vec::new(),
        verdict: Verdict::default(),
    };
    // the way back is always open: what was wrong before may come back, and is said
    let before = backend::inspect(&tree, Interest::All);
    plan.verdict = plan::judge(tree, &before, &plan.full, Interest::All);
    operation::warn_of_findings(&mut plan);
    Ok(Planned {
        plan,
        words,
        undoes: Some(Undone {
            id: record.id,
            copies: copies(&record),
        }),
    })
}

/// Holds the inverse against what is there: done already, as left, or edited since.
fn against(
    root: &Root,
    record: &Record,
    inverse: ChangeSet,
    force: bool,
) -> Result<ChangeSet, CliError> {
    let mut there = Vec::new();
    for change in inverse.iter() {
        there.push((change, root.read_node(&change.path)?));
    }
    if there.iter().all(|(change, found)| *found == change.after) {
        return Ok(ChangeSet::default());
    }
    let mut set = ChangeSet::default();
    let tidied = |change: &Change, found: &Option<Node>| {
        let copies = record
            .changes
            .iter()
            .filter(|known| known.copy_of.is_some());
        found.is_none() && copies.into_iter().any(|copy| copy.path == change.path)
    };
    for (change, found) in &there {
        // a copy of an original that was tidied away is nobody's loss
        if *found != change.before && !force && !tidied(change, found) {
            return Err(edited(root, record, change, found.clone()));
        }
        set.put(Change {
            before: found.clone(),
            ..(*change).clone()
        });
    }
    for (from, to) in inverse.renames() {
        set.note_rename(from.clone(), to.clone());
    }
    Ok(set)
}

fn edited(root: &Root, record: &Record, change: &Change, found: Option<Node>) -> CliError {
    let (path, expected) = (change.path.clone(), change.before.clone());
    let mut error = CliError::from(TransactionError::Changed {
        path,
        expected,
        found,
    });
    let name = change.path.name();
    let refused = format!("transaction {} cannot be rolled back", record.id);
    error.message = match later(root, record) {
        Some(later) => {
            error = error.help(format!("roll that back first: kvmnet rollback {later}"));
            format!("{refused}: transaction {later} changed its files since")
        }
        None => format!("{refused}: {name} was edited since"),
    };
    error.help(format!(
        "keep the edit aside and roll back: kvmnet rollback {} --force",
        record.id
    ))
}

/// Returns the last transaction after `earlier` that changed one of its files and still holds.
fn later(root: &Root, earlier: &Record) -> Option<u64> {
    let all = Store::new(root).records().ok()?;
    let holds = |record: &&Record| {
        record.id > earlier.id
            && record.state == State::Applied
            && undone_by(record, &all).is_none()
            && record.changes.iter().any(|change| {
                let path = &change.path;
                earlier.changes.iter().any(|earlier| earlier.path == *path)
            })
    };
    all.iter().rev().find(holds).map(|record| record.id)
}

/// Restores the tree after an interrupted command.
pub(super) fn recover(
    session: &mut Session<'_>,
    root: &Root,
    force: bool,
) -> Result<Exit, CliError> {
    let store = Store::new(root);
    if store.pending()?.is_none() {
        if store.exists() {
            session.lock(root)?.sweep()?;
        }
        session
            .screen
            .line("Nothing to recover: no transaction was interrupted.")?;
        return Ok(Exit::Done);
    }
    let guard = session.lock(root)?;
    let Some(recovery) = guard.recovery()? else {
        return Ok(Exit::Done);
    };
    let recovery = if force {
        recovery
    } else {
        recovery.unedited().map_err(change::edited)?
    };
    let record = recovery.run()?;
    session.screen.line(&format!(
        "Transaction {} ({}) was interrupted: the tree is restored as it was before it.",
        record.id, record.command
    ))?;
    Ok(Exit::Done)
}
