//! `confirm`: the change that waits stays, and what is left of a wait goes.

use serde_json::{Value, json};

use super::remains::Remains;
use crate::cli::error::{CliError, Exit};
use crate::cli::session::Session;
use crate::cli::text::one_line;
use crate::cli::undoings::Undoings;
use crate::root::Root;
use crate::transaction::journal::{Header, State};
use crate::transaction::{Guard, Store};
use crate::tree::HostPath;

/// `kvmnet confirm`: the change stays, and nothing takes it back any more.
pub(in crate::cli) fn confirm(session: &mut Session<'_>, root: &Root) -> Result<Exit, CliError> {
    let store = Store::new(root);
    if let Some(open) = store.pending()? {
        let message = format!(
            "transaction {} ({}) was interrupted: nothing of it can be confirmed",
            open.id,
            one_line(&open.command)
        );
        return Err(CliError::refused(message).help("kvmnet recover"));
    }
    let before = Standing::of(root)?;
    let Some(outcome) = before.outcome() else {
        return Err(before.nothing());
    };
    if before.remains.own.is_empty() {
        return said(session, &before, &outcome);
    }
    let guard = session.lock(root)?;
    // it may have been rolled back while the lock was waited for
    let standing = Standing::of(root)?;
    let Some(outcome) = standing.outcome() else {
        return Err(standing.nothing());
    };
    standing.end(&guard)?;
    said(session, &standing, &outcome)
}

/// Takes away what is left of a wait that is over: its end was cut off behind the marker, or before it.
pub(in crate::cli) fn clear(
    session: &mut Session<'_>,
    root: &Root,
    guard: &Guard<'_>,
) -> Result<(), CliError> {
    let standing = Standing::of(root)?;
    let is_over = !standing.waits || standing.undone.is_some();
    let own = &standing.remains.own;
    if !is_over {
        return Ok(());
    }
    // a folder that was made for them may be all that is left
    standing.end(guard)?;
    if own.is_empty() {
        return Ok(());
    }
    let paths: Vec<&str> = own.iter().map(|(path, _)| path.as_str()).collect();
    session.screen.talk(&format!(
        "Removed what was left of a change that waits no more: {}",
        paths.join(", ")
    ));
    Ok(())
}

/// What waits, and what is there of it.
struct Standing {
    headers: Vec<Header>,
    /// Whether the marker is there.
    waits: bool,
    /// The last transaction that was to be confirmed.
    by: Option<Header>,
    /// By which one that was rolled back.
    undone: Option<u64>,
    remains: Remains,
}

/// What `confirm` comes to.
enum Outcome {
    /// A change is confirmed.
    Confirmed(Header),
    /// It is already.
    Already(Header),
    /// What is left of a change that waits no more goes.
    Cleared,
}

impl Standing {
    fn of(root: &Root) -> Result<Self, CliError> {
        let store = Store::new(root);
        let (headers, waiting) = (store.headers()?, store.waiting()?);
        let mut by = headers.iter().rev();
        let by = by.find(|header| header.confirm_within.is_some()).cloned();
        let undone = by.as_ref();
        let undone = undone.and_then(|by| Undoings::of(&headers).whole(by));
        Ok(Self {
            waits: waiting.is_some(),
            remains: Remains::of(root, by.as_ref())?,
            headers,
            by,
            undone,
        })
    }

    /// Takes the files away, the marker first, and the folders that were made for them.
    fn end(&self, guard: &Guard<'_>) -> Result<(), CliError> {
        let mut own = self.remains.own.iter().map(|(path, _)| path);
        if self.waits {
            // without the marker all is done: the rest does nothing any more
            own.next().map_or(Ok(()), |marker| guard.end_wait(marker))?;
        }
        let rest = own.try_for_each(|path| guard.end_wait(path));
        let mut folders = self.remains.folders.iter();
        let rest = rest.and_then(|()| folders.try_for_each(|folder| guard.end_folder(folder)));
        match (self.waits, rest) {
            (true, Err(error)) => {
                let error = CliError::from(error);
                let message = format!(
                    "nothing is rolled back any more, but what is left of the wait is not removed: {}",
                    error.message
                );
                Err(CliError::failed(message).help("remove it later: kvmnet confirm"))
            }
            (_, rest) => Ok(rest?),
        }
    }

