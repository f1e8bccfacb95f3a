//! The way of every change: plan, show, ask, lock, look whether all is as it was, apply. What was shown is what is written, and
//! only what was judged.

use serde_json::json;

use super::args::ChangeOptions;
use super::command_line::{quoted, user};
use super::error::{CliError, Exit};
use super::planned::Planned;
use super::seen::Seen;
use super::session::{Session, can_ask};
use super::text::one_line;
use super::{clock, plan_file, recover, report, undisturbed};
use crate::lint::Diagnosis;
use crate::plan::{Judged, Timing};
use crate::root::Root;
use crate::transaction::journal::Record;
use crate::transaction::{Guard, Meta, Store, TransactionError, measure};
use crate::tree::HostPath;

/// Makes the plan from what is there; called again under the lock, where that changed meanwhile.
type Maker<'a> = dyn Fn(&Seen<'_>) -> Result<Planned, CliError> + 'a;

/// A plan, and what was seen to make it.
struct Current<'r> {
    planned: Planned,
    seen: Seen<'r>,
}

impl<'r> Current<'r> {
    fn make(root: &'r Root, make: &Maker<'_>) -> Result<Self, CliError> {
        let seen = Seen::remembered(root);
        let planned = make(&seen)?;
        Ok(Self { planned, seen })
    }
}

/// Shows what `make` plans, and applies it as the options say.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    options: &ChangeOptions,
    make: &Maker<'_>,
) -> Result<Exit, CliError> {
    if options.yes {
        return apply(session, root, options, None, make);
    }
    let asks = !options.dry_run && !session.json && can_ask();
    if asks && !recover::recovered_first(session, root)? {
        return Ok(Exit::Refused);
    }
    if asks {
        let current = undisturbed::look(session, root, || Current::make(root, make))?;
        let planned = &current.planned;
        measure(&planned.plan.full)?;
        if planned.plan.is_empty() && options.out.is_none() {
            return nothing(session, planned);
        }
        show(session, planned)?;
        if !session.confirm("\nApply these changes?") {
            session.screen.talk("Declined: nothing was written.");
            return Ok(Exit::Refused);
        }
        return apply(session, root, options, Some(current), make);
    }
    let planned = undisturbed::look(session, root, || make(&Seen::once(root)))?;
    measure(&planned.plan.full)?;
    if planned.plan.is_empty() && options.out.is_none() {
        return nothing(session, &planned);
    }
    show(session, &planned)?;
    if let Some(file) = &options.out {
        plan_file::write(root, file, &planned)?;
    }
    if options.dry_run {
        dry_run_ends(session, options, &planned)
    } else {
        let help = "apply it with --yes, or only look with --dry-run";
        Err(CliError::refused("nothing was written: --yes or --dry-run is missing, and there is no terminal to ask on").help(help))
    }
}

fn dry_run_ends(
    session: &mut Session<'_>,
    options: &ChangeOptions,
    planned: &Planned,
) -> Result<Exit, CliError> {
    if !session.quiet && !session.json {
        let saved = options.out.as_deref().map(plan_file::again);
        session.screen.say(&match saved {
            Some(Some(file)) => {
                format!(
                "\nDry run: nothing was written. Apply with: kvmnet apply {}",
                quoted(&[file])
            )
            }
            Some(_) => {
                "\nDry run: nothing was written. Where the plan is a file, apply it with: kvmnet apply FILE".to_owned()
            }
            None => "\nDry run: nothing was written. Apply with --yes.".to_owned(),
        })?;
    }
    let changes = options.exit_code && !planned.plan.is_empty();
    Ok(if changes { Exit::Changes } else { Exit::Done })
}

