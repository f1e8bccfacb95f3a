//! Networks: what libvirt loads, and neither defines again nor starts.
//!
//! Sources: `networkValidate()`, which define and create call, and load does not; `networkStartNetworkVirtual()` and what
//! it calls: both in network/bridge_driver.c.

use std::collections::HashSet;

use super::forward::Mode;
use super::found::Found;
use super::judged::{Judged, named};
use super::page::Node;
use super::start;
use super::values::{Number, mac};
use crate::host::network::Verdict;

/// Judges a network whose mode is known.
pub(super) fn network(judged: &Judged<'_>, mode: Mode, found: &mut Found) {
    match mode.owns_bridge() {
        true => own_bridge(judged, found),
        false => no_own_bridge(judged, mode, found),
    }
    pool(judged, mode, found);
    vlans(judged, mode, found);
    portgroups(judged, found);
}

fn undefinable(found: &mut Found, node: &Node<'_>, why: String) {
    found.add(Verdict::Undefinable, node.tag(), why, "delete it");
}

/// libvirt makes the bridge, gives it addresses, and runs dnsmasq on it.
fn own_bridge(judged: &Judged<'_>, found: &mut Found) {
    let root = &judged.root;
    if let Some(address) = root.first("mac").and_then(|mac| mac.said("address"))
        && mac(address.text) == Some([0; 6])
    {
        let help = "write an address that begins with 52:54:00";
        found.add(
            Verdict::FailsToStart,
            address.span,
            "a MAC address of zeros",
            help,
        );
    }
    size(judged, found);
    delay(root, found);
    let dns = root.first("dns").and_then(|dns| dns.prop("enable"));
    let with_dns = dns.is_none_or(|enable| enable.text != "no");
    start::start(&judged.nets, with_dns, found);
}

/// The kernel's limits for a bridge, and for one with addresses of IPv6.
fn size(judged: &Judged<'_>, found: &mut Found) {
    let mut all = judged.root.all("mtu");
    let Some(size) = all.find_map(|mtu| mtu.said("size")) else {
        return;
    };
    let v6 = judged.nets.iter().any(|net| net.address.is_ipv6());
    let (least, why) = match v6 {
        true => (1280, "which is too small for IPv6"),
        false => (68, "which no bridge can have"),
    };
    let Some(bytes) = Number::INT_OR_MINUS
        .read(size.text)
        .filter(|bytes| *bytes > 0)
    else {
        return;
    };
    let why = match bytes {
        65536.. => format!("an MTU of {bytes}, which no bridge can have"),
        bytes if bytes < least => format!("an MTU of {bytes}, {why}"),
        _ => return,
    };
    let help = format!("write a number from {least} to 65535");
    found.add(Verdict::FailsToStart, size.span, why, help);
}

/// libvirt reads again what it wrote of a number, and it writes one above this as a negative one.
fn delay(root: &Node<'_>, found: &mut Found) {
    let delay = root.first("bridge").and_then(|bridge| bridge.said("delay"));
    if let Some(delay) = delay
        && Number::LONG
            .read(delay.text)
            .is_some_and(|seconds| i64::try_from(seconds).is_err())
    {
        let why = format!("a delay of {} seconds", delay.text);
        found.add(
            Verdict::FailsToStart,
            delay.span,
            why,
            "write a number from 0 to 30",
        );
    }
}

/// The host has the bridge, or there is none: nothing can be set on it.
fn no_own_bridge(judged: &Judged<'_>, mode: Mode, found: &mut Found) {
    let (root, word) = (&judged.root, judged.forward.word);
    let mut foreign: Vec<Node<'_>> = Vec::new();
    foreign.extend(
        root.first("mac")
            .filter(|mac| mac.said("address").is_some()),
    );
    foreign.extend(root.first("ip"));
    let data = |dns: &Node<'_>| {
        ["txt", "host", "srv"]
            .iter()
            .any(|name| dns.first(name).is_some())
    };
    foreign.extend(root.first("dns").filter(data));
    foreign.extend(
        root.first("domain")
            .filter(|domain| domain.prop("name").is_some()),
    );
    for node in foreign {
        undefinable(
            found,
            &node,
            format!("`<{}>` in a network of mode `{word}`", node.name()),
        );
    }
    let bridge = root.first("bridge").and_then(|bridge| bridge.said("name"));
    if mode == Mode::Bridge && bridge.is_some() {
        return;
    }
    let groups = root.all("portgroup");
    let limits = std::iter::once(*root)
        .chain(groups)
        .filter_map(|node| node.first("bandwidth"));
    for bandwidth in limits.filter(|node| limits_something(node)) {
        let why = format!("`<bandwidth>` in a network of mode `{word}` without a bridge");
        undefinable(found, &bandwidth, why);
    }
}

