//! Where a finding is: a file, and what of it is underlined.

use std::ops::Range;

use crate::doc::character_at;
use crate::host::profile::Profile;
use crate::host::spot::Spot;
use crate::host::wording::Wording;
use crate::tree::HostPath;

/// What is underlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing: the file as a whole is meant, its name, its mode, or that it is there.
    File,
    /// A whole line, counted from 1.
    Line(u32),
    /// The first occurrence of a text in a line; the whole line where it is not there.
    Word(u32, String),
    /// These bytes.
    Span(Range<usize>),
}

/// A place in a file, and what there is to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: HostPath,
    /// What is underlined.
    pub mark: Mark,
    /// A phrase beside it, "" for none.
    pub label: String,
}

/// A place as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// The text of the line, without its line end; `None` where the file as a whole is meant or cannot be shown.
    pub excerpt: Option<String>,
    /// The underlined bytes of the excerpt.
    pub span: Range<usize>,
}

impl Place {
    fn new(path: &HostPath, mark: Mark) -> Self {
        Self {
            path: path.clone(),
            mark,
            label: String::new(),
        }
    }

    /// Returns the file as a whole.
    #[must_use]
    pub fn file(path: &HostPath) -> Self {
        Self::new(path, Mark::File)
    }

    /// Returns a line; without one, the file as a whole.
    #[must_use]
    pub fn line(path: &HostPath, line: impl Into<Option<u32>>) -> Self {
        Self::new(path, line.into().map_or(Mark::File, Mark::Line))
    }

    /// Returns a text in a line; without a line, the file as a whole.
    #[must_use]
    pub fn word(path: &HostPath, line: impl Into<Option<u32>>, text: &str) -> Self {
        match line.into() {
            Some(line) => Self::new(path, Mark::Word(line, text.to_owned())),
            None => Self::file(path),
        }
    }

    /// Returns a span of bytes.
    #[must_use]
    pub fn span(path: &HostPath, span: Range<usize>) -> Self {
        Self::new(path, Mark::Span(span))
    }

    /// Returns the place where a value of the model is said.
    #[must_use]
    pub fn of(spot: &Spot) -> Self {
        match &spot.span {
            Some(span) => Self::span(&spot.file, span.clone()),
            None => Self::line(&spot.file, spot.line),
        }
    }

    /// Returns the statement in the file of `profile` that `which` chooses, the file as a whole where it does not say it.
    #[must_use]
    pub fn said(profile: &Profile, which: fn(&Wording) -> Option<&Spot>) -> Option<Self> {
        let path = profile.home.file.as_ref()?;
        Some(which(&profile.wording).map_or_else(|| Self::file(path), Self::of))
    }

    /// Says something beside the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Returns the underlined bytes of the line `text`, which begins at the byte `start` of its file.
    pub(super) fn underlined(&self, text: &str, start: usize) -> Range<usize> {
        let indent = text.len() - text.trim_start().len();
        let whole = indent..text.trim_end().len().max(indent);
        match &self.mark {
            Mark::File | Mark::Line(_) => whole,
            Mark::Word(_, word) => text
                .find(word.as_str())
                .map_or(whole, |at| at..at + word.len()),
            Mark::Span(span) => {
                let from = character_at(text, span.start.saturating_sub(start));
                let to = character_at(text, span.end.saturating_sub(start));
                from..to.max(from)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::locate::Locator;
    use crate::tree::{Attrs, Entry, File, Tree};

    fn tree(text: &str) -> Tree {
        let mut tree = Tree::default();
        let attrs = Attrs {
            mode: 0o644,
            uid: 0,
            gid: 0,
        };
        let bytes = text.as_bytes().to_vec();
        tree.insert(path(), Entry::File(File { bytes, attrs }));
        tree
    }

    fn path() -> HostPath {
        HostPath::literal("/x")
    }

    fn shown(place: &Place, text: &str) -> (u32, u32, String) {
        let tree = tree(text);
        let located = Locator::of(&tree).locate(place);
        let excerpt = located.excerpt.unwrap_or_default();
        (
            located.line,
            located.column,
            excerpt[located.span].to_owned(),
        )
    }

    #[test]
    fn finds_line_and_column() {
        let text = "A=1\n  ü=22 \r\nlast";
        let at = |place: Place| shown(&place, text);
        assert_eq!(at(Place::line(&path(), 2)), (2, 3, "ü=22".to_owned()));
        assert_eq!(at(Place::word(&path(), 2, "22")), (2, 5, "22".to_owned()));
        assert_eq!(at(Place::word(&path(), 1, "no")), (1, 1, "A=1".to_owned()));
        assert_eq!(at(Place::span(&path(), 2..3)), (1, 3, "1".to_owned()));
        assert_eq!(at(Place::span(&path(), 15..99)), (3, 2, "ast".to_owned()));
        assert_eq!(at(Place::line(&path(), 9)), (1, 1, String::new()));
        assert_eq!(at(Place::file(&path())), (1, 1, String::new()));
    }

    #[test]
    fn of_a_long_line_the_part_around_is_shown() {
        let text = format!("A=1\n{}ü=22 {}", "ä=1 ".repeat(1000), "B=3 ".repeat(1000));
        let tree = tree(&text);
        let at = text.find("ü").unwrap();
        let place = Place::span(&path(), at..at + 5);
        let located = Locator::of(&tree).locate(&place);
        let excerpt = located.excerpt.unwrap();
        assert_eq!((located.line, located.column), (2, 4001));
        assert_eq!(&excerpt[located.span], "ü=22");
        assert!(excerpt.len() < 500, "{excerpt}");
    }

    #[test]
    fn of_a_long_line_no_secret_is_shown() {
        let text = format!("KEY1=s:{} A=1", "geheim".repeat(1000));
        let mut tree = Tree::default();
        let name = HostPath::literal("/etc/sysconfig/network-scripts/keys-ens33");
        let attrs = Attrs {
            mode: 0o600,
            uid: 0,
            gid: 0,
        };
        let bytes = text.clone().into_bytes();
        tree.insert(name.clone(), Entry::File(File { bytes, attrs }));
        let place = Place::span(&name, text.len() - 3..text.len());
        let located = Locator::of(&tree).locate(&place);
        assert!(!located.excerpt.unwrap().contains("geheim"));
    }
}
