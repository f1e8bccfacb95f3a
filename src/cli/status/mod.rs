//! `status`: what waits, what was interrupted, what was edited by hand since kvmnet wrote it, and what is not in use yet.

mod edited;
mod in_use;

use serde_json::{Value, json};

use super::clock;
use super::error::{CliError, Exit};
use super::passed_over::warn;
use super::session::Session;
use super::show;
use super::text::{count, one_line};
use super::undisturbed;
use super::waiting::waiting;
use super::wrap::wrap;
use crate::backend::{self, Interest};
use crate::diff;
use crate::plan::confirm::in_words;
use crate::root::{Root, denied_text};
use crate::transaction::Store;
use crate::transaction::journal::{Header, State};

use edited::Edited;
use in_use::InUse;

/// How often the files are looked at where another process changes them.
const TRIES: usize = 3;

/// All that is told.
struct Status {
    /// Nothing, where the history cannot be read, for this reason.
    history: Result<History, String>,
    in_use: InUse,
    warnings: Vec<String>,
}

/// What the history tells.
struct History {
    /// The one that waits to be confirmed, and by which one it was rolled back already.
    waiting: Option<(Header, Option<u64>)>,
    interrupted: Option<Header>,
    edited: Edited,
}

/// Prints the status; with `diff`, also what was edited, as a patch.
pub(super) fn run(session: &mut Session<'_>, root: &Root, diff: bool) -> Result<Exit, CliError> {
    let look = || Status::of(root);
    let still = (0..TRIES).find_map(|_| undisturbed::still(root, look));
    let mut status = still.unwrap_or_else(look)?;
    let denied = root.passed_over();
    status.warnings.extend(denied.iter().map(denied_text));
    if session.json {
        let object = status.json(session, diff);
        session.print_json(&object)?;
        return Ok(Exit::Done);
    }
    if let (true, Ok(history)) = (diff, &status.history) {
        session.screen.changes(&history.edited.set)?;
        if session.quiet {
            return Ok(Exit::Done);
        }
        if !history.edited.set.is_empty() {
            session.screen.line("")?;
        }
    }
    for (heading, lines) in status.rows(root, diff) {
        for (n, text) in lines.iter().enumerate() {
            let heading = if n == 0 { heading } else { "" };
            let text = session.screen.site.typed(text).into_owned();
            let start = format!("{heading:13}");
            let line = match session.screen.width {
                Some(_) => wrap(&start, &text, 13),
                None => start + &text,
            };
            session.screen.line(&line)?;
        }
    }
    warn(session, &status.warnings);
    Ok(Exit::Done)
}

impl Status {
    fn of(root: &Root) -> Result<Self, CliError> {
        let tree = root.read_tree(&backend::scope(Interest::All))?;
        let host = backend::inspect(&tree, Interest::All);
        let mut warnings = show::warnings(&host, tree.oddities());
        drop(tree);
        let in_use = InUse::of(root, &host, &mut warnings)?;
        let headers = Store::new(root).headers().map_err(CliError::from);
        let history = headers
            .and_then(|headers| History::of(root, &headers))
            .map_err(|error| error.message);
        if let Err(why) = &history {
            warnings.push(format!("the history cannot be read: {why}"));
        }
        Ok(Self {
            history,
            in_use,
            warnings,
        })
    }

    /// Returns the rows of the screen, each a heading with its lines.
    fn rows(&self, root: &Root, diff: bool) -> Vec<(&'static str, Vec<String>)> {
        let zone = clock::zone(root);
        let mut rows = match &self.history {
            Ok(history) => history.rows(diff),
            Err(_) => ["unconfirmed", "interrupted", "edited"]
                .map(|heading| (heading, vec!["unknown".to_owned()]))
                .to_vec(),
        };
        rows.push(("not in use", self.in_use.lines(&zone)));
        rows
    }

    fn json(&self, session: &Session<'_>, with_diff: bool) -> Value {
        let mut object = json!({
            "schema": 1,
            "not_in_use": self.in_use.json(),
            "shows": self.in_use.shows(),
            "warnings": self.warnings,
            "unconfirmed": null,
            "interrupted": null,
            "edited": null,
            "diff": null,
            "history": self.history.as_ref().err(),
        });
        if let Ok(history) = &self.history {
            object["unconfirmed"] = json!(history.waiting.as_ref().map(|(header, undone)| json!({
                "id": header.id,
                "time": header.time,
                "user": header.user,
                "command": header.command,
                "confirm_within": header.confirm_within,
                "rolled_back_by": undone,
            })));
            object["interrupted"] = json!(history.interrupted.as_ref().map(|header| json!({
                "id": header.id,
                "time": header.time,
                "user": header.user,
                "command": header.command,
            })));
            object["edited"] = history.edited.json();
            if with_diff {
                let (shown, _) = session.screen.shown(&history.edited.set);
                object["diff"] = json!(String::from_utf8_lossy(&diff::patch(&shown)));
            }
        }
        object
    }
}

impl History {
    fn of(root: &Root, headers: &[Header]) -> Result<Self, CliError> {
        let prepared = |header: &&Header| header.state == State::Prepared;
        Ok(Self {
            waiting: waiting(root)?,
            interrupted: headers.iter().find(prepared).cloned(),
            edited: Edited::of(root, headers)?,
        })
    }

    fn rows(&self, diff: bool) -> Vec<(&'static str, Vec<String>)> {
        let none = || vec!["none".to_owned()];
        let interrupted = self.interrupted.as_ref().map(|header| {
            let command = one_line(&header.command);
            let id = header.id;
            vec![format!(
                "transaction {id} ({command}), or it is still running; take it back: kvmnet recover"
            )]
        });
        let waiting = self.waiting.as_ref().map(|(header, undone)| {
            let (id, command) = (header.id, one_line(&header.command));
            let within = in_words(header.confirm_within.unwrap_or_default());
            vec![match undone {
                None => format!(
                    "transaction {id} ({command}) is rolled back {within} after its timer was started, and after each boot; keep it: kvmnet confirm"
                ),
                Some(by) => format!(
                    "transaction {id} ({command}), rolled back by {by}; remove what is left of the wait: kvmnet rollback --unconfirmed --yes"
                ),
            }]
        });
        let mut edited = self.edited.lines();
        if !(edited.is_empty() || diff) {
            edited.push("show what differs: kvmnet status --diff".to_owned());
        }
        vec![
            ("unconfirmed", waiting.unwrap_or_else(none)),
            ("interrupted", interrupted.unwrap_or_else(none)),
            ("edited", if edited.is_empty() { none() } else { edited }),
        ]
    }
}

/// Says how many lines there are more than are shown.
fn shortened(mut lines: Vec<String>, most: usize, what: &str) -> Vec<String> {
    let more = lines.len().saturating_sub(most);
    if more > 1 {
        lines.truncate(most);
        lines.push(format!(
            "and {} more, which --json lists",
            count(more, what)
        ));
    }
    lines
}
