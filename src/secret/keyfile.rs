//! Secrets in keyfiles: what stands behind a key that holds one, in comments too.

use std::ops::Range;

use super::table;

/// Returns where the secrets are, in order.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut section = None;
    in_lines(text, |line| {
        let trimmed = line
            .trim_start()
            .trim_start_matches(['#', ';'])
            .trim_start();
        if let Some(name) = trimmed.strip_prefix('[') {
            section = name.split(']').next().map(str::to_owned);
            return None;
        }
        let (key, value) = trimmed.split_once('=')?;
        let is_comment = trimmed.len() < line.trim_start().len();
        let secret = table::is_keyfile_secret(section.as_deref(), key.trim(), value)
            || (is_comment && is_of_shell(key));
        secret.then(|| line.find('=').map(|at| at + 1))?
    })
}

/// Returns whether what a comment assigns is a secret of a shell file, from which a migration took the comment.
fn is_of_shell(assigned: &str) -> bool {
    let name = assigned.split_ascii_whitespace().next_back().unwrap_or("");
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(fits) && table::is_shell_secret(name)
}

/// Returns what of each line `f` says, from the offset that it returns to the end.
fn in_lines(text: &str, mut f: impl FnMut(&str) -> Option<usize>) -> Vec<Range<usize>> {
    let (mut spans, mut start) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        if let Some(at) = f(body) {
            spans.push(start + at..start + body.len());
        }
        start += line.len();
    }
    spans
}
