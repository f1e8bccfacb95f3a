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
    profiles.flat_map(of_profile).collect()
}

fn of_profile(profile: &Profile) -> Vec<Finding> {
    let gateways = profile.layer3.v4.gateways.iter();
    let gateways = gateways.chain(&profile.layer3.v6.gateways);
    gateways
        .filter(|gateway| says(profile, gateway))
        .filter_map(|gateway| finding(profile, gateway))
        .collect()
}

/// Returns whether this rule finds that no address reaches `gateway`.
pub(in crate::lint) fn says(profile: &Profile, gateway: &IpAddr) -> bool {
    let layer3 = &profile.layer3;
    let known = layer3.is_static() && layer3.addresses().next().is_some();
    // routes may lead to it, a scope make it reachable, or the interface itself be the route
    let scope = layer3.extras.iter().any(|extra| extra.key == "SCOPE");
    let otherwise = scope || layer3.default_v4.by_device || !layer3.further.is_empty();
    let family = match gateway {
        IpAddr::V4(_) => &layer3.v4,
        IpAddr::V6(_) => &layer3.v6,
    };
    let outside = is_outside(gateway, &family.addresses);
    known && !otherwise && profile.controller.is_none() && outside
}

fn finding(profile: &Profile, gateway: &Said<IpAddr>) -> Option<Finding> {
    let name = &profile.interface;
    let nets = profile.layer3.addresses();
    let nets: Vec<String> = nets.map(|net| net.trunc().to_string()).collect();
    let message = format!(
        "the gateway {gateway} of `{name}` is in none of its subnets ({})",
        nets.join(", ")
    );
    let at = gateway.at.as_ref()?;
    Some(
        RULE.finding(format!("interface {name} gateway {gateway}"), message)
            .at(Place::line(&at.file, at.line))
            .help("correct the gateway, or the prefix length"),
    )
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
