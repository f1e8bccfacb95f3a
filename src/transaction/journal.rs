//! The record of a transaction as it lies on disk: who did what, when, and in which state it is.
//!
//! `journal.json` is small and says who, when and how far; `changes` holds one record a line, so that there may be many;
//! values of extended attributes that are long lie beside, in `values`. The format carries a version; every version ever
//! written is pinned by a file in `fixtures/journal`. What is read is believed in nothing but its form ([`Record::sound`]).

mod recorded;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub(super) use recorded::Values;
pub use recorded::{RecordedChange, RecordedNode, Value};

use crate::tree::HostPath;

/// The version that is written.
pub const VERSION: u32 = 2;
/// The version that held all in one file.
const IN_ONE_FILE: u32 = 1;

/// How far a transaction got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Everything is kept, files may have been changed: it must be taken back before anything else is written.
    Prepared,
    /// Done.
    Applied,
    /// It was interrupted, and the tree restored.
    Recovered,
}

/// A transaction without what it changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the format.
    pub version: u32,
    /// Its number, counted from 1.
    pub id: u64,
    /// When it was made, in seconds since 1970 (UTC).
    pub time: i64,
    /// Who made it.
    pub user: String,
    /// The command line, without the program's name.
    pub command: String,
    /// How far it got.
    pub state: State,
    /// The transaction that it takes back, an earlier one.
    pub undoes: Option<u64>,
    /// Where it takes back all that came after an earlier one, that one; 0 is the tree before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_to: Option<u64>,
    /// Where it waits to be confirmed, how long it does before it is taken back, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm_within: Option<u64>,
    /// Earlier transactions of which it takes back a part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<u64>,
    /// How many files were asked to change; copies of originals do not count.
    #[serde(default)]
    pub files: usize,
    /// How many lines `changes` has.
    #[serde(default)]
    pub lines: usize,
}

/// A transaction with what it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Who, when, and how far.
    pub header: Header,
    /// What it changed, sorted by path.
    pub changes: Vec<RecordedChange>,
    /// What was renamed, from and to: for showing.
    pub renames: Vec<(HostPath, HostPath)>,
    /// Folders that it made.
    pub folders: Vec<HostPath>,
    /// What was wrong before it and not after it: rule and subject.
    pub repaired: Vec<(String, String)>,
}

/// One line of `changes`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Change(RecordedChange),
    Rename(HostPath, HostPath),
    Folder(HostPath),
    Repaired(String, String),
}

/// What version 1 held beside the header.
#[derive(Deserialize)]
struct InOneFile {
    changes: Vec<RecordedChange>,
    renames: Vec<(HostPath, HostPath)>,
    folders: Vec<HostPath>,
}

impl Header {
    /// Returns the header that a journal holds.
    ///
    /// # Errors
    /// What makes it none, or none of a known version.
    pub fn parse(journal: &[u8]) -> Result<Self, String> {
        let header: Self = serde_json::from_slice(journal).map_err(|error| error.to_string())?;
        match header.version {
            IN_ONE_FILE | VERSION => Ok(header),
            version => Err(format!(
                "its version is {version}, and this kvmnet knows versions {IN_ONE_FILE} and {VERSION}"
            )),
        }
    }

    /// Returns whether all that it has lies in the journal itself.
    pub(super) fn is_in_one_file(&self) -> bool {
        self.version == IN_ONE_FILE
    }

    /// Returns the journal's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a header has string keys only");
        text + "\n"
    }
}

impl Record {
    /// Returns the record of a journal and its `changes`.
    ///
    /// # Errors
    /// What makes it none.
    pub fn parse(journal: &[u8], changes: &[u8]) -> Result<Self, String> {
        let header = Header::parse(journal)?;
        let mut record = Self {
            header,
            changes: Vec::new(),
            renames: Vec::new(),
            folders: Vec::new(),
            repaired: Vec::new(),
        };
        if record.header.is_in_one_file() {
            let all: InOneFile =
                serde_json::from_slice(journal).map_err(|error| error.to_string())?;
            (record.changes, record.renames, record.folders) =
                (all.changes, all.renames, all.folders);
        } else {
            let mut count = 0;
            for line in changes.split_inclusive(|byte| *byte == b'\n') {
                count += 1;
                let line: Line = serde_json::from_slice(line)
                    .map_err(|error| format!("line {count} of its changes: {error}"))?;
                match line {
                    Line::Change(change) => record.changes.push(change),
                    Line::Rename(from, to) => record.renames.push((from, to)),
                    Line::Folder(path) => record.folders.push(path),
                    Line::Repaired(rule, subject) => record.repaired.push((rule, subject)),
                }
            }
            if count != record.header.lines {
                let wanted = record.header.lines;
                return Err(format!(
                    "its changes have {count} lines instead of {wanted}"
                ));
            }
        }
        record.sound()?;
        Ok(record)
    }

    /// Returns the lines of `changes`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let changes = self.changes.iter().cloned().map(Line::Change);
        let renames = self.renames.iter().cloned();
        let renames = renames.map(|(from, to)| Line::Rename(from, to));
        let folders = self.folders.iter().cloned().map(Line::Folder);
        let text = |line| {
            let text = serde_json::to_string(&line).expect("a record has string keys only");
            text + "\n"
        };
        let repaired = self.repaired.iter().cloned();
        let repaired = repaired.map(|(rule, subject)| Line::Repaired(rule, subject));
        let lines = changes.chain(renames).chain(folders).chain(repaired);
        lines.map(text).collect()
    }

    /// Refuses what no transaction is: a path that changes twice, a folder that is made for nothing.
    fn sound(&self) -> Result<(), String> {
        let mut needed = BTreeSet::from([HostPath::literal("/")]);
        let mut paths = BTreeSet::new();
        for change in &self.changes {
            if change.path.name().is_empty() {
                return Err("it changes the root itself".to_owned());
            }
            if change.before.is_none() && change.after.is_none() {
                return Err(format!("it does not mention {}", change.path));
            }
            if !paths.insert(&change.path) {
                return Err(format!("it changes {} twice", change.path));
            }
            if change.before.is_some() {
                continue;
            }
            let mut folder = change.path.folder();
            while needed.insert(folder.clone()) {
                folder = folder.folder();
            }
        }
        match self.folders.iter().find(|folder| !needed.contains(folder)) {
            Some(folder) => Err(format!("it makes the folder {folder} without need")),
            None => Ok(()),
        }
    }

    /// Returns the files that are there only while it waits to be confirmed.
    pub fn waits(&self) -> impl Iterator<Item = &RecordedChange> {
        self.changes.iter().filter(|change| change.waits)
    }

    /// Returns the paths that the user asked to change, without the copies of originals.
    pub fn asked(&self) -> impl Iterator<Item = &RecordedChange> {
        self.changes
            .iter()
            .filter(|change| change.copy_of.is_none())
    }
}
