//! Networks: what keeps libvirt from loading the file.
//!
//! Source: `virNetworkDefParseXML()` in conf/network_conf.c, from its first line to its last.

use super::document;
use super::found::Found;
use super::page::Node;
use super::parts::{bandwidth, vlan};
use super::unknown::unknown;
use super::values::{Number, mac};
use super::virtualport::{Asked, virtualport};
use super::{define, dns, form, forward, judged, route, subnet};
use crate::host::network::Verdict;
use forward::{Forward, Mode};
use judged::{Judged, named};
use subnet::Net;

/// Judges a network.
pub(super) fn network(root: Node<'_>, found: &mut Found) {
    if !document::head(&root, "network", found) {
        return;
    }
    found.yes_no(root.said("ipv6"));
    found.yes_no(root.prop("trustGuestRxFilters"));
    domain(&root, found);
    bandwidth(root.first("bandwidth"), false, found);
    vlan(root.first("vlan"), found);
    if let Some(port) = root.first("port") {
        found.yes_no(port.prop("isolated"));
    }
    bridge(&root, found);
    dns::dns(root.first("dns"), found);
    virtualport(root.first("virtualport"), Asked::Type, found);
    root.all("portgroup")
        .for_each(|group| portgroup(&group, found));
    let ips: Vec<Node<'_>> = root.all("ip").collect();
    let nets: Vec<Net<'_>> = ips
        .iter()
        .filter_map(|ip| subnet::subnet(*ip, found))
        .collect();
    let gateways: Vec<_> = root
        .all("route")
        .filter_map(|route| route::route(&route, found))
        .collect();
    // what cannot be read may be the subnet that is meant
    if nets.len() == ips.len() && nets.iter().all(|net| net.length.is_some()) {
        route::gateways(&gateways, &nets, found);
    }
    let forward = forward::forward(root.first("forward"), found);
    let judged = Judged {
        root,
        forward,
        nets,
    };
    if let Some(mode) = judged.forward.mode {
        by_mode(&judged, mode, ips.is_empty(), found);
        define::network(&judged, mode, found);
    }
    document::options(&root, found);
    unknown(&root, form::network(), form::network(), found);
}

fn domain(root: &Node<'_>, found: &mut Found) {
    let Some(domain) = root.first("domain") else {
        return;
    };
    let local = domain.prop("localOnly");
    let is_local = found.yes_no(local.clone()) == Some(true);
    let named = domain.prop("name").is_some();
    if let Some(local) = local.filter(|_| is_local && !named) {
        let why = "`localOnly` without a domain's `name` keeps no query from being forwarded";
        let help = "add name='…' to it";
        found.add(Verdict::Ignored, local.span, why, help);
    }
}

fn bridge(root: &Node<'_>, found: &mut Found) {
    if let Some(bridge) = root.first("bridge") {
        found.number(bridge.said("delay"), Number::LONG);
        if let Some(manager) = bridge.said("macTableManager") {
            found.word(&manager, &["kernel", "libvirt"]);
        }
    }
    if let Some(address) = root.first("mac").and_then(|mac| mac.said("address")) {
        match mac(address.text) {
            None => found.bad(&address, "a MAC address, as 52:54:00:12:34:56"),
            Some(bytes) if bytes[0] & 1 == 1 => {
                let why = format!(
                    "`{}` is a multicast address, which no bridge can have",
                    address.text
                );
                found.refuse(
                    address.span,
                    why,
                    "write an address that begins with 52:54:00",
                );
            }
            Some(_) => {}
        }
    }
    if let Some(size) = root.all("mtu").find_map(|mtu| mtu.said("size")) {
        found.number(Some(size), Number::INT_OR_MINUS);
    }
}

/// Judges a port group: `virNetworkPortGroupParseXML()`.
fn portgroup(group: &Node<'_>, found: &mut Found) {
    if group.said("name").is_none() {
        found.lacks(group, "name");
    }
    found.yes_no(group.prop("trustGuestRxFilters"));
    virtualport(group.first("virtualport"), Asked::Nothing, found);
    bandwidth(group.first("bandwidth"), false, found);
    vlan(group.first("vlan"), found);
}

/// What must go together with the mode.
fn by_mode(judged: &Judged<'_>, mode: Mode, without_ip: bool, found: &mut Found) {
    let (root, forward) = (&judged.root, &judged.forward);
    let word = forward.word;
    match mode {
        Mode::Isolated => {}
        Mode::Nat | Mode::Route | Mode::Open => {
            if let Some(node) = forward.node.filter(|_| without_ip) {
                let why = format!("mode `{word}` without an `<ip>`");
                let help = "add <ip address='…' prefix='…'/> to the network, or delete <forward>";
                found.refuse(node.tag(), why, help);
            }
            let open = mode == Mode::Open;
            let more = forward.interfaces.get(usize::from(!open));
            let why = match open {
                true => "a device in mode `open`, which restricts nothing".to_owned(),
                false => format!("a second device in mode `{word}`"),
            };
            if let Some(device) = more {
                found.refuse(named(device), why, "delete it");
            }
        }
        Mode::Bridge | Mode::Macvtap | Mode::Passthrough | Mode::Hostdev => {
            if let Some(bridge) = root.first("bridge") {
                host_bridge(&bridge, forward, mode, found);
            }
            let mtu = root.all("mtu").find_map(|mtu| mtu.said("size"));
            let mtu = mtu.filter(|size| {
                Number::INT_OR_MINUS
                    .read(size.text)
                    .is_some_and(|size| size > 0)
            });
            if let Some(size) = mtu {
                let why = format!("`<mtu>` in a network of mode `{word}`");
                found.refuse(size.span, why, "delete it");
            }
        }
    }
}

/// What may be said of a bridge that is the host's.
fn host_bridge(bridge: &Node<'_>, forward: &Forward<'_>, mode: Mode, found: &mut Found) {
    let word = forward.word;
    for name in ["stp", "delay", "zone"] {
        // a delay of 0 counts as none
        let value = bridge.said(name).filter(|value| {
            name != "delay" || Number::LONG.read(value.text).is_some_and(|delay| delay > 0)
        });
        if let Some(value) = value {
            let why = format!("`{name}=` for a bridge that libvirt does not create");
            found.refuse(value.span, why, "delete it");
        }
    }
    if mode != Mode::Bridge {
        for name in ["name", "macTableManager"] {
            if let Some(value) = bridge.said(name) {
                let what = if name == "name" {
                    "a bridge's name"
                } else {
                    "`macTableManager`"
                };
                let why = format!("{what} in a network of mode `{word}`");
                found.refuse(value.span, why, "delete it");
            }
        }
        return;
    }
    let device = forward
        .interfaces
        .first()
        .or(forward.addresses.first())
        .or(forward.pf.as_ref());
    if let (Some(name), Some(_)) = (bridge.said("name"), device) {
        let why = "a bridge's name and a device of the host in one";
        found.refuse(name.span, why, "delete one of the two: guests are attached to the bridge, or get a macvtap on the device");
    }
}
