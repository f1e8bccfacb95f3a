//! Values of keyfiles: their escapes.

/// Returns a value without its escapes; one that is not known stays as it is written.
#[must_use]
pub fn unescape(raw: &str) -> String {
    let (mut value, mut chars) = (String::with_capacity(raw.len()), raw.chars());
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            Some('s') => value.push(' '),
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('\\') => value.push('\\'),
            Some(other) => value.extend(['\\', other]),
            None => {}
        }
    }
    value
}

/// Returns `value` as a keyfile writes it, so that [`unescape`] returns it again.
#[must_use]
pub fn escape(value: &str) -> String {
    let mut raw = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        match c {
            // of leading blanks alone: the reader skips them
            ' ' if value[..at].trim_start_matches(' ').is_empty() => raw.push_str("\\s"),
            '\n' => raw.push_str("\\n"),
            '\t' => raw.push_str("\\t"),
            '\r' => raw.push_str("\\r"),
            '\\' => raw.push_str("\\\\"),
            c => raw.push(c),
        }
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_go_both_ways() {
        for value in ["", "a b", "  a", "a\tb\n", "\\s", "\\\\", "ä;"] {
            assert_eq!(unescape(&escape(value)), value);
        }
        assert_eq!(unescape("a\\sb\\x\\"), "a b\\x");
    }
}
