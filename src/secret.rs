//! Secrets in files: where they are, and text that is shown with them masked.
//!
//! Masking happens where something is shown, never where it is written: a plan holds the true bytes.
//! Sources: initscripts' sysconfig.txt (`KEY`, `keys-*`), nm-settings-ifcfg-rh(5), nm-settings-keyfile(5) (properties that
//! are secrets), libvirt's formatdomain page (`passwd=` of `<graphics>`).

mod shell;
mod table;
mod text;
mod xml;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use crate::change::{Change, ChangeSet};
use crate::layout::kind_by_name;
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
    /// Returns the spelling of the file `path`: by its folder, else (behind a linked one) by its name, else by its text.
    fn of(path: &HostPath, text: &str) -> Self {
        let (path, name) = (path.as_str(), path.name());
        let path = path.rfind("/etc/").map_or(path, |at| &path[at..]);
        match path {
            path if path.starts_with("/etc/sysconfig/") => Self::Shell,
            path if path.starts_with("/etc/NetworkManager/") => Self::Keyfile,
            path if path.starts_with("/etc/libvirt/") => Self::Xml,
            _ if kind_by_name(name).is_some() => Self::Shell,
            _ if name.contains(".nmconnection") => Self::Keyfile,
            _ if name.contains(".xml") || text.trim_start().starts_with('<') => Self::Xml,
            _ if text.lines().take(100).any(is_section) => Self::Keyfile,
            _ => Self::Shell,
        }
    }
}

fn is_section(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('[') && line.ends_with(']') && !line.contains(['=', ' ', '"', '$'])
}

/// Returns where the secrets in the file `path`, whose text (or a line of it) is `text`, are.
fn spans(path: &HostPath, text: &str) -> Vec<Range<usize>> {
    in_order(match Spelling::of(path, text) {
        Spelling::Shell => shell::spans(text),
        Spelling::Keyfile => in_keyfile(text),
        Spelling::Xml => xml::spans(text),
    })
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

fn in_keyfile(text: &str) -> Vec<Range<usize>> {
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
        let secret = table::is_keyfile_secret(section.as_deref(), key.trim(), value);
        secret.then(|| line.find('=').map(|at| at + 1))?
    })
}

/// Returns the text with what `mask` says in the place of each secret, of which it gets told the lead and the secret.
fn replaced(
    text: &[u8],
    spans: &[Range<usize>],
    mut mask: impl FnMut(&[u8], &[u8]) -> &'static str,
) -> Vec<u8> {
    let (mut masked, mut done) = (Vec::with_capacity(text.len()), 0);
    for span in spans {
        masked.extend(&text[done..span.start]);
        masked.extend(mask(lead(text, done, span), &text[span.clone()]).bytes());
        done = span.end;
    }
    masked.extend(&text[done..]);
    masked
}

/// Returns what stands before a secret, on its line and behind the one before it.
fn lead<'t>(text: &'t [u8], done: usize, secret: &Range<usize>) -> &'t [u8] {
    let before = &text[done..secret.start];
    let line = before.iter().rposition(|byte| *byte == b'\n');
    &before[line.map_or(0, |at| at + 1)..]
}

/// Returns where the secrets of the file `path` are, whose text is `text`, in order.
#[must_use]
pub fn places(path: &HostPath, text: &str) -> Vec<Range<usize>> {
    spans(path, text)
}

/// Returns `text` without what is at these places.
#[must_use]
pub fn without(text: &str, places: &[Range<usize>]) -> String {
    let (mut masked, mut done) = (String::with_capacity(text.len()), 0);
    for place in places {
        masked.push_str(&text[done..place.start]);
        masked.push_str(MASK);
        done = place.end;
    }
    masked + &text[done..]
}

/// Returns a line of the file `path` without secrets.
#[must_use]
pub fn line<'t>(path: &HostPath, text: &'t str) -> Cow<'t, str> {
    match spans(path, text) {
        none if none.is_empty() => Cow::Borrowed(text),
        found => Cow::Owned(without(text, &found)),
    }
}

/// Returns the line `n` (counted from 0) of a text without secrets, which may have begun in a line before.
#[must_use]
pub fn nth_line(path: &HostPath, text: &str, n: usize) -> Option<String> {
    let line = text.lines().nth(n)?;
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    let whole = start..start + line.len();
    let clip = |at: usize| at.clamp(whole.start, whole.end) - start;
    let here: Vec<Range<usize>> = spans(path, text)
        .into_iter()
        .filter(|secret| secret.start < whole.end && secret.end > whole.start)
        .map(|secret| clip(secret.start)..clip(secret.end))
        .collect();
    Some(without(line, &here).trim().to_owned())
}

