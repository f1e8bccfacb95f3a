//! Words of commands that a user runs.

use crate::doc::shell::Quotes;
use crate::doc::shell::value::write;

/// Returns the word as a shell takes it, also one that a user types in.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    match word.chars().all(is_plain) && !word.is_empty() && !word.starts_with('-') {
        true => word.to_owned(),
        // between double quotes bash would look for `!` in its history
        false if word.contains('!') => single_quoted(word),
        false => write(word, Quotes::Double),
    }
}

/// Returns the word between single quotes, in which nothing has a meaning.
#[must_use]
pub fn single_quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_for_every_shell() {
        for (word, typed) in [
            ("/usr/bin/a-b_c.d", "/usr/bin/a-b_c.d"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("a$b", "\"a\\$b\""),
            ("a!b", "'a!b'"),
            ("a!'b", "'a!'\\''b'"),
        ] {
            assert_eq!(shell_word(word), typed);
        }
    }
}
