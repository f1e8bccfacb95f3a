//! Where a profile lives.

use crate::layout::Backend;
use crate::tree::HostPath;

/// Where a profile lives: its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The format.
    pub backend: Backend,
    /// The file, `None` if it is not on disk yet.
    pub file: Option<HostPath>,
}

impl Home {
    /// Returns the home of a profile that is not on disk yet.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        Self {
            backend,
            file: None,
        }
    }
}