/// Returns the changes without secrets, for showing, and how many were masked; one that changes is still seen to change.
#[must_use]
pub fn masked(set: &ChangeSet) -> (Cow<'_, ChangeSet>, usize) {
    let (mut shown, mut count) = (ChangeSet::default(), 0);
    for change in set.iter() {
        let origin = set.renamed_from(&change.path);
        let before = origin.and_then(|path| set.get(path)).unwrap_or(change);
        let known = Known::of(&change.path, before.before.as_ref());
        let (first, many) = hidden(&change.path, change.before.as_ref(), None);
        let (last, more) = hidden(&change.path, change.after.as_ref(), Some(known));
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

/// The secrets that a file had, each with what stands before it on its line (`KEY=`), in order.
struct Known<'t> {
    all: BTreeSet<&'t [u8]>,
    by_lead: BTreeMap<&'t [u8], VecDeque<&'t [u8]>>,
}

impl<'t> Known<'t> {
    fn of(path: &HostPath, node: Option<&'t Node>) -> Self {
        let (mut all, mut by_lead) = (BTreeSet::new(), BTreeMap::<_, VecDeque<_>>::new());
        if let Some(Node::File(file)) = node {
            let (text, mut done) = (&file.bytes, 0);
            for span in spans(path, &readable(text)) {
                let lead = lead(text, done, &span);
                done = span.end;
                let secret = &text[span];
                by_lead.entry(lead).or_default().push_back(secret);
                all.insert(secret);
            }
        }
        Self { all, by_lead }
    }

    /// Returns what stands in the place of `secret` behind `lead`: two that change places are other ones than before.
    fn mask(&mut self, lead: &[u8], secret: &[u8]) -> &'static str {
        let same = match self.by_lead.get_mut(lead) {
            Some(secrets) => secrets.pop_front() == Some(secret),
            None => self.all.is_empty() || self.all.contains(secret),
        };
        if same { MASK } else { NEW }
    }
}

