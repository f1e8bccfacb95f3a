//! `history`, `rollback` and `recover`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::change::{self, Planned, Undone};
use super::error::{CliError, Exit};
use super::screen::one_line;
use super::wish::Asked;
use super::{Session, clock, held, operation, quoted, report, steady, table};
use crate::backend::{self, Interest};
use crate::change::{Change, ChangeSet, Marks};
use crate::diff;
use crate::lint::{Diagnosis, Place};
use crate::plan::{self, Plan, Verdict};
use crate::root::Root;
use crate::transaction::journal::{Header, Record, RecordedChange, State};
use crate::transaction::{Budget, Recovery, Store, TransactionError};
use crate::tree::{HostPath, Node};

/// Lists the transactions, or shows the patch of one.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    id: Option<u64>,
) -> Result<Exit, CliError> {
    let store = Store::new(root);
    let headers = steady::look(session, root, || Ok(store.headers()?))?;
    let Some(id) = id else {
        return list(session, root, &headers);
    };
    let budget = &mut Budget::of_one();
    let record = store.record(id, budget)?;
    let set = wanted(&record, &store.change_set(&record, budget)?);
    if session.json {
        let (shown, _) = session.screen.shown(&set);
        let text = String::from_utf8_lossy(&diff::patch(&shown)).into_owned();
        let mut object = object(&record, &headers);
        object["diff"] = json!(text);
        session.print_json(&json!({ "schema": 1, "transaction": object }))?;
        return Ok(Exit::Done);
    }
    if !session.quiet {
        let zone = clock::zone(root);
        let header = &record.header;
        let (when, state) = (clock::local(header.time, &zone), state(header, &headers));
        session
            .screen
            .line(&format!("transaction {id}: {}", one_line(&header.command)))?;
        session
            .screen
            .line(&format!("{when} by {}, {state}\n", one_line(&header.user)))?;
    }
    session.screen.changes(&set)?;
    Ok(Exit::Done)
}

fn list(session: &mut Session<'_>, root: &Root, all: &[Header]) -> Result<Exit, CliError> {
    if session.json {
        let store = Store::new(root);
        let mut objects = Vec::new();
        for header in all {
            let record = store.record(header.id, &mut Budget::of_one())?;
            objects.push(object(&record, all));
        }
        session.print_json(&json!({ "schema": 1, "transactions": objects }))?;
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        session
            .screen
            .line("No transaction was made beneath this root.")?;
        return Ok(Exit::Done);
    }
    let zone = clock::zone(root);
    let piped = session.screen.width.is_none();
    let word = |text: String| match piped {
        true => table::word(&text),
        false => text,
    };
    let mut rows = vec![["ID", "WHEN", "WHO", "FILES", "STATE", "COMMAND"].map(str::to_owned)];
    for header in all.iter().rev() {
        let files = match header.lines {
            // version 1 does not count them
            0 => {
                let record = Store::new(root).record(header.id, &mut Budget::of_one())?;
                record.asked().count()
            }
            _ => header.files,
        };
        rows.push([
            header.id.to_string(),
            word(match piped {
                true => clock::local(header.time, &zone).replace(' ', "T"),
                false => clock::local(header.time, &zone),
            }),
            word(header.user.clone()),
            files.to_string(),
            match piped {
                true => state(header, all).replace(", ", "-").replace(' ', "-"),
                false => state(header, all),
            },
            // the last column is what is left of the line
            one_line(&header.command),
        ]);
    }
    for line in table::plain(&rows, &[0, 3]) {
        session.screen.line(&line)?;
    }
    Ok(Exit::Done)
}

/// Says how a transaction stands: one that was taken back counts again when that was taken back.
fn state(header: &Header, all: &[Header]) -> String {
    match header.state {
        State::Prepared => "interrupted".to_owned(),
        State::Recovered => "interrupted, taken back".to_owned(),
        State::Applied => match undone_by(header, all) {
            Some(id) => format!("rolled back by {id}"),
            None => "applied".to_owned(),
        },
    }
}

/// Numbers only grow on the way: what takes back is later than what it takes back.
fn undone_by(header: &Header, all: &[Header]) -> Option<u64> {
    let undoes = |later: &&Header| {
        later.undoes == Some(header.id) && later.id > header.id && later.state == State::Applied
    };
    let later = all.iter().rev().find(undoes)?;
    undone_by(later, all).is_none().then_some(later.id)
}

fn object(record: &Record, all: &[Header]) -> serde_json::Value {
    let files: Vec<_> = record.asked().map(|change| change.path.as_str()).collect();
    let header = &record.header;
    json!({
        "id": header.id,
        "time": header.time,
        "user": header.user,
        "command": header.command,
        "state": match header.state {
            State::Prepared => "prepared",
            State::Recovered => "recovered",
            State::Applied if undone_by(header, all).is_some() => "rolled_back",
            State::Applied => "applied",
        },
        "undoes": header.undoes,
        "rolled_back_by": undone_by(header, all),
        "files": files,
    })
}

