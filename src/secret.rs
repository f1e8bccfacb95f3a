//! Secrets in files: where they are, and text that is shown with them masked.
//!
//! Masking happens where something is shown, never where it is written: a plan holds the true bytes.
//! Sources: initscripts' sysconfig.txt (`KEY`, `keys-*`), nm-settings-ifcfg-rh(5), nm-settings-keyfile(5) (properties that
//! are secrets), libvirt's formatdomain page (`passwd=` of `<graphics>`).

use std::borrow::Cow;
use std::ops::Range;

use crate::change::{Change, ChangeSet};
use crate::doc::shell::ShellDoc;
use crate::tree::{File, HostPath, Node};

/// What stands in the place of a secret.
const MASK: &str = "***";
/// What stands in the place of a secret that is another one than before.
const NEW: &str = "*** (new)";

/// Whether secrets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// They are masked.
    Masked,
    /// They are shown.
    Shown,
}

/// How a file spells its secrets.
#[derive(Clone, Copy)]
enum Spelling {
    Shell,
    Keyfile,
    Xml,
}

impl Spelling {
    /// Returns the spelling of the files in the folder of `path`; a copy in the store is like its original.
    fn of(path: &HostPath) -> Option<Self> {
        let path = path.as_str();
        let path = path.rfind("/etc/").map_or(path, |at| &path[at..]);
        match path {
            path if path.starts_with("/etc/sysconfig/") => Some(Self::Shell),
            path if path.starts_with("/etc/NetworkManager/") => Some(Self::Keyfile),
            path if path.starts_with("/etc/libvirt/") => Some(Self::Xml),
            _ => None,
        }
    }
}

/// Returns where the secrets in the file `path`, whose text (or a line of it) is `text`, are.
fn spans(path: &HostPath, text: &str) -> Vec<Range<usize>> {
    match Spelling::of(path) {
        Some(Spelling::Shell) => in_shell(text),
        Some(Spelling::Keyfile) => in_keyfile(text),
        Some(Spelling::Xml) => in_xml(text),
        None => Vec::new(),
    }
}

fn in_shell(text: &str) -> Vec<Range<usize>> {
    if !text.contains(['K', 'P', 'S']) {
        return Vec::new();
    }
    let doc = ShellDoc::parse(text);
    let assigned = doc.assignments().chain(doc.in_code());
    let mut found: Vec<Range<usize>> = assigned
        .filter(|assignment| is_secret_key(&assignment.name))
        .map(|assignment| assignment.word.clone())
        .collect();
    found.extend(in_lines(text, |line| {
        let (key, _) = line.trim_start().strip_prefix('#')?.split_once('=')?;
        is_secret_key(key.trim()).then(|| line.find('=').map(|at| at + 1))?
    }));
    in_order(found)
}

fn in_order(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| span.start);
    spans.dedup_by(|next, last| next.start < last.end);
    spans
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

fn is_secret_key(name: &str) -> bool {
    let numbered = name
        .strip_prefix("KEY")
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    let words = ["PASSWORD", "PASSWD", "PASSPHRASE", "WPA_PSK", "SECRET"];
    numbered || name.ends_with("_PIN") || words.iter().any(|word| name.contains(word))
}

fn in_keyfile(text: &str) -> Vec<Range<usize>> {
    let mut secrets_only = false;
    let found = in_lines(text, |line| {
        let trimmed = line.trim_start().trim_start_matches(['#', ';']);
        if trimmed.starts_with('[') {
            secrets_only = trimmed.starts_with("[vpn-secrets]");
            return None;
        }
        let (key, _) = trimmed.split_once('=')?;
        let key = key.trim();
        let secret = secrets_only
            || key.starts_with("wep-key")
            || [
                "password",
                "passwd",
                "psk",
                "preshared-key",
                "private-key",
                "secret",
                "pin",
            ]
            .iter()
            .any(|word| key == *word || key.ends_with(&format!("-{word}")));
        secret.then(|| line.find('=').map(|at| at + 1))?
    });
    in_order(found)
}

/// Attributes, wherever they stand: a comment may hold one, and a file may not be well-formed.
fn in_xml(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for name in ["passwd", "password"] {
        for (at, _) in text.match_indices(name) {
            let behind = at + name.len();
            let rest = text[behind..].trim_start();
            let Some(rest) = rest.strip_prefix('=').map(str::trim_start) else {
                continue;
            };
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
                continue;
            };
            let start = text.len() - rest.len() + 1;
            let end = text[start..]
                .find(quote)
                .map_or(text.len(), |end| start + end);
            found.push(start..end);
        }
    }
    in_order(found)
}

fn replaced(text: &str, spans: &[Range<usize>], mask: impl Fn(&str) -> &'static str) -> String {
    let (mut masked, mut done) = (String::with_capacity(text.len()), 0);
    for span in spans {
        masked.push_str(&text[done..span.start]);
        masked.push_str(mask(&text[span.clone()]));
        done = span.end;
    }
    masked + &text[done..]
}

/// Returns a line of the file `path` without secrets.
#[must_use]
pub fn line<'t>(path: &HostPath, text: &'t str) -> Cow<'t, str> {
    match spans(path, text) {
        none if none.is_empty() => Cow::Borrowed(text),
        found => Cow::Owned(replaced(text, &found, |_| MASK)),
    }
}

