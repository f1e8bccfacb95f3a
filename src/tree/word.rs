//! Words of commands that a user may paste.

use super::HostPath;

/// Returns a text as one word of a shell command.
#[must_use]
pub fn word_of(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-+@:/".contains(c);
    match text.chars().all(plain) && !text.is_empty() {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

impl HostPath {
    /// Returns the path as one word of a shell command.
    #[must_use]
    pub fn word(&self) -> String {
        word_of(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        for (text, expected) in [
            ("/etc/ifcfg-eth0:1", "/etc/ifcfg-eth0:1"),
            ("größe", "größe"),
            ("a b", "'a b'"),
            ("$(x)", "'$(x)'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
        ] {
            assert_eq!(word_of(text), expected);
        }
    }
}
