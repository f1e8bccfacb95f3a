//! Secrets in keyfiles: what stands behind a key that holds one, in comments too.

use std::ops::Range;

use super::table;

/// What a line of a keyfile holds.
enum Line {
    /// A secret, from here on.
    Secret(usize),
    /// A comment, whose words begin here.
    Comment(usize),
    Other,
}

/// Returns where the secrets are, in order: also what is said above one, where a migration puts the comment that stood beside it.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let (mut spans, mut above, mut start) = (Vec::new(), Vec::new(), 0);
    let mut section = None;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        match read(body, &mut section) {
            Line::Secret(at) => {
                let is_comment = body.trim_start().starts_with(['#', ';']);
                if !is_comment {
                    spans.append(&mut above);
                }
                spans.push(start + at..start + body.len());
            }
            Line::Comment(at) => above.push(start + at..start + body.len()),
            Line::Other => above.clear(),
        }
        start += line.len();
    }
    spans.sort_by_key(|span| span.start);
    spans
}

/// Reads a line.
fn read(line: &str, section: &mut Option<String>) -> Line {
    let bare = line.trim_start();
    let trimmed = bare.trim_start_matches(['#', ';']).trim_start();
    let is_comment = trimmed.len() < bare.len();
    let other = match is_comment && !trimmed.is_empty() {
        true => Line::Comment(line.len() - trimmed.len()),
        false => Line::Other,
    };
    if let Some(name) = trimmed.strip_prefix('[') {
        *section = name.split(']').next().map(str::to_owned);
        return other;
    }
    let Some((key, value)) = trimmed.split_once('=') else {
        return other;
    };
    let secret = table::is_keyfile_secret(section.as_deref(), key.trim(), value)
        || (is_comment && is_of_shell(key));
    match line.find('=').filter(|_| secret) {
        Some(at) => Line::Secret(at + 1),
        None => other,
    }
}

/// Returns whether what a comment assigns is a secret of a shell file, from which a migration took the comment.
fn is_of_shell(assigned: &str) -> bool {
    let name = assigned.split_ascii_whitespace().next_back().unwrap_or("");
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(fits) && table::is_shell_secret(name)
}
