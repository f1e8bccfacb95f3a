//! A law of the lenses that does not hold.

use crate::tree::HostPath;

/// A law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// What was read and is written again changes nothing.
    GetPut,
    /// What was written says what was meant.
    PutGet,
    /// Nothing is lost that was not given up.
    Conservation,
}

/// A law that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The law.
    pub law: Law,
    /// The file.
    pub path: HostPath,
    /// The line of the file as it was; absent for the file as a whole.
    pub line: Option<u32>,
    /// What the file configures, such as "the network `lab`".
    pub about: String,
}