fn limits_something(bandwidth: &Node<'_>) -> bool {
    ["inbound", "outbound"]
        .iter()
        .any(|name| bandwidth.loose(name).next().is_some())
}

/// Cards of the host are named in one way, and by their PCI addresses where guests get them as a whole.
fn pool(judged: &Judged<'_>, mode: Mode, found: &mut Found) {
    let forward = &judged.forward;
    let word = forward.word;
    if let Some(device) = forward.interfaces.first().filter(|_| mode == Mode::Hostdev) {
        let why = "a network device in mode `hostdev`, which takes PCI addresses";
        let help = "write <address type='pci' …/> or <pf dev='…'/> instead";
        found.add(Verdict::Undefinable, named(device), why, help);
    }
    if let Some(address) = forward.addresses.first().filter(|_| mode != Mode::Hostdev) {
        let why = format!("a PCI address in mode `{word}`, which takes network devices");
        let help = "write <interface dev='…'/> instead";
        found.add(Verdict::Undefinable, address.tag(), why, help);
    }
}

/// A VLAN is taken where cards of the host or a bridge of Open vSwitch tag the frames.
fn vlans(judged: &Judged<'_>, mode: Mode, found: &mut Found) {
    let root = &judged.root;
    let is_ovs = |node: &Node<'_>| {
        node.first("virtualport").map(|port| {
            port.prop("type")
                .is_some_and(|kind| kind.text == "openvswitch")
        })
    };
    let allowed = matches!(mode, Mode::Hostdev | Mode::Passthrough)
        || mode == Mode::Bridge && is_ovs(root) == Some(true);
    let own = root.first("vlan");
    let mut default = false;
    let mut bad: Vec<Node<'_>> = Vec::new();
    for group in root.all("portgroup") {
        default |= is_default(&group);
        let Some(vlan) = group.first("vlan").or(own) else {
            continue;
        };
        let taken = match is_ovs(&group) {
            Some(ovs) => ovs && mode == Mode::Bridge,
            None => allowed,
        };
        if !taken {
            bad.push(vlan);
        }
    }
    // told once, however many port groups have it
    bad.extend(own.filter(|_| !allowed && !default));
    let linux = mode == Mode::Bridge
        && root
            .first("bridge")
            .is_some_and(|bridge| bridge.said("name").is_some());
    for vlan in bad {
        match linux {
            true => found.tagged_bridge(Verdict::Undefinable, vlan.tag()),
            false => {
                let why = format!("`<vlan>` in a network of mode `{}`", judged.forward.word);
                found.add(Verdict::Undefinable, vlan.tag(), why, "delete it");
            }
        }
    }
}

fn is_default(group: &Node<'_>) -> bool {
    let default = group.said("default");
    default.is_some_and(|default| default.text.eq_ignore_ascii_case("yes"))
}

fn portgroups(judged: &Judged<'_>, found: &mut Found) {
    let (mut names, mut default) = (HashSet::new(), false);
    for group in judged.root.all("portgroup") {
        let Some(name) = group.said("name") else {
            continue;
        };
        if !names.insert(name.text) {
            let why = format!("a second port group `{}`", name.text);
            found.add(
                Verdict::Undefinable,
                name.span.clone(),
                why,
                "give it another name, or delete it",
            );
        }
        if is_default(&group) {
            if default {
                let why = format!("a second default port group, `{}`", name.text);
                let span = group
                    .said("default")
                    .map_or(group.tag(), |default| default.span);
                found.add(
                    Verdict::Undefinable,
                    span,
                    why,
                    "leave default='yes' to one of them",
                );
            }
            default = true;
        }
    }
}
