//! What is there and may be named.

/// Something that may stand under the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) value: String,
    pub(super) help: String,
}

impl Candidate {
    pub(super) fn new(value: String, help: impl Into<String>) -> Self {
        let help = help.into();
        Self { value, help }
    }
}
