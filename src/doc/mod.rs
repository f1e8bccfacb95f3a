//! Lossless documents: text in, the same bytes out, and edits that touch only what they name.
//!
//! Laws of every document, tested over every fixture in `tests/laws.rs`:
//! parsing and printing gives the same bytes; an edit leaves all bytes outside its spans as they were.
//! Nothing in here knows a host, a path or a file system. What is not preserved: nothing.

use std::num::NonZeroU32;

pub mod edits;
pub mod keyfile;
pub mod lines;
pub mod shell;
pub mod xml;

/// A place in a document that its readers would not accept, or that cannot be read safely.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong, in lower case.
    pub message: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
    /// The text of that line.
    pub excerpt: String,
    /// What kind of error it is.
    pub kind: SyntaxKind,
    /// The other line that it has to do with, counted from 1: where the element was opened, or where it showed that it is not closed.
    pub also: Option<NonZeroU32>,
}

/// Whether other readers would take what is refused here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyntaxKind {
    /// It is against the rules of the format.
    #[default]
    Malformed,
    /// It is beyond what is read here, for safety's sake.
    Beyond,
}

impl SyntaxError {
    /// Returns the error at the byte `offset` of `source`.
    #[must_use]
    pub fn at(source: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = position(source, offset);
        let excerpt = source
            .lines()
            .nth(line as usize - 1)
            .unwrap_or("")
            .trim_end_matches('\r')
            .to_owned();
        Self {
            message: message.into(),
            line,
            column,
            excerpt,
            kind: SyntaxKind::Malformed,
            also: None,
        }
    }

    /// Returns the error with the other line that it has to do with, if it is another one: that of the byte `offset` of `source`.
    #[must_use]
    pub fn also(self, source: &str, offset: usize) -> Self {
        let (line, _) = position(source, offset);
        let also = NonZeroU32::new(line).filter(|also| also.get() != self.line);
        Self { also, ..self }
    }

    /// Returns the error as one of what is not read here, though it is well-formed.
    #[must_use]
    pub fn beyond(self) -> Self {
        Self {
            kind: SyntaxKind::Beyond,
            ..self
        }
    }
}

/// Returns where the character begins in whose bytes `at` is; the end of `text` for what is behind it.
#[must_use]
pub fn character_at(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    let mut starts = (0..=at).rev();
    starts.find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Returns line and column (in characters), both counted from 1, of the byte `offset` of `source`.
#[must_use]
pub fn position(source: &str, offset: usize) -> (u32, u32) {
    let offset = character_at(source, offset);
    let before = &source[..offset];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].chars().count() + 1;
    let column = u32::try_from(column).unwrap_or(u32::MAX);
    (line(source, offset), column)
}

/// Returns the line, counted from 1, of the byte `offset` of `source`.
#[must_use]
pub fn line(source: &str, offset: usize) -> u32 {
    let before = &source.as_bytes()[..offset.min(source.len())];
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// Returns the line end of a text: that of its first line, LF where there is none.
fn line_end(source: &str) -> &'static str {
    let first = source.find('\n').unwrap_or(0);
    match source[..first].ends_with('\r') {
        true => "\r\n",
        false => "\n",
    }
}
