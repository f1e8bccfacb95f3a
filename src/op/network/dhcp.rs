//! Subnets with what DHCP gives out on them: made from wishes, and moved elsewhere.

use std::net::IpAddr;

use super::super::Refusal;
use super::free::{nth, offset};
use super::limits::key;
use super::{DhcpWish, Wishes};
use crate::host::network::{Dhcp, DhcpRange, HostEntry, Network, Spot, Subnet};
use crate::host::value::IpNet;
use crate::tree::HostPath;

/// A range holds as many addresses at most: libvirt wants the first and the last to differ in their last 16 bits only.
const LONGEST_RANGE: u128 = 1 << 16;

/// Returns the host's own address in a subnet: the one given, or the first.
pub(super) fn own_address(net: &IpNet) -> IpNet {
    match net.addr() == net.network() {
        true => nth(net, 1)
            .and_then(|first| IpNet::new(first, net.prefix_len()).ok())
            .unwrap_or(*net),
        false => *net,
    }
}

/// Refuses a subnet in which a host and a guest have no room, or that no interface can have.
pub(super) fn ensure_room(net: &IpNet) -> Result<(), Refusal> {
    let longest = if net.addr().is_ipv4() { 30 } else { 126 };
    if net.prefix_len() > longest || net.prefix_len() == 0 {
        let message = format!("{net} has no room for the host and a guest");
        return Err(
            Refusal::new(message).help("give a subnet with a prefix length of 1 to 30 (IPv6: 126)")
        );
    }
    Ok(())
}

/// Returns the addresses that a new subnet gives out: all but the host's own, as far as libvirt takes them.
///
/// Of IPv6, and of an IPv4 subnet larger than libvirt's limit, the first ones.
pub(super) fn usual_range(address: &IpNet) -> Option<DhcpRange> {
    let own = offset(address, address.addr())?;
    let end = last_offset(address);
    // the longer part, before or behind the host's own address
    let (first, last) = match own > 1 && own - 1 > end.saturating_sub(own) {
        true => (1, own - 1),
        false => (own + 1, end),
    };
    let block = |offset: u128| offset / LONGEST_RANGE;
    let last = match block(first) == block(last) {
        true => last,
        false => (block(first) + 1) * LONGEST_RANGE - 1,
    };
    Some(DhcpRange {
        first: nth(address, first)?,
        last: nth(address, last)?,
        spot: Spot::default(),
    })
}

/// Returns the last offset that a guest may have; of IPv6 the last one that shares all but 16 bits with the first, since
/// libvirt takes no longer ranges.
fn last_offset(net: &IpNet) -> u128 {
    let bits = u32::from(net.max_prefix_len() - net.prefix_len());
    match net {
        IpNet::V4(_) => (1 << bits) - 2,
        IpNet::V6(_) => (1_u128 << bits.min(16)) - 1,
    }
}

/// Returns a new subnet as the wishes have it.
pub(super) fn new_subnet(net: &IpNet, wishes: &Wishes) -> Result<Subnet, Refusal> {
    ensure_room(net)?;
    let address = own_address(net);
    let within = |first: &IpAddr| address.contains(first);
    let hosts: Vec<HostEntry> = hosts_in(&address, &wishes.hosts);
    let ranges: Vec<DhcpRange> = match &wishes.dhcp {
        DhcpWish::Off => Vec::new(),
        DhcpWish::Usual => usual_range(&address).into_iter().collect(),
        DhcpWish::Ranges(ranges) => {
            let given: Vec<DhcpRange> = ranges
                .iter()
                .filter(|(first, _)| within(first))
                .map(range)
                .collect();
            let of_family =
                |(first, _): &(IpAddr, IpAddr)| first.is_ipv4() == address.addr().is_ipv4();
            match ranges.iter().any(of_family) {
                true => given,
                false => usual_range(&address).into_iter().collect(),
            }
        }
    };
    let runs = wishes.dhcp != DhcpWish::Off;
    Ok(Subnet {
        address,
        dhcp: runs.then_some(Dhcp {
            ranges,
            hosts,
            spot: Spot::default(),
        }),
        spot: Spot::default(),
    })
}

