//! `history`: the transactions that are kept.

use jiff::tz::TimeZone;
use serde_json::json;

use super::error::{CliError, Exit};
use super::session::Session;
use super::text::one_line;
use super::undoings::Undoings;
use super::written::{copies, without_copies};
use super::{clock, prune, table, undisturbed};
use crate::diff;
use crate::root::Root;
use crate::transaction::journal::{Header, Record, State};
use crate::transaction::{Budget, Store};
use crate::tree::HostPath;

/// How many transactions there are at most, if all is well.
const KEPT: usize = 20;

/// From how many bytes on it is said how much is kept.
const MUCH: u64 = 64 << 20;

/// Lists the transactions, or shows the patch of one.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    id: Option<u64>,
) -> Result<Exit, CliError> {
    let store = Store::new(root);
    let headers = undisturbed::look(session, root, || Ok(store.headers()?))?;
    let Some(id) = id else {
        return list(session, root, &headers);
    };
    let undoings = Undoings::of(&headers);
    let waits = waits(root);
    let budget = &mut Budget::of_one();
    let record = store.record(id, budget)?;
    let set = without_copies(&copies(&record), &store.change_set(&record, budget)?);
    if session.json {
        let (shown, _) = session.screen.shown(&set);
        let text = String::from_utf8_lossy(&diff::patch(&shown)).into_owned();
        let mut object = object(&record, &undoings, waits);
        object["diff"] = json!(text);
        session.print_json(&json!({ "schema": 1, "transaction": object }))?;
        return Ok(Exit::Done);
    }
    if !session.quiet {
        let zone = clock::zone(root);
        let header = &record.header;
        let (when, state) = (
            clock::local(header.time, &zone),
            state(header, &undoings, waits),
        );
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
    let (undoings, waits) = (Undoings::of(all), waits(root));
    if session.json {
        let store = Store::new(root);
        let (mut objects, budget) = (Vec::new(), &mut Budget::of_one());
        for header in all {
            let record = store.record(header.id, budget)?;
            objects.push(object(&record, &undoings, waits));
        }
        session.print_json(&json!({ "schema": 1, "transactions": objects }))?;
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        let text = match Store::new(root).exists() {
            true => "No transactions are kept.",
            false => "There are no transactions under this root.",
        };
        session.screen.line(text)?;
        return Ok(Exit::Done);
    }
    let zone = clock::zone(root);
    let piped = session.screen.width.is_none();
    let mut rows = vec![["ID", "WHEN", "WHO", "FILES", "STATE", "COMMAND"].map(str::to_owned)];
    for header in all.iter().rev() {
        let state = state(header, &undoings, waits);
        rows.push(row(root, header, state, &zone, piped)?);
    }
    for line in table::plain(&rows, &[0, 3]) {
        session.screen.line(&line)?;
    }
    warn_of_much(session, root, all.len());
    Ok(Exit::Done)
}

/// Returns the columns of a transaction; in a pipe, each but the last is one word.
fn row(
    root: &Root,
    header: &Header,
    state: String,
    zone: &TimeZone,
    piped: bool,
) -> Result<[String; 6], CliError> {
    let files = match header.lines {
        // version 1 does not count them
        0 => {
            let record = Store::new(root).record(header.id, &mut Budget::of_one())?;
            record.asked().count()
        }
        _ => header.files,
    };
    let when = clock::local(header.time, zone);
    let [when, who, state] = match piped {
        true => [
            table::word(&when.replace(' ', "T")),
            table::word(&header.user),
            state.replace(", ", "-").replace(' ', "-"),
        ],
        false => [when, header.user.clone(), state],
    };
    // the last column is what is left of the line
    let command = one_line(&header.command);
    Ok([
        header.id.to_string(),
        when,
        who,
        files.to_string(),
        state,
        command,
    ])
}

/// Says that more is kept than should be, and how much it is.
fn warn_of_much(session: &mut Session<'_>, root: &Root, transactions: usize) {
    if transactions > KEPT {
        session.screen.talk(&format!(
            "warning: {} transactions are kept, more than the usual {KEPT}: the first one must be recovered, or what it replaced cannot be stored in the folder originals; delete them with: kvmnet history prune --keep {KEPT}",
            transactions
        ));
    }
    // how much it is is only good to know
    let held = Store::new(root).held().unwrap_or_default();
    if held.all >= MUCH {
        let with = match held.originals * 2 < held.all {
            true => "history prune --keep N",
            false => "history prune",
        };
        session.screen.talk(&format!(
            "The store uses {}, {} of it kept permanently beyond the last 20 transactions; prune it with: kvmnet {with}",
            prune::size(held.all),
            prune::size(held.originals),
        ));
    }
}

/// A transaction that changed a thing.
pub(super) struct Entry {
    line: String,
    object: serde_json::Value,
}

impl Entry {
    /// Returns it as a line.
    pub(super) fn line(&self) -> String {
        self.line.clone()
    }

    /// Returns it as `history --json` has it.
    pub(super) fn object(&self) -> serde_json::Value {
        self.object.clone()
    }
}

/// Returns the transactions that changed one of these files, the last one first, as far back as they can be read.
pub(super) fn of_files(root: &Root, files: &[HostPath]) -> Vec<Entry> {
    let store = Store::new(root);
    let headers = store.headers().unwrap_or_default();
    let (undoings, waits) = (Undoings::of(&headers), waits(root));
    let (zone, budget) = (clock::zone(root), &mut Budget::of_all());
    let entry = |header: &Header| {
        let record = store.record(header.id, budget).ok()?;
        let mut changed = record.asked().map(|change| &change.path);
        let (id, command) = (header.id, &header.command);
        let (when, state) = (
            clock::local(header.time, &zone),
            state(header, &undoings, waits),
        );
        changed.any(|path| files.contains(path)).then(|| Entry {
            line: format!("{id}  {when}  {command}  ({state})"),
            object: object(&record, &undoings, waits),
        })
    };
    headers.iter().rev().filter_map(entry).collect()
}

/// Returns the transaction that waits to be confirmed.
fn waits(root: &Root) -> Option<u64> {
    let waiting = Store::new(root).waiting().ok().flatten();
    Some(waiting?.by?.id)
}

/// Says how a transaction stands: one that was taken back counts again when that was taken back.
fn state(header: &Header, undoings: &Undoings, waits: Option<u64>) -> String {
    match header.state {
        State::Prepared => "interrupted".to_owned(),
        State::Recovered => "interrupted, taken back".to_owned(),
        State::Applied => match undoings.whole(header) {
            Some(id) => format!("rolled back by {id}"),
            None => match undoings.part(header) {
                Some(id) => format!("rolled back in part by {id}"),
                None if waits == Some(header.id) => "applied, unconfirmed".to_owned(),
                None => "applied".to_owned(),
            },
        },
    }
}

fn object(record: &Record, undoings: &Undoings, waits: Option<u64>) -> serde_json::Value {
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
            State::Applied if undoings.whole(header).is_some() => "rolled_back",
            State::Applied => "applied",
        },
        "undoes": header.undoes,
        "back_to": header.back_to,
        "confirm_within": header.confirm_within,
        "unconfirmed": waits == Some(header.id) && undoings.whole(header).is_none(),
        "rolled_back_by": undoings.whole(header),
        "rolled_back_in_part_by": undoings.part(header),
        "files": files,
    })
}
