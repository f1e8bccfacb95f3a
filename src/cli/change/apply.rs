//! A plan is applied: under the lock, if nothing that it hangs on is another than it was, and only what was judged.

use crate::cli::args::ChangeOptions;
use crate::cli::clock;
use crate::cli::command_line::user;
use crate::cli::error::{CliError, Exit};
use crate::cli::planned::Planned;
use crate::cli::seen::Seen;
use crate::cli::session::Session;
use crate::cli::{recover, undisturbed};
use crate::lint::Diagnosis;
use crate::plan::Judged;
use crate::root::Root;
use crate::transaction::journal::Record;
use crate::transaction::{Guard, Meta, Store, TransactionError, measure};
use crate::tree::HostPath;

use super::{said, write_page};

/// Makes the plan from what is there; called again under the lock, where that changed meanwhile.
pub(super) type Maker<'a> = dyn Fn(&Seen<'_>) -> Result<Planned, CliError> + 'a;

/// A plan, and what was seen to make it.
pub(super) struct Current<'r> {
    pub(super) planned: Planned,
    pub(super) seen: Seen<'r>,
}

impl<'r> Current<'r> {
    pub(super) fn make(root: &'r Root, make: &Maker<'_>) -> Result<Self, CliError> {
        let seen = Seen::remembered(root);
        let planned = make(&seen)?;
        Ok(Self { planned, seen })
    }
}

/// Applies under the lock what was planned before it was taken, if nothing that the plan hangs on changed meanwhile; else it is
/// planned again there. If a plan was shown, it must be that one.
pub(super) fn apply(
    session: &mut Session<'_>,
    root: &Root,
    options: &ChangeOptions,
    shown: Option<Current<'_>>,
    make: &Maker<'_>,
) -> Result<Exit, CliError> {
    let is_open = Store::new(root).pending()?.is_some();
    let is_shown = shown.is_some();
    let mut current = shown;
    if current.is_none()
        && !is_open
        && let Some(planned) = undisturbed::still(root, || Current::make(root, make))
    {
        // a plan that changes nothing leaves no trace, not even a lock
        let planned = planned?;
        write_page(session, root, options, &planned.planned)?;
        if planned.planned.plan.is_empty() {
            return said::nothing(session, options, &planned.planned);
        }
        current = Some(planned);
    }
    let mut is_written = current.is_some();
    if options.distrust_history {
        recover::put_aside(session, root)?;
    }
    let guard = session.lock(root)?;
    recover::at_once(session, root, &guard)?;
    let planned = match current {
        Some(current) if is_shown => as_shown(root, current, make)?,
        Some(current) if current.seen.is_so() => current.planned,
        Some(_) | None => {
            is_written = false;
            make(&Seen::once(root))?
        }
    };
    measure(&planned.plan.full)?;
    if !is_written {
        write_page(session, root, options, &planned)?;
    }
    if planned.plan.is_empty() {
        return said::nothing(session, options, &planned);
    }
    if !is_shown && !session.json {
        said::plan(session, &planned)?;
        said::page(session, options)?;
    }
    let record = commit(&guard, &planned.plan, meta(&planned))?;
    let kept = kept(root, &planned, &record);
    told(session, &planned, record.header.id, &kept)
}

/// Says what was done.
fn told(
    session: &mut Session<'_>,
    planned: &Planned,
    id: u64,
    kept: &[(&HostPath, String)],
) -> Result<Exit, CliError> {
    match said::applied(session, planned, id, kept) {
        // it is done, whoever listens: a closed output does not make it undone; but who wants an object has none
        Err(error) if session.json => Err(CliError::failed(format!(
            "applied as transaction {id}, but {}",
            error.message
        ))
        .help(format!("see what was done: kvmnet history {id}"))),
        Ok(()) | Err(_) => Ok(Exit::Done),
    }
}

/// Writes: only what was judged.
fn commit(guard: &Guard<'_>, plan: &Judged, meta: Meta) -> Result<Record, CliError> {
    Ok(guard.commit(&plan.full, meta)?)
}

/// Returns what is recorded of a change.
fn meta(planned: &Planned) -> Meta {
    let undone = planned.undoes.as_ref();
    let made = planned.plan.backups.iter();
    let made = made.map(|backup| (backup.of.clone(), backup.at.clone()));
    let copies = undone.into_iter().flat_map(|undone| &undone.copies);
    Meta {
        time: clock::now(),
        user: user(),
        command: planned.command(),
        undoes: undone.and_then(|undone| undone.undoes),
        back_to: undone.and_then(|undone| undone.back_to),
        overrides: undone.map_or_else(Vec::new, |undone| undone.overrides.clone()),
        copies: made.chain(copies.cloned()).collect(),
        repaired: keys(&planned.plan.findings().repaired),
        empty: undone.map_or_else(Vec::new, |undone| undone.empty.clone()),
        confirm_within: planned
            .confirm_within
            .filter(|_| !planned.plan.waits.is_empty()),
        waits: planned.plan.waits.clone(),
        ends: undone.map_or_else(Vec::new, |undone| undone.ends.clone()),
    }
}

/// Returns the files that were edited before they were taken back, and where they are kept as they were.
fn kept<'p>(root: &Root, planned: &'p Planned, record: &Record) -> Vec<(&'p HostPath, String)> {
    let Ok(state) = Store::new(root).path() else {
        return Vec::new();
    };
    let id = record.header.id;
    let place = |path: &'p HostPath| {
        let mut changes = record.changes.iter();
        let n = changes.position(|change| change.path == *path)?;
        Some((path, format!("{state}/transactions/{id}/before/{n}")))
    };
    let undone = planned.undoes.iter();
    undone
        .flat_map(|undone| &undone.kept)
        .filter_map(place)
        .collect()
}

/// Returns what findings are known by.
fn keys(found: &[Diagnosis]) -> Vec<(String, String)> {
    let key = |d: &Diagnosis| (d.finding.rule.name.to_owned(), d.finding.subject.clone());
    found.iter().map(key).collect()
}

/// Returns the plan that was shown, unless something changed that makes it another.
fn as_shown(root: &Root, shown: Current<'_>, make: &Maker<'_>) -> Result<Planned, CliError> {
    let Current { planned, seen } = shown;
    if seen.is_so() {
        return Ok(planned);
    }
    for change in planned.plan.full.iter() {
        let found = root.read_node(&change.path)?;
        if found != change.before {
            let (path, expected) = (change.path.clone(), change.before.clone());
            return Err(outdated(CliError::from(TransactionError::Changed {
                path,
                expected,
                found,
            })));
        }
    }
    match make(&Seen::once(root))? == planned {
        true => Ok(planned),
        false => Err(outdated(CliError::refused(""))),
    }
}

fn outdated(mut error: CliError) -> CliError {
    error.message =
        "the files have changed since the plan was shown; nothing was written".to_owned();
    error.help("run the command again and review the new plan")
}
