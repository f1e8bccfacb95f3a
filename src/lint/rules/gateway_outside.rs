//! A gateway that is in no subnet of its interface.

use std::net::IpAddr;

use crate::host::profile::{Backend, Method, Profile};
use crate::lint::{Finding, Place, Rule, SCRIPTS, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "gateway-outside",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "A gateway that is in no subnet of the interface that should reach it, where network-scripts set the route.",
    why: "There is no default route: the kernel refuses a gateway that it has no way to (`Nexthop has invalid gateway`).\nNetworkManager adds a route to such a gateway itself.",
    example: "
IPADDR=192.168.50.20
PREFIX=24
GATEWAY=192.168.51.1",
    remedy: "Correct the gateway, or the prefix length.",
    source: "fib_check_nh() in the kernel's net/ipv4/fib_semantics.c; ifup-eth of initscripts (run);\nthe on-link route of NetworkManager's nm-l3cfg.c",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // NetworkManager adds a route to the gateway itself
    let profiles = sight.host.profiles().filter(|profile| {
        profile.backend == Backend::Ifcfg && !sight.readers.managed_by_nm(profile.nm_controlled)
    });
    let own = profiles.filter(|profile| {
        let addressing = &profile.layer3.addressing;
        let known = addressing.method == Method::Manual
            && !addressing.shell
            && addressing.not_valid.is_empty()
            && !addressing.addresses.is_empty();
        // routes may lead to it, or a scope make it reachable
        known && profile.layer3.further.is_empty() && profile.controller.is_none()
    });
    own.flat_map(|profile| of_profile(sight, profile)).collect()
}

fn of_profile(sight: &Sight<'_>, profile: &Profile) -> Vec<Finding> {
    let addressing = &profile.layer3.addressing;
    let Some(script) = profile.origin.as_ref().and_then(|path| sight.script(path)) else {
        return Vec::new();
    };
    if script.get("SCOPE").is_some() {
        return Vec::new();
    }
    let gateways = addressing.gateways.iter().filter(|gateway| {
        let family = addressing
            .addresses
            .iter()
            .filter(|net| net.addr().is_ipv4() == gateway.is_ipv4());
        let mut family = family.peekable();
        // with a single address as the whole subnet every gateway is on the link
        family.peek().is_some()
            && !is_link_local(gateway)
            && family.all(|net| !net.contains(*gateway) && net.prefix_len() != net.max_prefix_len())
    });
    gateways
        .map(|gateway| {
            let name = &profile.interface;
            let nets: Vec<String> = addressing
                .addresses
                .iter()
                .map(|net| net.trunc().to_string())
                .collect();
            let message = format!(
                "the gateway {gateway} of `{name}` is in none of its subnets ({})",
                nets.join(", ")
            );
            let text = gateway.to_string();
            let assigned = script.doc.assignments();
            let says = |value: &str| value.starts_with(&text);
            let at = assigned.rev().find(|a| a.value.literal().is_some_and(says));
            let place = at.map_or_else(|| Place::file(script.path), |at| script.place(at));
            RULE.finding(format!("interface {name} gateway {gateway}"), message)
                .at(place)
                .help("correct the gateway, or the prefix length")
        })
        .collect()
}

fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}
