//! The law of conservation for networks and guests: comments, and elements and attributes that the model does not know, are
//! still there, but for those of a part that the model gave up.

use std::ops::Range;

use super::draft::by_ordinal;
use super::{domain, domain_write, network_write};
use crate::backend::parts::{self, GivenUp, Known};
use crate::backend::violation::{Law, Violation};
use crate::change::ChangeSet;
use crate::doc::xml::XmlDoc;
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface};
use crate::host::network::{Network, Subnet};
use crate::tree::{HostPath, Node, Tree};

/// What of a network the model holds; PutGet compares it.
fn of_network(path: &str, attribute: &str) -> bool {
    let known: &[&str] = match path {
        "network" | "network/name" | "network/uuid" | "network/ip/dhcp" => &[],
        "network/forward" => &["mode", "dev"],
        "network/forward/interface" | "network/forward/pf" => &["dev"],
        "network/bridge" => &["name", "stp"],
        "network/mac" => &["address"],
        "network/domain" => &["name"],
        "network/ip" => &["address", "family", "netmask", "prefix"],
        "network/ip/dhcp/range" => &["start", "end"],
        "network/ip/dhcp/host" => &["mac", "id", "name", "ip"],
        "network/route" => &["address", "family", "netmask", "prefix", "gateway"],
        "network/virtualport" => &["type"],
        _ => return false,
    };
    attribute.is_empty() || known.contains(&attribute)
}

/// What of a guest the lens writes.
fn of_guest(path: &str, attribute: &str) -> bool {
    let known: &[&str] = match path {
        "domain" | "domain/devices" => &[],
        "domain/devices/interface" | "domain/devices/interface/virtualport" => &["type"],
        "domain/devices/interface/source" => {
            &["network", "portgroup", "portid", "bridge", "dev", "mode"]
        }
        "domain/devices/interface/bandwidth/inbound" => &["floor"],
        _ => return false,
    };
    attribute.is_empty() || known.contains(&attribute)
}

/// Checks that nothing is lost of networks and guests that changed.
pub(in crate::backend) fn conserves(
    tree: &Tree,
    set: &ChangeSet,
    before: &Host,
    after: &Host,
) -> Result<(), Violation> {
    let check = |from: &HostPath, to: &HostPath, about: String, known, given_up: &Given<'_>| {
        let (Some(old), Some(new)) = (text(tree, from), written(tree, set, to)) else {
            return Ok(());
        };
        let (Ok(old), Ok(new)) = (XmlDoc::parse(old), XmlDoc::parse(new)) else {
            return Ok(());
        };
        match parts::lost(&old, &new, known, &given_up(&old)) {
            None => Ok(()),
            Some(offset) => Err(Violation {
                law: Law::Conservation,
                path: tree.end_of(from),
                line: Some(old.line(offset)),
                about,
            }),
        }
    };
    for (old, new) in network_write::changed(before, after, false) {
        let like = || new.like.as_ref().and_then(|like| with_file(before, like));
        let Some(old) = old.or_else(like) else {
            continue;
        };
        let Some(from) = &old.origin else {
            continue;
        };
        let given_up = |doc: &XmlDoc<'_>| given_up_of_network(doc, old, new);
        let about = format!("the network `{}`", new.name);
        let (to, known) = (network_write::file_of(new), of_network as Known);
        check(from, &to, about, known, &given_up)?;
    }
    for (old, new) in domain_write::changed(before, after, false) {
        let Some(old) = old else {
            continue;
        };
        let given_up = |doc: &XmlDoc<'_>| given_up_of_guest(doc, old, new);
        let about = format!("the guest `{}`", new.name);
        let known = of_guest as Known;
        check(&old.origin, &new.origin, about, known, &given_up)?;
    }
    Ok(())
}

/// Tells what of a document is given up.
type Given<'g> = dyn Fn(&XmlDoc<'_>) -> GivenUp + 'g;

fn with_file<'h>(host: &'h Host, path: &HostPath) -> Option<&'h Network> {
    let mut networks = host.networks();
    networks.find(|network| network.origin.as_ref() == Some(path))
}

fn text<'t>(tree: &'t Tree, path: &HostPath) -> Option<&'t str> {
    std::str::from_utf8(&tree.file(path)?.bytes).ok()
}

/// Returns what a change leaves at `path`.
fn written<'t>(tree: &'t Tree, set: &'t ChangeSet, path: &HostPath) -> Option<&'t str> {
    match set.get(&tree.end_of(path)) {
        None => text(tree, path),
        Some(change) => match change.after.as_ref()? {
            Node::File(file) => std::str::from_utf8(&file.bytes).ok(),
            Node::Link(_) => None,
        },
    }
}

/// libvirt's own comment at the head names the network.
fn header(doc: &XmlDoc<'_>) -> Option<Range<usize>> {
    let header = doc.comments().first()?;
    let known = doc.source()[header.clone()].contains("THIS IS AN AUTO-GENERATED FILE");
    known.then(|| header.clone())
}

