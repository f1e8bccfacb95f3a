//! Text in which the name of the interface that it belongs to is left open.

use crate::host::value::InterfaceName;

/// Text of a configuration in which the name of the interface that it belongs to is left open.
///
/// A route file of `ens33` says `dev ens33`; moved to `br0` it must say `dev br0`. In the model such a place is a gap,
/// so that moving a setting from one profile to another cannot leave the old name behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnedText(String);

/// Stands for the owner's name: a NUL byte, which no configuration file can hold.
const GAP: char = '\0';

impl OwnedText {
    /// Returns `text` with a gap in the place of each span (sorted, not overlapping).
    #[must_use]
    pub fn with_gaps(text: &str, spans: &[std::ops::Range<usize>]) -> Self {
        let mut open = String::with_capacity(text.len());
        let mut done = 0;
        for span in spans {
            open.push_str(&text[done..span.start]);
            open.push(GAP);
            done = span.end;
        }
        open.push_str(&text[done..]);
        Self(open)
    }

    /// Returns the text as `spell` spells it; the gaps are NUL bytes for it, and stay.
    #[must_use]
    pub fn respelled(&self, spell: impl FnOnce(&str) -> String) -> Self {
        Self(spell(&self.0))
    }

    /// Returns text that names no interface of its own.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text with `owner` in each gap.
    #[must_use]
    pub fn named(&self, owner: &InterfaceName) -> String {
        self.named_as(owner.as_str())
    }

    /// Returns the text with `name`, by which a file of the owner is found, in each gap.
    #[must_use]
    pub fn named_as(&self, name: &str) -> String {
        self.0.replace(GAP, name)
    }

    /// Returns the text with the first `from` replaced by `to`.
    #[must_use]
    pub fn replace_first(&self, from: &str, to: &str) -> Self {
        Self(self.0.replacen(from, to, 1))
    }

    /// Returns the text as it stands, gaps as NUL.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_takes_the_name_of_the_owner() {
        let text = OwnedText::with_gaps("dev ens33 via x dev ens33\n", &[4..9, 20..25]);
        assert_eq!(
            text.named(&InterfaceName::parse("br0").unwrap()),
            "dev br0 via x dev br0\n"
        );
    }
}
