//! Where a file says a thing: a place that does not count when two values are compared.

use std::fmt;
use std::ops::{Deref, Range};

use crate::tree::HostPath;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub file: HostPath,
    /// The line, counted from 1.
    pub line: u32,
    /// The bytes of the file that say it, where they are known better than by their line.
    pub span: Option<Range<usize>>,
}

/// A value, and where it is said; nowhere if a user gave it.
///
/// Two are equal if their values are: what is said is the same wherever it is said.
#[derive(Clone, Debug, Default)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// Where it is said.
    pub at: Option<Spot>,
}

impl<T> Said<T> {
    /// Returns `value` as line `line` of `file` says it.
    #[must_use]
    pub fn at(value: T, file: &HostPath, line: u32) -> Self {
        let file = file.clone();
        let span = None;
        Self {
            value,
            at: Some(Spot { file, line, span }),
        }
    }

    /// Returns the line that says it.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.at.as_ref().map(|spot| spot.line)
    }
}

/// A value that no file says: a user gave it, or it holds by default.
impl<T> From<T> for Said<T> {
    fn from(value: T) -> Self {
        Self { value, at: None }
    }
}

impl<T> Deref for Said<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Said<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Said<T> {}

impl<T: fmt::Display> fmt::Display for Said<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_do_not_count() {
        let file = HostPath::literal("/a");
        assert_eq!(Said::at(1, &file, 1), Said::at(1, &file, 2));
        assert_eq!(Said::at(1, &file, 1), Said::from(1));
        assert_ne!(Said::at(1, &file, 1), Said::at(2, &file, 1));
    }
}
