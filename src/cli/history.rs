//! `history`: the transactions that are kept.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::error::{CliError, Exit};
use super::rollback::copies;
use super::screen::one_line;
use super::{Session, clock, prune, steady, table};
use crate::change::ChangeSet;
use crate::diff;
use crate::plan;
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
    let headers = steady::look(session, root, || Ok(store.headers()?))?;
    let Some(id) = id else {
        return list(session, root, &headers);
    };
    let undoings = Undoings::of(&headers);
    let budget = &mut Budget::of_one();
    let record = store.record(id, budget)?;
    let set = wanted(&copies(&record), &store.change_set(&record, budget)?);
    if session.json {
        let (shown, _) = session.screen.shown(&set);
        let text = String::from_utf8_lossy(&diff::patch(&shown)).into_owned();
        let mut object = object(&record, &undoings);
        object["diff"] = json!(text);
        session.print_json(&json!({ "schema": 1, "transaction": object }))?;
        return Ok(Exit::Done);
    }
    if !session.quiet {
        let zone = clock::zone(root);
        let header = &record.header;
        let (when, state) = (clock::local(header.time, &zone), state(header, &undoings));
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
    let undoings = Undoings::of(all);
    if session.json {
        let store = Store::new(root);
        let (mut objects, budget) = (Vec::new(), &mut Budget::of_one());
        for header in all {
            let record = store.record(header.id, budget)?;
            objects.push(object(&record, &undoings));
        }
        session.print_json(&json!({ "schema": 1, "transactions": objects }))?;
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        let text = match Store::new(root).exists() {
            true => "No transaction is kept.",
            false => "No transaction was made beneath this root.",
        };
        session.screen.line(text)?;
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
                true => state(header, &undoings)
                    .replace(", ", "-")
                    .replace(' ', "-"),
                false => state(header, &undoings),
            },
            // the last column is what is left of the line
            one_line(&header.command),
        ]);
    }
    for line in table::plain(&rows, &[0, 3]) {
        session.screen.line(&line)?;
    }
    if all.len() > KEPT {
        session.screen.talk(&format!(
            "warning: {} transactions are kept, and no more than {KEPT} should be: what the first one replaced cannot be put \
             into the store's folder originals, or must be recovered; drop them with: kvmnet history prune --keep {KEPT}",
            all.len()
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
            "The store holds {}, {} of it kept for good beyond the last 20 transactions; it is pruned by: kvmnet {with}",
            prune::size(held.all),
            prune::size(held.originals),
        ));
    }
    Ok(Exit::Done)
}

/// Says how a transaction stands: one that was taken back counts again when that was taken back.
fn state(header: &Header, undoings: &Undoings) -> String {
    match header.state {
        State::Prepared => "interrupted".to_owned(),
        State::Recovered => "interrupted, taken back".to_owned(),
        State::Applied => match undoings.whole(header) {
            Some(id) => format!("rolled back by {id}"),
            None => match undoings.part(header) {
                Some(id) => format!("rolled back in part by {id}"),
                None => "applied".to_owned(),
            },
        },
    }
}

/// By which later transactions each one was taken back, all of it or a part.
#[derive(Default)]
pub(super) struct Undoings {
    whole: BTreeMap<u64, u64>,
    part: BTreeMap<u64, u64>,
}

impl Undoings {
    /// Reads them off the headers, the oldest first. What was taken back itself takes nothing back, so that the newest
    /// are looked at first.
    pub(super) fn of(all: &[Header]) -> Self {
        let mut undoings = Self::default();
        // of those that hold, the newest first: the transaction, and back to which it went
        let mut back_to: Vec<(u64, u64)> = Vec::new();
        for header in all.iter().rev() {
            let after = back_to.iter().find(|(_, id)| *id < header.id);
            if let Some((later, _)) = after {
                undoings.whole.entry(header.id).or_insert(*later);
            }
            if undoings.whole.contains_key(&header.id) || header.state != State::Applied {
                continue;
            }
            back_to.extend(header.back_to.map(|id| (header.id, id)));
            if let Some(undone) = header.undoes {
                undoings.whole.entry(undone).or_insert(header.id);
            }
            for undone in &header.overrides {
                undoings.part.entry(*undone).or_insert(header.id);
            }
        }
        undoings
    }

    /// Returns the transaction that took this one back, and was not taken back itself.
    pub(super) fn whole(&self, header: &Header) -> Option<u64> {
        self.whole.get(&header.id).copied()
    }

    /// Returns the one that took a part of it back.
    fn part(&self, header: &Header) -> Option<u64> {
        self.part.get(&header.id).copied()
    }
}

fn object(record: &Record, undoings: &Undoings) -> serde_json::Value {
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
        "rolled_back_by": undoings.whole(header),
        "rolled_back_in_part_by": undoings.part(header),
        "files": files,
    })
}

/// Returns the set without copies of originals: what only says that it is a copy is shown.
pub(super) fn wanted(copies: &[(HostPath, HostPath)], set: &ChangeSet) -> ChangeSet {
    let copies = copies.iter().filter(|(of, at)| plan::is_copy(set, of, at));
    let copies: BTreeSet<&HostPath> = copies.map(|(_, at)| at).collect();
    let mut wanted = ChangeSet::default();
    for change in set.iter().filter(|change| !copies.contains(&change.path)) {
        wanted.put(change.clone());
    }
    for (from, to) in set.renames() {
        wanted.note_rename(from.clone(), to.clone());
    }
    wanted
}
