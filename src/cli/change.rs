//! The way of every change: plan, show, ask, lock, plan again, apply. What was shown is what is written.

use serde_json::json;

use super::args::ChangeOptions;
use super::error::{CliError, Exit};
use super::screen::one_line;
use super::{Session, can_ask, clock, confirm, quoted, recover, report, saved, steady, user};
use crate::lint::Diagnosis;
use crate::plan::{Plan, Timing};
use crate::root::Root;
use crate::transaction::{Guard, Meta, Store, TransactionError, measure};
use crate::tree::HostPath;

/// A plan with what is recorded of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) plan: Plan,
    /// The words of the command that it is for, without those that only say how it is run.
    pub(super) words: Vec<String>,
    /// What it takes back.
    pub(super) undoes: Option<Undone>,
}

impl Planned {
    /// Returns the command that it is for, without the program's name.
    pub(super) fn command(&self) -> String {
        quoted(&self.words)
    }
}

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Undone {
    /// One transaction.
    pub(super) undoes: Option<u64>,
    /// All after this one.
    pub(super) back_to: Option<u64>,
    /// Later ones of which a part is taken back.
    pub(super) overrides: Vec<u64>,
    /// Copies of originals that were made: the file, and its copy.
    pub(super) copies: Vec<(HostPath, HostPath)>,
    /// Folders that were made, and go where nothing is left in them.
    pub(super) empty: Vec<HostPath>,
    /// Files that were changed since, of which it is said where they are kept.
    pub(super) kept: Vec<HostPath>,
}

/// Makes the plan from what is there now; called again under the lock.
type Maker<'a> = dyn Fn() -> Result<Planned, CliError> + 'a;

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
    let planned = steady::look(session, root, make)?;
    measure(&planned.plan.full)?;
    if planned.plan.is_empty() && options.out.is_none() {
        return nothing(session, &planned);
    }
    if asks {
        show(session, &planned, None)?;
        if !confirm(&mut session.screen, "\nApply these changes?") {
            session.screen.talk("Declined: nothing was written.");
            return Ok(Exit::Refused);
        }
        return apply(session, root, options, Some(&planned), make);
    }
    show(session, &planned, None)?;
    if let Some(file) = &options.out {
        saved::write(root, file, &planned)?;
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
        let saved = options.out.as_deref().map(saved::again);
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

/// Plans under the lock and applies; if a plan was shown before, it must be that one.
fn apply(
    session: &mut Session<'_>,
    root: &Root,
    options: &ChangeOptions,
    shown: Option<&Planned>,
    make: &Maker<'_>,
) -> Result<Exit, CliError> {
    let store = Store::new(root);
    store.pending()?;
    if shown.is_none()
        && let Some(planned) = steady::still(root, make)
    {
        // a plan that changes nothing leaves no trace, not even a lock
        let planned = planned?;
        if planned.plan.is_empty() {
            return nothing(session, &planned);
        }
    }
    if options.distrust_history {
        recover::put_aside(session, root)?;
    }
    let guard = session.lock(root)?;
    recover(session, root, &guard)?;
    if let Some(shown) = shown {
        unedited(root, shown)?;
    }
    let planned = make()?;
    measure(&planned.plan.full)?;
    if shown.is_some_and(|shown| *shown != planned) {
        return Err(outdated(CliError::refused("")));
    }
    if planned.plan.is_empty() {
        return nothing(session, &planned);
    }
    if shown.is_none() && !session.json {
        report::plan(&mut session.screen, &planned.plan, session.quiet)?;
    }
    let made = planned
        .plan
        .backups
        .iter()
        .map(|backup| (backup.of.clone(), backup.at.clone()));
    let undone = planned.undoes.as_ref();
    let copies = undone
        .iter()
        .flat_map(|undone| undone.copies.iter().cloned());
    let meta = Meta {
        time: clock::now(),
        user: user(),
        command: planned.command(),
        undoes: undone.and_then(|undone| undone.undoes),
        back_to: undone.and_then(|undone| undone.back_to),
        overrides: undone.map_or_else(Vec::new, |undone| undone.overrides.clone()),
        copies: made.chain(copies).collect(),
        repaired: keys(&planned.plan.verdict.repaired),
        empty: undone.map_or_else(Vec::new, |undone| undone.empty.clone()),
    };
    let record = guard.commit(&planned.plan.full, meta)?;
    let id = record.header.id;
    let state = store.path().ok();
    let kept = undone.iter().flat_map(|undone| &undone.kept);
    let kept = kept.filter_map(|path| {
        let n = record
            .changes
            .iter()
            .position(|change| change.path == *path)?;
        Some((
            path,
            format!("{}/transactions/{id}/before/{n}", state.as_ref()?),
        ))
    });
    let kept: Vec<_> = kept.collect();
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

/// Returns what findings are known by.
fn keys(found: &[Diagnosis]) -> Vec<(String, String)> {
    let key = |d: &Diagnosis| (d.finding.rule.name.to_owned(), d.finding.subject.clone());
    found.iter().map(key).collect()
}

/// Refuses a plan of which a file was edited since it was shown.
fn unedited(root: &Root, shown: &Planned) -> Result<(), CliError> {
    for change in shown.plan.full.iter() {
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
    Ok(())
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
        let mut plan = report::json(&session.screen, &planned.plan, &planned.command(), Some(id));
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

/// Prints a plan that is not applied.
fn show(session: &mut Session<'_>, planned: &Planned, id: Option<u64>) -> Result<(), CliError> {
    if session.json {
        let plan = report::json(&session.screen, &planned.plan, &planned.command(), id);
        return session.print_json(&plan);
    }
    report::plan(&mut session.screen, &planned.plan, session.quiet)?;
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
        let plan = report::json(&session.screen, &planned.plan, &planned.command(), None);
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

/// Takes an interrupted transaction back, and says so.
pub(super) fn recover(
    session: &mut Session<'_>,
    root: &Root,
    guard: &Guard<'_>,
) -> Result<(), CliError> {
    if let Some(recovery) = guard.recovery()? {
        let recovery = recovery.unedited().map_err(edited)?;
        let marks = recover::restores(root, &recovery)?;
        session.screen.changes_aside(recovery.restored());
        for line in marks {
            session.screen.talk(&line);
        }
        let record = recovery.run()?;
        session.screen.talk(&recover::restored(&record.header));
    }
    Ok(guard.sweep()?)
}

/// Says what to do where a file was edited after an interrupted command.
pub(super) fn edited(error: TransactionError) -> CliError {
    let mut error = CliError::from(error);
    error.message = format!(
        "an interrupted transaction cannot be taken back: {}",
        error.message
    );
    error.help("keep the edit aside and restore: kvmnet recover --force")
}
