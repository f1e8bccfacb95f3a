//! What was edited since kvmnet wrote it, by hand or by another program.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::shortened;
use crate::change::{Change, ChangeSet, Labels, Marks};
use crate::cli::error::CliError;
use crate::cli::text::one_line;
use crate::cli::undoings::Undoings;
use crate::root::{Root, RootError};
use crate::transaction::journal::{Header, State};
use crate::transaction::{Budget, STATE, Store};
use crate::tree::{HostPath, Node};

/// As many files are listed on one screen.
const MOST: usize = 20;

/// What was edited since.
#[derive(Default)]
pub(super) struct Edited {
    /// From what kvmnet left to what is there now.
    pub(super) set: ChangeSet,
    files: Vec<File>,
}

/// A file that is not as kvmnet left it.
struct File {
    path: HostPath,
    how: How,
    /// The transaction that wrote it last.
    id: u64,
    command: String,
}

/// How it is not as kvmnet left it.
#[derive(Clone, Copy)]
enum How {
    Edited,
    Deleted,
    MadeAgain,
    Attributes,
    NoFile,
}

impl How {
    /// Returns it in words, and in a word for programs.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Edited => ("was edited", "edited"),
            Self::Deleted => ("was deleted", "deleted"),
            Self::MadeAgain => ("was made again", "created"),
            Self::Attributes => ("got another mode or owner", "attributes"),
            Self::NoFile => ("is no longer a file", "no_file"),
        }
    }
}

impl Edited {
    /// Holds what is there against what the last transaction that changed it left; copies of originals do not count.
    pub(super) fn of(root: &Root, headers: &[Header]) -> Result<Self, CliError> {
        let store = Store::new(root);
        let state = HostPath::literal(STATE);
        let (mut edited, mut known) = (Self::default(), BTreeSet::new());
        // what was interrupted changed its files itself
        for header in headers
            .iter()
            .filter(|header| header.state == State::Prepared)
        {
            let record = store.record(header.id, &mut Budget::of_one())?;
            known.extend(record.changes.into_iter().map(|change| change.path));
        }
        let undoings = Undoings::of(headers);
        // of what was taken back by somebody else already the rollback did not write a word
        let holds =
            |header: &&Header| header.state == State::Applied && undoings.whole(header).is_none();
        for header in headers.iter().rev().filter(holds) {
            let budget = &mut Budget::of_one();
            let record = store.record(header.id, budget)?;
            let mut wanted = record.changes.iter().filter(|change| {
                let is_ours = change.copy_of.is_some() || change.path.is_beneath(&state);
                // what is there only while a change waits is no content
                let is_ours = is_ours || change.waits;
                known.insert(change.path.clone()) && !is_ours
            });
            let Some(first) = wanted.next() else {
                continue;
            };
            let set = store.change_set(&record, budget)?;
            for change in std::iter::once(first).chain(wanted) {
                let left = set
                    .get(&change.path)
                    .and_then(|change| change.after.clone());
                edited.hold(root, &change.path, left, header)?;
            }
        }
        edited.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(edited)
    }

    /// Holds what is at one path against what was left there.
    fn hold(
        &mut self,
        root: &Root,
        path: &HostPath,
        left: Option<Node>,
        header: &Header,
    ) -> Result<(), CliError> {
        let found = match root.read_node(path) {
            Ok(found) => found,
            Err(RootError::NoFile { .. }) => {
                self.note(path, How::NoFile, header);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if found == left {
            return Ok(());
        }
        let how = match (&left, &found) {
            (_, None) => How::Deleted,
            (None, Some(_)) => How::MadeAgain,
            (Some(Node::File(left)), Some(Node::File(found))) if left.bytes == found.bytes => {
                How::Attributes
            }
            (Some(_), Some(_)) => How::Edited,
        };
        self.note(path, how, header);
        self.set.put(Change {
            path: path.clone(),
            before: left,
            after: found,
            labels: Labels::Exact(Marks::default()),
        });
        Ok(())
    }

    fn note(&mut self, path: &HostPath, how: How, header: &Header) {
        self.files.push(File {
            path: path.clone(),
            how,
            id: header.id,
            command: header.command.clone(),
        });
    }

    /// Returns a line for each file.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |file: &File| {
            let (path, id) = (&file.path, file.id);
            let (how, command) = (file.how.words().0, &file.command);
            one_line(&format!("{path} {how} since transaction {id} ({command})"))
        };
        shortened(self.files.iter().map(line).collect(), MOST, "file")
    }

    /// Returns them for programs.
    pub(super) fn json(&self) -> Value {
        let file = |file: &File| {
            json!({
                "path": file.path.as_str(),
                "state": file.how.words().1,
                "transaction": file.id,
                "command": file.command,
            })
        };
        self.files.iter().map(file).collect()
    }
}
