//! What libvirt does not take of a network's file, though it can be read.
//!
//! Sources, each seen with libvirt 9.0: `virNetworkDefParseXML()` and what it calls in conf/network_conf.c (refused),
//! `networkStartNetworkVirtual()` (fails to start) and `networkValidate()` (refused in a definition, so that it is
//! ignored in a file) in network/bridge_driver.c.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::doc::xml::{Element, XmlDoc};
use crate::host::nets::Nets;
use crate::host::network::{Fault, Faults, Forward, Network, Verdict};

/// The highest VLAN.
const HIGHEST_TAG: u32 = 4095;

/// Returns what libvirt does not take of `doc`, which says `network`.
pub(super) fn of(doc: &XmlDoc<'_>, network: &Network) -> Faults {
    let mut found = Vec::new();
    let mut fault = |verdict, element: &Element<'_>, why: String| {
        let line = doc.line(element.span.start);
        found.push(Fault { verdict, line, why });
    };
    tags(doc, &mut fault);
    match &network.forward {
        Forward::Isolated | Forward::Nat | Forward::Route | Forward::Open => {
            own_bridge(doc, network, &mut fault);
        }
        Forward::Bridge | Forward::Direct(_) => no_own_bridge(doc, network, &mut fault),
    }
    portgroups(doc, &mut fault);
    Faults(found)
}

type Report<'r> = &'r mut dyn FnMut(Verdict, &Element<'_>, String);

fn tags(doc: &XmlDoc<'_>, fault: Report<'_>) {
    for tag in doc.elements().iter().filter(|e| e.name == "tag") {
        let in_vlan = tag
            .parent
            .is_some_and(|parent| doc.elements()[parent].name == "vlan");
        let Some(id) = tag.value("id").filter(|_| in_vlan) else {
            continue;
        };
        if id.parse::<u32>().map_or(true, |id| id > HIGHEST_TAG) {
            let why = format!("the VLAN `{id}` is not valid: the highest is {HIGHEST_TAG}");
            fault(Verdict::Refused, tag, why);
        }
    }
}

/// libvirt makes the bridge, gives it addresses, and runs dnsmasq on it.
fn own_bridge(doc: &XmlDoc<'_>, network: &Network, fault: Report<'_>) {
    let routed = network.forward != Forward::Isolated;
    if let Some((_, forward)) = doc
        .child(0, "forward")
        .filter(|_| routed && network.subnets.is_empty())
    {
        let why = format!("mode `{}` without an `<ip>`", network.forward.word());
        fault(Verdict::Refused, forward, why);
    }
    let subnets: Nets = network.subnets.iter().map(|s| s.address).collect();
    for (_, element) in doc.named(0, "route") {
        let gateway = element.value("gateway");
        let gateway: Option<IpAddr> = gateway.and_then(|text| text.parse().ok());
        if let Some(gateway) = gateway.filter(|gateway| !subnets.hold(*gateway)) {
            let why = format!("the gateway {gateway} of a route is in no subnet of the network");
            fault(Verdict::Refused, element, why);
        }
    }
    if let Some((_, mac)) = doc
        .child(0, "mac")
        .filter(|_| network.mac.is_some_and(|mac| mac.is_zero()))
    {
        fault(
            Verdict::FailsToStart,
            mac,
            "a MAC address of zeros".to_owned(),
        );
    }
    one_dhcp_of_a_family(doc, fault);
    if let Some((_, vlan)) = doc.child(0, "vlan") {
        let why = format!("`<vlan>` in a network of mode `{}`", network.forward.word());
        fault(Verdict::Ignored, vlan, why);
    }
}

/// libvirt runs DHCP on one subnet of each family; `<dhcp>` without a range and a host entry is none.
fn one_dhcp_of_a_family(doc: &XmlDoc<'_>, fault: Report<'_>) {
    let runs = |dhcp| ["range", "host"].map(|name| doc.child(dhcp, name).is_some());
    for (v6, family) in [(false, "IPv4"), (true, "IPv6")] {
        let of_family = doc
            .named(0, "ip")
            .filter(|(_, ip)| (ip.value("family") == Some("ipv6")) == v6);
        let with_dhcp = of_family
            .filter_map(|(ip, _)| doc.child(ip, "dhcp"))
            .filter(|(dhcp, _)| runs(*dhcp).contains(&true));
        if let Some((_, second)) = with_dhcp.skip(1).find(|_| true) {
            let why = format!("DHCP for a second {family} subnet");
            fault(Verdict::FailsToStart, second, why);
        }
    }
}

/// The host has the bridge, or there is none.
fn no_own_bridge(doc: &XmlDoc<'_>, network: &Network, fault: Report<'_>) {
    let mode = network.forward.word();
    if let Some((_, mtu)) = doc.child(0, "mtu") {
        fault(
            Verdict::Refused,
            mtu,
            format!("`<mtu>` in a network of mode `{mode}`"),
        );
    }
    if let Some((_, bridge)) = doc.child(0, "bridge") {
        let own = ["stp", "delay", "zone"];
        if let Some(name) = own
            .into_iter()
            .find(|name| bridge.attribute(name).is_some())
        {
            let why = format!("`{name}=` for a bridge that libvirt does not create");
            fault(Verdict::Refused, bridge, why);
        }
        let named = bridge.attribute("name").is_some();
        if named && network.forward != Forward::Bridge {
            let why = format!("a bridge's name in a network of mode `{mode}`");
            fault(Verdict::Refused, bridge, why);
        } else if named && !network.devices.is_empty() {
            let why = "a bridge's name and a device of the host in one".to_owned();
            fault(Verdict::Refused, bridge, why);
        }
    }
    for name in ["ip", "dns", "domain", "mac"] {
        if let Some((_, element)) = doc.child(0, name) {
            let why = format!("`<{name}>` in a network of mode `{mode}`");
            fault(Verdict::Ignored, element, why);
        }
    }
}

fn portgroups(doc: &XmlDoc<'_>, fault: Report<'_>) {
    let (mut names, mut default) = (HashSet::new(), false);
    for (_, group) in doc.named(0, "portgroup") {
        let name = group.value("name").unwrap_or("");
        if !names.insert(name) {
            fault(
                Verdict::Ignored,
                group,
                format!("a second port group `{name}`"),
            );
        }
        if group.value("default") == Some("yes") {
            if default {
                let why = format!("a second default port group, `{name}`");
                fault(Verdict::Ignored, group, why);
            }
            default = true;
        }
    }
}
