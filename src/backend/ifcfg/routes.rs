//! Subnets that an ifcfg profile configures: its addresses, those of its aliases and ranges, and its static routes.
//!
//! Source: ifup-routes (one `ADDRESSn=` line makes the whole file a list of assignments, numbered from 0 to the first
//! hole; else each line is arguments of ip-route(8)), ifup-aliases (aliases inherit PREFIX and NETMASK), and iproute2's
//! iproute.c (the destination may be anywhere, a discarding type sends nothing anywhere).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use super::addressing::address_v4;
use super::companion::inherits;
use super::text::{Companion, CompanionRole, Role, Text};
use crate::doc::shell::{Assignment, ShellDoc};
use crate::host::profile::Profile;
use crate::host::value::IpNet;
use crate::host::{By, Routed};
use crate::tree::HostPath;

/// Words of ip-route(8) that have an argument.
const VALUED: &[&str] = &[
    "advmss",
    "congctl",
    "cwnd",
    "dev",
    "dsfield",
    "expires",
    "features",
    "hoplimit",
    "initcwnd",
    "initrwnd",
    "metric",
    "mtu",
    "pref",
    "preference",
    "priority",
    "proto",
    "protocol",
    "quickack",
    "realm",
    "realms",
    "reordering",
    "rto_min",
    "rtt",
    "rttvar",
    "scope",
    "src",
    "ssthresh",
    "table",
    "tos",
    "vrf",
    "window",
];

/// A destination in a file of routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backend) struct Route {
    /// The destination, host bits kept.
    pub(in crate::backend) net: IpNet,
    /// Its line, counted from 1.
    pub(in crate::backend) line: u32,
    /// The interface, where the line names one.
    pub(in crate::backend) dev: Option<String>,
}

/// Returns the subnets of `profile`; a port has none, since nothing of its layer 3 is configured.
pub(super) fn of_profile(profile: &Profile, text: &Text) -> Vec<Routed> {
    let Some(origin) = profile.origin.as_ref() else {
        return Vec::new();
    };
    if profile.controller.is_some() {
        return Vec::new();
    }
    let own = profile.layer3.addressing.addresses.iter();
    let lines = lines_of(text);
    let mut found: Vec<Routed> = own
        .map(|net| Routed {
            net: *net,
            at: origin.clone(),
            line: lines.get(&net.addr()).copied().unwrap_or(0),
            interface: profile.interface.to_string(),
            by: By::Address,
        })
        .collect();
    for companion in &text.companions {
        found.extend(of_companion(profile, text, companion));
    }
    found
}

/// Returns the lines that give the profile its addresses, the last one of each.
fn lines_of(text: &Text) -> HashMap<IpAddr, u32> {
    let settings = text.settings.iter().filter(|setting| {
        let addresses = ["IPADDR", "IPV6ADDR"];
        let named = addresses.iter().any(|key| setting.key.starts_with(key));
        setting.role == Role::Address && named
    });
    let address = |word: &str| word.split('/').next()?.parse().ok();
    settings
        .flat_map(|setting| {
            let value = setting.value.as_ref().map_or("", |value| value.raw());
            let addresses = value.split_whitespace().filter_map(address);
            addresses.map(|address: IpAddr| (address, setting.line))
        })
        .collect()
}

fn of_companion(profile: &Profile, own: &Text, companion: &Companion) -> Vec<Routed> {
    let text = companion.content.named(&profile.interface);
    let found: Vec<Route> = match companion.role {
        CompanionRole::Route(_) => routes(&text),
        CompanionRole::Alias(_) | CompanionRole::Range(_) => further(own, companion, &text),
        CompanionRole::Rule(_) | CompanionRole::Dhclient(_) => Vec::new(),
    };
    let by = match companion.role {
        CompanionRole::Alias(_) | CompanionRole::Range(_) => By::Address,
        CompanionRole::Route(_) | CompanionRole::Rule(_) | CompanionRole::Dhclient(_) => By::Route,
    };
    let routed = |route: Route| Routed {
        by,
        ..as_routed(route, &companion.origin, profile.interface.as_str())
    };
    found.into_iter().map(routed).collect()
}

