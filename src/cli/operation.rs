//! The way from a typed operation to a plan: read what it needs, draft, read copies and history, finish.

use super::args::{BackupArg, ChangeOptions};
use super::change::{self, Planned};
use super::error::{CliError, Exit};
use super::{Session, report};
use crate::backend;
use crate::op::{Force, Operation};
use crate::plan::{self, BackupMode, Copies, Past, PlanError};
use crate::root::Root;
use crate::transaction::Store;
use crate::transaction::journal::State;
use crate::tree::Tree;

/// Shows what `operation` changes, and applies it as the options say.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    operation: &Operation,
    options: &ChangeOptions,
) -> Result<Exit, CliError> {
    let command = session.command.clone();
    change::run(session, root, options, &|| {
        planned(root, operation, options, &command)
    })
}

fn planned(
    root: &Root,
    operation: &Operation,
    options: &ChangeOptions,
    command: &str,
) -> Result<Planned, CliError> {
    let mut tree = root.read_tree(&backend::scope(plan::interest(operation)))?;
    let force = if options.force { Force::Yes } else { Force::No };
    let draft = plan::draft(&tree, operation, force).map_err(|error| refused(&tree, error))?;
    let copies = copies(root, options)?;
    tree.absorb(root.read_tree(&draft.wants(&copies))?);
    let past = if draft.wants_past() {
        past(root)?
    } else {
        Vec::new()
    };
    let plan = draft.finish(&tree, &past, &copies, command);
    Ok(Planned {
        plan,
        command: command.to_owned(),
        undoes: None,
    })
}

/// Returns the earlier transactions; a history that cannot be read is no reason to fail, only to know less.
fn past(root: &Root) -> Result<Vec<Past>, CliError> {
    let store = Store::new(root);
    let records = store.records().unwrap_or_default();
    let done = records
        .iter()
        .filter(|record| record.state == State::Applied);
    Ok(done
        .filter_map(|record| {
            Some(Past {
                id: record.id,
                set: store.change_set(record).ok()?,
            })
        })
        .collect())
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
    Ok(Copies { mode, state })
}

/// Gives a refusal the text of the line that it points to.
fn refused(tree: &Tree, error: PlanError) -> CliError {
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
            .as_deref()
            .and_then(|text| text.lines().nth((*line as usize).checked_sub(1)?));
        let excerpt = excerpt
            .map(|line| line.trim().to_owned())
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
