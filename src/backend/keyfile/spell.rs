//! Addresses, methods and name servers, spelled anew where an operation sets them.
//!
//! Source: nm-settings-keyfile(5); `addressN=ADDRESS/PREFIX,GATEWAY` is read by every version, `gateway=` is not needed beside.

use super::keys::{self, Key};
use crate::doc::edits::Edits;
use crate::doc::keyfile::KeyfileDoc;
use crate::host::layer3::{Facet, Family, Layer3, Method};
use crate::host::spot::Said;

/// Returns `text` with the layer-3 configuration that is `meant`, in the place of that which is `there`.
pub(super) fn spell(text: String, there: &Layer3, meant: &Layer3) -> String {
    let mut text = text;
    for facet in there.differs(meant) {
        text = match facet {
            Facet::Addresses => addresses(&text, meant),
            Facet::V6 => set(&text, "ipv6", "method", method_v6(meant)),
            Facet::Dns => dns(&text, meant),
        };
    }
    let text = keep(text, there, meant);
    let routed = |layer3: &Layer3| !layer3.routes.is_empty() || !layer3.rules.is_empty();
    match routed(there) && !routed(meant) {
        true => without_routes(&text),
        false => text,
    }
}

/// A value, and the key of a group that says it.
type Kept = (&'static str, &'static str, Option<Said<String>>);

/// Returns what keeps the identity of a host.
fn kept(layer3: &Layer3) -> [Kept; 4] {
    let (client, metrics) = (&layer3.dhcp, &layer3.metrics);
    [
        ("ipv4", "dhcp-iaid", client.iaid_v4.clone()),
        ("ipv6", "dhcp-iaid", client.iaid_v6.clone()),
        ("ipv4", "route-metric", metrics.v4.clone()),
        ("ipv6", "route-metric", metrics.v6.clone()),
    ]
}

/// Returns `text` with what keeps the identity of a host as it is meant.
fn keep(text: String, there: &Layer3, meant: &Layer3) -> String {
    let mut text = text;
    for (old, (group, key, new)) in kept(there).iter().zip(kept(meant)) {
        text = match new {
            new if old.2 == new => text,
            Some(new) => {
                if group == "ipv4" && !KeyfileDoc::parse(&text).has_group(group) {
                    // a group without a method is refused, and what is not said means this one
                    text = set(&text, group, "method", "auto");
                }
                set(&text, group, key, &new.value)
            }
            None => without(&text, group, |other| other == key),
        };
    }
    text
}

/// Returns whether `key` of `group` is spelled anew where `meant` takes the place of what is `there`.
pub(super) fn is_respelled(there: &Layer3, meant: &Layer3, group: &str, key: &str) -> bool {
    let (facets, kind) = (there.differs(meant), keys::key(key).0);
    let readdressed = facets.contains(&Facet::Addresses);
    let identity = kept(there).into_iter().zip(kept(meant));
    let mut identity = identity.filter(|(old, new)| old.2 != new.2);
    match (kind, key) {
        (Key::Address, _) | (_, "method" | "gateway" | "dns-search" | "dns-options") => {
            readdressed || (facets.contains(&Facet::V6) && group == "ipv6" && key == "method")
        }
        (_, "dns") => readdressed || facets.contains(&Facet::Dns),
        (Key::Route | Key::RouteOptions | Key::Rule, _) => {
            there.routes != meant.routes || there.rules != meant.rules
        }
        (Key::Other, _) => identity.any(|(old, _)| old.0 == group && old.1 == key),
    }
}

fn without_routes(text: &str) -> String {
    let is_route =
        |key: &str| matches!(keys::key(key).0, Key::Route | Key::RouteOptions | Key::Rule);
    let text = without(text, "ipv4", is_route);
    without(&text, "ipv6", is_route)
}

/// Returns the lines of `[ipv4]` and `[ipv6]` of a configuration that no file says.
pub(super) fn groups(meant: &Layer3) -> Vec<String> {
    let text = dns(&addresses("", meant), meant);
    let text = keep(text, &Layer3::default(), meant);
    let doc = KeyfileDoc::parse(&text);
    doc.sections()
        .iter()
        .map(|section| doc.text_of(section))
        .collect()
}

fn addresses(text: &str, meant: &Layer3) -> String {
    let mut text = text.to_owned();
    for (group, family) in [("ipv4", &meant.v4), ("ipv6", &meant.v6)] {
        text = without(&text, group, |key| {
            key == "gateway" || keys::key(key).0 == Key::Address
        });
        for (key, value) in listed(family) {
            text = set(&text, group, &key, &value);
        }
        let method = match group {
            "ipv4" => method_v4(&meant.v4),
            _ => method_v6(meant),
        };
        text = set(&text, group, "method", method);
    }
    searched(&text, meant)
}

/// Returns `text` with the domains that are searched where NetworkManager takes them: it refuses a file with such beside
/// `disabled` or `link-local`. Without any family that has them they go.
///
/// Source: verify() in nm-setting-ip4-config.c and nm-setting-ip6-config.c (run).
fn searched(text: &str, meant: &Layer3) -> String {
    let groups = [
        ("ipv4", meant.has_family(false)),
        ("ipv6", meant.has_family(true)),
    ];
    let all: String = {
        let doc = KeyfileDoc::parse(text);
        let raw = groups
            .iter()
            .filter_map(|(group, _)| doc.string(group, "dns-search"));
        raw.map(|raw| {
            if raw.is_empty() || raw.ends_with(';') {
                raw
            } else {
                raw + ";"
            }
        })
        .collect()
    };
    let mut text = text.to_owned();
    let mut silent = groups.iter().filter(|(_, takes)| !takes).peekable();
    if silent.peek().is_none() {
        return text;
    }
    for (group, _) in silent {
        text = without(&text, group, |key| {
            matches!(key, "dns" | "dns-search" | "dns-options")
        });
    }
    match groups.iter().find(|(_, takes)| *takes) {
        Some((group, _)) if !all.is_empty() => set(&text, group, "dns-search", &all),
        Some(_) | None => text,
    }
}

