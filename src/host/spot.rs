//! Where a file says a thing: a place that does not count when two values are compared.

use std::fmt;

use crate::tree::HostPath;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The file.
    pub file: HostPath,
    /// The line, counted from 1.
    pub line: u32,
}

/// A value, and where it is said; nowhere if a user gave it.
///
/// Two are equal if their values are: what is said is the same wherever it is said.
#[derive(Clone, Debug)]
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
        Self {
            value,
            at: Some(Spot { file, line }),
        }
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
        assert_ne!(Said::at(1, &file, 1), Said::at(2, &file, 1));
    }
}
