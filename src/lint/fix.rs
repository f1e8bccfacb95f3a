//! What mends a finding: a value, from which a plan is made like from any other wish.

use std::ops::Range;

use crate::tree::HostPath;

/// What mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Nothing is done: the sentence says what is left as it is, and why.
    Leave(String),
    /// The file (or link) goes where no program looks for it: into kvmnet's store of copies.
    PutAway(HostPath),
    /// The entry goes; a link goes, what it leads to stays.
    Delete(HostPath),
    /// The file gets another name in its folder.
    Rename {
        /// What it is called.
        from: HostPath,
        /// What it will be called; nothing is there.
        to: HostPath,
    },
    /// Spans of the file get another text.
    Edit {
        /// The file.
        path: HostPath,
        /// Each span with what stands there afterwards; they do not overlap.
        edits: Vec<(Range<usize>, String)>,
    },
}
