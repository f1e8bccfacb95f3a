//! An interface of a guest: what keeps libvirt from loading the file.
//!
//! Source: `virDomainNetDefParseXML()` and what it calls in conf/domain_conf.c, from its first line to its last.

use super::addresses::addresses;
use super::device;
use super::found::Found;
use super::page::{Node, Value};
use super::parts::{bandwidth, vlan};
use super::source::source;
use super::values::{Family, Number, address, mac};
use super::virtualport::{Asked, virtualport};
use crate::host::network::Verdict;

/// The types (`virDomainNetType`).
const TYPES: &[&str] = &[
    "user",
    "ethernet",
    "vhostuser",
    "server",
    "client",
    "mcast",
    "network",
    "bridge",
    "internal",
    "direct",
    "hostdev",
    "udp",
    "vdpa",
    "null",
    "vds",
];

/// Judges an interface; returns its type where libvirt knows it.
pub(super) fn interface<'p>(node: &Node<'p>, found: &mut Found) -> Option<&'p str> {
    let kind = match node.prop("type") {
        Some(value) => {
            found.word(&value, TYPES)?;
            value.text
        }
        None => "user",
    };
    found.yes_no(node.prop("trustGuestRxFilters"));
    source(node, kind, found);
    port(node, kind, found);
    if let Some(target) = node.first("target") {
        found.yes_no(target.prop("managed"));
    }
    filter(node, kind, found);
    bandwidth(node.first("bandwidth"), kind == "network", found);
    vlan(node.first("vlan"), found);
    hardware_address(node, found);
    device::info(node, found);
    addresses(node, found);
    node.all("portForward")
        .for_each(|forward| port_forward(&forward, found));
    card(node, kind, found);
    rest(node, found);
    Some(kind)
}

/// Returns the first value of an attribute of the elements `name`, as `string(./name/@attribute)` does.
pub(super) fn said<'p>(node: &Node<'p>, name: &'static str, attribute: &str) -> Option<Value<'p>> {
    let mut all = node.all(name);
    let first = all.find(|child| child.element().attribute(attribute).is_some());
    first.and_then(|child| child.said(attribute))
}

/// Returns whether the model is named, and is one of virtio; `None` where it is not named.
pub(super) fn is_virtio(node: &Node<'_>) -> Option<bool> {
    let model = said(node, "model", "type")?;
    let virtio = ["virtio", "virtio-transitional", "virtio-non-transitional"];
    Some(
        virtio
            .iter()
            .any(|name| model.text.eq_ignore_ascii_case(name)),
    )
}

fn port(node: &Node<'_>, kind: &str, found: &mut Found) {
    let asked = match kind {
        "network" => Asked::Nothing,
        "bridge" | "direct" | "hostdev" => Asked::All,
        _ => {
            if let Some(port) = node.first("virtualport") {
                let why = format!("`<virtualport>` in an interface of type `{kind}`");
                found.refuse(port.tag(), why, "delete it");
            }
            return;
        }
    };
    virtualport(node.first("virtualport"), asked, found);
}

/// Only some types have a filter; of the others it is passed over.
fn filter(node: &Node<'_>, kind: &str, found: &mut Found) {
    if matches!(kind, "network" | "bridge" | "ethernet") {
        return;
    }
    if let Some(filter) = node.first("filterref") {
        let why = format!("`<filterref>` in an interface of type `{kind}`");
        found.add(
            Verdict::Ignored,
            filter.tag(),
            why,
            "delete it: no packet is filtered",
        );
    }
}

fn hardware_address(node: &Node<'_>, found: &mut Found) {
    let Some(element) = node.first("mac") else {
        return;
    };
    if let Some(own) = element.prop("address") {
        match mac(own.text) {
            None => found.bad(&own, "a MAC address, as 52:54:00:12:34:56"),
            Some(bytes) if bytes[0] & 1 == 1 => {
                let why = format!("`{}` is a multicast address, which no card has", own.text);
                found.refuse(own.span, why, "write an address that begins with 52:54:00");
            }
            Some(_) => {}
        }
    }
    if let Some(kind) = element.prop("type") {
        found.word(&kind, &["generated", "static"]);
    }
    found.yes_no(element.prop("check"));
}

