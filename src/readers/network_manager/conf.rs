//! NetworkManager's configuration: which files count, in which order, and what they say of devices.
//!
//! Source: NetworkManager.conf(5), nm-config.c (`read_entire_config()`); held to
//! `NetworkManager --print-config` by `tests/daemons/nm_conf.rs`.

use std::collections::{BTreeMap, HashSet};

use super::super::{At, Unparsed, Version};
use super::spec::{Spec, decide};
use crate::doc::keyfile::{Entry, entries};
use crate::tree::{HostPath, Tree};

pub(super) const CONF: &str = "/etc/NetworkManager/NetworkManager.conf";
/// Where snippets lie, the weakest first; of two with one name the stronger is read.
pub(super) const SNIPPETS: &[&str] = &[
    "/usr/lib/NetworkManager/conf.d",
    "/run/NetworkManager/conf.d",
    "/etc/NetworkManager/conf.d",
];

/// A value that several files may have added to.
#[derive(Default)]
struct Value {
    words: Vec<String>,
    at: Option<At>,
}

/// What a `[device]` section says: whether the devices that it is for are managed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Managed {
    /// Which devices; none: all.
    pub(super) of: Vec<Spec>,
    pub(super) managed: bool,
    pub(super) at: At,
}

/// A `[device]` section, as far as it was read.
#[derive(Default)]
struct Section {
    of: Vec<String>,
    managed: Option<(bool, At)>,
}

/// The configuration, all files together.
#[derive(Default)]
pub(super) struct Conf {
    values: BTreeMap<(String, String), Value>,
    /// The `[device]` sections in the order in which they come up.
    sections: Vec<(String, Section)>,
    /// What `[connection]` sections say.
    connection: BTreeMap<String, (String, At)>,
    /// Files that could not be read.
    pub(super) unread: Vec<Unparsed>,
}

impl Conf {
    pub(super) fn of(tree: &Tree, version: Option<&Version>) -> Self {
        let mut conf = Self::default();
        let [vendor, run, admin] = [0, 1, 2].map(|index| HostPath::literal(SNIPPETS[index]));
        let hidden =
            |name: &str, by: &[&HostPath]| by.iter().any(|folder| tree.exists(&folder.join(name)));
        let snippets = |folder: &HostPath, by: &[&HostPath]| -> Vec<HostPath> {
            let names = tree
                .names(folder)
                .filter(|(name, _)| name.ends_with(".conf"));
            let names = names.filter(|(name, _)| !hidden(name, by));
            names.map(|(_, path)| path.clone()).collect()
        };
        let mut files = snippets(&vendor, &[&run, &admin]);
        files.extend(snippets(&run, &[&admin]));
        files.push(HostPath::literal(CONF));
        files.extend(snippets(&admin, &[]));
        for path in files {
            match tree.file(&path) {
                Some(file) => conf.add(&path, &String::from_utf8_lossy(&file.bytes), version),
                None => conf.unread.extend(Unparsed::of(tree, &path)),
            }
        }
        conf
    }

    fn add(&mut self, path: &HostPath, text: &str, version: Option<&Version>) {
        let entries = entries(text);
        let enable = entries
            .iter()
            .rfind(|e| e.section == ".config" && e.key == "enable");
        // the main file is read whatever it says there
        let is_snippet = path.as_str() != CONF;
        if is_snippet && enable.is_some_and(|entry| !is_enabled(entry.value, version)) {
            return;
        }
        // of a key that a file gives again only the last one counts, in its place
        let last: BTreeMap<(&str, &str), u32> = entries
            .iter()
            .map(|e| ((e.section, e.key), e.line))
            .collect();
        for entry in &entries {
            let (key, sign) = match entry.key.strip_suffix(['+', '-']) {
                Some(key) => (key, entry.key.chars().next_back()),
                None => (entry.key, None),
            };
            self.device(path, entry);
            self.connection(path, entry);
            // only these are asked for
            let words = match (entry.section, key) {
                ("main", "plugins") => entry.value.split(',').map(str::to_owned).collect(),
                ("keyfile", "unmanaged-devices") | ("main", "no-auto-default") => {
                    words(entry.value)
                }
                _ => continue,
            };
            if last.get(&(entry.section, entry.key)) != Some(&entry.line) {
                continue;
            }
            let id = (entry.section.to_owned(), key.to_owned());
            let value = self.values.entry(id).or_default();
            match sign {
                Some('+') => value.words.extend(words),
                Some(_) => {
                    let gone: HashSet<String> = words.into_iter().collect();
                    value.words.retain(|word| !gone.contains(word));
                }
                None => value.words = words,
            }
            value.at = Some(At {
                path: path.clone(),
                line: Some(entry.line),
            });
        }
    }

