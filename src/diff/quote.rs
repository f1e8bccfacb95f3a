//! Names in the headers of a patch, quoted as git's `quote.c` does with `core.quotePath` at its default.
//!
//! It must not know what a header is.

use std::fmt::Write;

/// Returns the name as `rename from` has it: in quotes with escapes, where any byte of it calls for that.
pub(super) fn bare(name: &str) -> String {
    prefixed("", name)
}

/// Returns the name after `a/` or `b/`, which stands inside the quotes.
pub(super) fn prefixed(prefix: &str, name: &str) -> String {
    if !name.bytes().any(is_special) {
        return format!("{prefix}{name}");
    }
    let mut quoted = format!("\"{prefix}");
    name.bytes().for_each(|byte| escape(byte, &mut quoted));
    quoted.push('"');
    quoted
}

fn is_special(byte: u8) -> bool {
    byte.is_ascii_control() || !byte.is_ascii() || byte == b'"' || byte == b'\\'
}

fn escape(byte: u8, out: &mut String) {
    match byte {
        0x07 => out.push_str("\\a"),
        0x08 => out.push_str("\\b"),
        b'\t' => out.push_str("\\t"),
        b'\n' => out.push_str("\\n"),
        0x0b => out.push_str("\\v"),
        0x0c => out.push_str("\\f"),
        b'\r' => out.push_str("\\r"),
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        _ if is_special(byte) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\{byte:03o}");
        }
        _ => out.push(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_git_does() {
        let table = [
            (
                "etc/ifcfg-Wired connection 1",
                "a/etc/ifcfg-Wired connection 1",
            ),
            ("100%:x'$`", "a/100%:x'$`"),
            ("tab\there", r#""a/tab\there""#),
            ("\u{7}\u{8}\n\u{b}\u{c}\r", r#""a/\a\b\n\v\f\r""#),
            ("say \"hi\"\\", r#""a/say \"hi\"\\""#),
            ("é", r#""a/\303\251""#),
            ("\u{1}\u{7f}", r#""a/\001\177""#),
        ];
        for (name, quoted) in table {
            assert_eq!(prefixed("a/", name), quoted);
        }
        assert_eq!(
            (bare("plain"), bare("é")),
            ("plain".to_owned(), r#""\303\251""#.to_owned())
        );
    }
}
