//! Versions of programs, as far as folders and releases tell them.

use std::fmt;

/// A version: its numbers, without what a distribution adds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u32>);

impl Version {
    /// Returns the version that begins `text`: `1.42.4-1` is 1.42.4.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let numbers = text[..end.unwrap_or(text.len())].trim_end_matches('.');
        let numbers: Result<Vec<u32>, _> = numbers.split('.').map(str::parse).collect();
        numbers.ok().map(Self)
    }

    /// Returns the version of these numbers.
    #[must_use]
    pub fn of(numbers: &[u32]) -> Self {
        Self(numbers.to_vec())
    }

    /// Returns whether this is `wanted` or newer within the series that all but its last number name.
    ///
    /// Source: `nm-version-min` of NetworkManager.conf(5): `1.42.4` meets 1.40, and does not meet 1.30.2.
    #[must_use]
    pub fn at_least(&self, wanted: &Self) -> bool {
        self.within(wanted, |own, wanted| own >= wanted)
    }

    /// Returns whether this is `wanted` or older within the series that all but its last number name.
    #[must_use]
    pub fn at_most(&self, wanted: &Self) -> bool {
        self.within(wanted, |own, wanted| own <= wanted)
    }

    fn within(&self, wanted: &Self, fits: fn(u32, u32) -> bool) -> bool {
        let Some((last, series)) = wanted.0.split_last() else {
            return false;
        };
        self.0.starts_with(series) && fits(self.0.get(series.len()).copied().unwrap_or(0), *last)
    }

    /// Returns whether this is `wanted`, as far as that goes.
    #[must_use]
    pub fn begins_with(&self, wanted: &Self) -> bool {
        self.0.starts_with(&wanted.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}