pub(super) fn range((first, last): &(IpAddr, IpAddr)) -> DhcpRange {
    DhcpRange {
        first: *first,
        last: *last,
        spot: Spot::default(),
    }
}

/// Returns the host entries that lie in a subnet.
pub(super) fn hosts_in(address: &IpNet, hosts: &[HostEntry]) -> Vec<HostEntry> {
    let inside = |host: &&HostEntry| host.ip.is_some_and(|ip| address.contains(&ip));
    hosts.iter().filter(inside).cloned().collect()
}

/// Returns the subnet at another address: ranges and host entries keep their distance from its beginning.
///
/// # Errors
/// A host entry for which the new subnet has no room.
pub(super) fn moved(
    network: &Network,
    subnet: &Subnet,
    to: &IpNet,
    wishes: &Wishes,
) -> Result<Subnet, Refusal> {
    ensure_room(to)?;
    let from = subnet.address;
    let map = |ip: IpAddr| nth(to, offset(&from, ip)?);
    let address = match to.addr() == to.network() {
        // the host keeps its place in the subnet
        true => map(from.addr())
            .filter(|ip| *ip != to.network())
            .and_then(|ip| IpNet::new(ip, to.prefix_len()).ok())
            .unwrap_or_else(|| own_address(to)),
        false => *to,
    };
    let Some(dhcp) = subnet
        .dhcp
        .as_ref()
        .filter(|_| wishes.dhcp != DhcpWish::Off)
    else {
        return Ok(Subnet {
            dhcp: None,
            address,
            ..subnet.clone()
        });
    };
    let mut hosts = Vec::new();
    for host in &dhcp.hosts {
        let free = |ip: IpAddr| map(ip).filter(|ip| *ip != address.addr());
        let ip = match host.ip {
            Some(ip) if wishes.hosts.is_empty() => {
                Some(free(ip).ok_or_else(|| no_room(network.origin.as_ref(), host, to))?)
            }
            ip => ip,
        };
        hosts.push(HostEntry { ip, ..host.clone() });
    }
    let ranges = moved_ranges(&dhcp.ranges, &from, &address);
    Ok(Subnet {
        address,
        dhcp: Some(Dhcp {
            ranges,
            hosts,
            spot: dhcp.spot,
        }),
        spot: subnet.spot,
    })
}

/// Returns ranges at another address; where they have no place, nearly all addresses, in the place of the first one.
fn moved_ranges(ranges: &[DhcpRange], from: &IpNet, to: &IpNet) -> Vec<DhcpRange> {
    let map = |ip: IpAddr| nth(to, offset(from, ip)?);
    let moved = |range: &DhcpRange| {
        Some(DhcpRange {
            first: map(range.first)?,
            last: map(range.last)?,
            spot: range.spot,
        })
    };
    let unfit = |range: &DhcpRange| {
        (range.first..=range.last).contains(&to.addr()) || range.first == to.network()
    };
    let moved: Option<Vec<DhcpRange>> = ranges.iter().map(moved).collect();
    if let Some(moved) = moved.filter(|moved| !moved.iter().any(unfit)) {
        return moved;
    }
    let spot = ranges.first().map(|range| range.spot).unwrap_or_default();
    let usual = usual_range(to).map(|range| DhcpRange { spot, ..range });
    usual.into_iter().collect()
}

fn no_room(at: Option<&HostPath>, host: &HostEntry, to: &IpNet) -> Refusal {
    let message = format!(
        "the host entry {} does not fit in {}",
        key(host),
        to.trunc()
    );
    Refusal::new(message)
        .at(at, host.spot.line)
        .help("choose a subnet in which it fits, or give other host entries")
}
