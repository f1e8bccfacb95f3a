//! The way from a typed operation to a plan: read what it needs, draft, read copies and history, finish.

use std::collections::BTreeMap;

use super::args::{BackupArg, ChangeOptions};
use super::change::Planned;
use super::error::CliError;
use super::wish::Asked;
use super::{findings, report};
use crate::backend;
use crate::lint::{Diagnosis, Finding};
use crate::op::{Force, Operation};
use crate::plan::{self, BackupMode, Copies, Past, Plan, PlanError};
use crate::root::Root;
use crate::secret;
use crate::transaction::journal::State;
use crate::transaction::{Budget, Store};
use crate::tree::{HostPath, Tree};

/// Returns the plan for `operation`.
pub(super) fn planned(
    root: &Root,
    operation: &Operation,
    asked: &Asked<'_>,
) -> Result<Planned, CliError> {
    let options = asked.options;
    let mut tree = root.read_tree(&backend::scope(plan::interest(operation)))?;
    let force = if options.force { Force::Yes } else { Force::No };
    let draft = plan::draft(&tree, operation, force).map_err(|error| refused(&tree, error))?;
    let mut copies = copies(root, options)?;
    let wants = draft.wants(&copies);
    tree.absorb(root.read_tree(&wants)?);
    know_own(root, &mut copies, &tree, &wants.files);
    let past = if draft.wants_past() {
        past(root)?
    } else {
        Vec::new()
    };
    let before = draft.before().clone();
    let mut plan = draft.finish(&tree, &past, &copies, &asked.run());
    plan.verdict = plan::judge(tree, &before, &plan.full, plan::interest(operation));
    guard(&mut plan, options.force, asked)?;
    Ok(asked.planned(plan))
}

/// As many findings are shown with a refusal.
const MOST_SHOWN: usize = 5;

/// Refuses a plan that makes something wrong that was not wrong before; with `force`, it is a warning.
pub(super) fn guard(plan: &mut Plan, force: bool, asked: &Asked<'_>) -> Result<(), CliError> {
    let introduced = &plan.verdict.introduced;
    if introduced.is_empty() {
        return Ok(());
    }
    if force {
        warn_of_findings(plan);
        return Ok(());
    }
    let count = introduced.len();
    let message = match count {
        1 => "the change would make something wrong that is not wrong now".to_owned(),
        _ => format!("the change would make {count} things wrong that are not wrong now"),
    };
    // what to do in a tree that is not there is no help
    let without_help = introduced.iter().map(|found| Diagnosis {
        finding: Finding {
            help: String::new(),
            ..found.finding.clone()
        },
        ..found.clone()
    });
    let findings: Vec<Diagnosis> = without_help.collect();
    let shown = findings.iter().take(MOST_SHOWN);
    let shown = shown.map(|found| findings::render(found, asked.colored, asked.site));
    let mut text = shown.collect::<Vec<_>>().join("\n\n");
    if count > MOST_SHOWN {
        text += &format!("\n\nand {} more", count - MOST_SHOWN);
    }
    let refused = CliError::refused(message).findings(text, findings);
    Err(refused.help("go on all the same with --force"))
}

/// Says what is wrong only after the change.
pub(super) fn warn_of_findings(plan: &mut Plan) {
    let say = |d: &Diagnosis| format!("{} (error[{}])", d.finding.message, d.finding.rule.name);
    plan.warnings
        .extend(plan.verdict.introduced.iter().map(say));
}

/// Returns the earlier transactions; a history that cannot be read is no reason to fail, only to know less.
fn past(root: &Root) -> Result<Vec<Past>, CliError> {
    let store = Store::new(root);
    let headers = store.headers().unwrap_or_default();
    let done = headers
        .iter()
        .rev()
        .filter(|header| header.state == State::Applied);
    let budget = &mut Budget::of_all();
    let mut past: Vec<Past> = done
        .map_while(|header| {
            let record = store.record(header.id, budget).ok()?;
            let set = store.change_set(&record, budget).ok()?;
            let id = header.id;
            let command = record.header.command.clone();
            Some(Past { id, command, set })
        })
        .collect();
    past.reverse();
    Ok(past)
}

/// Returns how copies of originals are made.
pub(super) fn copies(root: &Root, options: &ChangeOptions) -> Result<Copies, CliError> {
    let mode = match options.backup {
        None => BackupMode::Auto,
        Some(BackupArg::Beside) => BackupMode::Beside,
        Some(BackupArg::Store) => BackupMode::Store,
        Some(BackupArg::None) => BackupMode::None,
    };
    let state = Store::new(root).path()?;
    Ok(Copies {
        mode,
        state,
        own: BTreeMap::new(),
    })
}

/// Looks up in the history which of the copies that are there it wrote; one that cannot be read wrote none.
pub(super) fn know_own(root: &Root, copies: &mut Copies, tree: &Tree, wanted: &[HostPath]) {
    let there = copies.beside(tree, wanted);
    let own = Store::new(root).own_copies(&there, &mut Budget::of_all());
    copies.own = own.unwrap_or_default();
}

/// Gives a refusal the text of the line that it points to.
pub(super) fn refused(tree: &Tree, error: PlanError) -> CliError {
    let refusal = match error {
        PlanError::Refused(refusal) => refusal,
        PlanError::Emit(error) => return report::emit_error(&error),
    };
    let mut refused = CliError::refused(refusal.message);
    if let Some((path, line)) = &refusal.at {
        let text = tree
            .file(path)
            .map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
        let excerpt = text
            .and_then(|text| secret::nth_line(path, &text, (*line as usize).checked_sub(1)?))
            .into_iter()
            .collect();
        refused = refused.at(path, *line).excerpt(excerpt);
    }
    if let Some(help) = refusal.help {
        refused = refused.help(help);
    }
    if refusal.may_be_forced && !refused.help.iter().any(|help| help.contains("--force")) {
        refused = refused.help("or go on all the same with --force");
    }
    refused
}