/// Applies under the lock what was planned before it was taken, if nothing that the plan hangs on changed meanwhile; else it is
/// planned again there. If a plan was shown, it must be that one.
fn apply(
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
        if planned.planned.plan.is_empty() {
            return nothing(session, &planned.planned);
        }
        current = Some(planned);
    }
    if options.distrust_history {
        recover::put_aside(session, root)?;
    }
    let guard = session.lock(root)?;
    recover::at_once(session, root, &guard)?;
    let planned = match current {
        Some(current) if is_shown => as_shown(root, current, make)?,
        Some(current) if current.seen.is_so() => current.planned,
        Some(_) | None => make(&Seen::once(root))?,
    };
    measure(&planned.plan.full)?;
    if planned.plan.is_empty() {
        return nothing(session, &planned);
    }
    if !is_shown && !session.json {
        let (plan, quiet) = (&planned.plan, session.quiet);
        report::plan(&mut session.screen, plan, plan.verdict(), quiet)?;
    }
    let record = commit(&guard, &planned.plan, meta(&planned))?;
    let kept = kept(root, &planned, &record);
    let id = record.header.id;
    match applied(session, &planned, id, &kept) {
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
        repaired: keys(&planned.plan.verdict().repaired),
        empty: undone.map_or_else(Vec::new, |undone| undone.empty.clone()),
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
    error.help("look at the new plan: run the command again")
}

fn applied(
    session: &mut Session<'_>,
    planned: &Planned,
    id: u64,
    kept: &[(&HostPath, String)],
) -> Result<(), CliError> {
    if session.json {
        let mut plan = as_json(session, planned, Some(id));
        if !kept.is_empty() {
            let kept = kept
                .iter()
                .map(|(path, at)| json!({ "path": path.as_str(), "kept_at": at }));
            plan["kept"] = kept.collect();
        }
        return session.print_json(&plan);
    }
    if session.quiet {
        return Ok(());
    }
    let done = report::counts(&planned.plan.set);
    let done = session.screen.site.named(&done);
    session
        .screen
        .line(&format!("\nApplied as transaction {id}: {done}."))?;
    for (path, at) in kept {
        let line = format!("{path} as it was before is kept in {at}");
        session.screen.line(&one_line(&line))?;
    }
    session
        .screen
        .say(&format!("Undo with: kvmnet rollback {id}"))?;
    report::next_steps(
        &mut session.screen,
        &planned.plan.next_steps,
        Timing::After(id),
    )
}

/// Returns the plan as an object, with the transaction that it was applied as.
fn as_json(session: &Session<'_>, planned: &Planned, id: Option<u64>) -> serde_json::Value {
    let plan = &planned.plan;
    report::json(
        &session.screen,
        plan,
        plan.verdict(),
        &planned.command(),
        id,
    )
}

/// Prints a plan that is not applied.
fn show(session: &mut Session<'_>, planned: &Planned) -> Result<(), CliError> {
    if session.json {
        let plan = as_json(session, planned, None);
        return session.print_json(&plan);
    }
    let (plan, quiet) = (&planned.plan, session.quiet);
    report::plan(&mut session.screen, plan, plan.verdict(), quiet)?;
    if session.quiet {
        return Ok(());
    }
    report::next_steps(
        &mut session.screen,
        &planned.plan.next_steps,
        Timing::Before,
    )
}

fn nothing(session: &mut Session<'_>, planned: &Planned) -> Result<Exit, CliError> {
    if session.json {
        let plan = as_json(session, planned, None);
        session.print_json(&plan)?;
    } else if !session.quiet {
        // where what was to go is not there, that is what there is to say
        let (absent, warnings): (Vec<String>, Vec<String>) = planned
            .plan
            .warnings
            .iter()
            .cloned()
            .partition(|warning| warning.starts_with("there is no "));
        session.screen.line(&match absent.first() {
            Some(absent) => format!("Nothing to change: {}.", one_line(absent)),
            None if planned.words.first().is_some_and(|word| word == "check") => {
                format!("Nothing to change: there is {}.", planned.plan.title)
            }
            None => format!(
                "Nothing to change: all is as asked for ({}).",
                one_line(&planned.plan.title)
            ),
        })?;
        report::warnings(&mut session.screen, &warnings)?;
    }
    Ok(Exit::Done)
}
