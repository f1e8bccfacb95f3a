//! Values of keyfiles: escapes, and lists.

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

/// Returns the items of a list, the last of which may lack its `;`; `\;` is no separator.
#[must_use]
pub fn list(raw: &str) -> Vec<String> {
    let (mut items, mut item, mut chars) = (Vec::new(), String::new(), raw.chars());
    while let Some(c) = chars.next() {
        match c {
            ';' => items.push(unescape(&std::mem::take(&mut item))),
            '\\' => match chars.next() {
                Some(';') => item.push(';'),
                Some(other) => item.extend(['\\', other]),
                None => {}
            },
            c => item.push(c),
        }
    }
    if !item.is_empty() {
        items.push(unescape(&item));
    }
    items
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

    #[test]
    fn lists_end_with_or_without_their_separator() {
        assert_eq!(list("a;b;"), ["a", "b"]);
        assert_eq!(list("a;;b"), ["a", "", "b"]);
        assert_eq!(list("a\\;b;\\s"), ["a;b", " "]);
        assert_eq!(list(""), Vec::<String>::new());
    }
}
