//! `recover`, and what comes before every other change: what was interrupted is taken back.

use serde_json::json;

use super::error::{CliError, Exit};
use super::session::Session;
use super::text::one_line;
use super::{permitted, report, waiting};
use crate::diff;
use crate::root::Root;
use crate::transaction::journal::Header;
use crate::transaction::{Guard, Recovery, Store, TransactionError};

/// Restores the tree after an interrupted command.
pub(super) fn run(session: &mut Session<'_>, root: &Root, force: bool) -> Result<Exit, CliError> {
    let recovered = taken_back(session, root, force)?;
    match (session.json, &recovered) {
        (true, _) => {
            let object = recovered.map(|recovered| recovered.object);
            session.print_json(&json!({ "schema": 1, "recovered": object }))?;
        }
        (false, Some(_)) => {}
        (false, None) => session
            .screen
            .line("Nothing to recover: no transaction was interrupted.")?,
    }
    Ok(Exit::Done)
}

/// Restores it before another command, whose object is the only one then.
pub(super) fn first(session: &mut Session<'_>, root: &Root, force: bool) -> Result<(), CliError> {
    let recovered = taken_back(session, root, force)?;
    if let Some(recovered) = recovered.filter(|_| session.json) {
        session.screen.talk(&restored(&recovered.header));
    }
    Ok(())
}

/// What was taken back.
struct Recovered {
    header: Header,
    /// For programs.
    object: serde_json::Value,
}

/// Takes back what was interrupted, and says so but for JSON.
fn taken_back(
    session: &mut Session<'_>,
    root: &Root,
    force: bool,
) -> Result<Option<Recovered>, CliError> {
    let store = Store::new(root);
    if store.pending()?.is_none() {
        if store.exists() {
            let guard = session.lock(root)?;
            guard.sweep()?;
            waiting::clear(session, root, &guard)?;
        }
        return Ok(None);
    }
    let guard = session.lock(root)?;
    let Some(recovery) = guard.recovery()? else {
        return Ok(None);
    };
    let recovery = if force {
        recovery
    } else {
        recovery.unedited().map_err(edited)?
    };
    let marks = restores(root, &recovery)?;
    let kept = recovery.kept_aside()?;
    // said before it is done: afterwards nothing is left to be said, if this is interrupted in its turn
    if !session.json {
        session.screen.changes(recovery.restored())?;
        for line in &marks {
            session.screen.line(&one_line(line))?;
        }
        for (path, at) in &kept {
            let text = format!("{path} was edited since: the edited version is kept in {at}");
            session.screen.line(&one_line(&text))?;
        }
    }
    let (shown, _) = session.screen.shown(recovery.restored());
    let diff = String::from_utf8_lossy(&diff::patch(&shown)).into_owned();
    let header = recovery.run()?.header;
    if !session.json {
        session.screen.line(&format!("\n{}", restored(&header)))?;
    }
    waiting::clear(session, root, &guard)?;
    let kept = kept
        .iter()
        .map(|(path, at)| json!({ "path": path.as_str(), "kept_at": at.as_str() }));
    let object = json!({
        "id": header.id,
        "command": header.command,
        "diff": diff,
        "attributes": marks,
        "kept": kept.collect::<Vec<_>>(),
    });
    Ok(Some(Recovered { header, object }))
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
    let recovery = recovery.unedited().map_err(edited)?;
    session
        .screen
        .talk("warning: a transaction was interrupted; it is taken back first:");
    let marks = restores(root, &recovery)?;
    session.screen.changes(recovery.restored())?;
    for line in marks {
        session.screen.line(&one_line(&line))?;
    }
    if !session.confirm("\nTake it back?") {
        session.screen.talk("Declined: nothing was written.");
        return Ok(false);
    }
    // while the user thought about it somebody may have edited a file
    let shown = recovery.restored().clone();
    let Some(recovery) = guard.recovery()? else {
        return Ok(true);
    };
    let recovery = recovery.unedited().map_err(edited)?;
    if *recovery.restored() != shown {
        let message = "the files have changed since that was shown; nothing was written";
        return Err(CliError::refused(message).help("run the command again and review it"));
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
    let waiting = store
        .waiting()
        .ok()
        .flatten()
        .and_then(|waiting| waiting.by);
    let Some(path) = store.put_aside()? else {
        return Ok(());
    };
    session
        .screen
        .talk(&format!("The history was set aside: {path}"));
    if let Some(header) = pending {
        let (id, command) = (header.id, one_line(&header.command));
        session.screen.talk(&format!(
            "warning: transaction {id} ({command}) was interrupted, and is not taken back: the originals of what it \
             may have changed are in {path}/transactions/{id}/before"
        ));
    }
    if let Some(header) = waiting {
        let (id, command) = (header.id, one_line(&header.command));
        session.screen.talk(&format!(
            "warning: transaction {id} ({command}) was not confirmed: nothing rolls it back by itself any more"
        ));
    }
    Ok(())
}

/// Refuses a recovery that does more than commands do; returns what of it no patch shows.
pub(super) fn restores(root: &Root, recovery: &Recovery<'_, '_>) -> Result<Vec<String>, CliError> {
    let (deeds, found) = (recovery.deeds(), recovery.found());
    permitted::check(root, &permitted::tree(root)?, &deeds, found)?;
    let set = recovery.restored();
    let modes = set.iter().filter_map(|change| {
        let said = report::attributes(set, change)?;
        Some(format!("{}: {said}", change.path))
    });
    let folders = recovery.folders().iter();
    let folders = folders.map(|folder| format!("{folder}: deleted if left empty"));
    let marks = permitted::marks(&deeds, found);
    Ok(modes.chain(marks).chain(folders).collect())
}

/// Says that a transaction was taken back.
pub(super) fn restored(header: &Header) -> String {
    format!(
        "Transaction {} ({}) was interrupted: the tree was restored to the state before it.",
        header.id,
        one_line(&header.command)
    )
}

/// Takes an interrupted transaction back, and says so.
pub(super) fn at_once(
    session: &mut Session<'_>,
    root: &Root,
    guard: &Guard<'_>,
) -> Result<(), CliError> {
    if let Some(recovery) = guard.recovery()? {
        let recovery = recovery.unedited().map_err(edited)?;
        let marks = restores(root, &recovery)?;
        session.screen.changes_aside(recovery.restored());
        for line in marks {
            session.screen.talk(&line);
        }
        let record = recovery.run()?;
        session.screen.talk(&restored(&record.header));
    }
    Ok(guard.sweep()?)
}

/// Says what to do where a file was edited after an interrupted command.
fn edited(error: TransactionError) -> CliError {
    let mut error = CliError::from(error);
    error.message = format!(
        "an interrupted transaction cannot be taken back: {}",
        error.message
    );
    error.help("keep the edit aside and restore: kvmnet recover --force")
}
