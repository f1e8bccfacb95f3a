//! Replacements of spans of an untouched source: the only way in which a document changes.
//!
//! Edits are collected against the original text and applied at once, so that their order does not matter
//! and everything outside the spans stays byte for byte.

use std::cmp::Reverse;
use std::ops::Range;

/// Edits of one source, not overlapping.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    edits: Vec<(Range<usize>, String)>,
}

impl Edits {
    /// Puts `text` in the place of the bytes at `span`.
    pub fn replace(&mut self, span: Range<usize>, text: impl Into<String>) {
        self.edits.push((span, text.into()));
    }

    /// Takes the bytes at `span` away.
    pub fn delete(&mut self, span: Range<usize>) {
        self.replace(span, "");
    }

    /// Puts `text` before the byte at `offset`; several insertions at one place keep their order.
    pub fn insert(&mut self, offset: usize, text: impl Into<String>) {
        self.replace(offset..offset, text);
    }

    /// Returns what was asked for, each span with its new text.
    #[must_use]
    pub fn into_spans(self) -> Vec<(Range<usize>, String)> {
        self.edits
    }

    /// Returns whether nothing was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Returns `source` with all edits made.
    ///
    /// Where edits overlap, the one that begins first wins, then the longer one; deletions join.
    #[must_use]
    pub fn apply(mut self, source: &str) -> String {
        self.edits
            .sort_by_key(|(span, _)| (span.start, !span.is_empty(), Reverse(span.end)));
        let mut result = String::with_capacity(source.len());
        let mut done = 0;
        for (span, text) in &self.edits {
            if span.start < done {
                done = if text.is_empty() {
                    done.max(span.end)
                } else {
                    done
                };
                continue;
            }
            result.push_str(&source[done..span.start]);
            result.push_str(text);
            done = span.end;
        }
        result.push_str(&source[done..]);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_everything_outside_the_spans() {
        let mut edits = Edits::default();
        edits.replace(8..9, "C");
        edits.insert(0, "1");
        edits.insert(0, "2");
        edits.delete(2..4);
        assert_eq!(edits.apply("a b c d e"), "12a c d C");
    }
}
