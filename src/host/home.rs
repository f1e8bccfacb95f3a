//! Where a profile lives.

use crate::layout::Backend;
use crate::tree::HostPath;

/// Where a profile lives: its identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Home {
    /// The format.
    pub backend: Backend,
    /// The file, `None` if it is not on disk yet.
    pub file: Option<HostPath>,
    /// The file of the image that it comes before: without it, that one is in force.
    pub hides: Option<HostPath>,
}

impl Home {
    /// Returns the home of a profile that is not on disk yet.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        Self {
            backend,
            file: None,
            hides: None,
        }
    }

    /// Returns the home of a profile in a file.
    #[must_use]
    pub fn at(backend: Backend, file: HostPath) -> Self {
        Self {
            file: Some(file),
            ..Self::new(backend)
        }
    }

    /// Returns whether it comes with the image, where nothing is written: a file of its UUID in /etc comes before it.
    #[must_use]
    pub fn is_of_image(&self) -> bool {
        let file = self.file.as_ref();
        file.is_some_and(|file| file.as_str().starts_with("/usr/"))
    }

    /// Returns the file of the image that is in force once nothing in /etc comes before it.
    #[must_use]
    pub fn of_image(&self) -> Option<&HostPath> {
        let own = self.file.as_ref().filter(|_| self.is_of_image());
        own.or(self.hides.as_ref())
    }
}
