//! What a network can give out by DHCP, and which address the host may have in it: values for help lines.

use std::net::{IpAddr, Ipv4Addr};

use crate::host::network::{Network, Subnet};
use crate::host::value::IpNet;
use crate::tree::word_of;

/// The most addresses of a range that is proposed.
const MOST: u32 = 1 << 16;

/// Returns the command that gives the network a sound range in the place of those that it has: of one IPv4 subnet a complete one.
pub(super) fn set(network: &Network, subnet: &Subnet) -> String {
    let name = word_of(&network.name);
    let whole = whole(&subnet.address).filter(|_| network.subnets.len() == 1);
    match whole {
        Some((first, last)) => format!("kvmnet network set {name} --dhcp {first}-{last}"),
        None => format!("kvmnet network set {name} --dhcp FIRST-LAST"),
    }
}

/// Returns the larger part of the subnet on one side of the host's own address, without the first and the last address.
fn whole(address: &IpNet) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let IpNet::V4(net) = address else {
        return None;
    };
    if net.prefix_len() > 29 {
        return None;
    }
    let (network, broadcast) = (u32::from(net.network()), u32::from(net.broadcast()));
    let own = u32::from(net.addr());
    let (below, above) = (
        (network + 1, own.saturating_sub(1)),
        (own + 1, broadcast - 1),
    );
    let size = |(first, last): (u32, u32)| (last + 1).saturating_sub(first);
    let (first, last) = match size(below) > size(above) {
        true => below,
        false => above,
    };
    // its ends may differ in their last 16 bits alone
    let last = last.min(first | (MOST - 1)).min(broadcast - 1);
    Some((first.into(), last.into()))
}

/// Returns the first address of a subnet that a host can have in it, with the prefix length.
pub(super) fn first(address: &IpNet) -> Option<String> {
    let net = address.trunc();
    let first = match net.addr() {
        IpAddr::V4(addr) => u32::from(addr).checked_add(1).map(Ipv4Addr::from)?,
        IpAddr::V6(_) => return None,
    };
    Some(format!("{first}/{}", net.prefix_len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_within_the_subnet_and_leaves_the_host_its_address() {
        for (address, expected) in [
            ("192.168.122.1/24", Some("192.168.122.2-192.168.122.254")),
            ("192.168.122.254/24", Some("192.168.122.1-192.168.122.253")),
            (
                "192.168.122.100/24",
                Some("192.168.122.101-192.168.122.254"),
            ),
            ("192.168.122.0/24", Some("192.168.122.1-192.168.122.254")),
            ("192.168.122.255/24", Some("192.168.122.1-192.168.122.254")),
            ("10.0.0.1/8", Some("10.0.0.2-10.0.255.255")),
            ("10.0.0.1/29", Some("10.0.0.2-10.0.0.6")),
            ("10.0.0.1/30", None),
            ("fd00::1/64", None),
        ] {
            let found = whole(&address.parse().unwrap());
            let found = found.map(|(first, last)| format!("{first}-{last}"));
            assert_eq!(found.as_deref(), expected, "{address}");
        }
        let first = first(&"192.168.67.0/24".parse().unwrap());
        assert_eq!(first.as_deref(), Some("192.168.67.1/24"));
    }
}