/// Returns the route as what the file `at` routes; `owner` is the interface where the line names none.
pub(in crate::backend) fn as_routed(route: Route, at: &HostPath, owner: &str) -> Routed {
    Routed {
        net: route.net,
        at: at.clone(),
        line: route.line,
        interface: route.dev.unwrap_or_else(|| owner.to_owned()),
        by: By::Route,
    }
}

/// Returns the addresses of an alias or a range; what they do not say of their mask, the profile says.
fn further(profile: &Text, companion: &Companion, text: &str) -> Vec<Route> {
    let doc = ShellDoc::parse(text);
    let of_profile = |key: &str| {
        let mut settings = profile.settings.iter().rev();
        let found = settings.find(|s| s.key == key || s.key == format!("{key}0"))?;
        found.value.as_ref().map(|value| value.raw())
    };
    let own = (doc.literal("PREFIX"), doc.literal("NETMASK"));
    let (prefix, mask) = match own {
        (None, None) if inherits(companion) => (of_profile("PREFIX"), of_profile("NETMASK")),
        own => own,
    };
    let start = doc.get("IPADDR_START").map(|assignment| assignment.line);
    // the first one of each
    let lines: HashMap<IpAddr, u32> = doc
        .assignments()
        .rev()
        .filter_map(|a| Some((a.value.literal()?.parse().ok()?, a.line)))
        .collect();
    let line = |address| start.or_else(|| lines.get(address).copied()).unwrap_or(0);
    let addresses = companion.addresses.iter();
    addresses
        .filter_map(|address| {
            Some(Route {
                net: address_v4(&address.to_string(), prefix, mask)?,
                line: line(address),
                dev: None,
            })
        })
        .collect()
}

/// Returns the destinations in a file of routes, in either syntax.
pub(in crate::backend) fn routes(text: &str) -> Vec<Route> {
    let assigned = text.lines().any(|line| {
        let rest = line.trim_start().strip_prefix("ADDRESS");
        let name = rest.and_then(|rest| rest.split_once('=')).map(|(n, _)| n);
        name.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    });
    if assigned {
        return assigned_routes(text);
    }
    let lines = text.lines().zip(1..);
    lines
        .filter_map(|(line, number)| ip_route(line, number))
        .collect()
}

fn assigned_routes(text: &str) -> Vec<Route> {
    let doc = ShellDoc::parse(text);
    let last: HashMap<&str, &Assignment> = doc
        .assignments()
        .map(|assignment| (assignment.name.as_str(), assignment))
        .collect();
    let mut found = Vec::new();
    for index in 0.. {
        let Some(assignment) = last.get(format!("ADDRESS{index}").as_str()) else {
            break;
        };
        let address = assignment.value.literal();
        if address == Some("") {
            break;
        }
        let literal = |key: &str| last.get(format!("{key}{index}").as_str())?.value.literal();
        let (prefix, mask) = (literal("PREFIX"), literal("NETMASK"));
        // ipcalc(1) takes the mask; only NetworkManager knows PREFIXn
        let prefix = prefix.filter(|_| mask.is_none());
        let net = address.and_then(|a| address_v4(a, prefix, mask).or_else(|| a.parse().ok()));
        found.extend(net.map(|net| Route {
            net,
            line: assignment.line,
            dev: None,
        }));
    }
    found
}

