//! A text with some of its spans replaced: what a fix does to a file.

use std::ops::Range;

use crate::doc::edits::Edits;

/// Returns `text` with all replacements made; where they overlap, the one that begins first wins.
#[must_use]
pub fn edited(text: &str, replacements: &[(Range<usize>, String)]) -> String {
    let mut edits = Edits::default();
    for (span, new) in replacements {
        edits.replace(span.clone(), new.as_str());
    }
    edits.apply(text)
}
