//! `--out FILE` and `kvmnet apply FILE`. FILE is the user's own, and does not lie beneath the root.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use camino::Utf8Path;

use super::Session;
use super::args::ChangeOptions;
use super::change::{self, Planned};
use super::error::{CliError, Exit};
use crate::backend::{self, Interest};
use crate::plan::{reach, saved};
use crate::root::Root;
use crate::transaction::Store;

/// Saves a plan; since it holds what files hold, it is private.
pub(super) fn write(file: &Utf8Path, planned: &Planned) -> Result<(), CliError> {
    let text = saved::write(&planned.plan, &planned.command);
    let failed = |error: std::io::Error| {
        CliError::failed(format!("cannot write the plan to {file}: {error}"))
    };
    let temporary = format!("{file}.{}.tmp", std::process::id());
    let options = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary);
    let written =
        options.and_then(|mut out| out.write_all(text.as_bytes()).and_then(|()| out.sync_all()));
    written
        .and_then(|()| std::fs::rename(&temporary, file))
        .map_err(|error| {
            let _ = std::fs::remove_file(&temporary);
            failed(error)
        })
}

/// Applies a saved plan, exactly or not at all.
pub(super) fn apply(
    session: &mut Session<'_>,
    root: &Root,
    file: &Utf8Path,
    options: &ChangeOptions,
) -> Result<Exit, CliError> {
    let failed =
        |why: String| CliError::failed(format!("the plan {file} cannot be applied: {why}"));
    let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    let (plan, command) = saved::read(&text).map_err(|error| failed(error.to_string()))?;
    let tree = root.read_tree(&backend::scope(Interest::All))?;
    reach::check(&plan, &command, &tree, &Store::new(root).path()?)
        .map_err(|error| failed(error.to_string()))?;
    let planned = Planned {
        plan,
        command,
        undoes: None,
    };
    change::run(session, root, options, &|| {
        let mut planned = planned.clone();
        if applied_already(root, &planned)? {
            (planned.plan.set, planned.plan.full) = Default::default();
        }
        unchanged(root, &planned)?;
        Ok(planned)
    })
}

/// Returns whether all files are what the plan makes of them.
fn applied_already(root: &Root, planned: &Planned) -> Result<bool, CliError> {
    for change in planned.plan.full.iter() {
        if root.read_node(&change.path)? != change.after {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Refuses a plan whose files are no longer what they were when it was made.
fn unchanged(root: &Root, planned: &Planned) -> Result<(), CliError> {
    for change in planned.plan.full.iter() {
        let found = root.read_node(&change.path)?;
        if found != change.before {
            let error = crate::transaction::TransactionError::Changed {
                path: change.path.clone(),
                expected: change.before.clone(),
                found,
            };
            let mut error = CliError::from(error);
            error.message = format!(
                "the plan is out of date: {} is not what it was",
                change.path
            );
            return Err(error.help(format!(
                "make it anew: kvmnet {} --dry-run --out FILE",
                planned.command
            )));
        }
    }
    Ok(())
}
