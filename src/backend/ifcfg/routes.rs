//! Static routes and policy rules in files beside an ifcfg file.
//!
//! Source: ifup-routes (one `ADDRESSn=` line makes the whole file a list of assignments, numbered from 0 to the first
//! hole; else each line is arguments of ip-route(8)), and iproute2's iproute.c (the destination may be anywhere, a discarding
//! type sends nothing anywhere) and iprule.c.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::addressing::address_v4;
use super::reader::Reader;
use crate::doc::shell::{Assignment, ShellDoc};
use crate::host::layer3::{Route, Rule};
use crate::host::spot::Said;
use crate::host::value::IpNet;
use crate::tree::HostPath;

/// Words of ip-route(8) that have an argument.
pub(in crate::backend) const VALUED: &[&str] = &[
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

/// Words that NetworkManager reads in such a line: with any other one it passes over the line.
///
/// Source: `parse_route_line()` in NetworkManager's nms-ifcfg-rh-reader.c.
pub(in crate::backend) const AS_NM: &[&str] = &[
    "advmss",
    "blackhole",
    "cwnd",
    "dev",
    "from",
    "initcwnd",
    "initrwnd",
    "local",
    "metric",
    "mtu",
    "onlink",
    "prohibit",
    "quickack",
    "rto_min",
    "scope",
    "src",
    "table",
    "throw",
    "to",
    "tos",
    "type",
    "unicast",
    "unreachable",
    "via",
    "weight",
    "window",
];

/// What is known of a file of routes or rules.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    /// Where it is.
    pub(super) path: &'a HostPath,
    /// What it says.
    pub(super) text: &'a str,
    /// The interface that it belongs to.
    pub(super) owner: &'a str,
    /// Whether it is one of IPv6.
    pub(super) v6: bool,
    /// Who reads it: ifup-routes knows no `METRIC0`.
    pub(super) reader: Reader,
}

/// Returns the routes of a file; what cannot be parsed is passed over.
pub(super) fn routes(file: File<'_>) -> Vec<Said<Route>> {
    let assigned = file.text.lines().any(|line| {
        let rest = line.trim_start().strip_prefix("ADDRESS");
        let name = rest.and_then(|rest| rest.split_once('=')).map(|(n, _)| n);
        name.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    });
    if assigned {
        return assigned_routes(file);
    }
    let lines = file.text.lines().zip(1..);
    lines
        .filter_map(|(line, number)| Some(Said::at(ip_route(line, file)?, file.path, number)))
        .collect()
}

fn assigned_routes(file: File<'_>) -> Vec<Said<Route>> {
    let doc = ShellDoc::parse(file.text);
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
        let prefix = prefix.filter(|_| mask.is_none());
        let net = address.and_then(|a| address_v4(a, prefix, mask).or_else(|| a.parse().ok()));
        let via = literal("GATEWAY").and_then(|gateway| gateway.parse().ok());
        let metric = literal("METRIC").filter(|_| file.reader != Reader::NetworkScripts);
        let metric = metric.and_then(|metric| metric.parse().ok());
        found.extend(net.map(|to| {
            let route = Route {
                via,
                metric,
                ..Route::to(to)
            };
            Said::at(route, file.path, assignment.line)
        }));
    }
    found
}

