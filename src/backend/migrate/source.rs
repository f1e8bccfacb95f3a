//! An ifcfg file that is taken apart: what is asked for, and what nobody asked for.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::alone;
use super::made::Line;
use crate::backend::ifcfg::Reader;
use crate::doc::shell::{Assignment, ShellDoc};
use crate::tree::HostPath;

/// A file of assignments, with the program in whose reading it is taken.
pub(super) struct Source<'a> {
    pub(super) path: &'a HostPath,
    pub(super) doc: &'a ShellDoc,
    pub(super) reader: Reader,
    /// Which of the files of a profile it is.
    pub(super) number: usize,
    last: HashMap<&'a str, Found<'a>>,
    /// The file whose assignments hold where this one has none.
    defaults: Option<Rc<Self>>,
    told: RefCell<BTreeSet<&'a str>>,
}

/// Keys that are looked for in the file itself: in that for all interfaces they mean something else.
const OWN: &[&str] = &[
    "BOOTPROTO",
    "DEVICE",
    "GATEWAY",
    "GATEWAYDEV",
    "IPADDR",
    "IPV6_DEFAULTDEV",
    "IPV6_DEFAULTGW",
    "NAME",
    "ONBOOT",
    "TYPE",
    "UUID",
];

/// An assignment that holds, and its value.
struct Found<'a> {
    assignment: &'a Assignment,
    /// Nothing where only a shell knows it.
    value: Option<Cow<'a, str>>,
}

impl<'a> Source<'a> {
    pub(super) fn of(path: &'a HostPath, doc: &'a ShellDoc, reader: Reader, number: usize) -> Self {
        let last = match reader {
            Reader::NetworkScripts => as_bash_reads(doc),
            Reader::NetworkManager | Reader::Unknown => as_nm_reads(doc),
        };
        Self {
            path,
            doc,
            reader,
            number,
            last,
            defaults: None,
            told: RefCell::default(),
        }
    }

    /// Returns the file with the assignments of `defaults` below its own: network-scripts read /etc/sysconfig/network first.
    ///
    /// Source: ifup, ifup-eth, ifup-ipv6 of initscripts.
    pub(super) fn over(self, defaults: Option<Rc<Self>>) -> Self {
        let by_scripts = self.reader == Reader::NetworkScripts;
        Self {
            defaults: defaults.filter(|_| by_scripts),
            ..self
        }
    }

    /// Returns the file that has `key`.
    fn holder(&self, key: &str) -> Option<&Self> {
        if self.last.contains_key(key) {
            return Some(self);
        }
        let defaults = self.defaults.as_deref().filter(|_| !OWN.contains(&key));
        defaults.filter(|defaults| defaults.last.contains_key(key))
    }

    /// Returns the value of `key`, which may be empty.
    pub(super) fn any(&self, key: &str) -> Option<&str> {
        if self.reader == Reader::NetworkScripts && alone::is_of_network_manager(key) {
            return None;
        }
        let holder = self.holder(key)?;
        let (name, found) = holder.last.get_key_value(key)?;
        holder.told.borrow_mut().insert(*name);
        found.value.as_deref()
    }

    /// Returns the value of `key` where it is not empty.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.any(key).filter(|value| !value.is_empty())
    }

    /// Returns where `key` is set.
    pub(super) fn line(&self, key: &str) -> Option<Line> {
        let holder = self.holder(key)?;
        let found = holder.last.get(key)?;
        Some((holder.number, found.assignment.line))
    }

    /// Returns whether the value of `key` means yes or no; `None` where it is missing, or neither.
    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        let value = self.any(key)?;
        match (
            self.reader.is_yes(key, value),
            self.reader.is_no(key, value),
        ) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            (false, false) => None,
        }
    }

    /// Returns the number that `key` is, where it is one between these bounds.
    pub(super) fn number(&self, key: &str, least: i64, most: i64) -> Option<i64> {
        let number: i64 = self.text(key)?.trim().parse().ok()?;
        (least..=most).contains(&number).then_some(number)
    }

    /// Returns the keys that begin with `start`, in their order.
    pub(super) fn begin_with(&self, start: &str) -> Vec<&'a str> {
        let keys = self.last.keys().copied();
        let mut found: Vec<&str> = keys.filter(|key| key.starts_with(start)).collect();
        found.sort_unstable();
        found
    }

    /// Returns the first assignment that somebody asked for and only a shell knows.
    pub(super) fn shell(&self) -> Option<&'a Assignment> {
        let told = self.told.borrow();
        let unknown = self.last.iter().filter(|(_, found)| found.value.is_none());
        let unknown = unknown.filter(|(key, _)| told.contains(*key));
        unknown
            .map(|(_, found)| found.assignment)
            .min_by_key(|assignment| assignment.span.start)
    }

    /// Returns the assignments that hold and that nobody asked for, in the order of the file, each with its value.
    pub(super) fn left(&self) -> Vec<(&'a Assignment, &str)> {
        let told = self.told.borrow();
        let left = self.last.iter().filter(|(key, _)| !told.contains(*key));
        let mut left: Vec<(&Assignment, &str)> = left
            .map(|(_, found)| (found.assignment, found.value.as_deref().unwrap_or("…")))
            .collect();
        left.sort_by_key(|(assignment, _)| assignment.span.start);
        left
    }
}

