//! `history prune`: what is kept for good goes, once it was shown.

use std::collections::BTreeSet;

use serde_json::json;

use super::args::PruneArgs;
use super::error::{CliError, Exit};
use super::session::{Session, can_ask};
use super::table;
use super::text::{count, one_line};
use super::written::copies;
use crate::root::Root;
use crate::transaction::journal::{Header, State};
use crate::transaction::{Budget, Original, Store};
use crate::tree::{HostPath, Node};

/// What goes.
struct Doomed {
    state: HostPath,
    originals: Vec<Original>,
    transactions: Vec<Header>,
    /// What the transactions replaced; copies of originals left out.
    replaced: Vec<Replaced>,
}

/// What a transaction replaced.
struct Replaced {
    of: HostPath,
    id: u64,
    /// Its length; nothing of a link.
    len: Option<usize>,
}

/// Shows what is kept for good, and drops it as the options say.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    args: &PruneArgs,
) -> Result<Exit, CliError> {
    let store = Store::new(root);
    let settled = |header: &Header| header.state != State::Prepared;
    let headers = store.headers()?.into_iter().filter(settled);
    let mut transactions: Vec<Header> = headers.collect();
    let kept = args.keep.map_or(usize::MAX, usize::from);
    transactions.truncate(transactions.len().saturating_sub(kept));
    // one that may yet be rolled back by itself stays
    let waiting = store.waiting()?.and_then(|waiting| waiting.by);
    transactions.retain(|header| waiting.as_ref().is_none_or(|by| by.id != header.id));
    let doomed = Doomed {
        state: store.path()?,
        originals: store.originals()?,
        replaced: replaced(&store, &transactions)?,
        transactions,
    };
    let none = doomed.originals.is_empty() && doomed.transactions.is_empty();
    let asks = !args.yes && !args.dry_run && !session.json && !none;
    let asks = asks && can_ask();
    if !session.json {
        show(session, &doomed)?;
    }
    if asks && !session.confirm("\nDelete this? It cannot be undone.") {
        session.screen.talk("Declined: nothing was deleted.");
        return Ok(Exit::Refused);
    }
    if !none && !asks && !args.yes && !args.dry_run {
        let message = "nothing was deleted: neither --yes nor --dry-run is given, and there is no terminal to ask on";
        return Err(
            CliError::refused(message).help("delete it with --yes, or preview it with --dry-run")
        );
    }
    let drops = !none && !args.dry_run;
    if drops {
        let guard = session.lock(root)?;
        let ids: BTreeSet<u64> = doomed.transactions.iter().map(|header| header.id).collect();
        guard.drop_transactions(&ids)?;
        guard.drop_originals(&doomed.originals)?;
    }
    if session.json {
        session.print_json(&object(&doomed, drops))?;
    } else if drops {
        session.screen.say("\nDropped.")?;
    } else if !none {
        session.screen.say("\nDry run: nothing was deleted.")?;
    }
    Ok(Exit::Done)
}

fn replaced(store: &Store<'_>, transactions: &[Header]) -> Result<Vec<Replaced>, CliError> {
    let mut replaced = Vec::new();
    for header in transactions {
        let budget = &mut Budget::of_one();
        let record = store.record(header.id, budget)?;
        let copies: BTreeSet<HostPath> = copies(&record).into_iter().map(|(_, at)| at).collect();
        let set = store.change_set(&record, budget)?;
        for change in set.iter().filter(|change| !copies.contains(&change.path)) {
            let len = match &change.before {
                Some(Node::File(file)) => Some(file.bytes.len()),
                Some(Node::Link(_)) => None,
                None => continue,
            };
            let (of, id) = (change.path.clone(), header.id);
            replaced.push(Replaced { of, id, len });
        }
    }
    replaced.sort_by(|a, b| (&a.of, a.id).cmp(&(&b.of, b.id)));
    Ok(replaced)
}

fn show(session: &mut Session<'_>, doomed: &Doomed) -> Result<(), CliError> {
    if doomed.originals.is_empty() && doomed.transactions.is_empty() {
        return session
            .screen
            .line("Nothing to delete: nothing is kept beyond the last 20 transactions.");
    }
    if !doomed.originals.is_empty() || !doomed.replaced.is_empty() {
        let mut rows = vec![["BYTES", "REPLACED-BY", "FILE"].map(str::to_owned)];
        for original in &doomed.originals {
            let file = one_line(original.of.as_str());
            rows.push([original.len.to_string(), original.id.to_string(), file]);
        }
        for replaced in &doomed.replaced {
            let len = replaced
                .len
                .map_or("link".to_owned(), |len| len.to_string());
            let file = one_line(replaced.of.as_str());
            rows.push([len, replaced.id.to_string(), file]);
        }
        for line in table::plain(&rows, &[0, 1]) {
            session.screen.line(&line)?;
        }
    }
    for header in &doomed.transactions {
        let command = one_line(&header.command);
        session
            .screen
            .line(&format!("transaction {}: {command}", header.id))?;
    }
    let mut said = Vec::new();
    if !doomed.originals.is_empty() {
        let bytes = doomed.originals.iter().map(|original| original.len).sum();
        let files = count(doomed.originals.len(), "file");
        said.push(format!("{files} kept permanently, {}", size(bytes)));
    }
    if !doomed.transactions.is_empty() {
        let transactions = count(doomed.transactions.len(), "transaction");
        said.push(format!("{transactions}, which then cannot be rolled back"));
    }
    session.screen.line(&format!("\n{}", said.join("; ")))
}

/// Says how many bytes that is, as `ls -h` rounds them: up.
pub(super) fn size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let unit = units.iter().find(|(_, shift)| bytes >> shift > 0);
    match unit {
        Some((unit, shift)) => format!("{} {unit}", bytes.div_ceil(1 << shift)),
        None => format!("{bytes} bytes"),
    }
}

fn object(doomed: &Doomed, dropped: bool) -> serde_json::Value {
    let original = |original: &Original| {
        json!({
            "path": original.of.as_str(),
            "kept_at": original.at(&doomed.state).as_str(),
            "replaced_by": original.id,
            "bytes": original.len,
        })
    };
    let originals: Vec<_> = doomed.originals.iter().map(original).collect();
    let ids: Vec<u64> = doomed.transactions.iter().map(|header| header.id).collect();
    let replaced = doomed.replaced.iter().map(|replaced| {
        json!({
            "path": replaced.of.as_str(),
            "replaced_by": replaced.id,
            "bytes": replaced.len,
        })
    });
    let replaced: Vec<_> = replaced.collect();
    json!({
        "schema": 1,
        "dropped": dropped,
        "originals": originals,
        "replaced": replaced,
        "transactions": ids,
    })
}
