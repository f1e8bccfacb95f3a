//! A name as a part of the word that is typed, so that the shell takes it as it is; names that no shell could be given.

use super::word::{Quotes, Shell, Word};
use crate::shown::harmful;

/// What a shell takes as it is, wherever it stands.
const PLAIN: &str = "_-./,:=@%+";

/// Returns whether a name can be shown and typed: control characters and what cannot be seen are left out.
pub(super) fn can_be_typed(name: &str) -> bool {
    let bad = |c: char| harmful(c) || c.is_control() || (c.is_whitespace() && c != ' ');
    !name.is_empty() && !name.contains(bad) && !name.contains('\u{fffd}')
}

/// Returns what takes the place of the end of `word`, from `replaced` on, so that its value becomes `value`; as far as
/// `kept` of the value it stays as it was typed.
pub(super) fn for_bash(word: &Word, value: &str, kept: usize, replaced: usize) -> String {
    let mark = word.at_value(kept);
    let mark = match mark.raw >= replaced {
        true => mark,
        false => word.at_raw(replaced),
    };
    let mut text = word.raw.get(replaced..mark.raw).unwrap_or("").to_owned();
    let rest = value.get(mark.value..).unwrap_or("");
    for c in rest.chars() {
        put(&mut text, c, mark.quotes);
    }
    // readline closes quotes that are open at the cursor
    match mark.quotes {
        Quotes::Single if word.open == Quotes::None => text.push('\''),
        Quotes::Double if word.open == Quotes::None => text.push('"'),
        Quotes::None | Quotes::Single | Quotes::Double => {}
    }
    text
}

fn put(text: &mut String, c: char, quotes: Quotes) {
    match (quotes, c) {
        (Quotes::None, c) if c.is_ascii_alphanumeric() || PLAIN.contains(c) || !c.is_ascii() => {
            text.push(c);
        }
        (Quotes::None, c) => text.extend(['\\', c]),
        (Quotes::Single, '\'') => text.push_str("'\\''"),
        (Quotes::Single, c) => text.push(c),
        // in quotes the history takes it all the same
        (Quotes::Double, '!') => text.push_str("\"\\!\""),
        (Quotes::Double, '$' | '`' | '"' | '\\') => text.extend(['\\', c]),
        (Quotes::Double, c) => text.push(c),
    }
}

/// Returns the bytes of the text of a word that stand before the part that is completed, in characters.
pub(super) fn lead(word: &Word, kept: usize) -> usize {
    let end = word.at_value(kept).raw;
    word.raw.get(..end).unwrap_or("").chars().count()
}

/// Returns whether the shell can be told to write `name` behind what is typed.
pub(super) fn fits(shell: Shell, word: &Word, name: &str) -> bool {
    // zsh leaves the backslash before it, and without one its history takes it
    !(shell == Shell::Zsh && word.open == Quotes::Double && name.contains('!'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cli::complete::line::Line;

    const BREAKS: &str = " \t\n\"'><=;|&(:";

    fn word(text: &str) -> Word {
        Line::parse(Shell::Bash, text, "", &|_| None).unwrap().word
    }

    proptest! {
        /// However a name was begun, what is inserted makes one word of it, as this program reads bash's lines.
        #[test]
        fn a_name_is_one_word(name in "[ -~é]{1,12}", begun in 0..4usize, opened in 0..3usize, option in any::<bool>()) {
            let (quotes, mark) = [(Quotes::None, ""), (Quotes::Single, "'"), (Quotes::Double, "\"")][opened];
            let mut start = format!("k {}{mark}", if option { "--x=" } else { "" });
            name.chars().take(begun).for_each(|c| put(&mut start, c, quotes));
            let typed = word(&start);
            let kept = if option { 4 } else { 0 };
            let value = format!("{}{name}", &typed.value[..kept]);
            let replaced = typed.replaced_from(BREAKS);
            let inserted = for_bash(&typed, &value, kept, replaced);
            let line = format!("k {}{inserted}{mark}", &typed.raw[..replaced]);
            let whole = Line::parse(Shell::Bash, &line, "", &|_| None).unwrap();
            prop_assert_eq!(&whole.word.value, &value, "{}", line);
            prop_assert!(whole.before.is_empty(), "{}", line);
        }

        /// No text that is typed makes it fail.
        #[test]
        fn any_line_is_read(before in "[ -~é\\\\'\"$`]{0,30}", after in "[ -~'\"]{0,10}") {
            for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
                let variable = |name: &str| (name.len() == 1).then(|| "a b".to_owned());
                if let Some(line) = Line::parse(shell, &before, &after, &variable) {
                    let (word, end) = (&line.word, line.word.value.len());
                    let replaced = word.replaced_from(BREAKS);
                    for_bash(word, &(word.value.clone() + "é"), end, replaced);
                    prop_assert!(before.ends_with(&word.raw) && lead(word, end) <= before.chars().count());
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_typed_is_left_out() {
        for name in [
            "",
            "a\tb",
            "a\nb",
            "\u{1b}[2J",
            "a\u{202e}b",
            "a\u{a0}b",
            "\u{fffd}",
        ] {
            assert!(!can_be_typed(name), "{name:?}");
        }
        assert!(can_be_typed("Win 2022 (ünï)"));
    }
}
