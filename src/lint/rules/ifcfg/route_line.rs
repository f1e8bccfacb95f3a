//! A line of a file of routes or rules that its reader does not take.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use crate::backend::ifcfg::Reader;
use crate::backend::ifcfg::route_line::{self, Around, Fault};
use crate::backend::near::nearest;
use crate::doc::shell::{Assignment, ShellDoc};
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "route-line",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A line of a route-, route6-, rule- or rule6- file that its reader does not take.",
    why: "The route or the rule is not set. network-scripts hand each line to ip(8), which fails and says so only where ifup is run\nby hand; NetworkManager knows a part of its words, and passes over every line with another one.",
    example: "
route add -net 10.6.0.0/16 gw 10.10.20.1
10.6.0.0/16 via 10.10.20.1 # the lab",
    remedy: "Write SUBNET/LENGTH via GATEWAY, and comments on lines of their own.",
    source: "handle_ip_file() and handle_file() in ifup-routes of initscripts, ip-route(8) and ip-rule(8) (each run);\nparse_route_line() in NetworkManager's nms-ifcfg-rh-reader.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let mut readers: HashMap<&str, Reader> = HashMap::new();
    for script in sight.profiles() {
        for name in script.names_of_routes() {
            readers.entry(name).or_insert(script.reader);
        }
    }
    let mut found = Vec::new();
    for (prefix, v6) in [("route-", false), ("route6-", true)] {
        for (name, path) in sight.tree.names_with(&folder, prefix) {
            let reader = name.strip_prefix(prefix).and_then(|name| readers.get(name));
            if let (Some(reader), Some(text)) = (reader, text(sight, path)) {
                found.extend(of_routes(
                    path,
                    text,
                    Around {
                        v6,
                        reader: *reader,
                    },
                ));
            }
        }
    }
    for (prefix, v6) in [("rule-", false), ("rule6-", true)] {
        for (name, path) in sight.tree.names_with(&folder, prefix) {
            let reader = name.strip_prefix(prefix).and_then(|name| readers.get(name));
            // NetworkManager reads no such files
            let read = reader.is_some_and(|reader| *reader != Reader::NetworkManager);
            if let Some(text) = text(sight, path).filter(|_| read) {
                let lines = lines(text);
                let wrong =
                    lines.filter_map(|(n, line)| Some((n, line, route_line::rule(line, v6)?)));
                found.extend(wrong.map(|(n, line, fault)| finding(path, n, line, "ip(8)", fault)));
            }
        }
    }
    found
}

fn text<'t>(sight: &Sight<'t>, path: &HostPath) -> Option<&'t str> {
    std::str::from_utf8(&sight.tree.file(path)?.bytes).ok()
}

/// Returns the lines that are not empty and no comments, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let lines = text
        .lines()
        .zip(1..)
        .map(|(line, number)| (number, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn of_routes(path: &HostPath, text: &str, around: Around) -> Vec<Finding> {
    let assigned = |line: &str| {
        let name = line
            .strip_prefix("ADDRESS")
            .and_then(|rest| rest.split_once('='));
        name.is_some_and(|(number, _)| {
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        })
    };
    if !around.v6 && lines(text).any(|(_, line)| assigned(line)) {
        return of_assignments(path, text, around.reader);
    }
    let who = match around.reader {
        Reader::NetworkManager => "NetworkManager",
        Reader::NetworkScripts | Reader::Unknown => "ip(8)",
    };
    let wrong =
        lines(text).filter_map(|(n, line)| Some((n, line, route_line::route(line, around)?)));
    wrong
        .map(|(n, line, fault)| finding(path, n, line, who, fault))
        .collect()
}

fn finding(path: &HostPath, number: u32, line: &str, who: &str, fault: Fault) -> Finding {
    let message = format!("{who} does not take this line: {}", fault.why);
    RULE.finding(format!("{path}: {line}"), message)
        .at(Place::word(path, number, line))
        .help(fault.help)
}

/// The keys of a file of assignments, without their numbers.
const KEYS: &[&str] = &[
    "ADDRESS", "GATEWAY", "METRIC", "NETMASK", "OPTIONS", "PREFIX",
];

fn of_assignments(path: &HostPath, text: &str, reader: Reader) -> Vec<Finding> {
    let doc = ShellDoc::parse(text);
    let found = doc.assignments().filter_map(|assignment| {
        let fault = of_assignment(assignment, reader)?;
        let message = format!("this line has no effect: {}", fault.why);
        let found = RULE.finding(format!("{path}: {}", assignment.name), message);
        let place = Place::span(path, assignment.span.clone());
        Some(found.at(place).help(fault.help))
    });
    found.collect()
}

fn of_assignment(assignment: &Assignment, reader: Reader) -> Option<Fault> {
    let name = assignment.name.as_str();
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &name[stem.len()..];
    let fault = |why: String, help: String| Some(Fault { why, help });
    if !KEYS.contains(&stem) {
        let near = nearest(stem, KEYS.iter().copied())?;
        return fault(
            format!("nothing reads `{name}`"),
            format!("write {near}{number}"),
        );
    }
    if number.is_empty() {
        return fault(format!("`{name}` has no number"), format!("write {name}0"));
    }
    let value = assignment
        .value
        .literal()
        .filter(|value| !value.is_empty())?;
    let is_v4 = value.parse::<Ipv4Addr>().is_ok();
    match stem {
        "ADDRESS" | "GATEWAY" if !is_v4 => {
            let address = value.split_once('/').map(|(address, _)| address);
            let help = match address {
                Some(address) => format!("write {name}={address}, and its mask as NETMASK{number}"),
                None => format!("write {name}=ADDRESS"),
            };
            fault(format!("`{value}` is no IPv4 address"), help)
        }
        "NETMASK" if !is_mask(value, reader) => fault(
            format!("`{value}` is no netmask"),
            format!("write {name}=255.255.255.0"),
        ),
        "METRIC" if value.parse::<u32>().is_err() && reader == Reader::NetworkManager => fault(
            format!("`{value}` is no metric"),
            format!("write {name}=100"),
        ),
        _ => None,
    }
}

/// ipcalc takes a length for a mask as well.
fn is_mask(value: &str, reader: Reader) -> bool {
    let mask = value
        .parse::<Ipv4Addr>()
        .is_ok_and(|mask| ipnet::ipv4_mask_to_prefix(mask).is_ok());
    let length = value.parse::<u8>().is_ok_and(|length| length <= 32);
    mask || (length && reader != Reader::NetworkManager)
}
