//! What keeps a network with a bridge of its own from starting, by its subnets.
//!
//! Sources: `networkAddAddrToBridge()`, `networkDnsmasqConfContents()` and `networkDnsmasqConfLocalPTRs()` in
//! network/bridge_driver.c; what the kernel and dnsmasq take was seen by starting it.

use std::collections::HashSet;

use super::found::Found;
use super::page::{Node, plain};
use super::subnet::Net;
use crate::host::network::Verdict;

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

impl Net<'_> {
    fn fails(&self, why: String, help: &str, found: &mut Found) {
        found.add(Verdict::FailsToStart, self.node.tag(), why, help);
    }
}