    /// Notes what an entry of a `[connection]` section says: the property of profiles that do not say it themselves.
    fn connection(&mut self, path: &HostPath, entry: &Entry<'_>) {
        let is_ours = entry.section == "connection" || entry.section.starts_with("connection-");
        if is_ours && entry.key.contains('.') && !entry.value.is_empty() {
            let at = At {
                path: path.clone(),
                line: Some(entry.line),
            };
            let said = (entry.value.to_owned(), at);
            self.connection.insert(entry.key.to_owned(), said);
        }
    }

    /// Returns the properties of profiles that do not say them.
    pub(super) fn defaults(&self) -> BTreeMap<String, (String, At)> {
        self.connection.clone()
    }

    /// Notes what an entry of a `[device]` section says.
    fn device(&mut self, path: &HostPath, entry: &Entry<'_>) {
        if entry.section != "device" && !entry.section.starts_with("device-") {
            return;
        }
        if !matches!(entry.key, "managed" | "match-device") {
            return;
        }
        let known = self
            .sections
            .iter()
            .position(|(name, _)| name == entry.section);
        let at = known.unwrap_or_else(|| {
            self.sections
                .push((entry.section.to_owned(), Section::default()));
            self.sections.len() - 1
        });
        let section = &mut self.sections[at].1;
        if entry.key == "match-device" {
            section.of = words(entry.value);
            return;
        }
        let managed = match entry.value {
            "0" | "false" | "no" | "off" => false,
            "1" | "true" | "yes" | "on" => true,
            _ => return,
        };
        let at = At {
            path: path.clone(),
            line: Some(entry.line),
        };
        section.managed = Some((managed, at));
    }

    /// Returns the `[device]` sections that say whether a device is managed: the plain one last, those of later files first.
    pub(super) fn devices(&self) -> Vec<Managed> {
        let is_plain = |name: &str| name == "device";
        let (plain, others): (Vec<_>, Vec<_>) =
            self.sections.iter().partition(|(name, _)| is_plain(name));
        let sections = others.into_iter().rev().chain(plain);
        let found = sections.filter_map(|(_, section)| {
            let (managed, at) = section.managed.clone()?;
            let of = section.of.iter().map(|word| Spec::parse(word)).collect();
            Some(Managed { of, managed, at })
        });
        found.collect()
    }

    pub(super) fn value(&self, section: &str, key: &str) -> (Vec<String>, Option<At>) {
        match self.values.get(&(section.to_owned(), key.to_owned())) {
            Some(value) => (value.words.clone(), value.at.clone()),
            None => (Vec::new(), None),
        }
    }
}

fn words(value: &str) -> Vec<String> {
    let words = value.split([',', ';']).map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether a file that says `enable=VALUE` is read: a boolean, or conditions of the version; `env:` is never met here.
fn is_enabled(value: &str, version: Option<&Version>) -> bool {
    match value {
        "yes" | "true" | "on" | "1" => return true,
        "no" | "false" | "off" | "0" => return false,
        _ => {}
    }
    let holds = |word: &str| {
        let part = |prefix: &str| Some((Version::parse(word.strip_prefix(prefix)?)?, version?));
        part("nm-version-min:").is_some_and(|(wanted, found)| found.at_least(&wanted))
            || part("nm-version-max:").is_some_and(|(wanted, found)| found.at_most(&wanted))
            || part("nm-version:").is_some_and(|(wanted, found)| found.begins_with(&wanted))
    };
    decide(
        words(value)
            .iter()
            .map(|word| match word.strip_prefix("except:") {
                Some(word) => (false, holds(word)),
                None => (true, holds(word)),
            }),
    )
}
