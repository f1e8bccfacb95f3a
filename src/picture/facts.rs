//! What is said of a block itself.

use super::{Mark, Part, Role};
use crate::host::interfaces::{Interface, State};
use crate::host::layer3::{Layer3, Method};
use crate::host::network::{Forward, Network};
use crate::host::short::in_short;

/// As many addresses of one interface are told.
const MOST_ADDRESSES: usize = 8;

/// Returns a fact.
pub(super) fn fact(text: impl Into<String>) -> Part {
    let name: String = text.into();
    Part {
        role: Role::Fact,
        key: name.clone(),
        name,
        detail: String::new(),
        mark: Mark::Same,
        is_routing: false,
    }
}

/// Returns what is said of an interface.
pub(super) fn of_interface(one: &Interface<'_>) -> Vec<Part> {
    let mut facts = Vec::new();
    let mut say = |text: String| facts.push(fact(text));
    if !["bridge", "ethernet", "unknown"].contains(&one.kind) {
        let mode = one.layer2.and_then(|layer2| layer2.bond_mode.as_deref());
        say(match mode {
            Some(mode) => format!("{} {mode}", one.kind),
            None => one.kind.to_owned(),
        });
    }
    // a port has no addresses, whatever its file says
    let profile = one.profile.filter(|_| one.controller.is_none());
    let layer3 = profile.map(|profile| &profile.layer3);
    if let Some(layer3) = layer3 {
        addressing(layer3, &mut say);
    }
    if let Some(network) = one.network.filter(|_| one.profile.is_none()) {
        for subnet in &network.subnets {
            say(subnet.address.to_string());
        }
        if network.stp {
            say("STP on".to_owned());
        }
    }
    if one.claim.is_some()
        && one.profile.is_none()
        && one.network.is_none()
        && one.controller.is_none()
    {
        say("addresses not read".to_owned());
    }
    let of_bridge = one.profile.and_then(|profile| profile.bridge());
    if of_bridge.is_some_and(|bridge| bridge.stp == Some(true)) {
        say("STP on".to_owned());
    }
    if let Some(mtu) = one.layer2.and_then(|layer2| layer2.mtu) {
        say(format!("MTU {mtu}"));
    }
    if one.profile.is_some_and(|profile| !profile.autostart) {
        say("no autostart".to_owned());
    }
    if !one.is_made() && one.kind != "bridge" {
        say("not configured".to_owned());
    }
    doing(&one.state(), &mut say);
    facts
}

/// Says what an interface does on the host.
fn doing(state: &State<'_>, say: &mut impl FnMut(String)) {
    match state {
        State::DefaultRoute => say("default route".to_owned()),
        State::NotRead => say("its file cannot be read".to_owned()),
        State::Elsewhere(program) => say(format!("by {program}")),
        State::Free => say("free".to_owned()),
        State::NotFree => say("not free".to_owned()),
        State::Port(_)
        | State::Addressed
        | State::OfNetwork(_)
        | State::Carries(_)
        | State::Networks(_)
        | State::Guests(_)
        | State::Holds(_)
        | State::Loopback
        | State::NotConfigured => {}
    }
}

/// Says how an interface gets its addresses, and which.
fn addressing(layer3: &Layer3, say: &mut impl FnMut(String)) {
    if layer3.shell {
        say("addresses that a shell computes".to_owned());
    }
    match &*layer3.v4.method {
        Method::Dhcp => say("DHCP".to_owned()),
        Method::Other(other) if !layer3.shell => say(other.clone()),
        Method::Manual
        | Method::Unsaid
        | Method::Unread
        | Method::Off
        | Method::Auto
        | Method::Other(_) => {}
    }
    let labelled = layer3.labelled().filter_map(|said| said.net);
    let all: Vec<_> = layer3.addresses().chain(labelled).collect();
    if layer3.gives_no_address() && layer3.asks_for_v6() {
        say("IPv6 by its routers".to_owned());
    }
    for address in all.iter().take(MOST_ADDRESSES) {
        say(address.to_string());
    }
    match all.len().saturating_sub(MOST_ADDRESSES) {
        0 => {}
        more => say(format!("{more} more addresses")),
    }
}

/// Returns what is said of a network, beside its name.
pub(super) fn of_network(network: &Network) -> String {
    let mut said = vec![network.forward.word().to_owned()];
    for subnet in &network.subnets {
        let dhcp = subnet.dhcp.as_ref();
        let dhcp = dhcp.filter(|dhcp| !dhcp.ranges.is_empty() || !dhcp.hosts.is_empty());
        let net = subnet.address.trunc();
        said.push(match dhcp.map(|dhcp| dhcp.ranges.as_slice()) {
            None => net.to_string(),
            Some([]) => format!("{net} DHCP for hosts"),
            Some([range, rest @ ..]) => {
                let [first, last] =
                    [range.first, range.last].map(|ip| in_short(&subnet.address, ip));
                let more = if rest.is_empty() {
                    String::new()
                } else {
                    format!(" +{}", rest.len())
                };
                format!("{net} DHCP {first}-{last}{more}")
            }
        });
    }
    if matches!(network.forward, Forward::Direct(_)) && network.devices.is_empty() {
        said.push("without a device".to_owned());
    }
    if !network.autostart {
        said.push("no autostart".to_owned());
    }
    said.join(", ")
}
