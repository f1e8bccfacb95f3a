//! A broadcast address that is not that of the subnet.

use std::net::Ipv4Addr;

use super::script::Script;
use crate::doc::shell::Assignment;
use crate::host::value::IpNet;
use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "broadcast-differs",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "A `BROADCAST` that is not the broadcast address of the subnet.",
    why: "Broadcasts of this host reach nobody, and those of the others do not reach it. It is often left over from an earlier address,\nor the mask is the one that is wrong.",
    example: "
IPADDR=192.168.50.20
PREFIX=22
BROADCAST=192.168.50.255      that of 192.168.48.0/22 is 192.168.51.255",
    remedy: "Delete it: it is computed.",
    source: "ifup-eth of initscripts: `ip addr add … brd ${broadcast[$idx]:-+}` (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight.profiles().filter(|script| script.is_of_scripts());
    let found = read.flat_map(|script| {
        let assignments = script.doc.assignments();
        assignments.filter_map(move |found| finding(script, found))
    });
    found.collect()
}

fn finding(script: &Script<'_>, assignment: &Assignment) -> Option<Finding> {
    let number = assignment.name.strip_prefix("BROADCAST")?;
    let said: Ipv4Addr = assignment.value.literal()?.parse().ok()?;
    let value = |key: &str| script.value(&format!("{key}{number}"));
    let address: Ipv4Addr = value("IPADDR")?.parse().ok()?;
    let mask = || ipnet::ipv4_mask_to_prefix(value("NETMASK")?.parse().ok()?).ok();
    let length: u8 = match value("PREFIX") {
        Some(length) => length.parse().ok()?,
        None => mask()?,
    };
    let net: IpNet = format!("{address}/{length}").parse().ok()?;
    let proper = net.broadcast();
    // a link of two hosts has none
    if proper == said || length > 30 {
        return None;
    }
    let device = script.device();
    let subnet = net.trunc();
    let message =
        format!("the broadcast address of `{device}` is {said}, and that of {subnet} is {proper}");
    let found = RULE.finding(format!("interface {device} {said}"), message);
    let name = &assignment.name;
    let place = script.place(assignment);
    Some(
        found
            .at(place)
            .help(format!("delete {name}, or correct the mask")),
    )
}
