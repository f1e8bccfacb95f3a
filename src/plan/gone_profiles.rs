//! What of a profile is in no file any more: settings, comments and lines that neither the port nor the bridge has after a
//! change. It is found in the texts, not in the model: the model does not know all that a file says.

use std::collections::HashMap;

use crate::change::ChangeSet;
use crate::doc::shell::{LineKind, ShellDoc};
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

/// What a file says in one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Thing {
    /// A key and its value.
    Setting(String, String),
    /// A comment, from its sign on.
    Comment(String),
    /// A line of code.
    Line(String),
}

/// Returns what goes, as file, line and text.
pub(super) fn lines(set: &ChangeSet, operation: &Operation, future: &Future) -> Vec<String> {
    if operation.bridge().is_none() {
        return Vec::new();
    }
    let mut left: HashMap<Thing, usize> = HashMap::new();
    for change in set.iter() {
        for (_, thing) in things(&change.path, change.after.as_ref()) {
            *left.entry(thing).or_default() += 1;
        }
    }
    let mut gone = Vec::new();
    for change in set.iter() {
        for (line, thing) in things(&change.path, change.before.as_ref()) {
            let names = [thing.clone(), renamed(&thing, future)];
            let known = names
                .iter()
                .find(|name| left.get(name).is_some_and(|n| *n > 0));
            match known.and_then(|name| left.get_mut(name)) {
                Some(count) => *count -= 1,
                None if is_said(&thing, operation) => {}
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
fn is_said(thing: &Thing, operation: &Operation) -> bool {
    let removes = matches!(operation, Operation::BridgeRemove { .. });
    let Thing::Setting(key, value) = thing else {
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
fn renamed(thing: &Thing, future: &Future) -> Thing {
    let Some(moved) = &future.moved else {
        return thing.clone();
    };
    let (from, to) = (moved.from.as_str(), moved.to.as_str());
    match thing {
        Thing::Setting(key, value) => Thing::Setting(key.clone(), value.replace(from, to)),
        Thing::Comment(text) => Thing::Comment(text.clone()),
        Thing::Line(text) => Thing::Line(text.replace(from, to)),
    }
}

/// Returns what a file says, with the lines, counted from 0; nothing of a file that is no profile, nor beside one.
fn things(path: &HostPath, node: Option<&Node>) -> Vec<(usize, Thing)> {
    let name = path.name();
    let starts = ["ifcfg-", "route-", "route6-", "rule-", "rule6-"];
    let Some(Node::File(file)) = node.filter(|_| starts.iter().any(|s| name.starts_with(s))) else {
        return Vec::new();
    };
    things_of(&file.bytes)
}

/// Returns what a text says, with the lines, counted from 0.
pub(super) fn things_of(bytes: &[u8]) -> Vec<(usize, Thing)> {
    let text = String::from_utf8_lossy(bytes);
    let doc = ShellDoc::parse(&text);
    let mut things = Vec::new();
    for line in doc.lines() {
        let number = line.number as usize - 1;
        let raw = |span: std::ops::Range<usize>| text[span].trim().to_owned();
        match line.kind {
            LineKind::Blank => {}
            LineKind::Comment => things.push((number, Thing::Comment(raw(line.text.clone())))),
            LineKind::Code => things.push((number, Thing::Line(raw(line.text.clone())))),
            LineKind::Assignments => {
                things.extend(line.assignments.iter().map(|assignment| {
                    let value = assignment.value.literal().map(str::to_owned);
                    let value = value.unwrap_or_else(|| raw(assignment.word.clone()));
                    (number, Thing::Setting(assignment.name.clone(), value))
                }));
                let comment = line.comment.map(|start| raw(start..line.text.end));
                things.extend(comment.map(|text| (number, Thing::Comment(text))));
            }
        }
    }
    things
}
