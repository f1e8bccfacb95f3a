//! What libvirt takes for a DHCP range.
//!
//! Source: `virSocketAddrGetRange()` in libvirt's util/virsocketaddr.c.

use std::net::IpAddr;

use super::network::DhcpRange;
use super::value::IpNet;

/// Why libvirt refuses a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeFault {
    /// It begins or ends outside of the subnet.
    Outside,
    /// It ends before it begins.
    Reversed,
    /// Its ends differ in more than their last 16 bits.
    TooLarge,
    /// It begins with the network's address, or ends with the broadcast address.
    Ends,
}

/// Returns why libvirt refuses `range` in the subnet of `address`, `None` if it takes it.
#[must_use]
pub fn of_range(address: &IpNet, range: &DhcpRange) -> Option<RangeFault> {
    let DhcpRange { first, last, .. } = range;
    let net = address.trunc();
    if !(address.contains(first) && address.contains(last)) {
        return Some(RangeFault::Outside);
    }
    if first > last {
        return Some(RangeFault::Reversed);
    }
    if !share_all_but_16_bits(*first, *last) {
        return Some(RangeFault::TooLarge);
    }
    let ends = *first == net.network() || is_broadcast(&net, *last);
    ends.then_some(RangeFault::Ends)
}

fn share_all_but_16_bits(first: IpAddr, last: IpAddr) -> bool {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => u32::from(first) >> 16 == u32::from(last) >> 16,
        (IpAddr::V6(first), IpAddr::V6(last)) => u128::from(first) >> 16 == u128::from(last) >> 16,
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// Returns whether `address` is the broadcast address of `net`; IPv6 has none.
#[must_use]
pub fn is_broadcast(net: &IpNet, address: IpAddr) -> bool {
    address.is_ipv4() && net.prefix_len() < 31 && address == net.broadcast()
}
