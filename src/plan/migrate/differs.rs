//! Where network-scripts and NetworkManager read the same files otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::Moved;
use crate::backend::migrate::{self, As, Entry};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::tree::Tree;

/// Returns in what NetworkManager, which takes the files of `taken` from now on, reads them otherwise.
pub(super) fn of_taken(tree: &Tree, host: &Host, taken: &[&Profile]) -> Vec<String> {
    let around = migrate::Around::of(tree, host);
    let read = |profile: &Profile, reader: As| {
        let keyfile = migrate::keyfile(tree, host, &around, profile, reader);
        keyfile.map(|keyfile| keyfile.said).unwrap_or_default()
    };
    let mut found = Vec::new();
    for profile in taken {
        let (today, later) = (
            read(profile, As::InForce),
            read(profile, As::NetworkManager),
        );
        let (today, later) = (keyed(&today), keyed(&later));
        for (key, entry) in &later {
            match today.get(key) {
                Some(there) if there.value == entry.value => {}
                Some(there) => found.push(format!(
                    "{}, as NetworkManager takes it from now on; network-scripts have {}",
                    said(entry),
                    there.value
                )),
                None if entry.at.is_none() => {}
                None => found.push(format!(
                    "{}, as NetworkManager takes it from now on; network-scripts do not",
                    said(entry)
                )),
            }
        }
        let gone = today.iter().filter(|(key, _)| !later.contains_key(*key));
        let gone = gone.filter(|(_, entry)| entry.at.is_some());
        found.extend(gone.map(|(_, entry)| {
            format!(
                "{} is in force no more: NetworkManager does not read it",
                said(entry)
            )
        }));
    }
    found
}

/// Returns in what NetworkManager would have read the files otherwise than the program that reads them does.
pub(super) fn differences(tree: &Tree, host: &Host, moved: &[Moved<'_>]) -> Vec<String> {
    let around = migrate::Around::of(tree, host);
    let mut found = Vec::new();
    for one in moved {
        match migrate::keyfile(tree, host, &around, one.profile, As::NetworkManager) {
            Ok(other) => found.extend(between(
                &one.keyfile.said,
                &other.said,
                one.keyfile.by_scripts,
            )),
            Err(cannot) => found.push(format!(
                "{}: NetworkManager would have made no profile of it: {}",
                one.keyfile.from[0], cannot.why
            )),
        }
    }
    found
}

/// Returns what is said in one of two ways alone, or otherwise; of a file of which nothing is said in the other way, its name.
fn between(own: &[Entry], other: &[Entry], by_scripts: bool) -> Vec<String> {
    let (own_keys, other_keys) = (keyed(own), keyed(other));
    let file = |entry: &Entry| entry.at.as_ref().map(|(path, _)| path.clone());
    let read: BTreeSet<_> = other.iter().filter_map(file).collect();
    let (mut found, mut unread) = (Vec::new(), BTreeSet::new());
    for (key, entry) in &own_keys {
        let there = other_keys.get(key);
        if there.is_some_and(|there| there.value == entry.value) {
            continue;
        }
        // what no file says is told elsewhere
        if there.is_none() && entry.at.is_none() {
            continue;
        }
        let from = file(entry).filter(|path| !read.contains(path));
        let said = said(entry);
        match (there, by_scripts, from) {
            (_, _, Some(path)) => drop(unread.insert(path)),
            (Some(there), true, None) => found.push(format!(
                "{said}, as network-scripts have it; NetworkManager would have read {}",
                there.value
            )),
            (Some(there), false, None) => found.push(format!(
                "{said}; NetworkManager would have read {}",
                there.value
            )),
            (None, true, None) => found.push(format!(
                "{said}, as network-scripts have it; NetworkManager would not have read it"
            )),
            (None, false, None) => found.push(format!(
                "{said} takes effect with the keyfile; NetworkManager passes it over today"
            )),
        }
    }
    let only = other_keys
        .iter()
        .filter(|(key, _)| !own_keys.contains_key(*key));
    found.extend(only.map(|(_, entry)| {
        format!(
            "{} is not in force today, and in no keyfile; NetworkManager would have read it",
            said(entry)
        )
    }));
    let unread = unread.into_iter().map(|path| match by_scripts {
        true => format!(
            "{path} is kept, as network-scripts have it; NetworkManager would have read nothing of it"
        ),
        false => format!(
            "{path} takes effect with the keyfile; NetworkManager passes it over today"
        ),
    });
    unread.chain(found).collect()
}

fn said(entry: &Entry) -> String {
    let place = entry.at.as_ref();
    let place = place.map(|(path, line)| path.with_line(Some(*line)) + " ");
    let place = place.unwrap_or_default();
    format!("{place}[{}] {}={}", entry.group, entry.key, entry.value)
}

/// Returns what is said by its key; addresses, routes and rules by their value, since a number says nothing.
fn keyed(said: &[Entry]) -> BTreeMap<(&'static str, String), &Entry> {
    let key = |entry: &Entry| {
        let stem = entry.key.trim_end_matches(|c: char| c.is_ascii_digit());
        match stem {
            // of two with one address the gateway may differ
            "address" => {
                let net = entry.value.split(',').next().unwrap_or_default();
                format!("{stem} {net}")
            }
            "route" | "routing-rule" => format!("{stem} {}", entry.value),
            _ if entry.key.starts_with("route") && entry.key.ends_with("_options") => {
                format!("options {}", entry.value)
            }
            _ => entry.key.clone(),
        }
    };
    said.iter()
        .map(|entry| ((entry.group, key(entry)), entry))
        .collect()
}
