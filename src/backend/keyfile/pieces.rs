//! What a keyfile says, piece by piece, and what it is made of.

use super::keys::{CONTROLLER, PORT_KIND};
use crate::backend::lens::{Outline, Piece};
use crate::doc::keyfile::{KeyfileDoc, LineKind};

/// What says nothing where it goes: which profile it was, of which interface.
const IDENTITY: &[&str] = &[
    "connection.autoconnect",
    "connection.autoconnect-ports",
    "connection.autoconnect-slaves",
    "connection.id",
    "connection.interface-name",
    "connection.timestamp",
    "connection.type",
    "connection.uuid",
];

/// Returns what a file says, with the lines, counted from 0.
pub(super) fn pieces(bytes: &[u8]) -> Vec<(usize, Piece)> {
    let text = String::from_utf8_lossy(bytes);
    let doc = KeyfileDoc::parse(&text);
    let settings = doc.pairs().iter().map(|pair| {
        let key = format!("{}.{}", pair.group, pair.key);
        (
            pair.line as usize - 1,
            Piece::Setting(key, doc.raw(pair).to_owned()),
        )
    });
    let others = doc.lines().iter().enumerate().filter_map(|(at, line)| {
        let text = text[line.text.clone()].trim().to_owned();
        match line.kind {
            LineKind::Comment => Some((at, Piece::Comment(text))),
            LineKind::Malformed => Some((at, Piece::Line(text))),
            LineKind::Blank | LineKind::Group | LineKind::Pair => None,
        }
    });
    let mut pieces: Vec<_> = settings.chain(others).collect();
    pieces.sort_by_key(|(line, _)| *line);
    pieces
}

/// Returns whether the model tells what a piece says of a profile.
pub(super) fn is_typed(piece: &Piece) -> bool {
    let typed = [
        "connection.autoconnect",
        "connection.interface-name",
        "connection.type",
        "ipv4.dhcp-iaid",
        "ipv4.route-metric",
        "ipv6.dhcp-iaid",
        "ipv6.route-metric",
    ];
    matches!(piece, Piece::Setting(key, _) if typed.contains(&key.as_str()) || is_port(key))
}

/// Returns whether a piece that goes says nothing that is lost; with `bridge_goes` also what only a bridge has.
pub(super) fn is_told(piece: &Piece, bridge_goes: bool) -> bool {
    let Piece::Setting(key, value) = piece else {
        return false;
    };
    match key.as_str() {
        "bridge.stp" | "bridge.forward-delay" => bridge_goes,
        "bridge.interface-name" => bridge_goes,
        // silence of a port means the same
        "ipv4.method" | "ipv6.method" => value == "disabled",
        key => {
            IDENTITY.contains(&key)
                || is_port(key)
                || (bridge_goes && key == "connection.permissions")
        }
    }
}

fn is_port(key: &str) -> bool {
    let key = key.strip_prefix("connection.");
    key.is_some_and(|key| CONTROLLER.contains(&key) || PORT_KIND.contains(&key))
}

/// Returns the outline of a text.
pub(super) fn outline(text: &str) -> Outline {
    let doc = KeyfileDoc::parse(text);
    let pairs = doc.pairs().iter();
    let keys: Vec<String> = pairs
        .map(|pair| format!("{}.{}", pair.group, pair.key))
        .collect();
    let in_force = doc.in_force();
    let notable = in_force
        .map(|pair| format!("{}.{}", pair.group, pair.key))
        .filter(|key| !IDENTITY.contains(&key.as_str()) && !is_port(key));
    let comments = doc
        .lines()
        .iter()
        .filter(|line| line.kind == LineKind::Comment);
    Outline {
        notable: notable.collect(),
        comments: comments.count(),
        has_code: false,
        first_shell: None,
        byte_order_mark: text.starts_with('\u{feff}'),
        cr_lf: doc.line_end() == "\r\n",
        keys,
    }
}
