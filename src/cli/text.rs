//! Text that comes from anywhere, made harmless: nothing of it may control a terminal, or hide what it is.

/// Characters that a terminal obeys, or that cannot be seen.
///
/// Source: Unicode, General_Category Cc, Cf, Zl, Zp, Co; DerivedCoreProperties, Default_Ignorable_Code_Point; PropList,
/// Bidi_Control.
const HARMFUL: &[(char, char)] = &[
    ('\0', '\u{8}'),
    ('\u{b}', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{10ffff}'),
];

/// Returns whether a character could make a terminal do or show something else than the character.
fn harmful(c: char) -> bool {
    let after = HARMFUL.partition_point(|(first, _)| *first <= c);
    after > 0 && c <= HARMFUL[after - 1].1
}

/// Returns JSON with what no terminal shall see escaped: outside of its strings there is none of that.
pub(super) fn json_escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match harmful(c) {
            true => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    escaped += &format!("\\u{unit:04x}");
                }
            }
            false => escaped.push(c),
        }
    }
    escaped
}

/// Returns bytes as text for a terminal: what is in no UTF-8 is seen as the bytes that it is.
pub(super) fn printable_bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown += &printable(chunk.valid());
        for byte in chunk.invalid() {
            shown += &format!("\\x{byte:02x}");
        }
    }
    shown
}

/// Returns `text` with every control character but newline and tab escaped: none from a file may reach a terminal.
pub(super) fn printable(text: &str) -> String {
    if !text.contains(harmful) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if harmful(c) {
            shown.extend(c.escape_default())
        } else {
            shown.push(c)
        }
    }
    shown
}

/// Returns `text` as [`printable`] does, with line ends and tabs escaped, too.
pub(super) fn one_line(text: &str) -> String {
    printable(text).replace('\n', "\\n").replace('\t', "\\t")
}

/// Says how many there are.
pub(super) fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_a_file_controls_the_terminal() {
        assert_eq!(
            printable("a\u{1b}[2Jb\r\n\tc\u{7}\u{202e}"),
            "a\\u{1b}[2Jb\\r\n\tc\\u{7}\\u{202e}"
        );
        for c in
            "\u{61c}\u{2028}\u{200b}\u{feff}\u{e0041}\u{ad}\u{2066}\u{fe0f}\u{9b}\u{e000}".chars()
        {
            assert_eq!(printable(&c.to_string()), c.escape_default().to_string());
            let json: String = serde_json::from_str(&json_escaped(&format!("\"{c}\""))).unwrap();
            assert_eq!(json, c.to_string());
        }
        assert_eq!(printable("äß→日本e\u{301}🙂"), "äß→日本e\u{301}🙂");
        assert_eq!(printable_bytes(b"a\xff\xc3b"), "a\\xff\\xc3b");
        assert!(HARMFUL.iter().all(|(first, last)| first <= last));
        assert!(HARMFUL.is_sorted());
    }
}