    /// Returns what there is to confirm, or to clear away.
    fn outcome(&self) -> Option<Outcome> {
        let applied = |by: &&Header| by.state == State::Applied && self.undone.is_none();
        match (self.waits, &self.by) {
            (true, Some(by)) if applied(&by) => Some(Outcome::Confirmed(by.clone())),
            (false, Some(by)) if applied(&by) => Some(Outcome::Already(by.clone())),
            // of one that was rolled back, its rollback was cut off
            (true, Some(_)) => None,
            (_, _) => (!self.remains.own.is_empty()).then_some(Outcome::Cleared),
        }
    }

    /// Returns the error that nothing waits, and why not.
    fn nothing(&self) -> CliError {
        let why = match (&self.by, self.undone) {
            (Some(by), _) if by.state == State::Recovered => {
                format!(": transaction {} was interrupted, and taken back", by.id)
            }
            (Some(by), Some(undone)) => format!(
                ": transaction {} ({}) was rolled back by {undone}",
                by.id,
                one_line(&by.command)
            ),
            (_, _) => String::new(),
        };
        let error = CliError::refused(format!("no change waits to be confirmed{why}"));
        match self.waits {
            true => error.help("remove what is left of it: kvmnet rollback --unconfirmed --yes"),
            false if self.headers.is_empty() => error,
            false => error.help("list what was done: kvmnet history"),
        }
    }
}

/// What has systemd forget the timer.
const FORGET: [&str; 2] = [
    "systemctl stop kvmnet-revert.timer",
    "systemctl daemon-reload",
];

/// Says what `confirm` came to.
fn said(
    session: &mut Session<'_>,
    standing: &Standing,
    outcome: &Outcome,
) -> Result<Exit, CliError> {
    let remains = &standing.remains;
    for path in &remains.others {
        session.screen.talk(&format!(
            "warning: {path} is not as kvmnet wrote it, and is left: without the marker it rolls nothing back"
        ));
    }
    if session.json {
        let is_here = session.screen.site.root().is_none();
        session.print_json(&object(outcome, remains, is_here))?;
        return Ok(Exit::Done);
    }
    if session.quiet {
        return Ok(Exit::Done);
    }
    match outcome {
        Outcome::Already(by) => {
            let rest = match remains.own.is_empty() {
                true => "",
                false => "; removed what was left of its wait",
            };
            session.screen.line(&format!(
                "Nothing to confirm: transaction {} is confirmed already{rest}.",
                by.id
            ))?;
        }
        Outcome::Cleared => session
            .screen
            .line("No change waits to be confirmed: removed what was left of an earlier one.")?,
        Outcome::Confirmed(by) => {
            let (id, command) = (by.id, one_line(&by.command));
            session.screen.line(&format!(
                "Transaction {id} ({command}) is confirmed: nothing rolls it back by itself any more."
            ))?;
            session
                .screen
                .say(&format!("Undo with: kvmnet rollback {id}"))?;
        }
    }
    if session.screen.site.root().is_none() && !remains.own.is_empty() {
        session
            .screen
            .line("\nNext steps (systemd, to forget the timer)")?;
        session.screen.line(&format!("  {}", FORGET.join("; ")))?;
    }
    Ok(Exit::Done)
}

fn object(outcome: &Outcome, remains: &Remains, is_here: bool) -> Value {
    let confirmed = match outcome {
        Outcome::Confirmed(by) => json!({ "id": by.id, "command": by.command }),
        Outcome::Already(_) | Outcome::Cleared => json!(null),
    };
    let removed = remains.own.iter().map(|(path, _)| path.as_str());
    let left = remains.others.iter().map(HostPath::as_str);
    let forget =
        json!([{ "reader": "systemd", "when": "after", "commands": FORGET, "interrupts": [] }]);
    // as in the report of a change
    let (here, there) = match (remains.own.is_empty(), is_here) {
        (true, _) => (json!([]), json!([])),
        (false, true) => (forget, json!([])),
        (false, false) => (json!([]), forget),
    };
    json!({
        "schema": 1,
        "confirmed": confirmed,
        "removed": removed.collect::<Vec<_>>(),
        "left": left.collect::<Vec<_>>(),
        "next_steps": here,
        "on_that_host": there,
    })
}
