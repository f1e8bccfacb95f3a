//! What a network's file says, as far as the model has words for it. What libvirt makes of it `judge` tells.
//!
//! Source: conf/network_conf.c, `virNetworkDefParseXML()` and what it calls.

use std::net::IpAddr;

use super::tags::tags;
use super::{Wrong, judge, line_of, name_of, uuid};
use crate::doc::xml::{Element, XmlDoc};
use crate::host::network::{
    DevicePart, Dhcp, DhcpRange, Forward, HostEntry, Lines, Network, NetworkDevice, Route, Spot,
    Subnet, Tags,
};
use crate::host::profile::Switch;
use crate::host::value::{IpNet, MacAddress};
use crate::tree::HostPath;

/// Returns the network that a document is.
pub(super) fn read(path: &HostPath, doc: &XmlDoc<'_>) -> Result<Network, Wrong> {
    let name = name_of(doc, "network")?;
    let line = |element: Option<(usize, &Element<'_>)>| {
        element.map(|(_, element)| doc.line(element.span.start))
    };
    let bridge = doc.child(0, "bridge");
    let bridge_name = bridge.and_then(|(_, element)| element.attribute("name"));
    let bridge_line = bridge_name.map(|attribute| doc.line(attribute.span.start));
    let subnets = subnets(doc)?;
    Ok(Network {
        origin: Some(path.clone()),
        like: None,
        uuid: uuid(doc)?,
        forward: forward(doc),
        bridge: bridge_name.map(|attribute| attribute.value.to_string()),
        // anything but `off` is on
        stp: bridge.is_none_or(|(_, element)| element.value("stp") != Some("off")),
        switch: switch(doc),
        devices: devices(doc),
        mac: mac(doc)?,
        domain: doc
            .child(0, "domain")
            .and_then(|(_, domain)| domain.value("name"))
            .map(str::to_owned),
        routes: routes(doc)?,
        portgroups: doc
            .named(0, "portgroup")
            .filter_map(|(_, group)| group.value("name"))
            .map(str::to_owned)
            .collect(),
        tags: tags_of(doc),
        autostart: false,
        active: false,
        lines: Lines {
            name: line_of(doc, "name"),
            uuid: line_of(doc, "uuid"),
            forward: line_of(doc, "forward"),
            bridge: bridge_line.or_else(|| line(bridge)),
            mac: line_of(doc, "mac"),
            foreign: line(foreign(doc).next()),
            vlan: line(foreign(doc).find(|(_, element)| element.name == "vlan")),
            port: match switch(doc) {
                Switch::Ovs => None,
                Switch::Linux => line_of(doc, "virtualport"),
            },
            group_port: line(
                foreign(doc).find(|(_, port)| port.parent != Some(0) && is_port(port)),
            ),
            of_card: line(foreign(doc).find(|(_, port)| is_port(port) && is_of_card(port))),
            isolated: line(
                doc.named(0, "port")
                    .find(|(_, port)| port.value("isolated") == Some("yes")),
            ),
        },
        subnets,
        faults: judge::network(doc),
        name,
    })
}

/// Returns the numbers of VLANs of a network and of its port groups.
fn tags_of(doc: &XmlDoc<'_>) -> Tags {
    let groups = doc.named(0, "portgroup");
    let groups = groups.filter(|(_, group)| group.value("name").is_some());
    Tags {
        own: tags(doc, 0),
        of_groups: groups.map(|(index, _)| tags(doc, index)).collect(),
    }
}

fn is_port(element: &Element<'_>) -> bool {
    element.name == "virtualport"
}

/// Returns whether a virtual port is of a kind that no bridge has.
fn is_of_card(port: &Element<'_>) -> bool {
    port.value("type")
        .is_some_and(|kind| kind.starts_with("802."))
}

/// Returns the elements that only a network without a bridge of its own may have, those of port groups included.
fn foreign<'d>(doc: &'d XmlDoc<'_>) -> impl Iterator<Item = (usize, &'d Element<'d>)> {
    let elements = doc.elements().iter().enumerate();
    elements.filter(|(_, element)| {
        let parent = element.parent.map(|parent| &doc.elements()[parent]);
        let known = parent.is_some_and(|parent| match parent.name {
            "network" => parent.parent.is_none(),
            name => name == "portgroup",
        });
        known && !element.foreign && matches!(element.name, "vlan" | "virtualport")
    })
}

