//! What is there of the files by which a change waits to be confirmed.

use std::collections::BTreeSet;

use crate::change::ChangeSet;
use crate::cli::error::CliError;
use crate::plan::confirm::{is_own, paths};
use crate::root::{Root, RootError};
use crate::transaction::journal::Header;
use crate::transaction::{Budget, MARKER, Store};
use crate::tree::{HostPath, Node};

/// What is there of the files by which a change waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Remains {
    /// As kvmnet wrote them, the marker first.
    pub(super) own: Vec<(HostPath, Node)>,
    /// Edited since, or others'.
    pub(super) others: Vec<HostPath>,
    /// Folders that were made for them.
    pub(super) folders: Vec<HostPath>,
}

impl Remains {
    /// Returns what is there; `by` is the transaction that wrote it, where that is known.
    pub(super) fn of(root: &Root, by: Option<&Header>) -> Result<Self, CliError> {
        let store = Store::new(root);
        let budget = &mut Budget::of_one();
        let record = by
            .map(|header| store.record(header.id, budget))
            .transpose()?;
        let set = record
            .as_ref()
            .map(|record| store.change_set(record, budget));
        let written = set.transpose()?;
        let (mut remains, mut above) = (Self::default(), BTreeSet::new());
        for path in paths(&store.path()?) {
            let folder = match root.resolve_folder(&path.folder()) {
                Ok(folder) => folder.path().clone(),
                Err(RootError::Missing { .. } | RootError::NotFolder { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let is_of_systemd = path.as_str().starts_with("/etc/systemd/system/");
            let path = folder.join(path.name());
            above.extend(is_of_systemd.then_some(folder));
            let Some(node) = root.read_node(&path)? else {
                continue;
            };
            let is_marker = path.name() == MARKER;
            match is_marker || is_as_written(written.as_ref(), &path, &node) {
                true => remains.own.push((path, node)),
                false => remains.others.push(path),
            }
        }
        if let Some(record) = record {
            // whatever it says, no other folder goes
            let folders = record.folders.iter().rev();
            let folders = folders.filter(|folder| above.contains(*folder));
            remains.folders = folders.cloned().collect();
        }
        Ok(remains)
    }
}

/// Returns whether a file is as kvmnet wrote it: as its transaction has it, else by how it begins, or where it leads.
fn is_as_written(written: Option<&ChangeSet>, path: &HostPath, node: &Node) -> bool {
    match (written.and_then(|set| set.get(path)), node) {
        (Some(change), Node::File(file)) => {
            change.after.as_ref() == Some(node) && is_own(&file.bytes)
        }
        (Some(change), Node::Link(_)) => change.after.as_ref() == Some(node),
        (None, Node::File(file)) => is_own(&file.bytes),
        (None, Node::Link(target)) => target.ends_with(path.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_reads_the_marker_that_plans_write() {
        assert_eq!(MARKER, crate::plan::confirm::MARKER);
    }
}
