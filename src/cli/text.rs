//! Text that comes from anywhere, made harmless: nothing of it may control a terminal, or hide what it is.

pub(super) use crate::shown::{harmful, one_line, printable};

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
    }
}