/// Returns the route of one line, arguments of `ip route add`.
fn ip_route(line: &str, file: File<'_>) -> Option<Route> {
    let mut words = line.split_ascii_whitespace();
    let mut destination = None;
    let any = match file.v6 {
        true => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        false => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let any = IpNet::new(any, 0).ok()?;
    let mut route = Route::to(any);
    while let Some(word) = words.next() {
        match word {
            "throw" | "unreachable" | "prohibit" | "blackhole" => return None,
            "default" | "any" | "all" if destination.is_some() => return None,
            "default" | "any" | "all" => destination = Some(any),
            "nexthop" => {
                route.options.push(word.to_owned());
                route.options.extend(words.by_ref().map(str::to_owned));
            }
            // both readers take it for a word, and pass over the line
            comment if comment.starts_with('#') => return None,
            "via" => {
                let next = words.next();
                let gateway = match next.is_some_and(|next| next.starts_with("inet")) {
                    true => words.next(),
                    false => next,
                };
                route.via = gateway.and_then(|gateway| gateway.parse().ok());
            }
            "dev" => {
                let name = words.next().map(|name| name.trim_matches(['"', '\'']));
                route.device = name.filter(|name| *name != file.owner).map(str::to_owned);
            }
            "metric" | "preference" | "priority" => {
                route.metric = words.next().and_then(|metric| metric.parse().ok());
            }
            "table" => route.table = words.next().map(str::to_owned),
            word if VALUED.contains(&word) => {
                let value = words.next().unwrap_or("");
                route.options.push(format!("{word} {value}"));
            }
            word => match destination_of(word) {
                Some(net) => destination = destination.or(Some(net)),
                None => route.options.push(word.to_owned()),
            },
        }
    }
    route.to = destination?;
    Some(route)
}

/// Returns the policy rules of a file, each a line of arguments of `ip rule add`.
pub(super) fn rules(file: File<'_>) -> Vec<Said<Rule>> {
    let lines = file.text.lines().zip(1..);
    let lines = lines.filter(|(line, _)| !line.trim_start().starts_with('#'));
    let rule = |(line, number): (&str, u32)| {
        let mut words = line.split_ascii_whitespace().peekable();
        words.peek()?;
        let (mut rule, mut own) = (Vec::new(), Vec::new());
        while let Some(word) = words.next() {
            let names = |next: &&str| next.trim_matches(['"', '\'']) == file.owner;
            match word {
                "iif" | "oif" | "dev" if words.next_if(names).is_some() => {
                    own.push(word.to_owned())
                }
                word => rule.push(word.to_owned()),
            }
        }
        Some(Said::at(Rule { words: rule, own }, file.path, number))
    };
    lines.filter_map(rule).collect()
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
        let file = File {
            path: &HostPath::literal("/route"),
            text,
            owner: "eth0",
            v6: false,
            reader: Reader::NetworkScripts,
        };
        let found: Vec<_> = routes(file)
            .into_iter()
            .map(|route| {
                (
                    route.to.to_string(),
                    route.line().unwrap(),
                    route.device.clone(),
                )
            })
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
            "blackhole 10.0.0.0/8\nvia 1.2.3.4\nmtu lock 1400\nsrc 1.2.3.4\n10.0.0.0/99 dev x\n999/8\n/\n1.2.3.4.5/8\n#10.0.0.0/8\n",
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

    #[test]
    fn a_line_that_is_cut_short_names_its_destination() {
        check(
            "10.0.0.0/8 via\n10.1.0.0/16 via inet\n10.2.0.0/16 metric\n10.3.0.0/16 dev\n10.4.0.0/16 table\n10.5.0.0/16 default\n",
            &[
                ("10.0.0.0/8", 1, None),
                ("10.1.0.0/16", 2, None),
                ("10.2.0.0/16", 3, None),
                ("10.3.0.0/16", 4, None),
                ("10.4.0.0/16", 5, None),
            ],
        );
    }

    #[test]
    fn knows_what_a_route_is_given() {
        let file = File {
            path: &HostPath::literal("/route"),
            text: "default via 10.0.0.1 dev eth0 metric 5 table 7 src 10.0.0.2 onlink\n",
            owner: "eth0",
            v6: false,
            reader: Reader::NetworkScripts,
        };
        let found = routes(file).remove(0).value;
        assert_eq!(found.to.to_string(), "0.0.0.0/0");
        assert_eq!((found.via, found.device), ("10.0.0.1".parse().ok(), None));
        assert_eq!((found.metric, found.table.as_deref()), (Some(5), Some("7")));
        assert_eq!(found.options, ["src 10.0.0.2", "onlink"]);
        let v6 = File { v6: true, ..file };
        assert_eq!(routes(v6)[0].to.to_string(), "::/0");
    }

    #[test]
    fn rules_know_their_own_interface() {
        let rules_of = |owner: &str| {
            let text = format!("# x\niif {owner} table 7\nfrom 10.0.0.2 lookup 8\n\n");
            let path = &HostPath::literal("/rule");
            rules(File {
                path,
                text: &text,
                owner,
                v6: false,
                reader: Reader::NetworkScripts,
            })
        };
        assert_eq!(rules_of("eth0"), rules_of("br0"));
        assert_eq!(rules_of("eth0")[0].own, ["iif"]);
        assert_eq!(rules_of("eth0")[1].line(), Some(3));
    }
}
