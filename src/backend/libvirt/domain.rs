//! What a guest's file says of its interfaces.
//!
//! Source: conf/domain_conf.c, `virDomainNetDefParseXML()`.

use super::tags::tags;
use super::{Wrong, judge, line_of, name_of, uuid};
use crate::doc::xml::{Element, XmlDoc};
use crate::host::guest::{Aside, Ask, Guest, GuestInterface, Source, Teaming};
use crate::host::network::{Lines, Spot};
use crate::host::value::MacAddress;
use crate::tree::HostPath;

/// Returns the guest that a document is.
pub(super) fn read(path: &HostPath, doc: &XmlDoc<'_>) -> Result<Guest, Wrong> {
    Ok(Guest {
        name: name_of(doc, "domain")?,
        uuid: uuid(doc)?,
        interfaces: elements(doc, 0)
            .enumerate()
            .map(|(ordinal, (index, element))| interface(doc, ordinal, index, element))
            .collect(),
        origin: path.clone(),
        stands_in: stands_in(doc),
        autostart: false,
        running: false,
        lines: Lines {
            name: line_of(doc, "name"),
            uuid: line_of(doc, "uuid"),
            ..Lines::default()
        },
        faults: judge::guest(doc),
    })
}

/// Returns the elements of the interfaces of the domain that the element `domain` is.
pub(super) fn elements<'n>(
    doc: &'n XmlDoc<'_>,
    domain: usize,
) -> impl Iterator<Item = (usize, &'n Element<'n>)> + 'n {
    let devices = doc.child(domain, "devices").map(|(index, _)| index);
    devices
        .into_iter()
        .flat_map(|devices| doc.named(devices, "interface"))
}

/// Returns the element in which the interface `index` asks for a floor of its bandwidth.
pub(super) fn floor(doc: &XmlDoc<'_>, index: usize) -> Option<usize> {
    let (bandwidth, _) = doc.child(index, "bandwidth")?;
    let (inbound, element) = doc.child(bandwidth, "inbound")?;
    element.attribute("floor").map(|_| inbound)
}

fn interface(
    doc: &XmlDoc<'_>,
    ordinal: usize,
    index: usize,
    element: &Element<'_>,
) -> GuestInterface {
    let child = |name: &str| doc.child(index, name).map(|(_, child)| child);
    let source = child("source");
    let named = |attribute: &str| {
        let value = source.and_then(|source| source.value(attribute));
        value.map(str::to_owned)
    };
    let kind = element.value("type").unwrap_or("user");
    let found = match kind {
        "network" => named("network").map(|name| Source::Network {
            name,
            portgroup: named("portgroup"),
        }),
        "bridge" => named("bridge").map(Source::Bridge),
        "direct" => named("dev").map(Source::Device),
        _ => None,
    };
    let value = |name: &str, attribute: &str| {
        let value = child(name).and_then(|child| child.value(attribute));
        value.map(str::to_owned)
    };
    GuestInterface {
        mac: child("mac").and_then(|mac| MacAddress::parse(mac.value("address")?)),
        source: found.unwrap_or_else(|| Source::Other(kind.to_owned())),
        model: value("model", "type"),
        virtualport: child("virtualport").map(|port| port.value("type").unwrap_or("").to_owned()),
        floor: floor(doc, index).is_some(),
        mode: named("mode").filter(|_| kind == "direct"),
        vlan: child("vlan").is_some(),
        asks: asks(&value, child("bandwidth").is_some()),
        teaming: match value("teaming", "type").as_deref() {
            Some("persistent") => Some(Teaming::Persistent),
            Some("transient") => value("teaming", "persistent").map(Teaming::Transient),
            Some(_) | None => None,
        },
        alias: value("alias", "name"),
        link_down: value("link", "state").as_deref() == Some("down"),
        aside: Aside {
            target: value("target", "dev"),
            tags: tags(doc, index),
        },
        spot: Spot {
            line: Some(doc.line(source.unwrap_or(element).span.start)),
            ordinal: Some(ordinal),
        },
        mac_spot: Spot {
            line: Some(doc.line(child("mac").unwrap_or(element).span.start)),
            ordinal: Some(ordinal),
        },
    }
}

/// Returns what an interface asks for, by the values of its elements.
fn asks(value: &impl Fn(&str, &str) -> Option<String>, bandwidth: bool) -> Vec<Ask> {
    let several = |count: String| count.parse().is_ok_and(|count: u32| count > 0);
    let all = [
        (
            Ask::Isolation,
            value("port", "isolated").as_deref() == Some("yes"),
        ),
        (Ask::Bandwidth, bandwidth),
        (Ask::Filter, value("filterref", "filter").is_some()),
        (Ask::Queues, value("driver", "queues").is_some_and(several)),
        (Ask::Tap, value("backend", "tap").is_some()),
    ];
    let asked = all.into_iter().filter(|(_, asked)| *asked);
    asked.map(|(ask, _)| ask).collect()
}

/// Returns the aliases that cards handed through by `<hostdev>` stand in for.
fn stands_in(doc: &XmlDoc<'_>) -> Vec<String> {
    let Some((devices, _)) = doc.child(0, "devices") else {
        return Vec::new();
    };
    let cards = doc.named(devices, "hostdev");
    let aliases = cards.filter_map(|(card, _)| {
        let (_, teaming) = doc.child(card, "teaming")?;
        teaming.value("persistent").map(str::to_owned)
    });
    aliases.collect()
}
