//! A static route over a gateway that is in no subnet of its interface.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::host::layer3::Route;
use crate::host::profile::Profile;
use crate::host::spot::Said;
use crate::host::value::IpNet;
use crate::lint::{Check, Finding, Meaning, Place, Rule, SCRIPTS, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "route-gateway",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "A static route of network-scripts over a gateway that no subnet of the host has.",
    why: "The route is not set: the kernel refuses a gateway that it has no way to (`Nexthop has invalid gateway`). NetworkManager\nadds a route to such a gateway itself.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33      IPADDR=192.168.50.20 PREFIX=24
/etc/sysconfig/network-scripts/route-ens33      10.2.0.0/16 via 10.99.0.1",
    remedy: "Correct the gateway, or write a route to it before.",
    source: "fib_check_nh() in the kernel's net/ipv4/fib_semantics.c; ifup-routes of initscripts (run)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    // NetworkManager adds a route to the gateway itself
    let profiles = meaning.host.profiles();
    let own = profiles.filter(|profile| {
        let nm = profile.is_for_network_manager(&meaning.readers);
        !nm && profile.is_read() && profile.controller.is_none() && !profile.wording.copy
    });
    // another interface that is up may have the subnet
    let mut nets: HashSet<IpNet> = HashSet::new();
    let mut known = true;
    for profile in meaning.host.profiles().filter(|profile| profile.is_read()) {
        known &= profile.layer3.is_static() || profile.layer3.gives_no_address();
        nets.extend(profile.layer3.addresses().map(|net| net.trunc()));
        let labelled = profile.layer3.labelled().filter_map(|said| said.net);
        nets.extend(labelled.map(|net| net.trunc()));
        let direct = profile
            .layer3
            .routes
            .iter()
            .filter(|route| route.via.is_none());
        nets.extend(direct.map(|route| route.to.trunc()));
    }
    if !known || !meaning.host.broken.is_empty() {
        return Vec::new();
    }
    own.flat_map(|profile| of_profile(profile, &nets)).collect()
}

fn of_profile(profile: &Profile, nets: &HashSet<IpNet>) -> Vec<Finding> {
    let routes = profile.layer3.routes.iter();
    // a scope may make a gateway reachable: `SCOPE="peer GATEWAY"`
    let scope = profile
        .layer3
        .extras
        .iter()
        .any(|extra| extra.key == "SCOPE");
    routes
        .filter(|_| !scope)
        .filter_map(|route| finding(profile, route, nets))
        .collect()
}

fn finding(profile: &Profile, route: &Said<Route>, nets: &HashSet<IpNet>) -> Option<Finding> {
    let via = route.via?;
    let onlink = route.options.iter().any(|option| option == "onlink");
    if onlink || is_link_local(via) || nets.is_empty() || has(nets, via) {
        return None;
    }
    let name = &profile.interface;
    let to = route.to;
    let message =
        format!("the route to {to} of `{name}` is over {via}, which no subnet of this host has");
    let found = RULE.finding(format!("interface {name} route {to}"), message);
    let place = Place::of(route.at.as_ref()?);
    Some(
        found
            .at(place)
            .help("correct the gateway, or write a route to it before this one"),
    )
}

/// Returns whether a subnet has the address: each length is looked up.
fn has(nets: &HashSet<IpNet>, address: IpAddr) -> bool {
    let most = if address.is_ipv4() { 32 } else { 128 };
    (0..=most)
        .any(|length| IpNet::new(address, length).is_ok_and(|net| nets.contains(&net.trunc())))
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}
