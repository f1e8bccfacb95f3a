//! The change that waits to be confirmed: `confirm`, and what other commands say and do about it.

mod confirm;
mod program;
mod remains;

use std::collections::BTreeSet;

use super::error::CliError;
use super::seen::Seen;
use super::text::one_line;
use super::undoings::Undoings;
use crate::change::{Change, Labels, Marks};
use crate::plan::Plan;
use crate::plan::confirm::is_of_profile;
use crate::root::Root;
use crate::transaction::journal::Header;
use crate::transaction::{Budget, Store};
use crate::tree::HostPath;

pub(super) use confirm::{clear, confirm};
pub(super) use program::program;
use remains::Remains;

/// Returns what takes the files away by which a transaction waits.
pub(super) fn ending(seen: &Seen<'_>, by: &Header) -> Result<Vec<Change>, CliError> {
    let header = by.clone();
    let remains = seen.look(move |root| Remains::of(root, Some(&header)))?;
    let own = remains.own.into_iter();
    let changes = own.map(|(path, node)| Change {
        path,
        before: Some(node),
        after: None,
        labels: Labels::Exact(Marks::default()),
    });
    Ok(changes.collect())
}

/// Returns the transaction that waits, if one does, and by which one it was rolled back already.
pub(super) fn waiting(root: &Root) -> Result<Option<(Header, Option<u64>)>, CliError> {
    let store = Store::new(root);
    let Some(header) = store.waiting()?.and_then(|waiting| waiting.by) else {
        return Ok(None);
    };
    let undone = Undoings::of(&store.headers()?).whole(&header);
    Ok(Some((header, undone)))
}

/// Says in a plan that an earlier change waits.
pub(super) fn warning(seen: &Seen<'_>) -> Option<String> {
    let found = seen.look(|root| Ok(waiting(root).ok().flatten()));
    let (header, undone) = found.ok()??;
    (undone.is_none()).then(|| {
        format!(
            "transaction {} ({}) is not confirmed yet, and is rolled back by itself unless it is: kvmnet confirm",
            header.id,
            one_line(&header.command)
        )
    })
}

/// Refuses a second change that is to wait.
pub(super) fn refuse_second(seen: &Seen<'_>) -> Result<(), CliError> {
    let Some(waiting) = seen.look(|root| Ok(Store::new(root).waiting()?))? else {
        return Ok(());
    };
    let Some(header) = waiting.by else {
        let message = "a change waits to be confirmed whose transaction is not kept";
        return Err(CliError::refused(message).help("let nothing wait any more: kvmnet confirm"));
    };
    let message = format!(
        "transaction {} ({}) waits to be confirmed: one change does so at a time",
        header.id,
        one_line(&header.command)
    );
    Err(CliError::refused(message)
        .help("keep that one: kvmnet confirm")
        .help("or undo it first: kvmnet rollback --unconfirmed"))
}

/// Refuses a change on top of one that waits: rolled back beneath it, the other would leave what neither of them meant.
pub(super) fn refuse_on_top(seen: &Seen<'_>, plan: &Plan) -> Result<(), CliError> {
    let found = seen.look(|root| Ok(waiting(root).ok().flatten()))?;
    let Some((header, None)) = found.filter(|_| !plan.is_empty()) else {
        return Ok(());
    };
    let id = header.id;
    let paths = seen.look(move |root| {
        let record = Store::new(root).record(id, &mut Budget::of_one())?;
        let content = record.changes.iter().filter(|change| !change.waits);
        let paths = content.map(|change| change.path.clone());
        Ok(paths.collect::<BTreeSet<HostPath>>())
    })?;
    let profiles = paths.iter().any(is_of_profile);
    let mut changes = plan.set.iter().map(|change| &change.path);
    let Some(path) = changes.find(|path| paths.contains(*path) || profiles && is_of_profile(path))
    else {
        return Ok(());
    };
    let message = format!(
        "transaction {id} ({}) waits to be confirmed, and may be rolled back beneath this change of {}",
        one_line(&header.command),
        path.name()
    );
    Err(CliError::refused(message)
        .help("keep that one: kvmnet confirm")
        .help("or undo it first: kvmnet rollback --unconfirmed")
        .help("or proceed anyway with --force"))
}
