//! A keyfile that is being made: its entries, where each comes from, and the comments that go with them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crate::doc::keyfile::value;

/// A line of one of the files that it is made of: which file, and the line, counted from 1.
pub(super) type Line = (usize, u32);

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) group: &'static str,
    pub(super) key: String,
    /// As it is written.
    pub(super) raw: String,
    pub(super) from: Vec<Line>,
    /// Whether nobody may see it.
    pub(super) is_secret: bool,
    /// Comments that stand above it, with their signs.
    comments: Vec<String>,
}

/// The groups in the order in which NetworkManager writes them.
const ORDER: &[&str] = &[
    "connection",
    "ethernet",
    "infiniband",
    "wifi",
    "wifi-security",
    "802-1x",
    "bridge",
    "bond",
    "vlan",
    "ethernet-s390-options",
    "dcb",
    "ethtool",
    "sriov",
    "match",
    "bridge-port",
    "bond-port",
    "ipv4",
    "ipv6",
    "proxy",
    "hostname",
    "tc",
    "user",
];

/// The keys that come first in `[connection]`.
const FIRST: &[&str] = &["id", "uuid", "type"];

/// A keyfile that is being made.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    pub(super) entries: Vec<Entry>,
    /// Where each is, by group and key.
    index: HashMap<String, usize>,
    groups: Vec<&'static str>,
    head: Vec<String>,
    tail: Vec<String>,
}

impl Made {
    /// Adds a group, be it that it stays empty.
    pub(super) fn group(&mut self, group: &'static str) {
        if !self.groups.contains(&group) {
            self.groups.push(group);
        }
    }

    /// Sets `key` of `group` to `text`, which needs escapes.
    pub(super) fn set(
        &mut self,
        group: &'static str,
        key: impl Into<String>,
        text: impl AsRef<str>,
        from: impl IntoIterator<Item = Line>,
    ) {
        self.raw(group, key, value::escape(text.as_ref()), from);
    }

