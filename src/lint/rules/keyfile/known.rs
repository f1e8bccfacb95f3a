//! The keys and groups that NetworkManager knows by two names.

/// The two spellings of a key, the old one first.
///
/// Source: nm-settings-keyfile(5) of 1.46; run with 1.42, 1.52 and 1.58.
pub(super) const SPELLINGS: [[&str; 2]; 3] = [
    ["master", "controller"],
    ["slave-type", "port-type"],
    ["autoconnect-slaves", "autoconnect-ports"],
];

/// The names of the group of a card.
pub(super) const ETHERNET: [&str; 2] = ["ethernet", "802-3-ethernet"];
