//! The record of a transaction as it lies on disk: who did what, when, and in which state it is.
//!
//! The format carries a version; every version ever written is pinned by a file in `fixtures/journal`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::{Change, Xattrs};
use crate::tree::{Attrs, HostPath, Node};

/// The version that is written.
pub const VERSION: u32 = 1;

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

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
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
    /// The transaction that it takes back.
    pub undoes: Option<u64>,
    /// What it changed, sorted by path.
    pub changes: Vec<RecordedChange>,
    /// What was renamed, from and to: for showing.
    pub renames: Vec<(HostPath, HostPath)>,
    /// Folders that it made.
    pub folders: Vec<HostPath>,
}

/// What happened at one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedChange {
    /// The path.
    pub path: HostPath,
    /// What was there.
    pub before: Option<RecordedNode>,
    /// What is there now.
    pub after: Option<RecordedNode>,
    /// The file whose original this is a copy of.
    pub copy_of: Option<HostPath>,
}

/// A file or link without its content, which lies beside the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum RecordedNode {
    /// A regular file.
    File {
        /// Mode and owner.
        #[serde(flatten)]
        attrs: Attrs,
        /// Extended attributes, values in hexadecimal.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        xattrs: BTreeMap<String, String>,
    },
    /// A symbolic link.
    Link {
        /// The text it holds.
        target: String,
    },
}

impl RecordedNode {
    pub(super) fn of(node: &Node, xattrs: &Xattrs) -> Self {
        match node {
            Node::Link(target) => Self::Link {
                target: target.clone(),
            },
            Node::File(file) => Self::File {
                attrs: file.attrs,
                xattrs: xattrs
                    .iter()
                    .map(|(name, value)| (name.clone(), hex(value)))
                    .collect(),
            },
        }
    }

    /// Returns the extended attributes of a file.
    pub(super) fn xattrs(&self) -> Xattrs {
        match self {
            Self::Link { .. } => Xattrs::new(),
            Self::File { xattrs, .. } => xattrs
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), unhex(value)?)))
                .collect(),
        }
    }
}

impl Record {
    /// Returns the record that a journal holds.
    ///
    /// # Errors
    /// What makes it none, or none of this version.
    pub fn parse(journal: &[u8]) -> Result<Self, String> {
        let value: serde_json::Value =
            serde_json::from_slice(journal).map_err(|error| error.to_string())?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => {
                return Err(format!(
                    "its version is {version}, and this kvmnet knows version {VERSION} only"
                ));
            }
            None => return Err("it has no version".to_owned()),
        }
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    /// Returns the paths that the user asked to change, without the copies of originals.
    pub fn asked(&self) -> impl Iterator<Item = &RecordedChange> {
        self.changes
            .iter()
            .filter(|change| change.copy_of.is_none())
    }

    pub(super) fn change(change: &Change, before: &Xattrs, after: &Xattrs) -> RecordedChange {
        RecordedChange {
            path: change.path.clone(),
            before: change
                .before
                .as_ref()
                .map(|node| RecordedNode::of(node, before)),
            after: change
                .after
                .as_ref()
                .map(|node| RecordedNode::of(node, after)),
            copy_of: None,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |at: usize| {
        text.get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    text.len()
        .is_multiple_of(2)
        .then(|| (0..text.len()).step_by(2).map(digit).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_comes_back() {
        assert_eq!(unhex(&hex(b"\x00\xffabc")), Some(b"\x00\xffabc".to_vec()));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
    }
}
