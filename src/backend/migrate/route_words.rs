//! The words of a route, as ip-route(8) has them.
//!
//! Source: `parse_route_line()` in nms-ifcfg-rh-reader.c, ip-route(8).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::loss::Weight;
use super::tables::Tables;
use crate::backend::ifcfg::routes::{AS_NM, VALUED};
use crate::backend::ifcfg::{Reader, destination_of};
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
pub(super) struct Route {
    pub(super) to: IpNet,
    pub(super) via: Option<IpAddr>,
    pub(super) metric: Option<u32>,
    pub(super) options: BTreeMap<String, String>,
    /// Words that keyfiles do not have.
    pub(super) lost: Vec<String>,
}

impl Route {
    fn option(&mut self, key: &str, value: &str) {
        self.options.insert(key.to_owned(), value.to_owned());
    }
}

/// Why a route is in no keyfile.
pub(super) struct Bad {
    pub(super) why: String,
    pub(super) weight: Weight,
}

impl Bad {
    /// A line that changes nothing today either.
    fn idle(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            weight: Weight::Idle,
        }
    }
}

impl From<String> for Bad {
    fn from(why: String) -> Self {
        let weight = Weight::Grave;
        Self { why, weight }
    }
}

/// Options whose value is a number, maybe behind `lock`.
const NUMBERS: &[&str] = &["window", "cwnd", "initcwnd", "initrwnd", "mtu", "advmss"];

/// Kinds of routes.
const KINDS: &[&str] = &["blackhole", "local", "prohibit", "throw", "unreachable"];

/// Reads words of ip-route(8) into `route`, and returns the destination.
pub(super) fn read_options(
    text: &str,
    route: &mut Route,
    file: &File<'_>,
) -> Result<Option<IpNet>, Bad> {
    let mut destination = None;
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        if file.strict && !AS_NM.contains(&word) && destination.is_some() {
            return Err(Bad::idle(format!(
                "NetworkManager passes over a route with `{word}`"
            )));
        }
        match word {
            comment if comment.starts_with('#') => {
                behind_comment(file)?;
                break;
            }
            "nexthop" => {
                let why = "a route over several gateways, which keyfiles do not have";
                return Err(why.to_owned().into());
            }
            "to" => destination = Some(destination_word(next(word, &mut words)?, route, file)?),
            "via" => gateway(&mut words, route, file)?,
            "onlink" => route.option("onlink", "true"),
            "unicast" => {}
            kind @ ("broadcast" | "multicast" | "anycast" | "nat") => {
                let why = format!("a route of the kind {kind}, which keyfiles do not have");
                return Err(why.into());
            }
            kind if KINDS.contains(&kind) => route.option("type", kind),
            number if NUMBERS.contains(&number) => {
                let mut value = next(number, &mut words)?;
                if value == "lock" {
                    route.option(&format!("lock-{number}"), "true");
                    value = next(number, &mut words)?;
                }
                let valid = value.parse::<u32>().map_err(|_| not_valid(number));
                route.option(number, &valid?.to_string());
            }
            valued if VALUED.contains(&valued) || VALUED_TOO.contains(&valued) => {
                let value = next(valued, &mut words)?;
                option(valued, value, route, file)?;
            }
            other if destination.is_none() => {
                destination = Some(destination_word(other, route, file)?);
            }
            "pervasive" => route.lost.push(word.to_owned()),
            other => {
                let why = format!(
                    "nothing: the program that reads the line does not take `{other}`, and passes over it"
                );
                return Err(Bad::idle(why));
            }
        }
    }
    Ok(destination)
}

/// Neither reader knows comments behind a route; what NetworkManager passes over is written where that is asked for.
fn behind_comment(file: &File<'_>) -> Result<(), Bad> {
    if file.strict {
        return Err(Bad::idle(
            "NetworkManager passes over a route with a comment behind it",
        ));
    }
    match file.reader {
        Reader::NetworkManager => Ok(()),
        Reader::NetworkScripts | Reader::Unknown => Err(Bad::idle(
            "nothing: ip(8) knows no comments, and refuses the line",
        )),
    }
}

fn not_valid(what: &str) -> String {
    format!("a route whose {what} is not valid")
}

fn next<'w>(word: &str, words: &mut impl Iterator<Item = &'w str>) -> Result<&'w str, String> {
    words
        .next()
        .ok_or_else(|| format!("a route with `{word}` without a value"))
}

fn gateway<'w>(
    words: &mut impl Iterator<Item = &'w str>,
    route: &mut Route,
    file: &File<'_>,
) -> Result<(), String> {
    let first = next("via", words)?;
    let via = if first.starts_with("inet") {
        next("via", words)?
    } else {
        first
    };
    // what some versions of NetworkManager wrote
    if via != "(null)" {
        let via: IpAddr = via.parse().map_err(|_| not_valid("gateway"))?;
        if via.is_ipv6() != file.v6 {
            let why = "a route with a gateway of the other family, which keyfiles do not have";
            return Err(why.to_owned());
        }
        route.via = Some(via);
    }
    Ok(())
}

/// Words with a value that NetworkManager reads, and the lens of ifcfg files does not.
const VALUED_TOO: &[&str] = &["from", "weight"];

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
        "scope" | "tos" | "dsfield" if file.v6 => route.lost.push(format!("{word} {value}")),
        "scope" => {
            let scope = scope(value).ok_or_else(|| not_valid("scope"))?;
            route.option("scope", &scope);
        }
        // ip(8) has it for IPv6 alone
        "from" if !file.v6 => return Err("a route of IPv4 with `from`".to_owned()),
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
