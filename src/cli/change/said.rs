//! What is said of a plan: before it is applied, after, and where there is nothing to apply.

use serde_json::json;

use crate::cli::args::ChangeOptions;
use crate::cli::command_line::quoted;
use crate::cli::error::{CliError, Exit};
use crate::cli::named_file::is_standard_output;
use crate::cli::planned::Planned;
use crate::cli::session::Session;
use crate::cli::text::one_line;
use crate::cli::{plan_file, report};
use crate::op;
use crate::picture::{Block, Extent};
use crate::tree::HostPath;

/// Says how a dry run ends.
pub(super) fn dry_run(
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
                "\nDry run: nothing was written. Once the plan is in a file, apply it with: kvmnet apply FILE".to_owned()
            }
            None => "\nDry run: nothing was written. Apply with --yes.".to_owned(),
        })?;
    }
    let changes = options.exit_code && !planned.plan.is_empty();
    Ok(if changes { Exit::Changes } else { Exit::Done })
}

/// Says what was done, and what is next; `kept` are files that were edited before, and where they are kept as they were.
pub(super) fn applied(
    session: &mut Session<'_>,
    planned: &Planned,
    id: u64,
    kept: &[(&HostPath, String)],
) -> Result<(), CliError> {
    if session.json {
        let mut plan = as_json(session, planned, Some(id));
        let kept = kept
            .iter()
            .map(|(path, at)| json!({ "path": path.as_str(), "kept_at": at }));
        plan["kept"] = kept.collect();
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
    let by_itself = session.words.iter().any(|word| word == "--unconfirmed");
    // systemd.exec(5): set for whatever a unit starts
    if by_itself && session.screen.width.is_none() && std::env::var_os("INVOCATION_ID").is_some() {
        // the unit that runs it does what comes next
        return Ok(());
    }
    if !planned.plan.waits.is_empty() {
        session
            .screen
            .say("Keep it with: kvmnet confirm   # else it is rolled back by itself")?;
    }
    report::next_steps(&mut session.screen, &planned.plan.next_steps, id)
}

/// Returns the plan as an object, with the transaction that it was applied as.
fn as_json(session: &Session<'_>, planned: &Planned, id: Option<u64>) -> serde_json::Value {
    let plan = &planned.plan;
    let mut object = report::json(
        &session.screen,
        plan,
        plan.findings(),
        &planned.command(),
        id,
    );
    if let Some(extent) = planned.tree {
        // what changes is told whole; without a change there is no picture
        let wanted = |block: &&Block| extent == Extent::All || block.changes();
        let blocks = planned.picture.iter().flat_map(|picture| &picture.blocks);
        object["topology"] = blocks.filter(wanted).map(|block| json!(block)).collect();
    }
    object
}

/// Prints a plan that is not applied yet; `asked` is what follows.
pub(super) fn shown(
    session: &mut Session<'_>,
    planned: &Planned,
    asked: report::Asked,
) -> Result<(), CliError> {
    if session.json {
        let plan = as_json(session, planned, None);
        return session.print_json(&plan);
    }
    self::plan(session, planned)?;
    if session.quiet {
        return Ok(());
    }
    report::in_one_step(&mut session.screen, &planned.plan.next_steps, asked)
}

/// Prints a plan, with its picture where that is asked for.
pub(super) fn plan(session: &mut Session<'_>, planned: &Planned) -> Result<(), CliError> {
    let (plan, quiet) = (&planned.plan, session.quiet);
    let picture = planned.tree();
    let drawn = (&**plan, picture.as_ref());
    report::plan(&mut session.screen, drawn, plan.findings(), quiet)
}

/// Says where the page to review is.
pub(super) fn page(session: &mut Session<'_>, options: &ChangeOptions) -> Result<(), CliError> {
    match &options.picture.html {
        Some(file) if !session.quiet && !session.json && !is_standard_output(file) => {
            let file = one_line(file.as_str());
            session.screen.line(&format!("\nPage to review: {file}"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Says that there is nothing to change.
pub(super) fn nothing(
    session: &mut Session<'_>,
    options: &ChangeOptions,
    planned: &Planned,
) -> Result<Exit, CliError> {
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
            .partition(|warning| op::is_absent(warning));
        let first = planned.words.first().map(String::as_str);
        session.screen.line(&match absent.first() {
            Some(absent) => format!("Nothing to change: {}.", one_line(absent)),
            // these titles say what there is not
            None if planned.is_of_no_transaction() => {
                format!("Nothing to change: {}.", planned.plan.title)
            }
            None if matches!(first, Some("check" | "migrate")) => {
                format!("Nothing to change: there is {}.", planned.plan.title)
            }
            None => format!(
                "Nothing to change: already as requested ({}).",
                one_line(&planned.plan.title)
            ),
        })?;
        report::warnings(&mut session.screen, &warnings)?;
    }
    page(session, options)?;
    Ok(Exit::Done)
}
