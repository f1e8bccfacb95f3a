//! What goes with transactions that are taken back, because it was made since: what a forced rollback takes along.

use std::collections::BTreeSet;

use crate::change::Change;
use crate::cli::difference;
use crate::cli::error::CliError;
use crate::cli::text::one_line;
use crate::cli::undoings::later;
use crate::transaction::journal::{Header, Record};
use crate::transaction::{Budget, Store};
use crate::tree::{HostPath, Node};

/// How many lines of a file that go with what is taken back are listed.
const LISTED: usize = 20;

/// A file that is no longer as the transaction left it.
pub(super) struct Edited<'c> {
    pub(super) change: &'c Change,
    pub(super) found: Option<Node>,
    /// Whether it was edited between two transactions, of which the later one kept it.
    pub(super) between: bool,
}

/// What goes with what is taken back, because it was made since.
#[derive(Default)]
pub(super) struct TakenAlong {
    pub(super) warnings: Vec<String>,
    /// Lines that go, and lines that come back.
    pub(super) goes: Vec<String>,
    pub(super) returns: Vec<String>,
    /// The later transactions that are taken back in part.
    pub(super) overridden: BTreeSet<u64>,
    /// Files that were edited: they are kept as they were.
    pub(super) kept: Vec<HostPath>,
}

impl TakenAlong {
    /// Returns what goes with files that were edited; `one` is the transaction that is taken back, if it is one alone.
    pub(super) fn of(
        store: &Store<'_>,
        headers: &[Header],
        one: Option<u64>,
        edited: &[Edited<'_>],
    ) -> Result<Self, CliError> {
        let mut along = Self::default();
        if edited.is_empty() {
            return Ok(along);
        }
        let paths = edited.iter().map(|edit| edit.change.path.clone()).collect();
        let later = one.map_or_else(Vec::new, |id| later(store, headers, id, &paths));
        for edit in edited {
            let path = &edit.change.path;
            let changed = |record: &Record| {
                let mut changes = record.changes.iter();
                changes.any(|change| change.path == *path)
            };
            let written = Self::written(store, &later, path)?;
            let by_hand = written
                .as_ref()
                .is_none_or(|(_, after)| *after != edit.found);
            if !by_hand && written.is_some_and(|(copy, _)| copy) {
                // the original that it is a copy of is kept with that transaction
                continue;
            }
            let mut by = Vec::new();
            for (header, _) in later.iter().filter(|(_, record)| changed(record)) {
                by.push(format!(
                    "transaction {} ({})",
                    header.id,
                    one_line(&header.command)
                ));
                along.overridden.insert(header.id);
            }
            by.extend(by_hand.then(|| "hand".to_owned()));
            along.warnings.push(format!(
                "{path} was changed since by {}: this is undone as well",
                by.join(", and by ")
            ));
            if matches!(edit.found, Some(Node::File(_))) && !edit.between {
                along.kept.push(path.clone());
            }
            along.lines(edit);
        }
        Ok(along)
    }

    /// Returns what the last of the later transactions made of the path, if one of them did: the file whose original it
    /// is a copy of, and what it wrote.
    fn written(
        store: &Store<'_>,
        later: &[(&Header, Record)],
        path: &HostPath,
    ) -> Result<Option<(bool, Option<Node>)>, CliError> {
        for (_, record) in later.iter().rev() {
            if let Some(change) = record.changes.iter().find(|change| change.path == *path) {
                let set = store.change_set(record, &mut Budget::of_one())?;
                let after = set.get(path).and_then(|change| change.after.clone());
                return Ok(Some((change.copy_of.is_some(), after)));
            }
        }
        Ok(None)
    }

    /// Lists the lines that were made or deleted since.
    fn lines(&mut self, edit: &Edited<'_>) {
        let Edited { change, found, .. } = edit;
        let path = &change.path;
        let since = difference::between(path, change.before.as_ref(), found.as_ref());
        let now = difference::between(path, found.as_ref(), change.after.as_ref());
        for (made, undone, list) in [('+', '-', &mut self.goes), ('-', '+', &mut self.returns)] {
            let of = |lines: &[String], sign: char| -> Vec<String> {
                let told = |line: &String| Some(line.strip_prefix(sign)?.trim().to_owned());
                lines.iter().filter_map(told).collect()
            };
            let undone: BTreeSet<String> = of(&now, undone).into_iter().collect();
            let mut told = of(&since, made);
            told.retain(|line| !line.is_empty() && undone.contains(line));
            let more = told.len().saturating_sub(LISTED);
            let name = path.name();
            list.extend(
                told.iter()
                    .take(LISTED)
                    .map(|line| format!("{name}: {line}")),
            );
            if more > 0 {
                list.push(format!("{name}: {more} more lines: see the patch"));
            }
        }
    }
}
