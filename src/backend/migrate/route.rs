//! Static routes of `route-*` and `route6-*` files as `routeN` of a keyfile.
//!
//! Source: `parse_route_line()` and `read_one_ip4_route()` in nms-ifcfg-rh-reader.c, ifup-routes, ip-route(8).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::loss::{Loss, Weight};
use super::made::{Line, Made};
use super::source::Source;
use super::tables::Tables;
use crate::backend::ifcfg::{Reader, address_v4, destination_of};
use crate::doc::shell::ShellDoc;
use crate::host::value::IpNet;
use crate::tree::HostPath;

/// A file of routes.
pub(super) struct File<'a> {
    pub(super) path: &'a HostPath,
    pub(super) text: &'a str,
    /// Which of the files of a profile it is.
    pub(super) number: usize,
    pub(super) v6: bool,
    /// The interface that it belongs to.
    pub(super) device: &'a str,
    pub(super) reader: Reader,
    pub(super) tables: &'a Tables,
    /// Whether lines count that NetworkManager passes over.
    pub(super) strict: bool,
}

/// A route, and what is said of it beyond destination, gateway and metric.
struct Route {
    to: IpNet,
    via: Option<IpAddr>,
    metric: Option<u32>,
    options: BTreeMap<String, String>,
    /// Words that keyfiles do not have.
    lost: Vec<String>,
}

/// Writes the routes of a file.
pub(super) fn write(file: &File<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    let group = if file.v6 { "ipv6" } else { "ipv4" };
    let mut number = 1
        + (1..)
            .take_while(|n| made.get(group, &format!("route{n}")).is_some())
            .count();
    let mut add = |route: Route, from: Line, losses: &mut Vec<Loss>| {
        for words in &route.lost {
            losses.push(lost(
                file,
                from.1,
                words,
                "an option that keyfiles have no word for",
                Weight::Light,
            ));
        }
        made.raw(group, format!("route{number}"), route.text(), [from]);
        if !route.options.is_empty() {
            let options = route
                .options
                .iter()
                .map(|(key, value)| format!("{key}={value}"));
            let options: Vec<String> = options.collect();
            made.raw(
                group,
                format!("route{number}_options"),
                options.join(","),
                [from],
            );
        }
        number += 1;
    };
    if is_assigned(file) {
        for (line, route) in assigned(file) {
            match route {
                Ok(route) => add(route, (file.number, line), losses),
                Err(why) => losses.push(lost(file, line, "the route", &why, Weight::Grave)),
            }
        }
        return;
    }
    for (line, at) in file.text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match parsed(line, file) {
            Ok(route) => add(route, (file.number, at), losses),
            Err(why) => losses.push(lost(file, at, line, &why, Weight::Grave)),
        }
    }
}

fn lost(file: &File<'_>, line: u32, what: &str, meant: &str, weight: Weight) -> Loss {
    Loss {
        at: file.path.clone(),
        line: Some(line),
        what: what.to_owned(),
        meant: meant.to_owned(),
        instead: None,
        weight,
    }
}

impl Route {
    fn option(&mut self, key: &str, value: &str) {
        self.options.insert(key.to_owned(), value.to_owned());
    }

    /// Returns destination, gateway and metric.
    fn text(&self) -> String {
        let none = if self.to.addr().is_ipv4() {
            "0.0.0.0"
        } else {
            "::"
        };
        let via = self.via.map(|via| via.to_string());
        match (via, self.metric) {
            (None, None) => self.to.to_string(),
            (Some(via), None) => format!("{},{via}", self.to),
            (via, Some(metric)) => {
                format!(
                    "{},{},{metric}",
                    self.to,
                    via.unwrap_or_else(|| none.to_owned())
                )
            }
        }
    }
}

