//! What NetworkManager refuses a keyfile for: a file that GLib does not parse, or one whose profile is not valid.
//!
//! A value that a property cannot take is dropped, and the file is loaded all the same; it is refused for what the profile as
//! a whole then lacks or contradicts. Only what every version in use refuses is said: where two versions differ, and where
//! the rest is too odd to be told, nothing is. `tests/daemons/refused.txt` lists what versions 1.42 and 1.52 do with some
//! hundreds of profiles, and `tests/daemons/refused.rs` asks them.
//!
//! Source: `nm_keyfile_read()` in nm-keyfile.c, then `nm_connection_normalize()`, which calls verify() of each setting.

mod address;
mod bond;
mod bridge;
mod connection;
mod ethernet;
mod family;
mod kind;
mod others;
mod port;
pub(super) mod reading;

pub(crate) use bond::MODES as BOND_MODES;
pub use bridge::is_bridge_vlan;

use reading::Reading;

use crate::doc::keyfile::KeyfileDoc;

/// Why NetworkManager refuses a keyfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong: ends the sentence "NetworkManager refuses it: …".
    pub why: String,
    /// The line at fault, counted from 1; absent where no line is.
    pub line: Option<u32>,
    /// What it is about.
    pub fault: Fault,
}

/// What is at fault in a keyfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A port without its kind, or a kind without a controller; the key that is missing.
    Port(&'static str),
    /// The forward delay of a bridge.
    ForwardDelay,
    /// Anything else.
    Other,
}

/// Judges a profile, with the kind of its interface where that is known.
type Rule = fn(&Reading<'_>, Option<&str>) -> Option<Refusal>;

/// What is asked of each profile.
const RULES: &[Rule] = &[
    kind::refused,
    connection::refused,
    port::refused,
    bridge::refused,
    bond::refused,
    ethernet::refused,
    others::refused,
    family::refused,
];

/// Returns why NetworkManager refuses the file.
#[must_use]
pub fn of(doc: &KeyfileDoc) -> Option<Refusal> {
    if let Some(error) = doc.syntax_error() {
        return Some(Refusal {
            why: error.message.clone(),
            line: Some(error.line),
            fault: Fault::Other,
        });
    }
    let file = Reading::of(doc);
    let kind = kind::of(&file);
    RULES.iter().find_map(|rule| rule(&file, kind.as_deref()))
}
