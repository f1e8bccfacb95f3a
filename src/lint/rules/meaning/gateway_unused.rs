//! A gateway of which the program that reads it makes no default route.

use crate::host::profile::Profile;
use crate::lint::{Check, Finding, Meaning, Place, Rule, SCRIPTS, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "gateway-unused",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "A gateway that network-scripts ignore: it has a number, or the first address does not reach it.",
    why: "There is no default route. network-scripts read only GATEWAY, check it against the first address of the interface, and\nreport nothing where the two do not match; NetworkManager reads GATEWAY0 and its like as well.",
    example: "
IPADDR=10.0.0.2
PREFIX=8
IPADDR1=192.168.50.20
PREFIX1=24
GATEWAY=192.168.50.1",
    remedy: "Write GATEWAY without a number, and the address that reaches it first, as IPADDR.",
    source: "ifup-eth of initscripts 9.49 and 10.00: `ipcalc --network ${GATEWAY} ${netmask[0]}` (run); make_ip4_setting() in\nNetworkManager's nms-ifcfg-rh-reader.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let own = meaning.host.profiles().filter(|profile| {
        profile.controller.is_none() && profile.is_read() && !profile.wording.copy
    });
    own.filter_map(finding).collect()
}

fn finding(profile: &Profile) -> Option<Finding> {
    let message = profile.layer3.no_default_route(false)?;
    let gateway = profile.wording.gateway.as_ref()?;
    // what no address reaches is another rule's
    if !profile
        .layer3
        .addresses()
        .any(|net| net.contains(&gateway.value))
    {
        return None;
    }
    let (message, help) = match message.split_once("; ") {
        Some((message, help)) => (message.to_owned(), help.to_owned()),
        None => (
            message.to_owned(),
            "correct NETWORK, or delete it".to_owned(),
        ),
    };
    let place = Place::of(gateway.at.as_ref()?);
    let name = &profile.interface;
    Some(
        RULE.finding(format!("interface {name}"), message)
            .at(place)
            .help(help),
    )
}