/// Returns what a shell assigns, the last of each name.
fn as_bash_reads(doc: &ShellDoc) -> HashMap<&str, Found<'_>> {
    let mut last: HashMap<&str, Found<'_>> = HashMap::new();
    for assignment in doc.assignments() {
        let known = |name: &str| last.get(name)?.value.as_deref();
        let word = &doc.source()[assignment.word.clone()];
        let value = match assignment.value.literal() {
            Some(text) => Some(Cow::Borrowed(text)),
            None => expanded(word, known).map(Cow::Owned),
        };
        last.insert(&assignment.name, Found { assignment, value });
    }
    last
}

/// Returns what NetworkManager assigns, which reads line by line: `NAME=value` from the start of the line, whatever the code
/// around it; with more on the line the value is empty, as is a quoted one that a shell would expand.
///
/// Source: `parse_line()` and `svUnescape()` in NetworkManager's shvar.c (run).
fn as_nm_reads(doc: &ShellDoc) -> HashMap<&str, Found<'_>> {
    let mut last: HashMap<&str, Found<'_>> = HashMap::new();
    for line in doc.lines() {
        let Some(assignment) = line.assignments.first() else {
            continue;
        };
        let text = doc.source()[line.text.start..line.comment.unwrap_or(line.text.end)].trim();
        if !text.starts_with(assignment.name.as_str()) {
            continue;
        }
        let whole = &doc.source()[assignment.span.clone()];
        let alone = text.trim_end_matches(';').trim_end() == whole && !whole.contains('\n');
        let word = &doc.source()[assignment.word.clone()];
        let value = match (alone, assignment.value.literal()) {
            (false, _) => Cow::Borrowed(""),
            (true, Some(text)) => old_escapes(word).map_or(Cow::Borrowed(text), Cow::Owned),
            (true, None) if word.starts_with(['"', '\'', '(']) || word.contains("$(") => "".into(),
            (true, None) => Cow::Borrowed(word),
        };
        let value = Some(value);
        last.insert(&assignment.name, Found { assignment, value });
    }
    last
}

/// Returns the text of a word that is quoted as a whole and in which old versions of NetworkManager wrote a backslash before
/// `\'` or `~`, where a shell keeps it.
///
/// Source: `svUnescape()` in NetworkManager's shvar.c (run).
fn old_escapes(word: &str) -> Option<String> {
    let inner = word.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains("\\'") && !inner.contains("\\~") {
        return None;
    }
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => match chars.next()? {
                c if "$`\"\\'~".contains(c) => text.push(c),
                c => text.extend(['\\', c]),
            },
            c => text.push(c),
        }
    }
    Some(text)
}

/// Returns a word with the variables in it that are known; nothing where a shell would do more.
fn expanded<'k>(raw: &str, known: impl Fn(&str) -> Option<&'k str>) -> Option<String> {
    let bare = raw
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let text = bare.unwrap_or(raw);
    let odd = |c: char| {
        matches!(
            c,
            '`' | '\'' | '"' | '\\' | '(' | ')' | '*' | '?' | '[' | '~'
        )
    };
    if text.contains(odd) || (bare.is_none() && text.contains(char::is_whitespace)) {
        return None;
    }
    let mut parts = text.split('$');
    let mut found = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = match part.strip_prefix('{') {
            Some(inner) => inner.split_once('}')?,
            None => {
                let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = part.find(|c| !fits(c)).unwrap_or(part.len());
                part.split_at(end)
            }
        };
        found.push_str(known(name)?);
        found.push_str(rest);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networkmanager_reads_line_by_line() {
        let text = "A=a\nexport B=b\nC=c D=d\nE= e\nif x; then\n  F=f\nfi\nG=\"$X\"\nH=h$X\nI=i # why\nJ=j;\nK=\"a\nb\"\nL=\"don\\'t \\~ \\n\"\nA=\n";
        let doc = ShellDoc::parse(text);
        let path = HostPath::literal("/ifcfg-x");
        let source = Source::of(&path, &doc, Reader::NetworkManager, 0);
        for (key, value) in [
            ("A", Some("")),
            ("B", None),
            ("C", Some("")),
            ("D", None),
            ("F", Some("f")),
            ("G", Some("")),
            ("H", Some("h$X")),
            ("I", Some("i")),
            ("J", Some("j")),
            ("K", Some("")),
            ("L", Some("don't ~ \\n")),
        ] {
            assert_eq!(source.any(key), value, "{key}");
        }
        let source = Source::of(&path, &doc, Reader::NetworkScripts, 0);
        assert_eq!((source.any("B"), source.any("D")), (Some("b"), Some("d")));
    }

    #[test]
    fn variables_of_the_file_itself_are_known() {
        let known = |name: &str| (name == "DEVICE").then_some("ens33");
        assert_eq!(
            expanded("\"-K ${DEVICE} tso off; -s $DEVICE autoneg on\"", known).as_deref(),
            Some("-K ens33 tso off; -s ens33 autoneg on")
        );
        for raw in ["$(hostname)", "$X", "${DEVICE#e}", "a$DEVICE*", "'$DEVICE'"] {
            assert_eq!(expanded(raw, known), None, "{raw}");
        }
    }
}
