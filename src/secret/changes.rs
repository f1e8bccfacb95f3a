//! A change set without secrets, in which one that changes is still seen to change.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

use super::{MASK, places};
use crate::change::{Change, ChangeSet};
use crate::tree::{File, HostPath, Node};

/// What stands in the place of a secret that is another one than before.
const NEW: &str = "*** (new)";

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
            for span in places(path, &readable(text)) {
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
    let found = places(path, &readable(bytes));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Labels;
    use crate::tree::Attrs;

    const IFCFG: &str = "/etc/sysconfig/network-scripts/ifcfg-wlan0";

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
