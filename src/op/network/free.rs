//! Which subnets are free: neither a network's, nor an address or a static route of the host.
//!
//! libvirt itself compares equal networks with equal masks of IPv4 only (`networkCheckRouteCollision()` in
//! network/bridge_driver_linux.c), and starts all others; what overlaps then loses its way. Here any overlap counts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::Refusal;
use crate::host::Host;
use crate::host::limits::is_broadcast;
use crate::host::network::Uuid;
use crate::host::value::{IpNet, Ipv4Net, Ipv6Net};
use crate::tree::HostPath;

/// A subnet that is in use.
struct Taken<'h> {
    net: IpNet,
    who: Who<'h>,
    at: Option<&'h HostPath>,
    line: Option<u32>,
}

#[derive(Clone, Copy)]
enum Who<'h> {
    Network(&'h str),
    RouteOf(&'h str),
    Interface(&'h str),
}

/// Returns what is in use, but for what the network `except` has.
fn taken<'h>(host: &'h Host, except: Option<&'h str>) -> impl Iterator<Item = Taken<'h>> {
    let networks = host
        .networks()
        .filter(move |network| Some(network.name.as_str()) != except);
    let of_networks = networks.flat_map(|network| {
        let at = network.origin.as_ref();
        let subnets = network.subnets.iter().map(move |subnet| Taken {
            net: subnet.address.trunc(),
            who: Who::Network(&network.name),
            at,
            line: subnet.spot.line,
        });
        let routes = network.routes.iter().map(move |route| Taken {
            net: route.to.trunc(),
            who: Who::RouteOf(&network.name),
            at,
            line: route.spot.line,
        });
        subnets.chain(routes)
    });
    let of_host = host.routed.iter().map(|routed| Taken {
        net: routed.net,
        who: Who::Interface(&routed.interface),
        at: Some(&routed.at.file),
        line: Some(routed.at.line),
    });
    // a default route covers everything and takes nothing
    of_networks
        .chain(of_host)
        .filter(|taken| taken.net.prefix_len() > 0)
}

pub(super) fn overlap(a: &IpNet, b: &IpNet) -> bool {
    a.contains(&b.network()) || b.contains(&a.network())
}

/// Returns the refusal for a subnet that overlaps with one in use.
pub(super) fn refusal(host: &Host, wanted: &IpNet, except: Option<&str>) -> Option<Refusal> {
    let wanted = wanted.trunc();
    let taken = taken(host, except).find(|taken| overlap(&taken.net, &wanted))?;
    let net = taken.net;
    let message = match taken.who {
        Who::Network(name) => format!("{wanted} overlaps with {net} of the network `{name}`"),
        Who::RouteOf(name) => {
            format!("{wanted} overlaps with {net}, to which the network `{name}` has a route")
        }
        Who::Interface("") => format!("{wanted} overlaps with {net}, to which there is a route"),
        Who::Interface(name) => {
            format!("{wanted} overlaps with {net}, which the host reaches through `{name}`")
        }
    };
    let free =
        first_v4(host, wanted.prefix_len().clamp(16, 30), None).filter(|_| wanted.addr().is_ipv4());
    let refusal = Refusal::new(message).at(taken.at, taken.line);
    Some(match free {
        Some(free) => refusal.help(format!("choose another, such as --subnet {free}")),
        None => refusal.help("choose another with --subnet"),
    })
}

/// Private address space (RFC 1918), beginning where libvirt's default network is.
const PRIVATE: [(Ipv4Addr, Ipv4Addr); 4] = [
    (
        Ipv4Addr::new(192, 168, 122, 0),
        Ipv4Addr::new(192, 168, 255, 255),
    ),
    (
        Ipv4Addr::new(172, 16, 0, 0),
        Ipv4Addr::new(172, 31, 255, 255),
    ),
    (Ipv4Addr::new(10, 0, 0, 0), Ipv4Addr::new(10, 255, 255, 255)),
    (
        Ipv4Addr::new(192, 168, 0, 0),
        Ipv4Addr::new(192, 168, 121, 255),
    ),
];

/// Returns the first free subnet of this prefix length (1 to 30).
pub(super) fn first_v4(host: &Host, prefix: u8, except: Option<&str>) -> Option<IpNet> {
    let mut used: Vec<(u64, u64)> = taken(host, except)
        .filter_map(|taken| match taken.net {
            IpNet::V4(net) => Some((
                u64::from(u32::from(net.network())),
                u64::from(u32::from(net.broadcast())),
            )),
            IpNet::V6(_) => None,
        })
        .collect();
    used.sort_unstable();
    let size = 1_u64 << (32 - u32::from(prefix));
    PRIVATE.iter().find_map(|(first, last)| {
        let (mut start, last) = (u64::from(u32::from(*first)), u64::from(u32::from(*last)));
        start = start.next_multiple_of(size);
        for (from, to) in &used {
            if *from < start + size && start <= *to {
                start = (to + 1).next_multiple_of(size);
            }
        }
        let end = start + size - 1;
        let start = u32::try_from(start).ok().filter(|_| end <= last)?;
        Ipv4Net::new(Ipv4Addr::from(start), prefix)
            .ok()
            .map(IpNet::V4)
    })
}

/// Returns a unique local /64 (RFC 4193) that is free; its 40 bits are those of `seed`.
pub(super) fn first_v6(host: &Host, seed: Uuid, except: Option<&str>) -> Option<IpNet> {
    let bytes = seed.as_bytes();
    (0..=u16::MAX).find_map(|id| {
        let mut octets = [0; 16];
        octets[0] = 0xfd;
        octets[1..6].copy_from_slice(&bytes[..5]);
        octets[6..8].copy_from_slice(&id.to_be_bytes());
        let net = IpNet::V6(Ipv6Net::new(Ipv6Addr::from(octets), 64).ok()?);
        refusal_of_any(host, &net, except).then_some(net)
    })
}

fn refusal_of_any(host: &Host, net: &IpNet, except: Option<&str>) -> bool {
    !taken(host, except).any(|taken| overlap(&taken.net, net))
}

/// Returns the address `offset` behind the network's own, if it is in the network and not its broadcast address.
pub(super) fn nth(net: &IpNet, offset: u128) -> Option<IpAddr> {
    let address = match net {
        IpNet::V4(net) => {
            let offset = u32::try_from(offset).ok()?;
            IpAddr::V4(Ipv4Addr::from(
                u32::from(net.network()).checked_add(offset)?,
            ))
        }
        IpNet::V6(net) => IpAddr::V6(Ipv6Addr::from(
            u128::from(net.network()).checked_add(offset)?,
        )),
    };
    let inside = net.contains(&address) && !is_broadcast(net, address);
    inside.then_some(address)
}

/// Returns how far an address is behind the network's own.
pub(super) fn offset(net: &IpNet, address: IpAddr) -> Option<u128> {
    match (net.network(), address) {
        _ if !net.contains(&address) => None,
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            Some(u128::from(u32::from(address) - u32::from(net)))
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => Some(u128::from(address) - u128::from(net)),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => None,
    }
}