fn dns(text: &str, meant: &Layer3) -> String {
    let mut text = text.to_owned();
    for (group, v6) in [("ipv4", false), ("ipv6", true)] {
        let servers = meant
            .servers()
            .filter(|server| server.is_ipv6() == v6 && meant.has_family(v6));
        let servers: String = servers.map(|server| format!("{server};")).collect();
        text = match servers.is_empty() {
            true => without(&text, group, |key| key == "dns"),
            false => {
                if !KeyfileDoc::parse(&text).has_group(group) {
                    // a group without a method is refused, and what is not said means this one
                    text = set(&text, group, "method", "auto");
                }
                set(&text, group, "dns", &servers)
            }
        };
    }
    text
}

/// Returns the keys of the addresses of a family; the first has the gateway.
fn listed(family: &Family) -> Vec<(String, String)> {
    let gateway = family.gateways.first().map(|gateway| gateway.value);
    let addresses = family.addresses.iter().zip(1..);
    addresses
        .map(|(net, number)| {
            let value = match gateway.filter(|_| number == 1) {
                Some(gateway) => format!("{},{gateway}", net.value),
                None => net.value.to_string(),
            };
            (format!("address{number}"), value)
        })
        .collect()
}

fn method_v4(family: &Family) -> &str {
    match &*family.method {
        Method::Dhcp | Method::Auto | Method::Unread => "auto",
        Method::Other(other) => other,
        Method::Manual | Method::Unsaid | Method::Off if !family.addresses.is_empty() => "manual",
        Method::Manual | Method::Unsaid | Method::Off => "disabled",
    }
}

/// Returns the method of IPv6; where nobody said one, that which NetworkManager takes beside an address of IPv4.
pub(super) fn method_v6(layer3: &Layer3) -> &str {
    match &*layer3.v6.method {
        Method::Unsaid if !layer3.v6.addresses.is_empty() => "manual",
        Method::Unsaid if layer3.gives_no_address() => "disabled",
        Method::Auto | Method::Unsaid | Method::Unread => "auto",
        Method::Dhcp => "dhcp",
        Method::Off => "disabled",
        Method::Manual if layer3.v6.addresses.is_empty() => "link-local",
        Method::Manual => "manual",
        Method::Other(other) => other,
    }
}

/// Returns `text` with `key` of `group` set; the group is added where it is not there.
pub(super) fn set(text: &str, group: &str, key: &str, raw: &str) -> String {
    let doc = KeyfileDoc::parse(text);
    let mut edits = Edits::default();
    if doc.set(&mut edits, group, key, raw) {
        return edits.apply(text);
    }
    let end = doc.line_end();
    let mut text = text.to_owned();
    if !text.is_empty() {
        let closed = text.ends_with('\n');
        text.push_str(if closed { end } else { "\n" });
        if !closed {
            text.push_str(end);
        }
    }
    format!("{text}[{group}]{end}{key}={raw}{end}")
}

/// Returns `text` without the keys of `group` that `goes` names.
pub(super) fn without(text: &str, group: &str, goes: impl Fn(&str) -> bool) -> String {
    let doc = KeyfileDoc::parse(text);
    let mut edits = Edits::default();
    doc.unset(&mut edits, group, goes);
    edits.apply(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::spot::Said;

    fn said<T: std::str::FromStr>(text: &str) -> Said<T>
    where
        T::Err: std::fmt::Debug,
    {
        Said::from(text.parse::<T>().unwrap())
    }

    #[test]
    fn spells_what_is_meant_in_place() {
        let text = "[ipv4]\n# lease\nmethod=auto\nmay-fail=false\n\n[ipv6]\nmethod=auto\n";
        let mut meant = Layer3::default();
        meant.v4.addresses = vec![said("10.0.0.5/24"), said("10.0.0.6/24")];
        meant.v4.gateways = vec![said("10.0.0.1")];
        meant.v6.method = Method::Auto.into();
        let expected = "[ipv4]\n# lease\nmethod=manual\nmay-fail=false\naddress1=10.0.0.5/24,10.0.0.1\naddress2=10.0.0.6/24\n\n[ipv6]\nmethod=auto\n";
        assert_eq!(addresses(text, &meant), expected);
        assert_eq!(
            groups(&meant),
            [
                "[ipv4]\naddress1=10.0.0.5/24,10.0.0.1\naddress2=10.0.0.6/24\nmethod=manual",
                "[ipv6]\nmethod=auto"
            ]
        );
    }

    #[test]
    fn no_address_is_said() {
        let none = Layer3::default();
        assert_eq!(
            groups(&none),
            ["[ipv4]\nmethod=disabled", "[ipv6]\nmethod=disabled"]
        );
        let mut dhcp = Layer3::default();
        dhcp.v4.method = Method::Dhcp.into();
        assert_eq!(
            groups(&dhcp),
            ["[ipv4]\nmethod=auto", "[ipv6]\nmethod=auto"]
        );
    }
}
