//! An address with what is said of its family and its prefix length.
//!
//! Sources: `virNetworkIPDefParseXML()` in conf/network_conf.c, `virNetDevIPRouteCreate()` in conf/networkcommon_conf.c,
//! `virSocketAddrGetIPPrefix()` in util/virsocketaddr.c.

use std::net::IpAddr;

use super::found::Found;
use super::page::{Node, Value};
use super::values::{Family, Number, address, length_of};

/// What an address says of its prefix length.
#[derive(Clone, Copy)]
pub(super) enum Length {
    /// Nothing, or 0.
    Unsaid,
    /// A netmask whose ones are not in front.
    Holes,
    Bits(u8),
}

/// Returns the address that an attribute is.
pub(super) fn one(value: &Value<'_>, found: &mut Found) -> Option<IpAddr> {
    let read = address(value.text, Family::Any);
    if read.is_none() {
        found.bad(value, "an address");
    }
    read
}

/// Judges family, netmask and prefix together; of a route a prefix of 0 counts as one.
pub(super) fn ends(
    node: &Node<'_>,
    own: Option<IpAddr>,
    mask: Option<Value<'_>>,
    prefix: Option<Value<'_>>,
    zero_is_none: bool,
    found: &mut Found,
) -> Option<Length> {
    let family = match zero_is_none {
        true => node.said("family"),
        false => node.prop("family"),
    };
    let bits = match &prefix {
        Some(value) => Some(found.number(Some(value.clone()), Number::INT)?),
        None => None,
    };
    let bits = bits.filter(|bits| *bits > 0 || !zero_is_none);
    let v6 = match &family {
        Some(family) => found.word(family, &["ipv4", "ipv6"])? == 1,
        None => false,
    };
    if let Some(own) = own.filter(|own| own.is_ipv6() != v6) {
        let (span, help) = match family {
            Some(family) => (family.span, "correct one of the two"),
            None => (node.tag(), "add family='ipv6' to it"),
        };
        let of = if v6 { "IPv6" } else { "IPv4" };
        let why = format!("the address {own} in an `<{}>` of {of}", node.name());
        found.refuse(span, why, help);
        return None;
    }
    let most = if v6 { 128 } else { 32 };
    if let (Some(value), Some(_)) = (&prefix, bits.filter(|bits| *bits > most)) {
        found.bad(value, format_args!("a number of at most {most}"));
        return None;
    }
    if let Some(mask) = mask {
        return netmask(&mask, v6, bits.and(prefix), found);
    }
    let bits = bits.and_then(|bits| u8::try_from(bits).ok());
    Some(bits.map_or(Length::Unsaid, Length::Bits))
}

/// Judges a netmask, beside which there may be no prefix length.
fn netmask(
    mask: &Value<'_>,
    v6: bool,
    prefix: Option<Value<'_>>,
    found: &mut Found,
) -> Option<Length> {
    if v6 {
        let why = "a netmask for IPv6";
        found.refuse(mask.span.clone(), why, "write prefix='…' instead");
        return None;
    }
    let read = one(mask, found)?;
    if let Some(prefix) = prefix {
        let why = "both a netmask and a prefix length";
        found.refuse(prefix.span, why, "delete one of the two");
    }
    match read {
        IpAddr::V4(read) => Some(length_of(read).map_or(Length::Holes, Length::Bits)),
        IpAddr::V6(_) => {
            found.bad(mask, "a netmask of IPv4");
            None
        }
    }
}

/// Returns the length in force: what goes without saying is that of the class (`virSocketAddrGetIPPrefix()`).
pub(super) fn length_in_force(address: IpAddr, length: Length) -> Option<u8> {
    match (length, address) {
        (Length::Bits(bits), _) => Some(bits),
        (Length::Holes, _) => None,
        (Length::Unsaid, own) if own.is_unspecified() => Some(0),
        (Length::Unsaid, IpAddr::V6(_)) => Some(64),
        (Length::Unsaid, IpAddr::V4(own)) => match own.octets()[0] {
            0..128 => Some(8),
            128..192 => Some(16),
            192..224 => Some(24),
            224.. => None,
        },
    }
}
