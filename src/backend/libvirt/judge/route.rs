//! Routes of a network, or of a guest's interface.
//!
//! Sources: `virNetDevIPRouteCreate()` in conf/networkcommon_conf.c, `virNetworkDefParseXML()` in conf/network_conf.c.

use std::net::IpAddr;

use super::found::Found;
use super::length::{Length, ends, one};
use super::page::{Node, Value};
use super::subnet::Net;
use super::values::{Family, Number, address, masked};
use crate::host::nets::Nets;

/// A route as far as it can be read.
pub(super) struct Gateway<'p> {
    pub(super) value: Value<'p>,
    pub(super) address: IpAddr,
}

/// Judges a `<route>`; returns its gateway.
pub(super) fn route<'p>(node: &Node<'p>, found: &mut Found) -> Option<Gateway<'p>> {
    found.nonzero(node.prop("metric"), Number::INT);
    let to = found.needed(node, "address");
    let gateway = found.needed(node, "gateway");
    let to_address = to.as_ref().and_then(|to| one(to, found));
    let through = gateway.as_ref().and_then(|gateway| one(gateway, found));
    let (mask, prefix) = (node.prop("netmask"), node.prop("prefix"));
    let length = ends(node, to_address, mask, prefix, false, found);
    if let (Some(value), Some(to), Some(through)) = (&gateway, to_address, through)
        && to.is_ipv6() != through.is_ipv6()
    {
        let why = format!("the gateway {through} of a route to {to}");
        found.refuse(value.span.clone(), why, "correct one of the two");
        return None;
    }
    let length = length?;
    if let (Some(value), Some(to)) = (&to, to_address) {
        network_address(value, to, length, node, found);
    }
    Some(Gateway {
        value: gateway?,
        address: through?,
    })
}

/// A route leads to a network: no bit is set behind its prefix, which is 0 where it is not said.
fn network_address(
    value: &Value<'_>,
    to: IpAddr,
    length: Length,
    node: &Node<'_>,
    found: &mut Found,
) {
    let net = match (length, to) {
        (Length::Bits(bits), _) => masked(to, bits),
        (Length::Unsaid, _) => masked(to, 0),
        (Length::Holes, IpAddr::V4(v4)) => {
            let mask = node
                .prop("netmask")
                .and_then(|mask| address(mask.text, Family::V4));
            mask.and_then(|mask| match mask {
                IpAddr::V4(mask) => Some(IpAddr::V4((u32::from(v4) & u32::from(mask)).into())),
                IpAddr::V6(_) => None,
            })
        }
        (Length::Holes, IpAddr::V6(_)) => None,
    };
    let Some(net) = net.filter(|net| *net != to) else {
        return;
    };
    let (why, help) = match length {
        Length::Unsaid => (
            format!("a route to {to} without a prefix length, which is 0 then"),
            "add prefix='…' to it".to_owned(),
        ),
        Length::Bits(_) | Length::Holes => (
            format!("a route to {to}, which is an address in the network {net}, not the network"),
            format!("write address='{net}'"),
        ),
    };
    found.refuse(value.span.clone(), why, help);
}

/// Gateways lie in a subnet of the network.
pub(super) fn gateways(gateways: &[Gateway<'_>], nets: &[Net<'_>], found: &mut Found) {
    let known: Nets = nets
        .iter()
        .filter_map(|net| ipnet::IpNet::new(net.address, net.length?).ok())
        .collect();
    for gateway in gateways
        .iter()
        .filter(|gateway| !known.hold(gateway.address))
    {
        let why = format!(
            "the gateway {} of a route is in no subnet of the network",
            gateway.address
        );
        found.refuse(
            gateway.value.span.clone(),
            why,
            "give an address of one of its subnets",
        );
    }
}
