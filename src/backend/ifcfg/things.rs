//! What a file or a profile says, piece by piece: what the laws count before and after a change.

use std::collections::BTreeMap;

use super::keys::{self, Class};
use super::text::{Companion, Setting, Text};
use crate::doc::shell::{LineKind, ShellDoc, with_line_ends};
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// An assignment: its name, and the word on its right as it is written.
    Setting(String, String),
    /// A comment, from its sign on.
    Comment(String),
    /// A line that only a shell understands, or that of another format.
    Line(String),
}

/// How often each piece is there.
pub(super) type Count = BTreeMap<Thing, usize>;

/// Keys that the lens gives to files and takes from them: who the file is for, and what makes a port of it.
const WRITTEN: &[&str] = &[
    "BRIDGE",
    "BRIDGE_UUID",
    "DEVICETYPE",
    "HOTPLUG",
    "NM_CONTROLLED",
    "ONBOOT",
    "OVSDHCPINTERFACES",
    "OVS_BRIDGE",
    "TYPE",
];

impl Thing {
    /// Returns the comment or line that `text` is.
    fn line(text: &str) -> Self {
        let text = text.trim().to_owned();
        match text.starts_with('#') {
            true => Self::Comment(text),
            false => Self::Line(text),
        }
    }

    /// Returns whether it must be somewhere afterwards: not what the model holds as a value, which PutGet compares, nor
    /// what the lens writes itself.
    pub(super) fn is_kept(&self) -> bool {
        match self {
            Self::Setting(key, _) => match keys::class(key) {
                Class::Layer3(_) => false,
                Class::Own | Class::Bridge | Class::Shared | Class::Unknown => {
                    !WRITTEN.contains(&key.as_str())
                }
            },
            Self::Comment(_) | Self::Line(_) => true,
        }
    }
}

/// Adds `things` to `count`.
pub(super) fn add(count: &mut Count, things: impl IntoIterator<Item = Thing>) {
    for thing in things {
        *count.entry(thing).or_default() += 1;
    }
}

/// Takes one `thing` from `count`; returns whether there was one.
pub(super) fn take(count: &mut Count, thing: &Thing) -> bool {
    match count.get_mut(thing).filter(|count| **count > 0) {
        Some(count) => {
            *count -= 1;
            true
        }
        None => false,
    }
}

/// Returns what a file called `name` says, each piece with its line.
pub(super) fn of_file(name: &str, text: &str) -> Vec<(u32, Thing)> {
    let other = ["route", "rule", "static-routes", "dhclient"];
    match other.iter().any(|start| name.starts_with(start)) || name.ends_with(".route") {
        true => comments(text),
        false => {
            let mut found = of_shell(text);
            // DEVICE of an alias or a range is its name again, and PutGet compares it
            if name.contains(':') || name.contains("-range") {
                found.retain(
                    |(_, thing)| !matches!(thing, Thing::Setting(key, _) if key == "DEVICE"),
                );
            }
            found
        }
    }
}

/// Returns the assignments, comments and lines of code of a shell file; an assignment by the name that the model has for it.
fn of_shell(text: &str) -> Vec<(u32, Thing)> {
    let doc = ShellDoc::parse(&with_line_ends(text, "\n"));
    let raw = |span: std::ops::Range<usize>| &doc.source()[span];
    let mut found = Vec::new();
    for line in doc.lines() {
        let number = line.number;
        match line.kind {
            LineKind::Blank => {}
            LineKind::Comment | LineKind::Code => {
                found.push((number, Thing::line(raw(line.text.clone()))));
            }
            LineKind::Assignments => {
                found.extend(line.assignments.iter().map(|assignment| {
                    let name = assignment.name.as_str();
                    let name = name
                        .strip_prefix("OVS")
                        .filter(|n| *n == "BOOTPROTO")
                        .unwrap_or(name);
                    let word = raw(assignment.word.clone()).to_owned();
                    (number, Thing::Setting(name.to_owned(), word))
                }));
                let comment = line.comment.map(|start| raw(start..line.text.end));
                found.extend(comment.map(|text| (number, Thing::line(text))));
            }
        }
    }
    found
}

/// Returns the comment lines of a file of another format.
fn comments(text: &str) -> Vec<(u32, Thing)> {
    let lines = text.lines().zip(1..);
    let comments = lines.filter(|(line, _)| line.trim_start().starts_with('#'));
    comments
        .map(|(line, number)| (number, Thing::line(line)))
        .collect()
}

/// Returns what the settings of `owner` say.
pub(super) fn of_settings<'s>(
    settings: impl IntoIterator<Item = &'s Setting>,
    owner: &InterfaceName,
) -> Vec<Thing> {
    let (mut found, mut keyed) = (Vec::new(), String::new());
    for setting in settings {
        let text = setting.text.named(owner);
        match setting.key.as_str() {
            "" => found.push(Thing::line(&text)),
            _ => keyed.push_str(&with_line_ends(&text, "\n")),
        }
    }
    found.extend(of_shell(&keyed).into_iter().map(|(_, thing)| thing));
    found
}

/// Returns what a profile with `text` holds that is kept, its files found by name included.
pub(super) fn kept_by(profile: &Profile, text: &Text) -> Vec<Thing> {
    let settings = text.settings.iter().chain(&text.rest);
    let mut found = of_settings(settings, &profile.interface);
    let of = |companion: &Companion| {
        of_file(
            companion.origin.name(),
            &companion.content.named(&profile.interface),
        )
    };
    let companions = text.companions.iter().flat_map(of);
    found.extend(companions.map(|(_, thing)| thing));
    found.retain(Thing::is_kept);
    found
}