/// Returns the route that a line of arguments of `ip route add` makes.
fn ip_route(line: &str, number: u32) -> Option<Route> {
    let mut words = line.split_ascii_whitespace();
    let mut destination = None;
    let mut dev = None;
    while let Some(word) = words.next() {
        match word {
            "throw" | "unreachable" | "prohibit" | "blackhole" | "default" | "any" | "all" => {
                return None;
            }
            "nexthop" => break,
            comment if comment.starts_with('#') => break,
            "via" => {
                let family = words.next().is_some_and(|word| word.starts_with("inet"));
                family.then(|| words.next());
            }
            "dev" => dev = words.next().map(|name| name.trim_matches(['"', '\''])),
            word if VALUED.contains(&word) => {
                words.next();
            }
            word => destination = destination.or_else(|| destination_of(word)),
        }
    }
    Some(Route {
        net: destination?,
        line: number,
        dev: dev.map(str::to_owned),
    })
}

/// Returns the net that `word` is: an address is that of a host, `10.8/16` is 10.8.0.0/16 (`get_addr_ipv4()` of iproute2).
pub(in crate::backend) fn destination_of(word: &str) -> Option<IpNet> {
    let Some((address, length)) = word.split_once('/') else {
        return word.parse().ok().map(|address: IpAddr| address.into());
    };
    let address = address
        .parse()
        .ok()
        .or_else(|| padded(address).map(IpAddr::V4))?;
    let of_mask = || ipnet::ip_mask_to_prefix(length.parse().ok()?).ok();
    IpNet::new(address, length.parse().ok().or_else(of_mask)?).ok()
}

fn padded(address: &str) -> Option<Ipv4Addr> {
    let mut bytes = [0; 4];
    let mut parts = address.split('.');
    for (byte, part) in bytes.iter_mut().zip(&mut parts) {
        *byte = part.parse().ok()?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, u32, Option<&str>)]) {
        let found: Vec<_> = routes(text)
            .into_iter()
            .map(|route| (route.net.to_string(), route.line, route.dev))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(net, line, dev)| ((*net).to_owned(), *line, dev.map(str::to_owned)))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn reads_arguments_of_ip_route() {
        check(
            "# to the office\n10.0.0.0/8 via 192.168.1.1 dev ens33\n\n  172.16.5.1 dev \"ens33\" metric 5\n",
            &[
                ("10.0.0.0/8", 2, Some("ens33")),
                ("172.16.5.1/32", 4, Some("ens33")),
            ],
        );
        check(
            "unicast to 10.8/16 via 1.2.3.4\nvia inet6 fe80::1 dev x 10.0.0.0/255.255.0.0\n2001:db8::/32 via fe80::1\n",
            &[
                ("10.8.0.0/16", 1, None),
                ("10.0.0.0/16", 2, Some("x")),
                ("2001:db8::/32", 3, None),
            ],
        );
    }

    #[test]
    fn passes_over_what_is_no_subnet() {
        check(
            "default via 1.2.3.4\nblackhole 10.0.0.0/8\nvia 1.2.3.4\nmtu lock 1400\nsrc 1.2.3.4\n10.0.0.0/99 dev x\n999/8\n/\n1.2.3.4.5/8\n#10.0.0.0/8\n",
            &[],
        );
    }

    #[test]
    fn reads_assignments_to_the_first_hole() {
        check(
            "10.9.0.0/16 via 1.2.3.4\nADDRESS0=10.0.0.0\nNETMASK0=255.0.0.0\nGATEWAY0=192.168.1.1\nADDRESS1=\"172.16.0.0\"\nPREFIX1=12\nADDRESS2=192.168.7.0\nADDRESS4=10.1.1.0\n",
            &[
                ("10.0.0.0/8", 2, None),
                ("172.16.0.0/12", 5, None),
                ("192.168.7.0/24", 7, None),
            ],
        );
        check(
            "ADDRESS0=$(net)\nADDRESS1=10.0.0.0/9\nADDRESS2=\nADDRESS3=10.1.0.0\n",
            &[("10.0.0.0/9", 2, None)],
        );
        check("ADDRESS1=10.0.0.0\nNETMASK1=255.0.0.0\n", &[]);
    }
}
