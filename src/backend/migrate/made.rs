//! A keyfile that is being made: its entries, where each comes from, and the comments that go with them.

use std::cmp::Ordering;
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
        self.entries
            .retain(|entry| entry.group != group || entry.key != key);
        self.entries.push(Entry {
            group,
            key,
            raw,
            from,
            is_secret: false,
            comments: Vec::new(),
        });
    }

    /// Sets `key` of `group` to a secret.
    pub(super) fn secret(
        &mut self,
        group: &'static str,
        key: impl Into<String>,
        text: impl AsRef<str>,
        from: impl IntoIterator<Item = Line>,
    ) {
        self.set(group, key, text, from);
        if let Some(entry) = self.entries.last_mut() {
            entry.is_secret = true;
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
        let mut entries = self.entries.iter();
        let found = entries.find(|entry| entry.group == group && entry.key == key);
        found.map(|entry| entry.raw.as_str())
    }

    /// Takes a group away.
    pub(super) fn drop_group(&mut self, group: &str) {
        self.entries.retain(|entry| entry.group != group);
        self.groups.retain(|other| *other != group);
    }

    /// Puts the comments of a file where they belong: above what the next line of it became. `head` tells that it stands
    /// above everything.
    pub(super) fn comment(&mut self, file: usize, line: u32, text: &str, head: bool) {
        let text = text.trim_end().to_owned();
        if head {
            self.head.push(text);
            return;
        }
        let lines = |entry: &Entry| {
            let own = entry.from.iter().filter(|(of, _)| *of == file);
            own.map(|(_, at)| *at).filter(|at| *at >= line).min()
        };
        let found = self.entries.iter_mut();
        let found = found.filter_map(|entry| Some((lines(entry)?, entry)));
        match found.min_by_key(|(at, _)| *at) {
            Some((_, entry)) => entry.comments.push(text),
            None => self.tail.push(text),
        }
    }

    /// Returns the text.
    pub(super) fn text(mut self) -> String {
        let place = |group: &str| ORDER.iter().position(|other| *other == group);
        self.groups.sort_by_key(|group| place(group));
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
            made.comment(file, line, text, head);
        }
        assert_eq!(
            made.text(),
            "# top\n\n[connection]\nid=\\sa\ntype=ethernet\n\n[ipv4]\n# lease\nmethod=auto\nroute2=y\n# first\nroute10=x\n\n# end\n"
        );
    }
}
