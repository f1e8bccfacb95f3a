//! Subnets with what DHCP gives out on them: made from wishes, moved elsewhere, and checked.
//!
//! Source of the limits: libvirt's `virSocketAddrGetRange()` in util/virsocketaddr.c and
//! `virNetworkDHCPHostDefParseXML()` in conf/network_conf.c.

use std::net::IpAddr;

use super::super::{Force, Refusal};
use super::free::{is_broadcast, nth, offset};
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
pub(super) fn has_room(net: &IpNet) -> Result<(), Refusal> {
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
    has_room(net)?;
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

/// Refuses host entries where DHCP is not to run.
pub(super) fn no_contradiction(wishes: &Wishes) -> Result<(), Refusal> {
    match wishes.hosts.first() {
        Some(host) if wishes.dhcp == DhcpWish::Off => Err(Refusal::new(format!(
            "the host entry {} needs DHCP, which is not to run",
            key(host)
        ))
        .help("leave --no-dhcp or the host entry out")),
        Some(_) | None => Ok(()),
    }
}

/// Refuses ranges and host entries that lie in no subnet.
pub(super) fn all_inside(subnets: &[Subnet], wishes: &Wishes) -> Result<(), Refusal> {
    let names: Vec<String> = subnets
        .iter()
        .map(|subnet| subnet.address.trunc().to_string())
        .collect();
    let inside = |ip: &IpAddr| subnets.iter().any(|subnet| subnet.address.contains(ip));
    let outside = |what: String| {
        let refusal = Refusal::new(format!("{what} is outside of {}", names.join(" and ")));
        Err(refusal.help("choose addresses of the subnet, or give the subnet with --subnet"))
    };
    if let DhcpWish::Ranges(ranges) = &wishes.dhcp {
        for (first, last) in ranges {
            if let Some(ip) = [first, last].into_iter().find(|ip| !inside(ip)) {
                return outside(format!("{ip} of the DHCP range {first}-{last}"));
            }
        }
    }
    for host in &wishes.hosts {
        if let Some(ip) = host.ip.filter(|ip| !inside(ip)) {
            return outside(format!("the host entry {} with {ip}", key(host)));
        }
    }
    Ok(())
}

/// Returns how messages call a host entry.
pub(super) fn key(host: &HostEntry) -> String {
    let mac = host.mac.map(|mac| mac.to_string());
    let named = mac
        .or_else(|| host.id.clone())
        .or_else(|| host.name.clone());
    named.unwrap_or_else(|| "without a key".to_owned())
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
    has_room(to)?;
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
    let sound = |range: &DhcpRange| {
        (range.first..=range.last).contains(&address.addr()) || range.first == to.network()
    };
    let ranges: Option<Vec<DhcpRange>> = dhcp
        .ranges
        .iter()
        .map(|range| {
            Some(DhcpRange {
                first: map(range.first)?,
                last: map(range.last)?,
                spot: range.spot,
            })
        })
        .collect();
    let ranges = match ranges.filter(|ranges| !ranges.iter().any(sound)) {
        Some(ranges) => ranges,
        // of another size: nearly all addresses, in the place of the first range
        None => usual_range(&address)
            .map(|range| DhcpRange {
                spot: dhcp
                    .ranges
                    .first()
                    .map(|range| range.spot)
                    .unwrap_or_default(),
                ..range
            })
            .into_iter()
            .collect(),
    };
    let mut hosts = Vec::new();
    for host in &dhcp.hosts {
        let ip = match host.ip {
            Some(ip) if wishes.hosts.is_empty() => Some(
                map(ip)
                    .filter(|ip| *ip != address.addr())
                    .ok_or_else(|| no_room(network.origin.as_ref(), host, to))?,
            ),
            ip => ip,
        };
        hosts.push(HostEntry { ip, ..host.clone() });
    }
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

fn no_room(at: Option<&HostPath>, host: &HostEntry, to: &IpNet) -> Refusal {
    let message = format!(
        "the host entry {} has no place in {}",
        key(host),
        to.trunc()
    );
    Refusal::new(message)
        .at(at, host.spot.line)
        .help("choose a subnet in which it has one, or give other host entries")
}

/// Refuses ranges and host entries of a subnet that libvirt would refuse, or that cannot work; `asked` tells whether a
/// part was asked for now (what was there before is not this command's business).
pub(super) fn check(
    subnet: &Subnet,
    asked: impl Fn(&Spot) -> bool,
    force: Force,
) -> Result<(), Refusal> {
    let Some(dhcp) = &subnet.dhcp else {
        return Ok(());
    };
    if subnet.address.addr().is_ipv6() && subnet.address.prefix_len() < 64 && asked(&dhcp.spot) {
        let message = format!("no DHCP can run on {}", subnet.address.trunc());
        return Err(Refusal::new(format!(
            "{message}: of IPv6, dnsmasq wants a prefix length of 64 at least"
        ))
        .help("give a longer prefix, or --no-dhcp"));
    }
    for (index, range) in dhcp.ranges.iter().enumerate() {
        if asked(&range.spot) {
            check_range(&subnet.address, range, force)?;
            let meets = |other: &DhcpRange| other.first <= range.last && range.first <= other.last;
            if dhcp.ranges[..index].iter().any(meets) {
                let (first, last) = (range.first, range.last);
                return Err(Refusal::new(format!(
                    "the DHCP range {first}-{last} overlaps with another one"
                ))
                .help("give ranges that do not meet"));
            }
        }
    }
    for (index, host) in dhcp.hosts.iter().enumerate() {
        if asked(&host.spot) {
            check_host(&subnet.address, host, force)?;
            unique(host, &dhcp.hosts[..index])?;
        }
    }
    Ok(())
}

fn check_range(address: &IpNet, range: &DhcpRange, force: Force) -> Result<(), Refusal> {
    let DhcpRange { first, last, .. } = range;
    let refuse = |why: &str| Refusal::new(format!("the DHCP range {first}-{last} {why}"));
    let net = address.trunc();
    if !(address.contains(first) && address.contains(last)) {
        return Err(refuse(&format!("is outside of {net}")).help("choose addresses of the subnet"));
    }
    if first > last {
        return Err(refuse("is reversed").help(format!("write it as {last}-{first}")));
    }
    if !share_all_but_16_bits(*first, *last) {
        return Err(refuse(
            "is too large for libvirt: both ends may differ in their last 16 bits only",
        )
        .help("choose a smaller one, or give two with --dhcp"));
    }
    if *first == net.network() || is_broadcast(&net, *last) {
        return Err(refuse("holds the network's or the broadcast address")
            .help("leave the first and the last address of the subnet out"));
    }
    if (*first..=*last).contains(&address.addr()) {
        let message = format!("holds {}, the host's own address", address.addr());
        refuse(&message)
            .help("leave that address out")
            .unless(force)?;
    }
    Ok(())
}

fn share_all_but_16_bits(first: IpAddr, last: IpAddr) -> bool {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => u32::from(first) >> 16 == u32::from(last) >> 16,
        (IpAddr::V6(first), IpAddr::V6(last)) => u128::from(first) >> 16 == u128::from(last) >> 16,
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

fn check_host(address: &IpNet, host: &HostEntry, force: Force) -> Result<(), Refusal> {
    let Some(ip) = host.ip else {
        return Ok(());
    };
    let refuse = |why: &str| Refusal::new(format!("the host entry {} {why}", key(host)));
    if ip.is_ipv6() && host.mac.is_some() {
        return Err(
            refuse("names a MAC address, and libvirt knows IPv6 guests by their DUID")
                .help("give the DUID, such as 00:03:00:01 and the MAC address behind it"),
        );
    }
    if ip.is_ipv4() && host.mac.is_none() && host.id.is_some() && host.name.is_none() {
        return Err(refuse("has neither a MAC address nor a name").help("give MAC=IP"));
    }
    if ip == address.addr() {
        return Err(refuse(&format!("has {ip}, the host's own address")).help("choose another"));
    }
    if ip == address.network() || is_broadcast(address, ip) {
        refuse(&format!("has {ip}, which is no address of a guest"))
            .help("choose another")
            .unless(force)?;
    }
    Ok(())
}

fn unique(host: &HostEntry, others: &[HostEntry]) -> Result<(), Refusal> {
    let same = |other: &&HostEntry| {
        (host.mac.is_some() && other.mac == host.mac)
            || (host.id.is_some() && other.id == host.id)
            || (host.ip.is_some() && other.ip == host.ip)
    };
    match others.iter().find(same) {
        Some(other) => {
            let ip = other.ip.map(|ip| ip.to_string()).unwrap_or_default();
            let message = format!(
                "the host entry {} is taken: there is {} with {ip}",
                key(host),
                key(other)
            );
            Err(Refusal::new(message)
                .help("each has an address of its own; take the other one away first"))
        }
        None => Ok(()),
    }
}
