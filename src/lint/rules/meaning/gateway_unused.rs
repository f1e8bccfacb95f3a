//! A gateway of which the program that reads it makes no default route.

use super::gateway_outside;
use crate::host::profile::Profile;
use crate::lint::{Check, Finding, Meaning, Place, Rule, SCRIPTS, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "gateway-unused",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "A gateway that network-scripts ignore: it has a number, the first address does not reach it, or it is link-local.",
    why: "There is no default route. network-scripts read only GATEWAY, check it against the first address of the interface, and\nreport nothing where the two do not match; NetworkManager reads GATEWAY0 and its like as well. A link-local gateway of\nIPv6 needs an interface: IPV6_DEFAULTGW=fe80::1%IFACE, or IPV6_DEFAULTDEV.",
    example: "
IPADDR=10.0.0.2
PREFIX=8
IPADDR1=192.168.50.20
PREFIX1=24
GATEWAY=192.168.50.1",
    remedy: "Write GATEWAY without a number, and the address that reaches it first, as IPADDR.",
    source: "ifup-eth of initscripts 9.49 and 10.00: `ipcalc --network ${GATEWAY} ${netmask[0]}` (run),\nipv6_set_default_route() in network-functions-ipv6; make_ip4_setting() in NetworkManager's nms-ifcfg-rh-reader.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let own = meaning.host.profiles().filter(|profile| {
        profile.controller.is_none() && profile.is_read() && !profile.wording.copy
    });
    own.flat_map(findings).collect()
}

fn findings(profile: &Profile) -> Vec<Finding> {
    let layer3 = &profile.layer3;
    let families = [
        (&layer3.default_v4, &layer3.v4),
        (&layer3.default_v6, &layer3.v6),
    ];
    let unused = families.into_iter().filter_map(|(route, family)| {
        let message = route.passed_over.as_deref()?;
        Some((message, family.gateways.first()?))
    });
    // what no address reaches is another rule's
    let unused = unused.filter(|(_, gateway)| !gateway_outside::says(profile, gateway));
    unused
        .filter_map(|(message, gateway)| {
            let (message, help) = message.split_once("; ")?;
            let at = gateway.at.as_ref()?;
            let name = &profile.interface;
            let finding = RULE.finding(format!("interface {name}"), message.to_owned());
            Some(finding.at(Place::line(&at.file, at.line)).help(help))
        })
        .collect()
}
