//! Paths beneath the root.

use std::cmp::Ordering;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

/// A path beneath the root, as the programs of that host would name it: absolute, without `.`, `..` or empty parts.
///
/// Paths sort as trees are walked: a folder, all that is in it, then the next name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPath(Utf8PathBuf);

impl Ord for HostPath {
    fn cmp(&self, other: &Self) -> Ordering {
        // by bytes, `/` before all others: much faster than part by part, and the same order
        let (left, right) = (self.as_str().as_bytes(), other.as_str().as_bytes());
        let rank = |byte: u8| if byte == b'/' { 0 } else { u16::from(byte) + 1 };
        let words = left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0);
        let same = 8 * words.take_while(|(a, b)| a == b).count();
        match left[same..]
            .iter()
            .zip(&right[same..])
            .find(|(a, b)| a != b)
        {
            Some((a, b)) => rank(*a).cmp(&rank(*b)),
            None => left.len().cmp(&right.len()),
        }
    }
}

impl PartialOrd for HostPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The text is no path beneath a root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not an absolute path without `.`, `..` and empty parts", text.escape_debug())]
pub struct BadHostPath {
    text: String,
}

impl HostPath {
    /// Returns the path that `text` names; `/etc/./x`, `/etc/../x`, `etc/x` and a NUL byte are errors.
    pub fn parse(text: &str) -> Result<Self, BadHostPath> {
        let bad = || BadHostPath {
            text: text.to_owned(),
        };
        let parts = text.strip_prefix('/').ok_or_else(bad)?;
        let fine =
            |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\0');
        if !parts.is_empty() && !parts.split('/').all(fine) {
            return Err(bad());
        }
        Ok(Self(Utf8PathBuf::from(text)))
    }

    /// Returns a path that is written in the program itself.
    ///
    /// # Panics
    /// When `text` is no host path; for literals only.
    #[must_use]
    pub fn literal(text: &'static str) -> Self {
        Self::parse(text).expect("a literal is a host path")
    }

    /// Returns the path of the entry `name` in this folder; `name` holds no `/`.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        debug_assert!(
            !name.contains('/') && !name.is_empty(),
            "one entry: {name:?}"
        );
        Self(self.0.join(name))
    }

    /// Returns the folder that holds this entry; the root's folder is the root.
    #[must_use]
    pub fn folder(&self) -> Self {
        Self(
            self.0
                .parent()
                .map_or_else(|| Utf8PathBuf::from("/"), Utf8Path::to_owned),
        )
    }

    /// Returns what sorts before all paths that begin with `text`; it need not be one itself.
    pub(super) fn before_all(text: &str) -> Self {
        Self(Utf8PathBuf::from(text))
    }

    /// Returns the last part of the path, "" for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        // no `..` and no `/` at its end: what stands behind the last one
        let path = self.0.as_str();
        path.rsplit_once('/').map_or(path, |(_, name)| name)
    }

    /// Returns the path with its leading `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the path and a line, as messages name a place; without a line, the path alone.
    #[must_use]
    pub fn with_line(&self, line: Option<u32>) -> String {
        match line {
            Some(line) => format!("{self}:{line}"),
            None => self.to_string(),
        }
    }

    /// Returns the path without its leading `/`, as patches and archives have it.
    #[must_use]
    pub fn relative(&self) -> &str {
        self.0.as_str().trim_start_matches('/')
    }

    /// Returns whether the path is `folder` or lies anywhere beneath it.
    #[must_use]
    pub fn is_beneath(&self, folder: &Self) -> bool {
        self.0.starts_with(&folder.0)
    }

    /// Returns the parts of the path, from the root down.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.relative().split('/').filter(|part| !part.is_empty())
    }
}

impl fmt::Display for HostPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl TryFrom<String> for HostPath {
    type Error = BadHostPath;
    fn try_from(text: String) -> Result<Self, BadHostPath> {
        Self::parse(&text)
    }
}

impl From<HostPath> for String {
    fn from(path: HostPath) -> Self {
        path.0.into_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_paths_that_could_leave_the_root() {
        for bad in [
            "",
            "etc",
            "/etc/../x",
            "/etc/./x",
            "/etc//x",
            "/etc/",
            "/..",
            "/a\0b",
        ] {
            assert!(HostPath::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(HostPath::parse("/").unwrap().name(), "");
        assert_eq!(HostPath::parse("/etc/x").unwrap().folder().as_str(), "/etc");
    }
}