/// Returns the changes without secrets, for showing, and how many were masked; one that changes is still seen to change.
#[must_use]
pub fn masked(set: &ChangeSet) -> (Cow<'_, ChangeSet>, usize) {
    let (mut shown, mut count) = (ChangeSet::default(), 0);
    for change in set.iter() {
        let origin = set.renamed_from(&change.path);
        let before = origin.and_then(|path| set.get(path)).unwrap_or(change);
        let old = secrets(&change.path, before.before.as_ref());
        let (first, many) = without(&change.path, change.before.as_ref(), &|_| MASK);
        let told = |secret: &str| match old.iter().any(|known| known == secret) {
            true => MASK,
            false => NEW,
        };
        let told: &dyn Fn(&str) -> &'static str = match old.is_empty() {
            true => &|_| MASK,
            false => &told,
        };
        let (last, more) = without(&change.path, change.after.as_ref(), told);
        count += many.max(more);
        shown.put(Change {
            before: first,
            after: last,
            ..change.clone()
        });
    }
    if count == 0 {
        return (Cow::Borrowed(set), 0);
    }
    for (from, to) in set.renames() {
        shown.note_rename(from.clone(), to.clone());
    }
    (Cow::Owned(shown), count)
}

fn secrets(path: &HostPath, node: Option<&Node>) -> Vec<String> {
    let Some(Node::File(file)) = node else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&file.bytes);
    let found = spans(path, &text);
    found
        .into_iter()
        .map(|span| text[span].to_owned())
        .collect()
}

fn without(
    path: &HostPath,
    node: Option<&Node>,
    mask: &dyn Fn(&str) -> &'static str,
) -> (Option<Node>, usize) {
    let Some(Node::File(file)) = node else {
        return (node.cloned(), 0);
    };
    let text = String::from_utf8_lossy(&file.bytes);
    let found = spans(path, &text);
    if found.is_empty() {
        return (node.cloned(), 0);
    }
    let bytes = replaced(&text, &found, mask).into_bytes();
    let attrs = file.attrs;
    (Some(Node::File(File { bytes, attrs })), found.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Labels;
    use crate::tree::Attrs;

    const IFCFG: &str = "/etc/sysconfig/network-scripts/ifcfg-wlan0";

    fn shown(path: &'static str, text: &str) -> String {
        line(&HostPath::literal(path), text).into_owned()
    }

    #[test]
    fn values_are_masked_and_nothing_else() {
        let text = "KEY=s:abc # x\nKEY1='a\nb'\nexport WPA_PSK=\"x y\"\n#KEY=old\nKEY_MGMT=WPA-PSK\n\
            DEFAULTKEY=1\nif true; then IEEE_8021X_PASSWORD=p; fi\n";
        let expected = "KEY=*** # x\nKEY1=***\nexport WPA_PSK=***\n#KEY=***\nKEY_MGMT=WPA-PSK\n\
            DEFAULTKEY=1\nif true; then IEEE_8021X_PASSWORD=***; fi\n";
        assert_eq!(shown(IFCFG, text), expected);
        let keyfile = "/etc/NetworkManager/system-connections/w.nmconnection";
        let text = "[wifi-security]\npsk=abc\nkey-mgmt=wpa-psk\npsk-flags=0\n#psk = old\n\
            [vpn-secrets]\nx=y\n[802-1x]\nprivate-key-password=z\n";
        let expected = "[wifi-security]\npsk=***\nkey-mgmt=wpa-psk\npsk-flags=0\n#psk =***\n\
            [vpn-secrets]\nx=***\n[802-1x]\nprivate-key-password=***\n";
        assert_eq!(shown(keyfile, text), expected);
        assert_eq!(
            shown(
                "/etc/libvirt/qemu/vm1.xml",
                "<graphics type='vnc' passwd=\"a'b\" passwdValidTo='2026'/>"
            ),
            "<graphics type='vnc' passwd=\"***\" passwdValidTo='2026'/>"
        );
        assert_eq!(
            shown(
                "/var/lib/kvmnet/backups/etc/libvirt/qemu/v.xml.old",
                "<a passwd='x"
            ),
            "<a passwd='***"
        );
        assert_eq!(shown("/etc/hosts", "KEY=1"), "KEY=1");
    }

    #[test]
    fn a_secret_that_changes_is_seen_to_change() {
        let file = |text: &str| {
            let attrs = Attrs {
                mode: 0o600,
                uid: 0,
                gid: 0,
            };
            let bytes = text.as_bytes().to_vec();
            Some(Node::File(File { bytes, attrs }))
        };
        let mut set = ChangeSet::default();
        let path = HostPath::literal(IFCFG);
        set.put(Change {
            path: path.clone(),
            before: file("KEY=a\nKEY1=b\n"),
            after: file("KEY=c\nKEY1=b\n"),
            labels: Labels::Like(path.clone()),
        });
        let (masked, count) = masked(&set);
        assert_eq!(count, 2);
        let change = masked.get(&path).unwrap();
        assert_eq!(change.before, file("KEY=***\nKEY1=***\n"));
        assert_eq!(change.after, file("KEY=*** (new)\nKEY1=***\n"));
    }
}
