//! What an interface of a guest is attached to.
//!
//! Sources: `virDomainNetDefParseXML()`, `virDomainHostdevDefParseXMLSubsys()` and what they call in conf/domain_conf.c.

use super::addresses::addresses;
use super::found::Found;
use super::page::Node;
use super::parts::pci;
use super::values::{Number, integer, is_uuid};

/// The attribute that names the source, by type.
const NAMED_BY: &[(&str, &str)] = &[
    ("network", "network"),
    ("bridge", "bridge"),
    ("direct", "dev"),
    ("internal", "name"),
    ("vdpa", "dev"),
];

/// Judges the source of an interface of type `kind`.
pub(super) fn source(node: &Node<'_>, kind: &str, found: &mut Found) {
    let source = node.first("source");
    if let Some(source) = &source {
        addresses(source, found);
    }
    let needs_none = matches!(kind, "user" | "ethernet" | "null" | "hostdev");
    match source {
        _ if kind == "hostdev" => host_device(node, source, found),
        Some(source) => by_kind(&source, kind, found),
        None if needs_none => {}
        None => {
            let why = match has_passt(node) && kind == "vhostuser" {
                true => "an interface of type `vhostuser` without `<source>`, which libvirt takes from version 11.1 on".to_owned(),
                false => format!("an interface of type `{kind}` without `<source>`"),
            };
            found.refuse(node.tag(), why, missing(kind));
        }
    }
}

/// Returns whether passt connects the interface.
pub(super) fn has_passt(node: &Node<'_>) -> bool {
    let backend = node
        .first("backend")
        .and_then(|backend| backend.prop("type"));
    backend.is_some_and(|kind| kind.text == "passt")
}

fn missing(kind: &str) -> String {
    let named = NAMED_BY.iter().find(|(known, _)| *known == kind);
    match named {
        Some((_, attribute)) => format!("put <source {attribute}='…'/> into it"),
        None => "put a <source> into it".to_owned(),
    }
}

fn by_kind(source: &Node<'_>, kind: &str, found: &mut Found) {
    if let Some((_, attribute)) = NAMED_BY.iter().find(|(known, _)| *known == kind) {
        named(source, kind, attribute, found);
    }
    match kind {
        "direct" => {
            if let Some(mode) = source.prop("mode") {
                found.word(&mode, &["vepa", "private", "bridge", "passthrough"]);
            }
        }
        "vhostuser" => vhostuser(source, found),
        "mcast" | "client" | "udp" | "server" => socket(source, kind, found),
        "vds" => {
            if let Some(id) = found.needed(source, "switchid")
                && !is_uuid(id.text)
            {
                found.bad(&id, "a UUID");
            }
            for name in ["portid", "portgroupid", "connectionid"] {
                found.needed(source, name);
            }
        }
        _ => {}
    }
}

/// The source has its name in the attribute that belongs to the type.
fn named(source: &Node<'_>, kind: &str, attribute: &'static str, found: &mut Found) {
    if source.prop(attribute).is_some() {
        return;
    }
    let other = NAMED_BY.iter().find_map(|(other, name)| {
        let value = source.prop(name)?;
        Some((*other, value))
    });
    let Some((other, value)) = other else {
        found.lacks(source, attribute);
        return;
    };
    let why = format!(
        "the source of an interface of type `{kind}` is named by `{attribute}`, not by `{}`",
        value.name
    );
    let help = format!(
        "write {attribute}='{}', or <interface type='{other}'>",
        value.text
    );
    found.refuse(value.span, why, help);
}

fn vhostuser(source: &Node<'_>, found: &mut Found) {
    if let Some(kind) = found.needed(source, "type") {
        found.word(&kind, &["unix"]);
    }
    found.needed(source, "path");
    if let Some(mode) = found.needed(source, "mode") {
        found.word(&mode, &["client", "server"]);
    }
    if let Some(reconnect) = source.first("reconnect")
        && found.yes_no(reconnect.prop("enabled")) == Some(true)
    {
        let timeout = found.needed(&reconnect, "timeout");
        found.number(timeout, Number::INT);
    }
}

fn socket(source: &Node<'_>, kind: &str, found: &mut Found) {
    if kind != "server" {
        found.needed(source, "address");
    }
    port(source, found);
    if kind != "udp" {
        return;
    }
    match source.first("local") {
        Some(local) => {
            found.needed(&local, "address");
            port(&local, found);
        }
        None => {
            let why = "the source of an interface of type `udp` without `<local>`";
            found.refuse(
                source.tag(),
                why,
                "put <local address='…' port='…'/> into it",
            );
        }
    }
}

fn port(node: &Node<'_>, found: &mut Found) {
    if let Some(port) = found.needed(node, "port")
        && integer(port.text).is_none()
    {
        found.bad(&port, "a number");
    }
}

/// A card of the host, handed through.
fn host_device(node: &Node<'_>, source: Option<Node<'_>>, found: &mut Found) {
    let Some(source) = source else {
        let why = "an interface of type `hostdev` without `<source>`";
        found.refuse(
            node.tag(),
            why,
            "put <source><address type='pci' …/></source> into it",
        );
        return;
    };
    let place = source.first("address");
    let kind = place.and_then(|place| place.said("type"));
    let kind = match &kind {
        Some(kind) => {
            let known = ["usb", "pci", "scsi", "scsi_host", "mdev"];
            if found.word(kind, &known).is_none() {
                return;
            }
            kind.text
        }
        None if source.first("vendor").is_some() => "usb",
        None => {
            let tag = place.map_or(source.tag(), |place| place.tag());
            let why =
                "the source of an interface of type `hostdev` without the type of its address";
            found.refuse(tag, why, "put <address type='pci' …/> into <source>");
            return;
        }
    };
    match (kind, place) {
        ("pci", Some(place)) => {
            found.yes_no(source.prop("writeFiltering"));
            pci(&place, found);
            if let Some(name) = node.first("driver").and_then(|driver| driver.prop("name")) {
                found.word(&name, &["kvm", "vfio", "xen"]);
            }
        }
        ("usb", place) => usb(&source, place, found),
        _ => {}
    }
}

fn usb(source: &Node<'_>, place: Option<Node<'_>>, found: &mut Found) {
    let (vendor, product) = (source.first("vendor"), source.first("product"));
    let one = vendor
        .or(product)
        .filter(|_| vendor.is_some() != product.is_some());
    if let Some(one) = one {
        let why = "a USB device needs both `<vendor>` and `<product>`";
        found.refuse(one.tag(), why, "add the other, or delete it");
    }
    if let Some(vendor) = vendor {
        let id = found.needed(&vendor, "id");
        found.nonzero(id, Number::ANY_BASE);
    }
    if let Some(product) = product {
        let id = found.needed(&product, "id");
        found.number(id, Number::ANY_BASE);
    }
    if let Some(place) = place {
        for name in ["bus", "device"] {
            let value = found.needed(&place, name);
            found.number(value, Number::ANY_BASE);
        }
    }
}