/// `virDomainNetPortForwardDefParseXML()`
fn port_forward(node: &Node<'_>, found: &mut Found) {
    if let Some(proto) = found.needed(node, "proto") {
        found.word(&proto, &["tcp", "udp"]);
    }
    if let Some(own) = node.prop("address")
        && address(own.text, Family::Any).is_none()
    {
        found.bad(&own, "an address");
    }
    for range in node.all("range") {
        for name in ["start", "end", "to"] {
            found.nonzero(range.prop(name), Number::INT);
        }
        found.yes_no(range.prop("exclude"));
    }
}

/// What the guest sees: `virDomainNetSetModelString()`, `virDomainNetDefParseXMLDriver()`, `virDomainNetBackendParseXML()`.
fn card(node: &Node<'_>, kind: &str, found: &mut Found) {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if let Some(model) = said(node, "model", "type")
        && !model.text.chars().all(known)
    {
        found.bad(&model, "a model: letters, digits, `-` and `_`");
    }
    if let Some(backend) = node
        .first("backend")
        .and_then(|backend| backend.prop("type"))
    {
        found.word(&backend, &["passt"]);
    }
    let Some(driver) = node.first("driver") else {
        return;
    };
    for name in ["iommu", "ats", "packed", "page_per_vq"] {
        found.on_off(driver.prop(name));
    }
    // of other models the rest is not read
    if kind == "hostdev" || is_virtio(node) != Some(true) {
        return;
    }
    for (name, words) in [
        ("name", &["qemu", "vhost"]),
        ("txmode", &["iothread", "timer"]),
    ] {
        if let Some(value) = driver.prop(name) {
            found.word(&value, words);
        }
    }
    for name in ["ioeventfd", "event_idx", "rss", "rss_hash_report"] {
        found.on_off(driver.prop(name));
    }
    for name in ["queues", "rx_queue_size", "tx_queue_size"] {
        found.number(driver.prop(name), Number::INT);
    }
    let offloads = ["csum", "tso4", "tso6", "ecn", "ufo"];
    if let Some(host) = driver.first("host") {
        let all = offloads.iter().chain(&["gso", "mrg_rxbuf"]);
        all.for_each(|name| {
            found.on_off(host.prop(name));
        });
    }
    if let Some(guest) = driver.first("guest") {
        offloads.iter().for_each(|name| {
            found.on_off(guest.prop(name));
        });
    }
}

fn rest(node: &Node<'_>, found: &mut Found) {
    if let Some(state) = said(node, "link", "state") {
        found.word(&state, &["up", "down"]);
    }
    teaming(node, found);
    if let Some(sndbuf) = node.first("tune").and_then(|tune| tune.first("sndbuf")) {
        let text = sndbuf.text();
        if !text.is_empty() && Number::LONG.read(text.trim_start_matches('-')).is_none() {
            let why = format!("`{text}` in `<sndbuf>` is not a number");
            found.refuse(sndbuf.tag(), why, "write a number of bytes");
        }
    }
    found.number(said(node, "mtu", "size"), Number::INT);
    let frames = node
        .first("coalesce")
        .and_then(|coalesce| coalesce.first("rx"));
    let frames = frames.and_then(|rx| rx.first("frames"));
    if let Some(most) = frames.and_then(|frames| frames.said("max")) {
        found.number(Some(most), Number::INT);
    }
    if let Some(port) = node.first("port") {
        found.yes_no(port.prop("isolated"));
    }
}

/// `virDomainNetTeamingInfoParseXML()`: one that says nothing is none.
fn teaming(node: &Node<'_>, found: &mut Found) {
    match (
        said(node, "teaming", "type"),
        said(node, "teaming", "persistent"),
    ) {
        (Some(kind), _) => {
            found.word(&kind, &["persistent", "transient"]);
        }
        (None, Some(_)) => {
            if let Some(teaming) = node.first("teaming") {
                found.lacks(&teaming, "type");
            }
        }
        (None, None) => {}
    }
}