/// One line `ADDRESSn=` makes the whole file of this form.
fn is_assigned(file: &File<'_>) -> bool {
    !file.v6
        && file.text.lines().any(|line| {
            let rest = line.trim_start().strip_prefix("ADDRESS");
            let name = rest
                .and_then(|rest| rest.split_once('='))
                .map(|(name, _)| name);
            name.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

fn assigned(file: &File<'_>) -> Vec<(u32, Result<Route, String>)> {
    let doc = ShellDoc::parse(file.text);
    let source = Source::of(file.path, &doc, file.reader, file.number);
    let mut found = Vec::new();
    for index in 0.. {
        let key = |name: &str| format!("{name}{index}");
        let (Some(address), Some((_, line))) =
            (source.text(&key("ADDRESS")), source.line(&key("ADDRESS")))
        else {
            break;
        };
        let text = |name: &str| source.text(&key(name));
        let net = address_v4(address, None, text("NETMASK"));
        let by_prefix = || address_v4(address, text("PREFIX"), None);
        let net = match text("NETMASK") {
            Some(_) => net,
            None => by_prefix().filter(|_| text("PREFIX").is_some()),
        };
        let route = net.ok_or_else(|| "a route whose mask is missing or not valid".to_owned());
        let route = route.and_then(|to| {
            let via = text("GATEWAY").map(str::parse).transpose();
            let via = via.map_err(|_| "a route whose gateway is not valid".to_owned())?;
            let mut route = Route {
                to,
                via: via.filter(|via: &IpAddr| !via.is_unspecified()),
                metric: text("METRIC")
                    .filter(|_| file.reader != Reader::NetworkScripts)
                    .and_then(|metric| metric.parse().ok()),
                options: BTreeMap::new(),
                lost: Vec::new(),
            };
            read_options(text("OPTIONS").unwrap_or_default(), &mut route, file)?;
            Ok(route)
        });
        found.push((line, route));
    }
    found
}

/// Returns the route that a line of arguments of `ip route` names.
fn parsed(line: &str, file: &File<'_>) -> Result<Route, String> {
    let any: IpNet = if file.v6 { "::/0" } else { "0.0.0.0/0" }
        .parse()
        .map_err(|_| String::new())?;
    let mut route = Route {
        to: any,
        via: None,
        metric: None,
        options: BTreeMap::new(),
        lost: Vec::new(),
    };
    let found = read_options(line, &mut route, file)?;
    route.to = found.ok_or("a route without a destination")?;
    Ok(route)
}

/// Options whose value is a number, maybe behind `lock`.
const NUMBERS: &[&str] = &["window", "cwnd", "initcwnd", "initrwnd", "mtu", "advmss"];

/// Words that NetworkManager reads in such a line: with any other one it passes over the line.
const AS_NM: &[&str] = &[
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

/// Kinds of routes.
const KINDS: &[&str] = &[
    "blackhole",
    "broadcast",
    "local",
    "multicast",
    "prohibit",
    "throw",
    "unicast",
    "unreachable",
];

/// Reads words of ip-route(8) into `route`, and returns the destination.
fn read_options(text: &str, route: &mut Route, file: &File<'_>) -> Result<Option<IpNet>, String> {
    let mut destination = None;
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        if file.strict && !AS_NM.contains(&word) && destination.is_some() {
            return Err(format!("NetworkManager passes over a route with `{word}`"));
        }
        match word {
            comment if comment.starts_with('#') => break,
            "nexthop" => {
                return Err("a route over several gateways, which keyfiles do not have".to_owned());
            }
            "to" => destination = Some(destination_word(next(word, &mut words)?, route, file)?),
            "via" => gateway(&mut words, route)?,
            "onlink" => route.option("onlink", "true"),
            kind if KINDS.contains(&kind) => {
                if kind != "unicast" {
                    route.option("type", kind);
                }
            }
            number if NUMBERS.contains(&number) => {
                let mut value = next(number, &mut words)?;
                if value == "lock" {
                    route.option(&format!("lock-{number}"), "true");
                    value = next(number, &mut words)?;
                }
                let valid = value.parse::<u32>().map_err(|_| not_valid(number));
                route.option(number, &valid?.to_string());
            }
            valued if VALUED.contains(&valued) => {
                let value = next(valued, &mut words)?;
                option(valued, value, route, file)?;
            }
            other if destination.is_none() => {
                destination = Some(destination_word(other, route, file)?);
            }
            other => route.lost.push(other.to_owned()),
        }
    }
    Ok(destination)
}

fn not_valid(what: &str) -> String {
    format!("a route whose {what} is not valid")
}

fn next<'w>(word: &str, words: &mut impl Iterator<Item = &'w str>) -> Result<&'w str, String> {
    words
        .next()
        .ok_or_else(|| format!("a route with `{word}` without a value"))
}

fn gateway<'w>(words: &mut impl Iterator<Item = &'w str>, route: &mut Route) -> Result<(), String> {
    let first = next("via", words)?;
    let via = if first.starts_with("inet") {
        next("via", words)?
    } else {
        first
    };
    // what some versions of NetworkManager wrote
    if via != "(null)" {
        let via: IpAddr = via.parse().map_err(|_| not_valid("gateway"))?;
        route.via = Some(via);
    }
    Ok(())
}

