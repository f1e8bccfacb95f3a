//! An address that is none, such as one with its prefix length in it.

use std::net::IpAddr;

use crate::doc::shell::Assignment;
use crate::lint::script::Script;
use crate::lint::{Finding, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "bad-address",
    severity: Severity::Error,
    finds: "An `IPADDR`, `GATEWAY` or `DNS1` that is no address.",
    why: "NetworkManager refuses the whole file, and network-scripts leave the interface without the address: a prefix
length belongs into PREFIX, and a name server is an address.",
    example: "
IPADDR=192.168.50.20/24",
    remedy: "Write the address alone, and its length as PREFIX.",
    source: "read_ip4_address() in NetworkManager's nms-ifcfg-rh-reader.c (run), ifup-eth of initscripts",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // the file of a port is read all the same, and refused
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    scripts
        .flat_map(|script| {
            let assignments = script.doc.assignments();
            assignments.filter_map(move |assignment| finding(script, assignment))
        })
        .collect()
}

fn finding(script: &Script<'_>, assignment: &Assignment) -> Option<Finding> {
    let (name, value) = (&assignment.name, assignment.value.literal()?);
    let index = ["IPADDR", "GATEWAY", "DNS"]
        .iter()
        .find_map(|key| name.strip_prefix(key))?;
    let numbered = index.bytes().all(|byte| byte.is_ascii_digit());
    if !numbered || value.is_empty() || value.parse::<IpAddr>().is_ok() {
        return None;
    }
    let found = |message: String, help: String| {
        RULE.finding(format!("{} {name}", script.path), message)
            .at(script.place(assignment))
            .help(help)
    };
    Some(match value.split_once('/') {
        Some((address, prefix)) if name.starts_with("IPADDR") => found(
            format!("`{name}` has a prefix length in it, which belongs into PREFIX{index}"),
            format!("write {name}={address} and PREFIX{index}={prefix}"),
        ),
        Some(_) | None => found(
            format!("`{name}` is no address: `{value}`"),
            "write an address, such as 192.168.50.1".to_owned(),
        ),
    })
}
