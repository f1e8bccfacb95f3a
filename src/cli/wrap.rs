//! Sentences as lines of at most 80 columns, in which commands stay whole.

use super::commands;
use super::text::one_line;

/// Breaks `text` into lines of at most 80 columns, the first after `first`, the others indented by `indent` columns.
pub(super) fn wrap(first: &str, text: &str, indent: usize) -> String {
    folded(first, text, indent, 80)
}

/// Breaks `text` as [`wrap`] does, into lines of at most so many columns.
pub(super) fn folded(first: &str, text: &str, indent: usize, columns: usize) -> String {
    let mut lines = vec![first.to_owned()];
    let text = whole_commands(&one_line(text).replace("   # ", " # "));
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a first line");
        let fits = line.chars().count() + 1 + word.chars().count() <= columns;
        let empty = line.trim().is_empty() || line.ends_with(' ');
        if fits || empty {
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
        } else {
            lines.push(format!("{}{word}", " ".repeat(indent)));
        }
    }
    lines.join("\n").replace(NO_BREAK, " ")
}

/// Stands for a space that is no place to break a line: no printable text has it.
const NO_BREAK: char = '\u{1}';

/// A command stays on one line, so that it can be pasted.
fn whole_commands(text: &str) -> String {
    let (mut whole, mut done) = (String::with_capacity(text.len()), 0);
    for command in commands::found_in(text) {
        whole.push_str(&text[done..command.start]);
        whole.push_str(&text[command.clone()].replace(' ', &NO_BREAK.to_string()));
        done = command.end;
    }
    whole + &text[done..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_80_columns() {
        let text = wrap("warning: ", &"word ".repeat(30), 9);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(text.lines().nth(1).unwrap().starts_with("         word"));
    }
}