/// Words with a value.
const VALUED: &[&str] = &[
    "congctl",
    "dev",
    "dsfield",
    "expires",
    "features",
    "from",
    "hoplimit",
    "metric",
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
    "weight",
];

/// Reads a word that has a value.
fn option(word: &str, value: &str, route: &mut Route, file: &File<'_>) -> Result<(), String> {
    match word {
        "dev" => {
            let name = value.trim_matches(['"', '\'']);
            if name != file.device && file.reader == Reader::NetworkScripts {
                return Err(format!("a route of `{name}`, which must be in its profile"));
            }
        }
        "metric" | "preference" | "priority" => {
            route.metric = Some(value.parse().map_err(|_| not_valid("metric"))?);
        }
        "table" => {
            if file.strict && value.parse::<u32>().is_err() {
                return Err(
                    "NetworkManager passes over a route with the name of a table".to_owned(),
                );
            }
            let number = file.tables.number(value);
            let number = number.ok_or_else(|| {
                format!("a route in the table `{value}`, whose number is not known")
            })?;
            route.option("table", &number.to_string());
        }
        "scope" => {
            let scope = scope(value).ok_or_else(|| not_valid("scope"))?;
            route.option("scope", &scope);
        }
        "src" | "from" => route.option(word, value),
        "tos" | "dsfield" => {
            let digits = value.strip_prefix("0x").unwrap_or(value);
            let number = u8::from_str_radix(digits, 16).map_err(|_| not_valid("tos"))?;
            route.option("tos", &number.to_string());
        }
        "quickack" => route.option(word, if value == "1" { "true" } else { "false" }),
        "rto_min" | "weight" => route.option(word, value.strip_suffix("ms").unwrap_or(value)),
        // NetworkManager sets it itself
        "proto" | "protocol" => {}
        _ => route.lost.push(format!("{word} {value}")),
    }
    Ok(())
}

/// Returns the destination that a word is.
fn destination_word(word: &str, route: &Route, file: &File<'_>) -> Result<IpNet, String> {
    let not_valid = || format!("a route to `{word}`, which is no destination");
    if matches!(word, "default" | "any" | "all") {
        return Ok(route.to);
    }
    let net = destination_of(word).ok_or_else(not_valid)?;
    (net.addr().is_ipv6() == file.v6)
        .then_some(net)
        .ok_or_else(not_valid)
}

/// Returns the number of a scope. Source: `rtnl_rtscope_a2n()` of iproute2.
fn scope(word: &str) -> Option<String> {
    let named = [
        ("global", 0),
        ("nowhere", 255),
        ("host", 254),
        ("link", 253),
        ("site", 200),
    ];
    let found = named.iter().find(|(name, _)| *name == word);
    let number = found
        .map(|(_, number)| *number)
        .or_else(|| word.parse().ok())?;
    Some(u8::to_string(&number))
}
