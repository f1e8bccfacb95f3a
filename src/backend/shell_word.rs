//! Words of commands that a user runs.

use crate::doc::shell::Quotes;
use crate::doc::shell::value::write;

/// Returns the word as a shell takes it.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match word.chars().all(is_plain) && !word.starts_with('-') {
        true => word.to_owned(),
        false => write(word, Quotes::Double),
    }
}
