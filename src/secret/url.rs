//! Passwords in URLs, `scheme://user:PASSWORD@host`, whatever the file is.
//!
//! Source: RFC 3986, 3.2.1. The password ends with the word, and has nothing that a shell would run: that is shown.

use std::ops::Range;

/// Returns where the passwords are, in order.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    const SLASHES: &str = "://";
    let starts = text.match_indices(SLASHES);
    let starts = starts.map(|(at, _)| at + SLASHES.len());
    starts.filter_map(|start| password(text, start)).collect()
}

/// Returns the password of the URL whose host, or what stands before it, begins at `start`.
fn password(text: &str, start: usize) -> Option<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "/?#'\"`$<>;&|()\\".contains(c);
    let rest = &text[start..];
    let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let user_info = &authority[..authority.rfind('@')?];
    let colon = user_info.find(':')?;
    Some(start + colon + 1..start + user_info.len())
}
