//! What a file or a profile says, piece by piece: what the laws count before and after a change.

use std::collections::BTreeMap;

use super::keys::{self, Class};
use super::pieces::spelled;
use super::text::{Companion, Setting, Text};
use crate::backend::lens::Piece;
use crate::doc::shell::{ShellDoc, with_line_ends};
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;

/// How often each piece is there.
pub(super) type Count = BTreeMap<Piece, usize>;

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

/// Returns the comment or line that `text` is.
fn line(text: &str) -> Piece {
    let text = text.trim().to_owned();
    match text.starts_with('#') {
        true => Piece::Comment(text),
        false => Piece::Line(text),
    }
}

/// Returns whether a piece must be somewhere afterwards: not what the model holds as a value, which PutGet compares, nor what
/// the lens writes itself.
pub(super) fn is_kept(piece: &Piece) -> bool {
    match piece {
        Piece::Setting(key, _) => match keys::class(key) {
            Class::Layer3(_) => false,
            Class::Own | Class::Bridge | Class::Shared | Class::Unknown => {
                !WRITTEN.contains(&key.as_str())
            }
        },
        Piece::Comment(_) | Piece::Line(_) => true,
    }
}

/// Adds `things` to `count`.
pub(super) fn add(count: &mut Count, things: impl IntoIterator<Item = Piece>) {
    for thing in things {
        *count.entry(thing).or_default() += 1;
    }
}

/// Takes one `thing` from `count`; returns whether there was one.
pub(super) fn take(count: &mut Count, thing: &Piece) -> bool {
    match count.get_mut(thing).filter(|count| **count > 0) {
        Some(count) => {
            *count -= 1;
            true
        }
        None => false,
    }
}

/// Returns what a file called `name` says, each piece with its line.
pub(super) fn of_file(name: &str, text: &str) -> Vec<(u32, Piece)> {
    let other = ["route", "rule", "static-routes", "dhclient"];
    match other.iter().any(|start| name.starts_with(start)) || name.ends_with(".route") {
        true => comments(text),
        false => {
            let mut found = of_shell(text);
            // DEVICE of an alias or a range is its name again, and PutGet compares it
            if name.contains(':') || name.contains("-range") {
                found.retain(
                    |(_, thing)| !matches!(thing, Piece::Setting(key, _) if key == "DEVICE"),
                );
            }
            found
        }
    }
}

/// Returns what a shell file says, each value as it is written.
fn of_shell(text: &str) -> Vec<(u32, Piece)> {
    let doc = ShellDoc::parse(&with_line_ends(text, "\n"));
    spelled(&doc, |_, word| word.to_owned())
}

/// Returns the comment lines of a file of another format.
fn comments(text: &str) -> Vec<(u32, Piece)> {
    let lines = text.lines().zip(1..);
    let comments = lines.filter(|(line, _)| line.trim_start().starts_with('#'));
    comments
        .map(|(line, number)| (number, Piece::Comment(line.trim().to_owned())))
        .collect()
}

/// Returns what the settings of `owner` say.
pub(super) fn of_settings<'s>(
    settings: impl IntoIterator<Item = &'s Setting>,
    owner: &InterfaceName,
) -> Vec<Piece> {
    let (mut found, mut keyed) = (Vec::new(), String::new());
    for setting in settings {
        let text = setting.text.named(owner);
        match setting.key.as_str() {
            "" => found.push(line(&text)),
            _ => keyed.push_str(&with_line_ends(&text, "\n")),
        }
    }
    found.extend(of_shell(&keyed).into_iter().map(|(_, thing)| thing));
    found
}

/// Returns what a profile with `text` holds that is kept, its files found by name included.
pub(super) fn kept_by(profile: &Profile, text: &Text) -> Vec<Piece> {
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
    found.retain(is_kept);
    found
}
