//! A gateway that is in no subnet of its interface.

use std::net::IpAddr;

use crate::host::profile::Profile;
use crate::host::spot::Said;
use crate::host::value::IpNet;
use crate::lint::{Check, Finding, Meaning, Place, Rule, SCRIPTS, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "gateway-outside",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "A gateway that is in no subnet of the interface that should reach it, on a host where network-scripts set the route.",
    why: "There is no default route: the kernel refuses a gateway that it has no way to (`Nexthop has invalid gateway`).\nNetworkManager adds a route to such a gateway itself.",
    example: "
IPADDR=192.168.50.20
PREFIX=24
GATEWAY=192.168.51.1",
    remedy: "Correct the gateway, or the prefix length.",
    source: "fib_check_nh() in the kernel's net/ipv4/fib_semantics.c; ifup-eth of initscripts (run);\nthe on-link route of NetworkManager's nm-l3cfg.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    // NetworkManager adds a route to the gateway itself
    let profiles = meaning.host.profiles();
    let profiles = profiles.filter(|profile| !profile.is_for_network_manager(&meaning.readers));
    let own = profiles.filter(|profile| {
        let layer3 = &profile.layer3;
        let known = layer3.is_static() && layer3.addresses().next().is_some();
        // routes may lead to it, or a scope make it reachable
        let scope = layer3.extras.iter().any(|extra| extra.key == "SCOPE");
        known && !scope && layer3.further.is_empty() && profile.controller.is_none()
    });
    own.flat_map(of_profile).collect()
}

fn of_profile(profile: &Profile) -> Vec<Finding> {
    let layer3 = &profile.layer3;
    let families = [&layer3.v4, &layer3.v6].into_iter();
    let outside = families.flat_map(|family| {
        let gateways = family.gateways.iter();
        gateways.filter(|gateway| is_outside(gateway, &family.addresses))
    });
    outside
        .filter_map(|gateway| {
            let name = &profile.interface;
            let nets: Vec<String> = layer3
                .addresses()
                .map(|net| net.trunc().to_string())
                .collect();
            let message = format!(
                "the gateway {gateway} of `{name}` is in none of its subnets ({})",
                nets.join(", ")
            );
            let finding = RULE.finding(format!("interface {name} gateway {gateway}"), message);
            let at = gateway.at.as_ref()?;
            let place = Place::line(&at.file, at.line);
            Some(
                finding
                    .at(place)
                    .help("correct the gateway, or the prefix length"),
            )
        })
        .collect()
}

fn is_outside(gateway: &IpAddr, addresses: &[Said<IpNet>]) -> bool {
    // with a single address as the whole subnet every gateway is on the link
    let out =
        |net: &Said<IpNet>| !net.contains(gateway) && net.prefix_len() != net.max_prefix_len();
    !addresses.is_empty() && !is_link_local(gateway) && addresses.iter().all(out)
}

fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}