fn mac(doc: &XmlDoc<'_>) -> Result<Option<MacAddress>, Wrong> {
    let Some((_, element)) = doc.child(0, "mac") else {
        return Ok(None);
    };
    let Some(text) = element.value("address") else {
        return Ok(None);
    };
    match MacAddress::parse(text) {
        Some(mac) if !mac.is_multicast() => Ok(Some(mac)),
        Some(_) => Err(Wrong::at(
            element.span.start,
            "a multicast address as the bridge's MAC address",
        )),
        None => Err(Wrong::at(element.span.start, "a malformed MAC address")),
    }
}

/// Mode `bridge` is of two kinds: on a bridge that the host has, or (macvtap) on an interface.
fn forward(doc: &XmlDoc<'_>) -> Forward {
    let Some((_, element)) = doc.child(0, "forward") else {
        return Forward::Isolated;
    };
    match element.value("mode").unwrap_or("nat") {
        "none" => Forward::Isolated,
        "nat" => Forward::Nat,
        "route" => Forward::Route,
        "open" => Forward::Open,
        "bridge" if doc.child(0, "bridge").is_some() => Forward::Bridge,
        mode => Forward::Direct(mode.to_owned()),
    }
}

fn devices(doc: &XmlDoc<'_>) -> Vec<NetworkDevice> {
    let found = device_elements(doc).into_iter().enumerate();
    let device = |(ordinal, (part, _, element)): (usize, (DevicePart, usize, &Element<'_>))| {
        Some(NetworkDevice {
            name: element.value("dev")?.to_owned(),
            part,
            spot: spot(doc, element, ordinal),
        })
    };
    found.filter_map(device).collect()
}

/// Returns the elements that name a device of the host.
pub(super) fn device_elements<'d>(
    doc: &'d XmlDoc<'_>,
) -> Vec<(DevicePart, usize, &'d Element<'d>)> {
    let Some((index, forward)) = doc.child(0, "forward") else {
        return Vec::new();
    };
    let part = |(index, child): (usize, &'d Element<'d>)| match child.name {
        "interface" => Some((DevicePart::Interface, index, child)),
        "pf" => Some((DevicePart::Pf, index, child)),
        _ => None,
    };
    let all = doc.children(index).filter_map(part);
    let all = std::iter::once((DevicePart::Forward, index, forward)).chain(all);
    all.filter(|(_, _, element)| element.attribute("dev").is_some())
        .collect()
}

fn switch(doc: &XmlDoc<'_>) -> Switch {
    match doc
        .child(0, "virtualport")
        .and_then(|(_, port)| port.value("type"))
    {
        Some("openvswitch") => Switch::Ovs,
        Some(_) | None => Switch::Linux,
    }
}

