//! Addresses and routes of an interface of a guest.
//!
//! Source: `virDomainNetIPInfoParseXML()` in conf/domain_conf.c.

use super::found::Found;
use super::page::Node;
use super::route;
use super::values::{Family, Number, address};

/// Judges addresses and routes in an interface, or in its source: `virDomainNetIPInfoParseXML()`.
pub(super) fn addresses(node: &Node<'_>, found: &mut Found) {
    for ip in node.all("ip") {
        let Some(own) = found.needed(&ip, "address") else {
            continue;
        };
        let family = match ip.prop("family").map(|family| family.text) {
            Some("ipv4") => Family::V4,
            Some("ipv6") => Family::V6,
            Some(_) | None => match address(own.text, Family::Any) {
                Some(own) if own.is_ipv6() => Family::V6,
                Some(_) | None => Family::V4,
            },
        };
        let peer = ip.prop("peer");
        for value in [Some(own), peer].into_iter().flatten() {
            if address(value.text, family).is_none() {
                found.bad(&value, "an address of its family");
            }
        }
        let most = if family == Family::V6 { 128 } else { 32 };
        if let Some(prefix) = ip.prop("prefix") {
            let bits = found.number(Some(prefix.clone()), Number::INT_OR_MINUS);
            if bits.is_some_and(|bits| bits > most) {
                found.bad(&prefix, format_args!("a number of at most {most}"));
            }
        }
    }
    for route in node.all("route") {
        route::route(&route, found);
    }
}
