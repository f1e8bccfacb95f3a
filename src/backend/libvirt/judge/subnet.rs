//! Subnets of a network, and what DHCP gives out there.
//!
//! Sources: `virNetworkIPDefParseXML()`, `virNetworkDHCPDefParseXML()` and what it calls in conf/network_conf.c. Whether a
//! range lies in its subnet the rule dhcp-range tells.

use std::net::IpAddr;

use super::found::Found;
use super::length::{ends, length_in_force, one};
use super::page::Node;
use super::values::{Number, mac};

/// A subnet as far as it can be read.
#[derive(Clone, Copy)]
pub(super) struct Net<'p> {
    pub(super) node: Node<'p>,
    pub(super) address: IpAddr,
    /// `None` where libvirt finds none in the netmask.
    pub(super) length: Option<u8>,
    /// Its first `<dhcp>`.
    pub(super) dhcp: Option<Node<'p>>,
}

/// Judges an `<ip>`.
pub(super) fn subnet<'p>(node: Node<'p>, found: &mut Found) -> Option<Net<'p>> {
    let Some(own) = node.said("address") else {
        found.lacks(&node, "address");
        return None;
    };
    let own = one(&own, found);
    let mask = node.said("netmask");
    let prefix = node.prop("prefix");
    found.yes_no(node.prop("localPtr"));
    let ends = ends(&node, own, mask, prefix, true, found);
    let dhcp = node.first("dhcp");
    let net = own.map(|address| Net {
        node,
        address,
        length: ends.and_then(|length| length_in_force(address, length)),
        dhcp,
    });
    if let (Some(dhcp), Some(net)) = (dhcp, &net) {
        self::dhcp(&dhcp, net, found);
    }
    if let (Some(tftp), Some(IpAddr::V6(_))) = (node.first("tftp"), own) {
        found.refuse(tftp.tag(), "`<tftp>` for IPv6", "delete it");
    }
    net
}

fn dhcp(node: &Node<'_>, net: &Net<'_>, found: &mut Found) {
    for range in node.loose("range") {
        self::range(&range, net, found);
    }
    for host in node.loose("host") {
        self::host(&host, net.address.is_ipv6(), found);
    }
    let bootp = node.loose("bootp").filter(|_| net.address.is_ipv4());
    // one without a file is passed over
    for server in bootp.filter(|bootp| bootp.prop("file").is_some()) {
        server.prop("server").map(|server| one(&server, found));
    }
}

fn range(node: &Node<'_>, net: &Net<'_>, found: &mut Found) {
    let ends = ["start", "end"].map(|name| {
        let value = found.needed(node, name)?;
        one(&value, found)
    });
    node.loose("lease")
        .for_each(|lease| self::lease(&lease, found));
    // whether it lies in the subnet the rule dhcp-range tells
    if let ([Some(first), Some(last)], None) = (ends, net.length) {
        let why = format!(
            "the range {first}-{last} in the subnet of {}, whose netmask is none",
            net.address
        );
        found.refuse(node.tag(), why, "correct the netmask of the subnet");
    }
}

/// Judges a host entry; only IPv6 knows one by `id`, only IPv4 by `mac`.
fn host(node: &Node<'_>, v6: bool, found: &mut Found) {
    let hardware = node.prop("mac");
    if let Some(value) = &hardware {
        match mac(value.text) {
            _ if v6 => {
                let why = "a MAC address of a host entry of IPv6";
                found.refuse(
                    value.span.clone(),
                    why,
                    "write id='…' with the client's DUID instead",
                );
            }
            None => found.bad(value, "a MAC address, as 52:54:00:12:34:56"),
            Some(bytes) if bytes[0] & 1 == 1 => {
                let why = format!("`{}` is a multicast address, which no card has", value.text);
                found.refuse(
                    value.span.clone(),
                    why,
                    "write the address of the guest's card",
                );
            }
            Some(_) => {}
        }
    }
    let id = node.prop("id");
    if let Some(id) = &id
        && !id.text.chars().all(|c| c.is_ascii_hexdigit() || c == ':')
    {
        found.bad(id, "an id: hexadecimal digits and `:`");
    }
    let name = node.prop("name");
    if let Some(name) = &name
        && !name.text.starts_with(|c: char| c.is_ascii_alphanumeric())
    {
        found.bad(name, "a name that begins with a letter or digit");
    }
    let known_by = match v6 {
        true => id.or(name).or(hardware),
        false => hardware.or(name),
    };
    if known_by.is_none() {
        let what = if v6 { "id" } else { "mac" };
        let why = format!("a host entry without `{what}` or `name`");
        found.refuse(
            node.tag(),
            why,
            format!("add {what}='…' to it, or delete it"),
        );
    }
    if let Some(ip) = found.needed(node, "ip") {
        one(&ip, found);
    }
    node.loose("lease")
        .for_each(|lease| self::lease(&lease, found));
}

/// `virNetworkDHCPLeaseTimeDefParseXML()`: dnsmasq leases for two minutes at least.
fn lease(node: &Node<'_>, found: &mut Found) {
    let Some(value) = node.prop("expiry") else {
        return;
    };
    let expiry = found.number(Some(value.clone()), Number::ANY_BASE_LONG);
    let unit = match node.prop("unit") {
        Some(unit) => found.word(&unit, &["seconds", "minutes", "hours"]),
        None => Some(1),
    };
    let least = match unit {
        Some(0) => 120,
        Some(1) => 2,
        Some(_) | None => return,
    };
    if expiry.is_some_and(|expiry| expiry > 0 && expiry < least) {
        let why = "a lease of less than two minutes";
        found.refuse(value.span, why, "give at least two minutes, or 0 for ever");
    }
}