/// Returns the set without copies of originals: what only says that it is a copy is shown.
fn wanted(record: &Record, set: &ChangeSet) -> ChangeSet {
    let copy = |change: &&RecordedChange| {
        let of = change.copy_of.as_ref();
        of.is_some_and(|of| plan::is_copy(set, of, &change.path))
    };
    let copies: BTreeSet<&HostPath> = record
        .changes
        .iter()
        .filter(copy)
        .map(|c| &c.path)
        .collect();
    let mut wanted = ChangeSet::default();
    for change in set.iter().filter(|change| !copies.contains(&change.path)) {
        wanted.put(change.clone());
    }
    for (from, to) in set.renames() {
        wanted.note_rename(from.clone(), to.clone());
    }
    wanted
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
    let applied = |header: &Header| header.state == State::Applied;
    let last = store.headers()?.into_iter().rev().find(applied);
    let last = last.map(|header| header.id);
    let id = id.or(last).ok_or_else(|| {
        CliError::refused("there is no transaction to roll back").help("kvmnet history")
    })?;
    let budget = &mut Budget::of_one();
    let record = store.record(id, budget)?;
    if record.header.state != State::Applied {
        let message = format!("transaction {id} was interrupted and never took effect");
        return Err(CliError::refused(message).help("kvmnet recover"));
    }
    let inverse = store.inverse(&record, budget)?;
    let (full, found) = against(root, &record, inverse, force)?;
    let tree = held::tree(root)?;
    let deeds: Vec<&Change> = full.iter().collect();
    held::check(root, &tree, &deeds, &found)?;
    // the last one may be another by the time that a saved plan is applied
    let mut words = vec!["rollback".to_owned(), id.to_string()];
    words.extend(force.then(|| "--force".to_owned()));
    let command = asked.run_instead_of(quoted(&words));
    let set = wanted(&record, &full);
    let marks = held::marks(&deeds, &found);
    let mut plan = Plan {
        title: format!("roll back transaction {id} ({})", record.header.command),
        next_steps: plan::steps_after(&tree, &set, &format!("rollback-{id}"), &command),
        set,
        full,
        backups: Vec::new(),
        moves: match marks.is_empty() {
            true => Vec::new(),
            false => vec![("attributes".to_owned(), marks)],
        },
        warnings: Vec::new(),
        verdict: Verdict::default(),
    };
    let before = backend::inspect(&tree, Interest::All);
    plan.verdict = plan::judge(tree, &before, &plan.full, Interest::All);
    // what was wrong with a file before comes back with it, and is said; what is wrong with others because of it is not
    // meant, nor what later changes made of it
    let back = |found: &Diagnosis| {
        let mut places = found.finding.places.iter();
        let restored = |place: &Place| plan.full.get(&place.path).is_some();
        match Some(id) == last {
            true => places.any(restored),
            false => places.all(restored),
        }
    };
    let found = std::mem::take(&mut plan.verdict.introduced);
    let (back, new): (Vec<_>, Vec<_>) = found.into_iter().partition(back);
    plan.verdict.introduced = new;
    operation::guard(&mut plan, force, asked)?;
    let new = std::mem::replace(&mut plan.verdict.introduced, back);
    operation::warn_of_findings(&mut plan);
    plan.verdict.introduced.extend(new);
    Ok(Planned {
        plan,
        words,
        undoes: Some(Undone {
            id,
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
) -> Result<(ChangeSet, BTreeMap<HostPath, Marks>), CliError> {
    let (mut there, mut marked) = (Vec::new(), BTreeMap::new());
    for change in inverse.iter() {
        let (found, marks) = root.read_marked(&change.path)?.unzip();
        marked.insert(change.path.clone(), marks.unwrap_or_default());
        there.push((change, found));
    }
    if there.iter().all(|(change, found)| *found == change.after) {
        return Ok((ChangeSet::default(), marked));
    }
    let mut set = ChangeSet::default();
    let copies = record
        .changes
        .iter()
        .filter(|known| known.copy_of.is_some());
    let copies: BTreeSet<&HostPath> = copies.map(|copy| &copy.path).collect();
    let tidied =
        |change: &Change, found: &Option<Node>| found.is_none() && copies.contains(&change.path);
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
    Ok((set, marked))
}

fn edited(root: &Root, record: &Record, change: &Change, found: Option<Node>) -> CliError {
    let (path, expected) = (change.path.clone(), change.before.clone());
    let mut error = CliError::from(TransactionError::Changed {
        path,
        expected,
        found,
    });
    let name = change.path.name();
    let refused = format!("transaction {} cannot be rolled back", record.header.id);
    error.message = match later(root, record) {
        Some(later) => {
            error = error.help(format!("roll that back first: kvmnet rollback {later}"));
            format!("{refused}: transaction {later} changed its files since")
        }
        None => format!("{refused}: {name} was edited since"),
    };
    error.help(format!(
        "keep the edit aside and roll back: kvmnet rollback {} --force",
        record.header.id
    ))
}

/// Returns the last transaction after `earlier` that changed one of its files and still holds.
fn later(root: &Root, earlier: &Record) -> Option<u64> {
    let store = Store::new(root);
    let all = store.headers().ok()?;
    let paths: BTreeSet<&HostPath> = earlier.changes.iter().map(|change| &change.path).collect();
    let budget = &mut Budget::of_one();
    let mut holds = |header: &&Header| {
        header.id > earlier.header.id
            && header.state == State::Applied
            && undone_by(header, &all).is_none()
            && store.record(header.id, budget).is_ok_and(|record| {
                let mut changes = record.changes.iter();
                changes.any(|change| paths.contains(&change.path))
            })
    };
    all.iter()
        .rev()
        .find(|header| holds(header))
        .map(|header| header.id)
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
        return nothing_to_recover(session);
    }
    let guard = session.lock(root)?;
    let Some(recovery) = guard.recovery()? else {
        return nothing_to_recover(session);
    };
    let recovery = if force {
        recovery
    } else {
        recovery.unedited().map_err(change::edited)?
    };
    let marks = restores(root, &recovery)?;
    if session.json {
        let (shown, _) = session.screen.shown(recovery.restored());
        let diff = String::from_utf8_lossy(&diff::patch(&shown)).into_owned();
        let record = recovery.run()?;
        let (id, command) = (record.header.id, &record.header.command);
        session.print_json(&json!({
            "schema": 1,
            "recovered": { "id": id, "command": command, "diff": diff, "attributes": marks },
        }))?;
        return Ok(Exit::Done);
    }
    session.screen.changes(recovery.restored())?;
    for line in marks {
        session.screen.line(&one_line(&line))?;
    }
    let record = recovery.run()?;
    session
        .screen
        .line(&format!("\n{}", restored(&record.header)))?;
    Ok(Exit::Done)
}

fn nothing_to_recover(session: &mut Session<'_>) -> Result<Exit, CliError> {
    match session.json {
        true => session.print_json(&json!({ "schema": 1, "recovered": null }))?,
        false => session
            .screen
            .line("Nothing to recover: no transaction was interrupted.")?,
    }
    Ok(Exit::Done)
}

/// Takes back what was interrupted, once the user has seen how, and says yes; returns whether the way is free.
pub(super) fn recovered_first(session: &mut Session<'_>, root: &Root) -> Result<bool, CliError> {
    if Store::new(root).pending()?.is_none() {
        return Ok(true);
    }
    let guard = session.lock(root)?;
    let Some(recovery) = guard.recovery()? else {
        return Ok(true);
    };
    let recovery = recovery.unedited().map_err(change::edited)?;
    session
        .screen
        .talk("warning: a transaction was interrupted; before anything else it is taken back:");
    let marks = restores(root, &recovery)?;
    session.screen.changes(recovery.restored())?;
    for line in marks {
        session.screen.line(&one_line(&line))?;
    }
    if !super::confirm(&mut session.screen, "\nTake it back?") {
        session.screen.talk("Declined: nothing was written.");
        return Ok(false);
    }
    // while the user thought about it somebody may have edited a file
    let shown = recovery.restored().clone();
    let Some(recovery) = guard.recovery()? else {
        return Ok(true);
    };
    let recovery = recovery.unedited().map_err(change::edited)?;
    if *recovery.restored() != shown {
        let message = "the files have changed since that was shown; nothing was written";
        return Err(CliError::refused(message).help("look at it again: run the command again"));
    }
    let record = recovery.run()?;
    session.screen.talk(&restored(&record.header));
    guard.sweep()?;
    Ok(true)
}

/// Puts the history aside, and says what is left half done with it.
pub(super) fn put_aside(session: &mut Session<'_>, root: &Root) -> Result<(), CliError> {
    root.look_at_history(true);
    let store = Store::new(root);
    // one that cannot be read tells nothing
    let pending = store.pending().ok().flatten();
    let Some(path) = store.put_aside()? else {
        return Ok(());
    };
    session
        .screen
        .talk(&format!("The history is put aside: {path}"));
    if let Some(header) = pending {
        let (id, command) = (header.id, one_line(&header.command));
        session.screen.talk(&format!(
            "warning: transaction {id} ({command}) was interrupted, and is not taken back: the originals of what it \
             may have changed are in {path}/transactions/{id}/before"
        ));
    }
    Ok(())
}

/// Refuses a recovery that does more than commands do; returns what of it no patch shows.
pub(super) fn restores(root: &Root, recovery: &Recovery<'_, '_>) -> Result<Vec<String>, CliError> {
    let (deeds, found) = (recovery.deeds(), recovery.found());
    held::check(root, &held::tree(root)?, &deeds, found)?;
    let set = recovery.restored();
    let modes = set.iter().filter_map(|change| {
        let said = report::attributes(set, change)?;
        Some(format!("{}: {said}", change.path))
    });
    let folders = recovery.folders().iter();
    let folders = folders.map(|folder| format!("{folder}: goes, if nothing is left in it"));
    let marks = held::marks(&deeds, found);
    Ok(modes.chain(marks).chain(folders).collect())
}

/// Says that a transaction was taken back.
pub(super) fn restored(header: &Header) -> String {
    format!(
        "Transaction {} ({}) was interrupted: the tree is restored as it was before it.",
        header.id,
        one_line(&header.command)
    )
}
