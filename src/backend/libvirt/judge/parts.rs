//! What networks, port groups and interfaces of guests have in common: bandwidth, VLANs, virtual ports, routes, PCI addresses.
//!
//! Sources: `virNetDevBandwidthParse()` in conf/netdev_bandwidth_conf.c, `virNetDevVlanParse()` in conf/netdev_vlan_conf.c,
//! `virPCIDeviceAddressParseXML()` in conf/device_conf.c.

use super::found::Found;
use super::page::Node;
use super::values::Number;

/// The highest VLAN.
const HIGHEST_TAG: u64 = 4095;

/// Judges `<bandwidth>`; only interfaces on a network may have a `floor`.
pub(super) fn bandwidth(node: Option<Node<'_>>, with_floor: bool, found: &mut Found) {
    let Some(node) = node else {
        return;
    };
    if let Some(class) = node.prop("classID") {
        let why = "`classID` of a `<bandwidth>`, which libvirt gives itself";
        found.refuse(class.span, why, "delete it");
    }
    for direction in ["inbound", "outbound"] {
        let mut all = node.loose(direction);
        let Some(first) = all.next() else {
            continue;
        };
        let floor = with_floor && direction == "inbound";
        rate(&first, floor, found);
        for second in all {
            let why = format!("a second `<{direction}>` in one `<bandwidth>`");
            found.refuse(second.tag(), why, "delete one of them");
        }
    }
}

/// Judges a direction: `virNetDevBandwidthParseRate()`.
fn rate(node: &Node<'_>, with_floor: bool, found: &mut Found) {
    let [average, peak, burst, floor] = ["average", "peak", "burst", "floor"].map(|n| node.prop(n));
    let has_average = average.is_some();
    if !has_average && floor.is_none() {
        found.lacks(node, "average");
    } else if let Some(extra) = peak.as_ref().or(burst.as_ref()).filter(|_| !has_average) {
        let why = format!("`{}` without `average`", extra.name);
        let help = "add average='…' to it, in kilobytes a second";
        found.refuse(extra.span.clone(), why, help);
    }
    for value in [average, peak, burst] {
        found.number(value, Number::LONG);
    }
    let span = floor.as_ref().map(|value| value.span.clone());
    let floor = found.number(floor, Number::LONG).filter(|floor| *floor > 0);
    if let (Some(span), Some(_), false) = (span, floor, with_floor) {
        let why =
            "a `floor`, which only the inbound traffic of a guest's interface on a network has";
        found.refuse(span, why, "delete it");
    }
}

/// Judges `<vlan>`.
pub(super) fn vlan(node: Option<Node<'_>>, found: &mut Found) {
    let Some(node) = node else {
        return;
    };
    let tags: Vec<Node<'_>> = node.all("tag").collect();
    if tags.is_empty() {
        found.refuse(
            node.tag(),
            "a `<vlan>` without a `<tag>`",
            "put <tag id='…'/> into it",
        );
    }
    let mut native = false;
    for tag in &tags {
        let id = found.needed(tag, "id");
        let span = id.as_ref().map(|id| id.span.clone());
        let number = found.number(id, Number::INT);
        if let (Some(span), Some(id)) = (span, number.filter(|id| *id > HIGHEST_TAG)) {
            let why = format!("the VLAN `{id}` is not valid: the highest is {HIGHEST_TAG}");
            found.refuse(span, why, "write a number of at most 4095");
        }
        let Some(mode) = tag.prop("nativeMode") else {
            continue;
        };
        found.word(&mode, &["tagged", "untagged"]);
        if native {
            let why = "a second native VLAN";
            found.refuse(mode.span, why, "leave `nativeMode` to one tag");
        }
        native = true;
    }
    let Some(trunk) = node.said("trunk") else {
        return;
    };
    if trunk.text.eq_ignore_ascii_case("yes") {
        return;
    }
    let why = match (tags.len(), native) {
        (2.., _) => "several tags, which only `trunk='yes'` allows".to_owned(),
        (_, true) => "a native VLAN, which only `trunk='yes'` allows".to_owned(),
        _ if trunk.text.eq_ignore_ascii_case("no") => return,
        _ => format!("`{}` is no value of `trunk`", trunk.text),
    };
    let why = match trunk.text {
        "no" => format!("`trunk='no'` with {why}"),
        _ => why,
    };
    found.refuse(trunk.span, why, "write trunk='yes', or leave it out");
}

/// A PCI address: domain, bus, slot, function.
pub(super) type Pci = [u64; 4];

/// Judges a PCI address; returns it where it can be read.
pub(super) fn pci(node: &Node<'_>, found: &mut Found) -> Option<Pci> {
    let limits = [
        ("domain", u64::MAX),
        ("bus", 0xff),
        ("slot", 0x1f),
        ("function", 7),
    ];
    let mut address = [0; 4];
    for (part, (name, _)) in address.iter_mut().zip(limits) {
        if let Some(value) = node.prop(name) {
            *part = found.number(Some(value), Number::ANY_BASE)?;
        }
    }
    found.on_off(node.prop("multifunction"));
    if let Some(zpci) = node.loose("zpci").last() {
        found.number(zpci.prop("uid"), Number::ANY_BASE);
        found.number(zpci.prop("fid"), Number::ANY_BASE);
    }
    // an address of zeros means that there is none
    if address[..3] == [0; 3] {
        return Some(address);
    }
    for (part, (name, most)) in address.iter().zip(limits) {
        if let Some(value) = node.prop(name).filter(|_| *part > most) {
            found.bad(&value, format_args!("a number of at most {most:#x}"));
        }
    }
    Some(address)
}
