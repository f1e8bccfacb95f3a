//! NetworkManager's configuration: which files count, in which order, and what they say of devices.
//!
//! Source: NetworkManager.conf(5), nm-config.c (`read_entire_config()`); held to
//! `NetworkManager --print-config` by `tests/daemons/nm_conf.rs`.

use std::collections::{BTreeMap, HashSet};

use super::super::{At, Device, Unparsed, Version};
use super::spec::{Spec, decide, matched};
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

/// What a `[connection]` section says: the properties of profiles that do not say them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Defaults {
    /// For the profiles of which devices; none: all.
    of: Vec<Spec>,
    /// The values by the names of their properties: `ipv4.route-metric`.
    pub(super) values: BTreeMap<String, (String, At)>,
    /// Whether no section behind it counts for what it is for.
    pub(super) stops: bool,
}

impl Defaults {
    pub(super) fn is_for(&self, device: &Device<'_>) -> bool {
        self.of.is_empty() || matched(&self.of, device)
    }
}

/// A `[device]` or `[connection]` section, as far as it was read.
#[derive(Default)]
struct Section {
    of: Vec<String>,
    managed: Option<(bool, At)>,
    values: BTreeMap<String, (String, At)>,
    stops: bool,
}

/// The configuration, all files together.
#[derive(Default)]
pub(super) struct Conf {
    values: BTreeMap<(String, String), Value>,
    /// The `[device]` and `[connection]` sections in the order in which they come up.
    sections: Vec<(String, Section)>,
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
            self.of_devices(path, entry);
            // only these are asked for
            let words = match (entry.section, key) {
                ("main", "plugins") => entry.value.split(',').map(str::to_owned).collect(),
                ("keyfile", "path") => vec![entry.value.to_owned()],
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

    /// Notes what an entry of a `[device]` or `[connection]` section says.
    fn of_devices(&mut self, path: &HostPath, entry: &Entry<'_>) {
        let is_one = |kind| is_section(entry.section, kind);
        if !is_one("device") && !is_one("connection") {
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
        let at = At {
            path: path.clone(),
            line: Some(entry.line),
        };
        match entry.key {
            "match-device" => section.of = words(entry.value),
            "stop-match" => section.stops = boolean(entry.value).unwrap_or(false),
            "managed" => section.managed = boolean(entry.value).map(|managed| (managed, at)),
            key if key.contains('.') && !entry.value.is_empty() => {
                let said = (entry.value.to_owned(), at);
                section.values.insert(key.to_owned(), said);
            }
            _ => {}
        }
    }

    /// Returns the sections of a kind in the order in which they count: the plain one last, those of later files first.
    fn sections_of(&self, kind: &'static str) -> impl Iterator<Item = &Section> {
        let ours = move |(name, _): &&(String, Section)| is_section(name, kind);
        let sections = self.sections.iter().filter(ours);
        let (plain, others): (Vec<_>, Vec<_>) = sections.partition(|(name, _)| name == kind);
        let sections = others.into_iter().rev().chain(plain);
        sections.map(|(_, section)| section)
    }

    /// Returns the `[device]` sections that say whether a device is managed.
    pub(super) fn devices(&self) -> Vec<Managed> {
        let found = self.sections_of("device").filter_map(|section| {
            let (managed, at) = section.managed.clone()?;
            let of = specs(&section.of);
            Some(Managed { of, managed, at })
        });
        found.collect()
    }

    /// Returns the `[connection]` sections.
    pub(super) fn defaults(&self) -> Vec<Defaults> {
        let sections = self.sections_of("connection");
        let found = sections.map(|section| Defaults {
            of: specs(&section.of),
            values: section.values.clone(),
            stops: section.stops,
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

/// Returns whether a section is of this kind: `[device]`, or `[device-NAME]`.
fn is_section(name: &str, kind: &str) -> bool {
    let rest = name.strip_prefix(kind);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// `nm_config_keyfile_get_boolean()`.
fn boolean(value: &str) -> Option<bool> {
    match value {
        "0" | "false" | "no" | "off" => Some(false),
        "1" | "true" | "yes" | "on" => Some(true),
        _ => None,
    }
}

fn specs(words: &[String]) -> Vec<Spec> {
    words.iter().map(|word| Spec::parse(word)).collect()
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
