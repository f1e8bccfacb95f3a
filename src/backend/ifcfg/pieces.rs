//! What a text of assignments says, piece by piece, as its readers take it: values without their quotes.

use std::ops::Range;

use super::layout::is_overridden;
use crate::backend::lens::Piece;
use crate::doc::shell::{Assignment, LineKind, ShellDoc};

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

/// Returns whether the model tells what a piece says of a profile.
pub(super) fn is_typed(piece: &Piece) -> bool {
    let Piece::Setting(key, value) = piece else {
        return false;
    };
    match key.as_str() {
        // the lens for Open vSwitch writes and removes HOTPLUG
        "HOTPLUG" | "NM_CONTROLLED" | "ONBOOT" | "TYPE" => true,
        "DHCP_IAID" | "DHCPV6_IAID" | "IPV4_ROUTE_METRIC" | "IPV6_ROUTE_METRIC" => true,
        // silence means the same
        "BOOTPROTO" => matches!(value.as_str(), "" | "none" | "static"),
        _ => false,
    }
}

/// Returns whether a piece that goes says nothing that is lost; with `bridge_goes` also what only a bridge has.
pub(super) fn is_told(piece: &Piece, bridge_goes: bool) -> bool {
    let Piece::Setting(key, value) = piece else {
        return false;
    };
    match key.as_str() {
        "BOOTPROTO" => matches!(value.as_str(), "" | "none" | "static"),
        // of the file of the bridge, which goes; else a note speaks of it
        "STP" | "DELAY" => bridge_goes,
        "ONBOOT" => true,
        key => IDENTITY.contains(&key),
    }
}

/// Returns what a text says, with the lines, counted from 0.
pub(super) fn pieces(bytes: &[u8]) -> Vec<(usize, Piece)> {
    let doc = ShellDoc::parse(&String::from_utf8_lossy(bytes));
    let value = |assignment: &Assignment, word: &str| {
        let value = assignment.value.literal();
        value.unwrap_or(word.trim()).to_owned()
    };
    let pieces = spelled(&doc, value).into_iter();
    pieces
        .map(|(number, piece)| (number as usize - 1, piece))
        .collect()
}

/// Returns the assignments, comments and lines of code of a shell file, with the lines, counted from 1; an assignment by the
/// name that the model has for it, with what `value` makes of it and its word.
pub(super) fn spelled(
    doc: &ShellDoc,
    value: impl Fn(&Assignment, &str) -> String,
) -> Vec<(u32, Piece)> {
    let raw = |span: Range<usize>| doc.source()[span].trim().to_owned();
    let mut pieces = Vec::new();
    let overridden = is_overridden(doc);
    for line in doc.lines() {
        let number = line.number;
        match line.kind {
            LineKind::Blank => {}
            LineKind::Comment => pieces.push((number, Piece::Comment(raw(line.text.clone())))),
            LineKind::Code => pieces.push((number, Piece::Line(raw(line.text.clone())))),
            LineKind::Assignments => {
                pieces.extend(line.assignments.iter().map(|assignment| {
                    // what Open vSwitch is told under a name of its own
                    let name = match assignment.name.as_str() {
                        "OVSBOOTPROTO" if !overridden => "BOOTPROTO",
                        name => name,
                    };
                    let value = value(assignment, &doc.source()[assignment.word.clone()]);
                    (number, Piece::Setting(name.to_owned(), value))
                }));
                let comment = line.comment.map(|start| raw(start..line.text.end));
                pieces.extend(comment.map(|text| (number, Piece::Comment(text))));
            }
        }
    }
    pieces
}
