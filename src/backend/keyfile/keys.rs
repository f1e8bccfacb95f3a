//! What the groups and keys of a keyfile are about.
//!
//! Source: nm-settings-keyfile(5), and what NetworkManager makes of a port (`_normalize_ip_config()`, run): its own `[ipv4]`,
//! `[ipv6]` and `[proxy]` are dropped.

/// The groups that are about layer 3 as a whole, in NetworkManager's order.
const GROUPS: &[&str] = &["hostname", "ipv4", "ipv6", "proxy"];

/// The keys of `[connection]` that are about layer 3.
const CONNECTION: &[&str] = &[
    "dns-over-tls",
    "dnssec",
    "gateway-ping-timeout",
    "ip-ping-addresses",
    "ip-ping-addresses-require-all",
    "ip-ping-timeout",
    "llmnr",
    "mdns",
    "metered",
    "mptcp-flags",
    "mud-url",
    "secondaries",
    "stable-id",
    "zone",
];

/// The spellings of the controller of a port, the one that counts first.
///
/// Source: run with 1.52 and 1.58: of two that differ the old one wins, whatever their order.
pub(super) const CONTROLLER: [&str; 2] = ["master", "controller"];

/// The spellings of what kind of port it is, the one that counts first.
pub(super) const PORT_KIND: [&str; 2] = ["slave-type", "port-type"];

/// The spellings of whether a bridge brings up its ports.
pub(super) const AUTOCONNECT_PORTS: [&str; 2] = ["autoconnect-slaves", "autoconnect-ports"];

/// The spellings of the group of a card.
pub(super) const ETHERNET: [&str; 2] = ["802-3-ethernet", "ethernet"];

/// The group of what a port of a bridge is like.
pub(super) const BRIDGE_PORT: &str = "bridge-port";

/// Returns whether a group moves to a bridge as a whole.
pub(super) fn is_layer3_group(group: &str) -> bool {
    GROUPS.contains(&group)
}

/// Returns whether what `key` of `group` says moves to a bridge.
pub(super) fn is_layer3(group: &str, key: &str) -> bool {
    is_layer3_group(group) || (group == "connection" && CONNECTION.contains(&key))
}

/// Returns whether the model holds what `key` of `group` says: whose port it is, when it starts, its names.
pub(super) fn is_typed(group: &str, key: &str) -> bool {
    let typed = ["id", "uuid", "autoconnect", "interface-name"];
    let port = CONTROLLER.contains(&key) || PORT_KIND.contains(&key);
    group == "connection" && (port || typed.contains(&key))
}

/// What a key of `[ipv4]` or `[ipv6]` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// One address: `address1`, `addresses`.
    Address,
    /// One route: `route1`, `routes`.
    Route,
    /// More of the route of the same number: `route1_options`.
    RouteOptions,
    /// A policy rule: `routing-rule1`.
    Rule,
    /// Anything else.
    Other,
}

/// Returns what a key of an address family says, and its number, `None` for one without.
pub(super) fn key(key: &str) -> (Key, Option<u32>) {
    let (name, options) = match key.strip_suffix("_options") {
        Some(name) => (name, true),
        None => (key, false),
    };
    let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &name[word.len()..];
    let Some(number) = (match number {
        "" => Some(None),
        number => number.parse().ok().map(Some),
    }) else {
        return (Key::Other, None);
    };
    match (word, options) {
        ("address" | "addresses", false) => (Key::Address, number),
        ("route" | "routes", false) => (Key::Route, number),
        ("route" | "routes", true) => (Key::RouteOptions, number),
        ("routing-rule", false) => (Key::Rule, number),
        _ => (Key::Other, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_tell_addresses_and_routes_apart() {
        for (text, expected) in [
            ("address1", (Key::Address, Some(1))),
            ("addresses", (Key::Address, None)),
            ("route12_options", (Key::RouteOptions, Some(12))),
            ("routing-rule1", (Key::Rule, Some(1))),
            ("route-metric", (Key::Other, None)),
            ("route99999999999", (Key::Other, None)),
        ] {
            assert_eq!(key(text), expected, "{text}");
        }
    }
}
