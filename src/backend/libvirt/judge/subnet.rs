//! Subnets of a network, what DHCP gives out there, and routes.
//!
//! Sources: `virNetworkIPDefParseXML()`, `virNetworkDHCPDefParseXML()` and what it calls in conf/network_conf.c,
//! `virNetDevIPRouteCreate()` in conf/networkcommon_conf.c, `virSocketAddrGetRange()` in util/virsocketaddr.c.

use std::collections::HashSet;
use std::net::IpAddr;

use super::found::Found;
use super::page::{Node, Value, plain};
use super::values::{Family, Number, address, length_of, mac, masked};
use crate::host::network::Verdict;

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

impl Net<'_> {
    fn fails(&self, why: String, help: &str, found: &mut Found) {
        found.add(Verdict::FailsToStart, self.node.tag(), why, help);
    }
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

/// What an address says of its prefix length.
#[derive(Clone, Copy)]
enum Length {
    /// Nothing, or 0.
    Unsaid,
    /// A netmask whose ones are not in front.
    Holes,
    Bits(u8),
}

/// Returns the address that an attribute is.
fn one(value: &Value<'_>, found: &mut Found) -> Option<IpAddr> {
    let read = address(value.text, Family::Any);
    if read.is_none() {
        found.bad(value, "an address");
    }
    read
}

/// Judges family, netmask and prefix together; of a route a prefix of 0 counts as one.
fn ends(
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
fn length_in_force(address: IpAddr, length: Length) -> Option<u8> {
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
    let known: crate::host::nets::Nets = nets
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

/// Judges what keeps a network with a bridge of its own from starting.
pub(super) fn start(nets: &[Net<'_>], with_dns: bool, found: &mut Found) {
    addresses(nets, found);
    for net in nets {
        names(net, with_dns, found);
        // dnsmasq: "prefix length must be at least 64"
        let mut given = net.dhcp.into_iter().flat_map(|dhcp| dhcp.children());
        let given = given.find(|entry| matches!(plain(entry.name()), "range" | "host"));
        if let Some(length) = net.length.filter(|length| *length < 64)
            && let Some(given) = given.filter(|_| net.address.is_ipv6())
        {
            let why = format!(
                "DHCP in a subnet of prefix length {length}, for which dnsmasq wants 64 at least"
            );
            found.add(
                Verdict::FailsToStart,
                given.tag(),
                why,
                "write prefix='64' in <ip>",
            );
        }
    }
    dhcp_once(nets, found);
}

/// `localPtr` needs a prefix that names can be made of (`virSocketAddrPTRDomain()`).
fn names(net: &Net<'_>, with_dns: bool, found: &mut Found) {
    let Some(local) = net
        .node
        .prop("localPtr")
        .filter(|local| local.text == "yes" && with_dns)
    else {
        return;
    };
    let (step, most) = if net.address.is_ipv6() {
        (4, 128)
    } else {
        (8, 32)
    };
    if let Some(length) = net
        .length
        .filter(|length| *length == 0 || *length >= most || length % step != 0)
    {
        let why = format!(
            "`localPtr` in a subnet of prefix length {length}, which is no multiple of {step} below {most}"
        );
        found.add(
            Verdict::FailsToStart,
            local.span,
            why,
            "delete it, or choose another prefix length",
        );
    }
}

/// Judges what keeps the addresses from being set.
fn addresses(nets: &[Net<'_>], found: &mut Found) {
    let mut known = HashSet::new();
    for net in nets {
        let own = net.address;
        let ranges = net
            .dhcp
            .is_some_and(|dhcp| dhcp.loose("range").next().is_some());
        // with a range libvirt does not even load it
        if net.length.is_none() && !ranges {
            let why = format!("the address {own} without a valid netmask");
            net.fails(
                why,
                "correct the netmask, or write prefix='…' instead",
                found,
            );
        }
        if own.is_ipv6() && own.is_multicast() {
            let why = format!("the multicast address {own}, which no interface can have");
            net.fails(why, "write another address", found);
        }
        // of IPv6 the kernel wants each address once, whatever its prefix
        let length = net.length.filter(|_| own.is_ipv4());
        if !known.insert((own, length)) {
            let why = format!("the address {own} a second time");
            net.fails(why, "delete one of the two", found);
        }
    }
}

/// libvirt runs DHCP on one subnet of each family; `<dhcp>` without a range and a host entry is none.
fn dhcp_once(nets: &[Net<'_>], found: &mut Found) {
    for (v6, family) in [(false, "IPv4"), (true, "IPv6")] {
        let of_family = nets.iter().filter(|net| net.address.is_ipv6() == v6);
        let runs = |dhcp: &Node<'_>| {
            ["range", "host"]
                .iter()
                .any(|name| dhcp.loose(name).next().is_some())
        };
        let with = of_family.filter_map(|net| net.dhcp).filter(runs);
        for second in with.skip(1) {
            let why = format!("DHCP for a second {family} subnet");
            found.add(
                Verdict::FailsToStart,
                second.tag(),
                why,
                "delete one of the two",
            );
        }
    }
}
