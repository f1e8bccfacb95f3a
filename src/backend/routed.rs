//! Which subnets are configured beneath the root other than by libvirt's networks: addresses and static routes, together.
//!
//! To add a format: a function that returns its [`Routed`], and its line in [`find`]. What cannot be parsed is passed over:
//! this list warns of what is taken, and other code judges the files.
//! Source: init.d/network (static-routes), route(8), ifup-ipv6 (static-routes-ipv6); the others in their modules.

use std::net::IpAddr;
use std::sync::Arc;

use super::ifcfg::address_v4;
use super::ifcfg::routes::destination_of;
use super::references::{STATIC_ROUTES, STATIC_ROUTES_V6};
use crate::host::profile::Profile;
use crate::host::spot::Spot;
use crate::host::value::IpNet;
use crate::host::{By, Routed};
use crate::tree::{HostPath, Tree};

/// A subnet, and the interface that leads to it.
type Destination = (IpNet, Option<String>);

/// Returns the subnets, sorted, each once; without default routes, loopback and link-local addresses.
pub(super) fn find(tree: &Tree, profiles: &[Arc<Profile>], others: Vec<Routed>) -> Vec<Routed> {
    // a port has no addresses: what its file says of them is not read; files that were not read in full are among the others
    let own = profiles
        .iter()
        .filter(|profile| profile.controller.is_none());
    let own = own.flat_map(|profile| profile.layer3.routed(profile.interface.as_str()));
    let mut found: Vec<Routed> = own.collect();
    found.extend(listed(tree, STATIC_ROUTES, static_route));
    found.extend(listed(tree, STATIC_ROUTES_V6, static_route_v6));
    found.extend(others);
    for routed in &mut found {
        routed.net = routed.net.trunc();
    }
    found.retain(|routed| !is_special(&routed.net));
    let order = |routed: &Routed| {
        let (at, interface) = (&routed.at, routed.interface.clone());
        (routed.net, at.file.clone(), at.line, interface, routed.by)
    };
    found.sort_by_cached_key(order);
    found.dedup_by_key(|routed| order(routed));
    found
}

/// Whether the net is everything, or of a kind that every host has.
fn is_special(net: &IpNet) -> bool {
    let of_every_host = match net.addr() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unicast_link_local(),
    };
    net.prefix_len() == 0 || of_every_host
}

fn listed(tree: &Tree, path: &str, parse: fn(&str) -> Option<Destination>) -> Vec<Routed> {
    let path = HostPath::parse(path).expect("a list of static routes is a host path");
    let Some(file) = tree.file(&path) else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&file.bytes);
    let lines = text.lines().zip(1..);
    lines
        .filter_map(|(line, number)| {
            let (net, device) = parse(line)?;
            Some(Routed {
                net,
                at: Spot {
                    file: path.clone(),
                    line: number,
                    span: None,
                },
                interface: device.unwrap_or_default(),
                by: By::Route,
            })
        })
        .collect()
}

/// Returns the route of a line `any net 10.0.0.0 netmask 255.0.0.0 gw 1.2.3.4`: what follows `any` is given to `route add -`.
fn static_route(line: &str) -> Option<Destination> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let ["any", kind, target, options @ ..] = words.as_slice() else {
        return None;
    };
    let value = |key: &str| {
        let at = options.iter().position(|word| *word == key)?;
        options.get(at + 1).copied()
    };
    let net = match kind.trim_start_matches('-') {
        "net" if target.contains('/') => destination_of(target)?,
        "net" => address_v4(target, None, value("netmask"))?,
        "host" => destination_of(target)?,
        _ => return None,
    };
    Some((net, value("dev").map(str::to_owned)))
}

/// Returns the route of a line `ens33 2001:db8::/32 fe80::1`.
fn static_route_v6(line: &str) -> Option<Destination> {
    let mut words = line.split_ascii_whitespace();
    let dev = words.next().filter(|word| !word.starts_with('#'))?;
    Some((destination_of(words.next()?)?, Some(dev.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(route: Option<Destination>) -> Option<(String, Option<String>)> {
        route.map(|(net, device)| (net.to_string(), device))
    }

    #[test]
    fn reads_static_routes() {
        for (line, expected) in [
            (
                "any net 10.0.0.0 netmask 255.0.0.0 gw 192.168.1.1",
                Some(("10.0.0.0/8", None)),
            ),
            (
                "any -net 10.0.0.0/9 gw 1.2.3.4 dev ens33",
                Some(("10.0.0.0/9", Some("ens33"))),
            ),
            (
                "any net 172.16.0.0 gw 1.2.3.4",
                Some(("172.16.0.0/16", None)),
            ),
            ("any -host 10.1.2.3 gw 1.2.3.4", Some(("10.1.2.3/32", None))),
            ("any host x", None),
            ("any default gw 1.2.3.4", None),
            ("any net", None),
            ("ens33 net 10.0.0.0 netmask 255.0.0.0", None),
            ("# any net 10.0.0.0", None),
            ("", None),
        ] {
            let expected = expected.map(|(net, dev)| (net.to_owned(), dev.map(str::to_owned)));
            assert_eq!(shown(static_route(line)), expected, "{line}");
        }
    }

    #[test]
    fn reads_static_routes_of_ipv6() {
        let found = shown(static_route_v6("ens33 2001:db8::/32 fe80::1"));
        assert_eq!(
            found,
            Some(("2001:db8::/32".to_owned(), Some("ens33".to_owned())))
        );
        assert_eq!(static_route_v6("# ens33 2001:db8::/32"), None);
        assert_eq!(static_route_v6("ens33"), None);
    }

    #[test]
    fn leaves_out_what_every_host_has() {
        for net in [
            "0.0.0.0/0",
            "::/0",
            "127.0.0.0/8",
            "::1/128",
            "169.254.0.0/16",
            "fe80::/64",
        ] {
            assert!(is_special(&net.parse().unwrap()), "{net}");
        }
        for net in ["10.0.0.0/8", "2001:db8::/32", "128.0.0.0/1"] {
            assert!(!is_special(&net.parse().unwrap()), "{net}");
        }
    }
}