fn subnets(doc: &XmlDoc<'_>) -> Result<Vec<Subnet>, Wrong> {
    let elements = doc.named(0, "ip").enumerate();
    let subnet = |(ordinal, (index, element)): (usize, (usize, &Element<'_>))| {
        Ok(Subnet {
            address: network_address(element, "address")?,
            dhcp: dhcp(doc, index)?,
            spot: spot(doc, element, ordinal),
        })
    };
    elements.map(subnet).collect()
}

fn spot(doc: &XmlDoc<'_>, element: &Element<'_>, ordinal: usize) -> Spot {
    Spot {
        line: Some(doc.line(element.span.start)),
        ordinal: Some(ordinal),
    }
}

/// Returns the address of an `<ip>` or `<route>`; without prefix and netmask it has that of its class (IPv4, as
/// `virSocketAddrGetIPPrefix()` has it), or 64.
fn network_address(element: &Element<'_>, attribute: &str) -> Result<IpNet, Wrong> {
    let start = element.span.start;
    let text = element
        .value(attribute)
        .ok_or_else(|| Wrong::at(start, format!("`<{}>` without an address", element.name)))?;
    let malformed = |what: &str| Wrong::at(start, format!("a malformed {what}"));
    let address = judge::address(text).ok_or_else(|| malformed("address"))?;
    let ipv6 = element.value("family") == Some("ipv6");
    if address.is_ipv6() != ipv6 {
        return Err(Wrong::at(start, "the address does not match `family=`"));
    }
    let mask = match element.value("netmask") {
        Some(_) if ipv6 => return Err(Wrong::at(start, "a netmask for IPv6")),
        Some(text) => {
            let mask = judge::address(text).ok_or_else(|| malformed("netmask"))?;
            Some(ipnet::ip_mask_to_prefix(mask).map_err(|_| malformed("netmask"))?)
        }
        None => None,
    };
    let prefix = match element.value("prefix") {
        Some(_) if mask.is_some() => {
            return Err(Wrong::at(start, "both a netmask and a prefix length"));
        }
        Some(text) => Some(text.parse().map_err(|_| malformed("prefix length"))?),
        None => None,
    };
    IpNet::new(address, prefix.or(mask).unwrap_or(length_of_class(address)))
        .map_err(|_| malformed("prefix length"))
}

/// Returns the prefix length that goes without saying.
pub(super) fn length_of_class(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(v4) if v4.octets()[0] < 128 => 8,
        IpAddr::V4(v4) if v4.octets()[0] < 192 => 16,
        IpAddr::V4(_) => 24,
        IpAddr::V6(_) => 64,
    }
}

/// libvirt reads the first `<dhcp>`.
fn dhcp(doc: &XmlDoc<'_>, ip: usize) -> Result<Option<Dhcp>, Wrong> {
    let Some((index, first)) = doc.child(ip, "dhcp") else {
        return Ok(None);
    };
    let mut dhcp = Dhcp {
        spot: spot(doc, first, 0),
        ..Dhcp::default()
    };
    for (_, element) in doc.children(index) {
        match element.name {
            "range" => {
                let spot = spot(doc, element, dhcp.ranges.len());
                dhcp.ranges.push(range(element, spot)?);
            }
            "host" => {
                let spot = spot(doc, element, dhcp.hosts.len());
                dhcp.hosts.push(host_entry(element, spot)?);
            }
            _ => {}
        }
    }
    Ok(Some(dhcp))
}

fn ip(element: &Element<'_>, attribute: &str) -> Result<Option<IpAddr>, Wrong> {
    let malformed = || {
        Wrong::at(
            element.span.start,
            format!("a malformed address in `{attribute}=`"),
        )
    };
    let text = element.value(attribute);
    text.map(|text| judge::address(text).ok_or_else(malformed))
        .transpose()
}

fn range(element: &Element<'_>, spot: Spot) -> Result<DhcpRange, Wrong> {
    let needed = |attribute: &str| {
        ip(element, attribute)?.ok_or_else(|| {
            Wrong::at(
                element.span.start,
                format!("a range without `{attribute}=`"),
            )
        })
    };
    Ok(DhcpRange {
        first: needed("start")?,
        last: needed("end")?,
        spot,
    })
}

fn host_entry(element: &Element<'_>, spot: Spot) -> Result<HostEntry, Wrong> {
    let mac = match element.value("mac") {
        Some(text) => match MacAddress::parse(text) {
            Some(mac) if !mac.is_multicast() => Some(mac),
            Some(_) | None => {
                return Err(Wrong::at(
                    element.span.start,
                    "a malformed or multicast MAC address of a host entry",
                ));
            }
        },
        None => None,
    };
    Ok(HostEntry {
        mac,
        id: element.value("id").map(str::to_owned),
        name: element.value("name").map(str::to_owned),
        ip: ip(element, "ip")?,
        spot,
    })
}

fn routes(doc: &XmlDoc<'_>) -> Result<Vec<Route>, Wrong> {
    let elements = doc.named(0, "route").enumerate();
    let route = |(ordinal, (_, element)): (usize, (usize, &Element<'_>))| {
        let gateway = ip(element, "gateway")?
            .ok_or_else(|| Wrong::at(element.span.start, "a route without `gateway=`"))?;
        Ok(Route {
            to: network_address(element, "address")?,
            gateway,
            spot: spot(doc, element, ordinal),
        })
    };
    elements.map(route).collect()
}