/// Returns the bytes as text of the same length, whatever they are.
fn readable(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

/// Returns the file without secrets, and how many it has; those that are not among the `known` are told as new.
fn hidden(
    path: &HostPath,
    node: Option<&Node>,
    mut known: Option<Known<'_>>,
) -> (Option<Node>, usize) {
    let Some(Node::File(File { bytes, attrs })) = node else {
        return (node.cloned(), 0);
    };
    let found = spans(path, &readable(bytes));
    if found.is_empty() {
        return (node.cloned(), 0);
    }
    let bytes = replaced(bytes, &found, |lead, secret| match &mut known {
        Some(known) => known.mask(lead, secret),
        None => MASK,
    });
    let attrs = *attrs;
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
        // behind a linked folder
        assert_eq!(shown("/srv/s/ifcfg-ens33", "KEY=1"), "KEY=***");
        assert_eq!(
            shown("/srv/s/x", "[vpn-secrets]\na=1\n"),
            "[vpn-secrets]\na=***\n"
        );
    }

    /// What a shell runs is seen, what is literal is not.
    #[test]
    fn what_is_run_is_shown() {
        for (text, expected) in [
            ("KEY=$(id >/pwned)\n", "KEY=$(id >/pwned)\n"),
            ("KEY=a$(id)b`x`c\n", "KEY=***$(id)***`x`***\n"),
            ("KEY=\"a $(id 'q') b\"; id\n", "KEY=***$(id 'q')***; id\n"),
            (
                "KEY+=abc\nKEY[0]=abc\nKEY1+='a b'\n",
                "KEY+=***\nKEY[0]=***\nKEY1+=***\n",
            ),
            (": ${KEY:=abc}\n", ": ${KEY:=***}\n"),
            ("${KEY:=abc} x\n", "${KEY:=abc} x\n"),
            (
                ": \"${WPA_PSK:-a$(id)b}\"\n",
                ": \"${WPA_PSK:-***$(id)***}\"\n",
            ),
            ("KEY=(a $(id) b)\nX=1\n", "KEY=(*** $(id) ***)\nX=1\n"),
            (
                "X=\"KEY=\"; id >/pwned; Y=\"\"\n",
                "X=\"KEY=\"; id >/pwned; Y=\"\"\n",
            ),
            ("X='KEY=';id;Y=''\n", "X='KEY=';id;Y=''\n"),
            (
                "echo \"KEY=abc\" 'WPA_PSK=abc'\n",
                "echo \"KEY=***\" 'WPA_PSK=***'\n",
            ),
            ("bash -c 'KEY=abc;id'\n", "bash -c 'KEY=***;id'\n"),
            (
                "cat <<E\nKEY=abc\n$(id)\nE\nid\n",
                "cat <<E\nKEY=***\n$(id)\nE\nid\n",
            ),
            ("bash <<E\nKEY=abc; id\nE\n", "bash <<E\nKEY=***; id\nE\n"),
            ("read KEY <<<abc; id\n", "read KEY <<<***; id\n"),
            (
                "read -r KEY <<E\nabc\nE\nid\n",
                "read -r KEY <<E\n***\nE\nid\n",
            ),
            ("printf -v KEY %s abc; id\n", "printf -v KEY *** ***; id\n"),
            (
                "# old: KEY=\"a\n# b\"\nX=1\n",
                "# old: KEY=***\n#***\nX=1\n",
            ),
            ("#export MKA_CAK=abc\n", "#export MKA_CAK=***\n"),
            ("KEY='a\nb'\nid\n", "KEY=***\nid\n"),
            ("KEY=a\\\nb\nid\n", "KEY=***\nid\n"),
            (
                "if x; then declare -x KEY=abc; id; fi\n",
                "if x; then declare -x KEY=***; id; fi\n",
            ),
            ("X=$(KEY=abc cmd)\n", "X=$(KEY=*** cmd)\n"),
            ("KEY=$X$((1+1))$'a\\'b'\n", "KEY=$X$((1+1))***\n"),
            ("KEY=<(id)\nKEY2=>(id) x\n", "KEY=<(id)\nKEY2=>(id) x\n"),
            (
                "IEEE_8021X_PASSWORD_FLAGS=user\nKEY_MGMT=x\n",
                "IEEE_8021X_PASSWORD_FLAGS=user\nKEY_MGMT=x\n",
            ),
        ] {
            assert_eq!(shown(IFCFG, text), expected, "{text}");
        }
    }

    #[test]
    fn markup_is_never_masked() {
        let vm = "/etc/libvirt/qemu/vm1.xml";
        for (text, expected) in [
            (
                "<n><!-- password=\" --><bridge zone='t'/><!-- \" --></n>",
                "<n><!-- password=\"***--><bridge zone='t'/><!-- \" --></n>",
            ),
            (
                "<n><password>a</password></n>",
                "<n><password>***</password></n>",
            ),
            ("<n><!-- passwd='a' --></n>", "<n><!-- passwd='***' --></n>"),
            ("<n a='password=\"'/><b/>", "<n a='password=\"***/><b/>"),
            ("  <graphics passwd='a'", "  <graphics passwd='***'"),
            ("password=\" --><bridge/>", "password=\"***--><bridge/>"),
        ] {
            assert_eq!(shown(vm, text), expected, "{text}");
        }
    }

    /// Every row of the tables, in every spelling.
    #[test]
    fn every_known_secret_is_masked() {
        let keyfile = "/etc/NetworkManager/system-connections/w.nmconnection";
        for (section, keys) in table::KEYFILE {
            for key in *keys {
                for lead in ["", "#", "; "] {
                    let text = format!("[{section}]\n{lead}{key}=hunter2\n{key}-flags=1\n");
                    let shown = shown(keyfile, &text);
                    assert!(
                        !shown.contains("hunter2") && shown.contains("-flags=1"),
                        "{shown}"
                    );
                }
            }
        }
        for key in table::IFCFG {
            for text in [
                format!("{key}=hunter2\n"),
                format!("export {key}='hunter2'\n"),
                format!("{key}+=hunter2\n"),
                format!("{key}[3]=hunter2\n"),
                format!(": ${{{key}:=hunter2}}\n"),
                format!("# {key} = hunter2\n"),
                format!("cat <<'E' >/f\n{key}=\"hunter2\"\nE\n"),
                format!("eval \"{key}=hunter2\"\n"),
                format!("X=a; if b; then {key}=hunter2 c; fi\n"),
            ] {
                let shown = shown(IFCFG, &text);
                assert!(!shown.contains("hunter2"), "{text} {shown}");
            }
        }
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