    /// Sets `key` of `group` to `raw`, as it is written.
    pub(super) fn raw(
        &mut self,
        group: &'static str,
        key: impl Into<String>,
        raw: String,
        from: impl IntoIterator<Item = Line>,
    ) {
        self.group(group);
        let (key, from) = (key.into(), from.into_iter().collect());
        let place = place(group, &key);
        let entry = Entry {
            group,
            key,
            raw,
            from,
            is_secret: false,
            comments: Vec::new(),
        };
        match self.index.get(&place) {
            Some(at) => self.entries[*at] = entry,
            None => {
                self.index.insert(place, self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    /// Sets `key` of `group` to a secret.
    pub(super) fn secret(
        &mut self,
        group: &'static str,
        key: impl Into<String>,
        text: impl AsRef<str>,
        from: impl IntoIterator<Item = Line>,
    ) {
        let key = key.into();
        self.set(group, key.as_str(), text, from);
        if let Some(at) = self.index.get(&place(group, &key)) {
            self.entries[*at].is_secret = true;
        }
    }

    /// Sets `key` of `group` to a list.
    pub(super) fn list<'t>(
        &mut self,
        group: &'static str,
        key: impl Into<String>,
        items: impl IntoIterator<Item = &'t str>,
        from: impl IntoIterator<Item = Line>,
    ) {
        let items = items.into_iter();
        let raw: String = items
            .map(|item| value::escape(item).replace(';', "\\;") + ";")
            .collect();
        self.raw(group, key, raw, from);
    }

    /// Returns the value of a key, as it is written.
    pub(super) fn get(&self, group: &str, key: &str) -> Option<&str> {
        let at = self.index.get(&place(group, key))?;
        Some(&self.entries[*at].raw)
    }

    /// Takes a key away; its group stays.
    pub(super) fn unset(&mut self, group: &str, key: &str) {
        let is_it = |entry: &Entry| entry.group == group && entry.key == key;
        self.entries.retain(|entry| !is_it(entry));
        self.find_anew();
    }

    /// Takes a group away.
    pub(super) fn drop_group(&mut self, group: &str) {
        self.entries.retain(|entry| entry.group != group);
        self.groups.retain(|other| *other != group);
        self.find_anew();
    }

    fn find_anew(&mut self) {
        let entries = self.entries.iter().zip(0..);
        self.index = entries
            .map(|(entry, at)| (place(entry.group, &entry.key), at))
            .collect();
    }

    /// Puts the comments of a file where they belong, each with its line: above what the next line of it became. With `true`
    /// one stands above everything.
    pub(super) fn comment<'t>(
        &mut self,
        file: usize,
        comments: impl IntoIterator<Item = (u32, &'t str, bool)>,
    ) {
        let mut lines: BTreeMap<u32, usize> = BTreeMap::new();
        for (entry, at) in self.entries.iter().zip(0..) {
            for (_, line) in entry.from.iter().filter(|(of, _)| *of == file) {
                lines.entry(*line).or_insert(at);
            }
        }
        for (line, text, is_head) in comments {
            let text = text.trim_end().to_owned();
            let next = lines.range(line..).next();
            match (is_head, next) {
                (true, _) => self.head.push(text),
                (false, Some((_, at))) => self.entries[*at].comments.push(text),
                (false, None) => self.tail.push(text),
            }
        }
    }

    /// Returns the text.
    pub(super) fn text(mut self) -> String {
        let place_of = |group: &str| ORDER.iter().position(|other| *other == group);
        self.groups.sort_by_key(|group| place_of(group));
        self.entries
            .sort_by(|one, other| by_key(&one.key, &other.key));
        let mut text = String::new();
        for line in &self.head {
            let _ = writeln!(text, "{line}");
        }
        if !self.head.is_empty() {
            text.push('\n');
        }
        for (at, group) in self.groups.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            let _ = writeln!(text, "{end}[{group}]");
            for entry in self.entries.iter().filter(|entry| entry.group == *group) {
                for line in &entry.comments {
                    let _ = writeln!(text, "{line}");
                }
                let _ = writeln!(text, "{}={}", entry.key, entry.raw);
            }
        }
        if !self.tail.is_empty() {
            text.push('\n');
        }
        for line in &self.tail {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

/// Returns what a key of a group is found by.
fn place(group: &str, key: &str) -> String {
    format!("{group}\n{key}")
}

/// Orders keys as NetworkManager writes them: `id`, `uuid`, `type`, then by name, numbers in it by value.
fn by_key(one: &str, other: &str) -> Ordering {
    let first = |key: &str| {
        FIRST
            .iter()
            .position(|first| *first == key)
            .unwrap_or(FIRST.len())
    };
    let by_place = first(one).cmp(&first(other));
    by_place.then_with(|| parts(one).cmp(&parts(other)))
}

/// Returns the name, its number, and what stands behind it.
fn parts(key: &str) -> (&str, u64, &str) {
    let start = key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len());
    let digits = &key[start..];
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let number = digits[..end].parse().unwrap_or(0);
    (&key[..start], number, &digits[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stay_with_what_they_are_about() {
        let mut made = Made::default();
        made.set("ipv4", "method", "auto", [(0, 4)]);
        made.set("connection", "type", "ethernet", [(0, 2)]);
        made.set("connection", "id", " a", []);
        made.set("ipv4", "route10", "x", [(1, 1)]);
        made.set("ipv4", "route2", "y", [(1, 2)]);
        for (file, line, text, head) in [
            (0, 1, "# top", true),
            (0, 3, "# lease ", false),
            (0, 9, "# end", false),
            (1, 1, "# first", false),
        ] {
            made.comment(file, [(line, text, head)]);
        }
        assert_eq!(
            made.text(),
            "# top\n\n[connection]\nid=\\sa\ntype=ethernet\n\n[ipv4]\n# lease\nmethod=auto\nroute2=y\n# first\nroute10=x\n\n# end\n"
        );
    }
}
