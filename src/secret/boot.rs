//! Secrets of a kernel command line: dracut.cmdline(7), `rd.iscsi.password=` and the like, `netroot=iscsi:USER:PASSWORD@…`.

use std::ops::Range;

use crate::tree::HostPath;

/// Where command lines are.
const PLACES: &[&str] = &["/boot/", "/etc/default/grub", "/etc/kernel/"];

/// Returns where the secrets are, if the file at `path` holds kernel command lines.
pub(super) fn spans(path: &HostPath, text: &str) -> Vec<Range<usize>> {
    let path = path.as_str();
    if !PLACES.iter().any(|place| path.starts_with(place)) {
        return Vec::new();
    }
    let (mut spans, mut start) = (Vec::new(), 0);
    let ends = |c: char| c.is_whitespace() || c == '"' || c == '\'';
    for word in text.split_inclusive(ends) {
        let bare = word.trim_end_matches(ends);
        if let Some((key, value)) = bare.split_once('=') {
            let at = start + key.len() + 1;
            let lower = key.to_ascii_lowercase();
            let login = value
                .rfind('@')
                .filter(|_| lower == "netroot" || lower == "root");
            if lower.contains("password") || lower.ends_with("pass") {
                spans.push(at..at + value.len());
            } else if let Some(login) = login {
                spans.push(at..at + login);
            }
        }
        start += word.len();
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_a_command_line_are_found() {
        let path = HostPath::literal("/boot/loader/entries/x.conf");
        let text = "options root=/dev/a rd.iscsi.password=geheim ip=ens33:dhcp netroot=iscsi:u:p@10.0.0.1::::x\n";
        let found: Vec<&str> = spans(&path, text)
            .into_iter()
            .map(|span| &text[span])
            .collect();
        assert_eq!(found, ["geheim", "iscsi:u:p"]);
        assert!(spans(&HostPath::literal("/etc/x"), text).is_empty());
    }
}
