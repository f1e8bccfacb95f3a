//! Which characters a document and a name may have.

/// Returns whether `name` is one in ASCII, as nearly all are.
pub(super) fn is_plain_name(name: &[u8]) -> bool {
    let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte == b':';
    let rest = |byte: &u8| first(*byte) || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    name.first().is_some_and(|byte| first(*byte)) && name.iter().all(rest)
}

/// Returns where a character is that no document has: control characters but tab and line ends, U+FFFE and U+FFFF
/// (XML 1.0, production 2).
pub(super) fn no_character(text: &str) -> Option<usize> {
    let control = |byte: &u8| *byte < b' ' && !b"\t\n\r".contains(byte);
    let bytes = text.as_bytes();
    // first whether there is any, without a branch for each byte
    if bytes.iter().fold(false, |any, byte| any | control(byte)) {
        return bytes.iter().position(control);
    }
    memchr::memchr_iter(0xef, bytes)
        .find(|at| matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])))
}
