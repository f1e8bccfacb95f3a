//! Pieces of text that no shell of ours looks into: names of secrets, words of another program, comments.

use super::table::is_shell_secret;

/// Returns whether `text` ends with a secret's name, be it of an element (`KEY[0]`) or with `+`.
pub(super) fn name_before(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"+").unwrap_or(text);
    let text = match text.last() {
        Some(b']') => match text.iter().rev().take(80).position(|byte| *byte == b'[') {
            Some(behind) => &text[..text.len() - behind - 1],
            None => return false,
        },
        _ => text,
    };
    let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let length = text.iter().rev().take(64).take_while(plain).count();
    str::from_utf8(&text[text.len() - length..]).is_ok_and(is_shell_secret)
}

/// Returns where the word ends that begins at `at` and is text of another program: where that could run something.
pub(super) fn run(text: &[u8], at: usize, end: usize, more: &[u8]) -> usize {
    match text.get(at) {
        // in quotes of its own; once more looked at, what is in them may run
        Some(quote @ (b'"' | b'\'')) if !more.contains(quote) && at < end => {
            let inner = run_with(
                text,
                at + 1,
                end,
                more,
                &[*quote, b'\n', b';', b'&', b'|', b'\\'],
            );
            inner + usize::from(inner < end && text[inner] == *quote)
        }
        _ => run_with(text, at, end, more, b" \t\n;&|()<>\"'\\"),
    }
}

pub(super) fn run_with(text: &[u8], at: usize, end: usize, more: &[u8], stops: &[u8]) -> usize {
    let part = &text[at.min(end)..end];
    let stop = |byte: &u8| b"`$".contains(byte) || stops.contains(byte) || more.contains(byte);
    at + part.iter().position(stop).unwrap_or(part.len())
}

pub(super) fn word_start(text: &[u8], at: usize) -> usize {
    let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_+[]".contains(byte);
    at - text[..at].iter().rev().take(80).take_while(plain).count()
}

pub(super) fn line_end(text: &[u8], at: usize) -> usize {
    let rest = &text[at.min(text.len())..];
    at + rest
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(rest.len())
}

/// Returns where, in a comment, the value of a secret begins.
pub(super) fn value_in_comment(line: &[u8]) -> Option<usize> {
    let mut equals = line
        .iter()
        .enumerate()
        .filter(|(_, byte)| b"=:".contains(byte));
    let (at, _) = equals.find(|(at, _)| name_before(line[..*at].trim_ascii_end()))?;
    Some(at + 1)
}

/// Returns whether a quote, or a backslash, leaves the value open behind its line.
pub(super) fn open_behind(value: &[u8], quote: &mut Option<u8>) -> bool {
    for byte in value {
        *quote = match (*quote, byte) {
            (None, b'"' | b'\'') => Some(*byte),
            (Some(open), byte) if open == *byte => None,
            (known, _) => known,
        };
    }
    quote.is_some() || value.trim_ascii_end().ends_with(b"\\")
}
