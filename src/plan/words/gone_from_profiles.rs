//! What of a profile is in no file any more: settings, comments and lines that neither the port nor the bridge has after a
//! change. It is found in the texts, not in the model: the model does not know all that a file says.

use std::collections::HashMap;

use crate::backend::{Piece, pieces};
use crate::change::ChangeSet;
use crate::op::{Future, Operation};
use crate::secret;
use crate::tree::{HostPath, Node};

/// As many are named; of more the rest is counted, and shown by the diff.
const MOST: usize = 100;

/// What says nothing where it goes: which interface a file is for, and what makes it the port of its bridge.
const IDENTITY: &[&str] = &[
    "BRIDGE",
    "DEVICE",
    "DEVICETYPE",
    "HOTPLUG",
    "NAME",
    "OVS_BRIDGE",
    "TYPE",
    "UUID",
];

/// Returns what goes, as file, line and text.
pub(in crate::plan) fn lines(
    set: &ChangeSet,
    operation: &Operation,
    future: &Future,
) -> Vec<String> {
    if operation.bridge().is_none() {
        return Vec::new();
    }
    let mut left: HashMap<Piece, usize> = HashMap::new();
    for change in set.iter() {
        for (_, piece) in pieces_of(&change.path, change.after.as_ref()) {
            *left.entry(piece).or_default() += 1;
        }
    }
    let mut gone = Vec::new();
    for change in set.iter() {
        for (line, piece) in pieces_of(&change.path, change.before.as_ref()) {
            let names = [piece.clone(), renamed(&piece, future)];
            let known = names
                .iter()
                .find(|name| left.get(name).is_some_and(|n| *n > 0));
            match known.and_then(|name| left.get_mut(name)) {
                Some(count) => *count -= 1,
                None if is_said(&piece, operation) => {}
                None => gone.push((&change.path, change.before.as_ref(), line)),
            }
        }
    }
    let more = gone.len().saturating_sub(MOST);
    gone.truncate(MOST);
    let mut said = Vec::new();
    let mut last: Option<(&HostPath, Vec<String>)> = None;
    for (path, before, line) in gone {
        if last.as_ref().is_none_or(|(known, _)| *known != path) {
            let Some(Node::File(file)) = before else {
                continue;
            };
            let text = String::from_utf8_lossy(&file.bytes);
            let shown = secret::line(path, &text);
            last = Some((path, shown.lines().map(str::to_owned).collect()));
        }
        let text = last.as_ref().and_then(|(_, lines)| lines.get(line));
        let text = text.map_or("", |text| text.trim());
        said.push(format!("{}:{} {text}", path.name(), line + 1));
    }
    said.dedup();
    if more > 0 {
        said.push(format!("and {more} more, as the diff shows"));
    }
    said
}

/// Returns what the command line says already, or what says nothing.
fn is_said(piece: &Piece, operation: &Operation) -> bool {
    let removes = matches!(operation, Operation::BridgeRemove { .. });
    let Piece::Setting(key, value) = piece else {
        return false;
    };
    match key.as_str() {
        "BOOTPROTO" => matches!(value.as_str(), "" | "none" | "static"),
        // of the file of the bridge, which goes; else a note speaks of it
        "STP" | "DELAY" => removes,
        "ONBOOT" => true,
        key => IDENTITY.contains(&key),
    }
}

/// Returns what says the same of the interface to which the configuration moved.
fn renamed(piece: &Piece, future: &Future) -> Piece {
    let Some(moved) = &future.moved else {
        return piece.clone();
    };
    let (from, to) = (moved.from.as_str(), moved.to.as_str());
    match piece {
        Piece::Setting(key, value) => Piece::Setting(key.clone(), value.replace(from, to)),
        Piece::Comment(text) => Piece::Comment(text.clone()),
        Piece::Line(text) => Piece::Line(text.replace(from, to)),
    }
}

/// Returns what a file says, with the lines, counted from 0; nothing of a file that is no profile, nor beside one.
fn pieces_of(path: &HostPath, node: Option<&Node>) -> Vec<(usize, Piece)> {
    let name = path.name();
    let starts = ["ifcfg-", "route-", "route6-", "rule-", "rule6-"];
    let Some(Node::File(file)) = node.filter(|_| starts.iter().any(|s| name.starts_with(s))) else {
        return Vec::new();
    };
    pieces(&file.bytes)
}
