//! What libvirt's files say of bridges; read only.
//!
//! Source: libvirt's formatnetwork and formatdomain pages, `virNetworkDefParseXML()`, `virDomainNetDefParseXML()`.

use std::net::IpAddr;

use super::text::{broken_by, text};
use crate::doc::xml::{Element, XmlDoc};
use crate::host::value::{IpNet, MacAddress};
use crate::host::{Broken, Guest, GuestInterface, Network, Source};
use crate::tree::{HostPath, Tree};

/// Where libvirt keeps its networks.
pub(super) const NETWORKS: &str = "/etc/libvirt/qemu/networks";
/// Where libvirt keeps its guests.
pub(super) const GUESTS: &str = "/etc/libvirt/qemu";

/// Parses each `*.xml` in `folder` that holds `word`, if one is given.
fn read<T>(
    tree: &Tree,
    folder: &str,
    word: Option<&str>,
    lens: fn(&HostPath, &XmlDoc) -> Option<T>,
) -> (Vec<T>, Vec<Broken>) {
    let folder = HostPath::parse(folder).expect("a folder of libvirt is a host path");
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    for (name, path) in tree.names(&folder) {
        let Some(about) = name.strip_suffix(".xml") else {
            continue;
        };
        let relevant = |bytes: &[u8]| {
            word.is_none_or(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
        };
        if tree.file(path).is_some_and(|file| !relevant(&file.bytes)) {
            continue;
        }
        let parsed = text(tree, path, about)
            .and_then(|text| XmlDoc::parse(text).map_err(|error| broken_by(&error, path, about)));
        match parsed {
            Ok(doc) => found.extend(lens(path, &doc)),
            Err(problem) => broken.push(problem),
        }
    }
    (found, broken)
}

/// Returns the networks; with `word`, those whose file holds it.
pub(super) fn networks(tree: &Tree, word: Option<&str>) -> (Vec<Network>, Vec<Broken>) {
    read(tree, NETWORKS, word, network)
}

/// Returns the guests; with `word`, those whose file holds it.
pub(super) fn guests(tree: &Tree, word: Option<&str>) -> (Vec<Guest>, Vec<Broken>) {
    read(tree, GUESTS, word, guest)
}

fn network(path: &HostPath, doc: &XmlDoc) -> Option<Network> {
    if doc.root().name != "network" {
        return None;
    }
    let bridge = doc
        .child(0, "bridge")
        .and_then(|(_, element)| element.attribute("name"));
    let mode = doc
        .child(0, "forward")
        .map(|(_, forward)| forward.value("mode").unwrap_or("nat").to_owned());
    Some(Network {
        origin: path.clone(),
        name: doc
            .child(0, "name")
            .map(|(_, name)| name.text.trim().to_owned())?,
        bridge: bridge.map(|attribute| attribute.value.clone().into_owned()),
        uses_host_bridge: mode.as_deref() == Some("bridge"),
        line: bridge.map_or(1, |attribute| doc.line(attribute.span.start)),
        addresses: doc
            .children(0)
            .filter(|(_, ip)| ip.name == "ip")
            .filter_map(|(_, ip)| address(doc, ip))
            .collect(),
    })
}

/// Returns the address of an `<ip>`; without prefix and netmask it has that of its class, as `virNetworkDefGetIpByIndex()`
/// and its callers take it.
fn address(doc: &XmlDoc, ip: &Element) -> Option<(IpNet, u32)> {
    let address: IpAddr = ip.value("address")?.parse().ok()?;
    let mask = || ipnet::ip_mask_to_prefix(ip.value("netmask")?.parse().ok()?).ok();
    let of_class = match address {
        IpAddr::V4(v4) if v4.octets()[0] < 128 => 8,
        IpAddr::V4(v4) if v4.octets()[0] < 192 => 16,
        IpAddr::V4(_) => 24,
        IpAddr::V6(_) => 64,
    };
    let prefix = ip
        .value("prefix")
        .and_then(|text| text.parse().ok())
        .or_else(mask)
        .unwrap_or(of_class);
    Some((IpNet::new(address, prefix).ok()?, doc.line(ip.span.start)))
}

fn guest(path: &HostPath, doc: &XmlDoc) -> Option<Guest> {
    if doc.root().name != "domain" {
        return None;
    }
    let (devices, _) = doc.child(0, "devices")?;
    let interfaces = doc
        .children(devices)
        .filter(|(_, element)| element.name == "interface");
    Some(Guest {
        origin: path.clone(),
        name: doc
            .child(0, "name")
            .map(|(_, name)| name.text.trim().to_owned())?,
        interfaces: interfaces
            .map(|(index, element)| guest_interface(doc, index, element))
            .collect(),
    })
}

fn guest_interface(doc: &XmlDoc, index: usize, element: &Element) -> GuestInterface {
    let source = doc.child(index, "source").map(|(_, source)| source);
    let named = |attribute: &str| {
        source
            .and_then(|source| source.value(attribute))
            .map(str::to_owned)
    };
    let found = match element.value("type") {
        Some("network") => named("network").map(Source::Network),
        Some("bridge") => named("bridge").map(Source::Bridge),
        Some("direct") => named("dev").map(Source::Device),
        _ => None,
    };
    GuestInterface {
        mac: doc
            .child(index, "mac")
            .and_then(|(_, mac)| MacAddress::parse(mac.value("address")?)),
        source: found.unwrap_or(Source::Other),
        line: doc.line(source.unwrap_or(element).span.start),
    }
}