fn given_up_of_network(doc: &XmlDoc<'_>, old: &Network, new: &Network) -> GivenUp {
    let mut given_up = GivenUp::default();
    let mut elements = |name: &str| {
        let named = doc.named(0, name).map(|(_, element)| element.span.clone());
        given_up.spans.extend(named);
    };
    if old.forward != new.forward {
        elements("forward");
    }
    if new.bridge.is_none() {
        elements("bridge");
    }
    if new.mac.is_none() && old.mac.is_some() {
        elements("mac");
    }
    if new.domain.is_none() && old.domain.is_some() {
        elements("domain");
    }
    if new.routes.is_empty() {
        elements("route");
    }
    if old.switch != new.switch {
        elements("virtualport");
    }
    let hands_over = old.forward.owns_bridge() && !new.forward.owns_bridge();
    if hands_over {
        elements("mtu");
        elements("dns");
        let bridge = doc.child(0, "bridge").map(|(index, _)| index);
        let own = ["delay", "zone", "macTableManager"];
        let own = own.iter().flat_map(|name| Some((bridge?, *name)));
        given_up.attributes.extend(own);
    }
    if (&old.name, old.uuid) != (&new.name, new.uuid) {
        given_up.spans.extend(header(doc));
    }
    let known = by_ordinal(&new.subnets, old.subnets.len(), |subnet| {
        subnet.spot.ordinal
    });
    let ips = doc.named(0, "ip").zip(&old.subnets).zip(known);
    for (((ip, element), old), new) in ips {
        match new {
            None => given_up.spans.push(element.span.clone()),
            Some(new) => given_up_of_subnet(doc, ip, [old, new], &mut given_up),
        }
    }
    given_up
}

fn given_up_of_subnet(
    doc: &XmlDoc<'_>,
    ip: usize,
    [old, new]: [&Subnet; 2],
    given_up: &mut GivenUp,
) {
    let (Some(old), Some(new)) = (&old.dhcp, &new.dhcp) else {
        let dhcp = doc.named(ip, "dhcp").filter(|_| new.dhcp.is_none());
        return given_up
            .spans
            .extend(dhcp.map(|(_, element)| element.span.clone()));
    };
    let entries = |name: &'static str| -> Vec<Range<usize>> {
        let all = doc.named(ip, "dhcp");
        let all = all.flat_map(|(dhcp, _)| doc.named(dhcp, name));
        all.map(|(_, element)| element.span.clone()).collect()
    };
    let gone = |kept: Vec<bool>, spans: Vec<Range<usize>>| {
        let all = spans.into_iter().zip(kept);
        all.filter(|(_, kept)| !kept).map(|(span, _)| span)
    };
    let ranges = new.ranges.iter().map(|range| range.spot.ordinal);
    let hosts = new.hosts.iter().map(|host| host.spot.ordinal);
    let spans = &mut given_up.spans;
    spans.extend(gone(kept(ranges, old.ranges.len()), entries("range")));
    spans.extend(gone(kept(hosts, old.hosts.len()), entries("host")));
}

/// Returns which of `count` parts are among those of these ordinals.
fn kept(ordinals: impl Iterator<Item = Option<usize>>, count: usize) -> Vec<bool> {
    let ordinals: Vec<Option<usize>> = ordinals.collect();
    let found = by_ordinal(&ordinals, count, |ordinal| *ordinal);
    found.iter().map(Option::is_some).collect()
}

fn given_up_of_guest(doc: &XmlDoc<'_>, old: &Guest, new: &Guest) -> GivenUp {
    let mut given_up = GivenUp::default();
    let count = old.interfaces.len();
    let known = by_ordinal(&new.interfaces, count, |i| i.spot.ordinal);
    let elements = domain::elements(doc, 0).zip(&old.interfaces).zip(known);
    for (((index, element), old), new) in elements {
        match new {
            None => given_up.spans.push(element.span.clone()),
            Some(new) if new == old => {}
            Some(new) => given_up_of_interface(doc, index, old, new, &mut given_up),
        }
    }
    given_up
}

/// An interface of another type loses what only the old one has; one on another switch, its virtual port.
fn given_up_of_interface(
    doc: &XmlDoc<'_>,
    index: usize,
    old: &GuestInterface,
    new: &GuestInterface,
    given_up: &mut GivenUp,
) {
    let mut elements = |names: &[&str]| {
        let children = doc.children(index);
        let named = children.filter(|(_, child)| names.contains(&child.name));
        given_up
            .spans
            .extend(named.map(|(_, child)| child.span.clone()));
    };
    if old.virtualport != new.virtualport {
        elements(&["virtualport"]);
    }
    if old.floor != new.floor {
        elements(&["bandwidth"]);
    }
    if old.source.word() == new.source.word() {
        return;
    }
    elements(&["source"]);
    elements(match old.source.word() {
        "hostdev" => &["driver"],
        "user" | "vhostuser" => &["backend", "portForward", "ip", "route"],
        "ethernet" => &["script", "downscript", "ip", "route"],
        _ => &[],
    });
    given_up.attributes.push((index, "managed"));
    if let Some((target, element)) = doc.child(index, "target") {
        given_up.attributes.push((target, "managed"));
        if element.value("managed") == Some("no") {
            given_up.spans.push(element.span.clone());
        }
    }
}
