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

/// Returns the name of a key without NetworkManager's own escapes, a backslash and two digits of base 16; `None` where they are no
/// text.
///
/// Source: `nm_keyfile_key_decode()` in nm-keyfile-utils.c.
#[must_use]
pub fn key(raw: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(raw.len()), raw);
    while let Some(c) = rest.chars().next() {
        let digits = rest.strip_prefix('\\').and_then(|rest| rest.get(..2));
        let digits = digits.filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        let len = match byte.filter(|byte| *byte != 0) {
            Some(byte) => {
                bytes.push(byte);
                3
            }
            None => {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                c.len_utf8()
            }
        };
        rest = &rest[len..];
    }
    String::from_utf8(bytes).ok()
}

/// Returns whether GLib knows every escape in a value; that of `;` is one in lists alone.
///
/// Source: `g_key_file_parse_value_as_string()`.
#[must_use]
pub fn is_escaped(raw: &str, in_list: bool) -> bool {
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        let known = c != '\\'
            || match chars.next() {
                Some('s' | 'n' | 't' | 'r' | '\\') => true,
                Some(';') => in_list,
                Some(_) | None => false,
            };
        if !known {
            return false;
        }
    }
    true
}

/// Returns the items of a value, which `;` separates; behind the last one it may stand, too.
///
/// Source: `g_key_file_get_string_list()`.
#[must_use]
pub fn list(raw: &str) -> Vec<String> {
    let (mut items, mut item) = (Vec::new(), String::new());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => items.push(unescape(&std::mem::take(&mut item))),
            '\\' => match chars.next() {
                Some(';') => item.push(';'),
                next => item.extend([c].into_iter().chain(next)),
            },
            c => item.push(c),
        }
    }
    if !item.is_empty() {
        items.push(unescape(&item));
    }
    items
}

/// Returns the boolean that a value is.
///
/// Source: `g_key_file_get_boolean()`: other words than these are none.
#[must_use]
pub fn boolean(raw: &str) -> Option<bool> {
    match raw.trim_end() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
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

/// Returns the hardware address that a value is: bytes as integers in old files, else with signs between them.
///
/// Source: `mac_address_parser()` in nm-keyfile.c, `nm_utils_hwaddr_valid()` (run).
#[must_use]
pub fn hardware_address(value: &str) -> Option<String> {
    if !value.contains(';') {
        return value.contains([':', '-']).then(|| value.to_owned());
    }
    let bytes = value.split(';').map(str::trim);
    let bytes = bytes.filter(|byte| !byte.is_empty());
    let bytes: Vec<String> = bytes
        .map(|byte| Some(format!("{:02x}", byte.parse::<u8>().ok()?)))
        .collect::<Option<_>>()?;
    (bytes.len() == 6).then(|| bytes.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_end_at_semicolons_that_are_not_escaped() {
        for (raw, expected) in [
            ("", &[][..]),
            (";", &[""]),
            ("a;b;", &["a", "b"]),
            ("a;;b", &["a", "", "b"]),
            ("a\\;b;\\s", &["a;b", " "]),
        ] {
            assert_eq!(list(raw), expected, "{raw}");
        }
        assert!(is_escaped("a\\sb\\\\;\\;", true));
        assert!(!is_escaped("\\;", false) && !is_escaped("\\x", true) && !is_escaped("a\\", true));
    }

    #[test]
    fn keys_have_escapes_of_their_own() {
        for (raw, expected) in [
            ("a.b", Some("a.b")),
            ("\\61\\2e\\4A", Some("a.J")),
            ("\\6", Some("\\6")),
            ("\\6ä", Some("\\6ä")),
            ("\\00a", Some("\\00a")),
            ("\\c3\\a4", Some("ä")),
            ("\\ff", None),
        ] {
            assert_eq!(key(raw).as_deref(), expected, "{raw}");
        }
    }

    #[test]
    fn escapes_go_both_ways() {
        for value in ["", "a b", "  a", "a\tb\n", "\\s", "\\\\", "ä;"] {
            assert_eq!(unescape(&escape(value)), value);
        }
        assert_eq!(unescape("a\\sb\\x\\"), "a b\\x");
    }
}
