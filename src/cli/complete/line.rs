//! A command line while it is typed, parted at the cursor.

use super::word::{Quotes, Shell, Word};
use super::words::Words;

/// A command line, parted at the cursor.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// What stands before the command, as in `KVMNET_ROOT=/mnt kvmnet`.
    pub(super) variables: Vec<(String, String)>,
    /// The words before the one under the cursor, without the program.
    pub(super) before: Vec<String>,
    /// The word under the cursor, as far as the cursor.
    pub(super) word: Word,
    /// The words behind it.
    pub(super) after: Vec<String>,
}

impl Line {
    /// Returns the command under the cursor; nothing, if the cursor is still on the program itself.
    pub(super) fn parse(
        shell: Shell,
        before: &str,
        after: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Self> {
        let mut words = Words::of(shell, before, Quotes::None, variable).read();
        let word = words.pop()?;
        // the rest of the word under the cursor goes
        let behind = Words::of(shell, after, word.open, variable).first_command();
        let mut words = words
            .into_iter()
            .filter(|word| !word.is_redirect)
            .peekable();
        let mut variables = Vec::new();
        while let Some(variable) = words.peek().and_then(assigned) {
            variables.push(variable);
            words.next();
        }
        words.next()?;
        let behind = behind.into_iter().skip(1);
        Some(Self {
            variables,
            before: words.map(|word| word.value).collect(),
            word,
            after: behind
                .filter(|word| !word.is_redirect)
                .map(|word| word.value)
                .collect(),
        })
    }
}

/// Returns the variable that a word sets.
fn assigned(word: &Word) -> Option<(String, String)> {
    let (name, value) = word.value.split_once('=')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let sound = !name.is_empty() && name.chars().all(is_name) && word.raw.starts_with(name);
    sound.then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Option<String> {
        match name {
            "HOME" => Some("/root".to_owned()),
            "T" => Some("/a b".to_owned()),
            _ => None,
        }
    }

    fn parsed(shell: Shell, before: &str, after: &str) -> Line {
        Line::parse(shell, before, after, &variable).unwrap()
    }

    #[test]
    fn words_are_those_of_the_shell() {
        for (text, before, word) in [
            ("k a b", &["a"][..], "b"),
            ("k a ", &["a"], ""),
            ("k 'a b' \"c\\\"d\" e\\ f", &["a b", "c\"d"], "e f"),
            (
                "k $T ~/x ${T}/y '$T' \\$T",
                &["/a b", "/root/x", "/a b/y", "$T"],
                "$T",
            ),
            ("k $U \"$(x", &["$U"], "$(x"),
            ("x; k a | k b", &[], "b"),
            ("k a >f 2>&1 b &>g <h c", &["a", "b"], "c"),
            ("X=1 KVMNET_ROOT=/mnt k a", &[], "a"),
            ("k a\\", &[], "a"),
        ] {
            let line = parsed(Shell::Bash, text, "");
            assert_eq!(line.before, before, "{text}");
            assert_eq!(line.word.value, word, "{text}");
        }
        let fish = parsed(Shell::Fish, "k 'it\\'s' \"a\\$b\" c\\ d", "");
        assert_eq!(
            (fish.before, fish.word.value.as_str()),
            (vec!["it's".to_owned(), "a$b".to_owned()], "c d")
        );
    }

    #[test]
    fn what_stands_behind_the_cursor_is_no_part_of_the_word() {
        let line = parsed(Shell::Bash, "k a 'b c", "d e' f --root x | y z");
        assert_eq!(line.word.value, "b c");
        assert_eq!(line.after, ["f", "--root", "x"]);
        assert_eq!(parsed(Shell::Bash, "k a ", " b").after, ["b"]);
        assert_eq!(parsed(Shell::Bash, "k a > ", " b").after, ["b"]);
    }

    #[test]
    fn it_is_known_what_readline_replaces() {
        let breaks = " \t\n\"'><=;|&(:";
        for (text, from) in [
            ("k --root=/x", 7),
            ("k --port='a,b", 8),
            ("k a:b", 2),
            ("k a\\:b", 0),
            ("k 'a:b", 1),
            ("k 'a 'b", 0),
            ("k \"a'b", 1),
        ] {
            let word = parsed(Shell::Bash, text, "").word;
            assert_eq!(word.replaced_from(breaks), from, "{text}");
        }
    }
}
