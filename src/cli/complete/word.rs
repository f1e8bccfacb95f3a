//! A word while it is typed: what the shell will make of it, and where each of its characters was written.

/// A shell that completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Shell {
    /// Returns the shell of this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "bash" => Some(Self::Bash),
            "zsh" => Some(Self::Zsh),
            "fish" => Some(Self::Fish),
            _ => None,
        }
    }
}

/// In which quotes something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quotes {
    #[default]
    None,
    Single,
    Double,
}

/// Where a character of the value was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Its offset in the value.
    pub(super) value: usize,
    /// Its offset in the text.
    pub(super) raw: usize,
    /// The quotes in which it stands.
    pub(super) quotes: Quotes,
}

/// A word: its text, and what the shell makes of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) raw: String,
    pub(super) value: String,
    /// Of each character of the value, and of its end.
    pub(super) marks: Vec<Mark>,
    /// Offsets in the text of what is quoted by nothing, quotes that open among it.
    pub(super) bare: Vec<usize>,
    /// The quotes that are open at its end.
    pub(super) open: Quotes,
    /// Whether a file that is redirected to or from.
    pub(super) is_redirect: bool,
}

impl Word {
    /// Returns where the character at this offset of the value was written; of its end, the end.
    pub(super) fn at_value(&self, value: usize) -> Mark {
        let after = self.marks.partition_point(|mark| mark.value < value);
        self.marks.get(after).copied().unwrap_or_else(|| self.end())
    }

    /// Returns the first character that was written at this offset of the text, or behind it.
    pub(super) fn at_raw(&self, raw: usize) -> Mark {
        let after = self.marks.partition_point(|mark| mark.raw < raw);
        self.marks.get(after).copied().unwrap_or_else(|| self.end())
    }

    fn end(&self) -> Mark {
        Mark {
            value: self.value.len(),
            raw: self.raw.len(),
            quotes: self.open,
        }
    }

    /// Returns where in the text the part begins that readline replaces: behind quotes that are open, or behind the last of
    /// the characters `breaks` that is not quoted.
    ///
    /// Source: `_rl_find_completion_word()` in readline's complete.c, `char_is_quoted()` of bash.
    pub(super) fn replaced_from(&self, breaks: &str) -> usize {
        let is_break = |at: &&usize| {
            let c = self.raw[**at..].chars().next();
            c.is_some_and(|c| match "'\"".contains(c) {
                true => self.open != Quotes::None,
                false => breaks.contains(c),
            })
        };
        let mut bare = self.bare.iter().rev();
        bare.find(is_break).map_or(0, |at| at + 1)
    }
}
