//! The layer-3 configuration that a new bridge has: what moves from its port, with the addressing that was asked for.

use std::net::IpAddr;

use super::{BridgeAdd, Choice};
use crate::host::layer3::{About, Family, Layer3, Method};
use crate::host::profile::Profile;
use crate::host::spot::Said;
use crate::host::value::IpNet;
use crate::op::{Future, Refusal, describe};
use crate::tree::HostPath;

/// Returns what moves, with the addressing that was asked for in its place.
pub(super) fn addressed(future: &mut Future, request: &BridgeAdd, main: &Profile) -> Layer3 {
    let (mut layer3, old) = (main.layer3.clone(), &main.layer3);
    match &request.addressing {
        Choice::Move => {}
        Choice::Dhcp => {
            set_addresses(&mut layer3, Method::Dhcp, &[], &[]);
        }
        Choice::Static {
            addresses,
            gateways,
        } => {
            let addresses = sorted(addresses, gateways);
            set_addresses(&mut layer3, Method::Manual, &addresses, gateways);
            // how IPv6 configured itself does not hold beside addresses that are given
            if !layer3.v6.addresses.is_empty() {
                layer3.v6.method = Method::Manual.into();
            }
        }
        Choice::None => {
            set_addresses(&mut layer3, Method::Manual, &[], &[]);
            layer3.v6.method = Method::Unsaid.into();
            layer3.dns.servers.clear();
            // without any address they are dead
            layer3.routes.clear();
            layer3.rules.clear();
        }
    }
    if !request.dns.is_empty() {
        layer3.dns.servers = request.dns.iter().copied().map(Said::from).collect();
    }
    let routed = old.is_dhcp() || old.gateways().next().is_some();
    if routed
        && matches!(&request.addressing, Choice::Static { gateways, .. } if gateways.is_empty())
    {
        future.notes.push(format!(
            "`{}` has no gateway: the default route of `{}` is lost (give one with --gateway)",
            request.bridge, main.interface
        ));
    }
    drop_companions(future, request, &mut layer3);
    if request.addressing != Choice::Move && !old.gives_no_address() {
        future.notes.push(format!(
            "the addressing of `{}` ({}) is lost",
            main.interface,
            describe(old)
        ));
    }
    layer3
}

/// Puts these addresses in the place of those that are there; how IPv6 configures itself stays.
fn set_addresses(layer3: &mut Layer3, method: Method, addresses: &[IpNet], gateways: &[IpAddr]) {
    let of_family = |v6: bool| Family {
        method: Said::default(),
        addresses: addresses
            .iter()
            .filter(|net| net.addr().is_ipv6() == v6)
            .copied()
            .map(Said::from)
            .collect(),
        not_valid: Vec::new(),
        gateways: gateways
            .iter()
            .filter(|ip| ip.is_ipv6() == v6)
            .copied()
            .map(Said::from)
            .collect(),
    };
    layer3.v4 = Family {
        method: method.into(),
        ..of_family(false)
    };
    layer3.v6 = Family {
        method: layer3.v6.method.clone(),
        ..of_family(true)
    };
    layer3.shell = false;
}

/// Further addresses go with the ones that are replaced; without any address, routes and rules are dead.
fn drop_companions(future: &mut Future, request: &BridgeAdd, layer3: &mut Layer3) {
    let stays = |about: About| match about {
        About::Addresses => request.addressing == Choice::Move,
        About::Routes | About::Rules => request.addressing != Choice::None,
        About::Dhcp => true,
    };
    let goes = layer3.further.iter().filter(|part| !stays(part.about));
    let goes: Vec<HostPath> = goes.map(|part| part.at.clone()).collect();
    for file in goes {
        future.notes.push(format!(
            "{file} is deleted: the addressing that it belongs to is replaced"
        ));
        layer3.drop_file(&file);
    }
}

/// Files list IPv4 before IPv6, and first of all the address that reaches the gateway: the network service holds the gateway against
/// the first one alone, and else set no default route (ifup-eth: `netmask[0]`). IPv6 has no such test.
pub(super) fn sorted(addresses: &[IpNet], gateways: &[IpAddr]) -> Vec<IpNet> {
    let reaches = |net: &IpNet| net.addr().is_ipv4() && gateways.iter().any(|ip| net.contains(ip));
    let mut sorted = addresses.to_vec();
    sorted.sort_by_key(|net| net.addr().is_ipv6());
    if let Some(at) = sorted.iter().position(reaches) {
        sorted[..=at].rotate_right(1);
    }
    sorted
}

pub(super) fn sorted_gateways(gateways: &[IpAddr]) -> Vec<IpAddr> {
    let mut sorted = gateways.to_vec();
    sorted.sort_by_key(IpAddr::is_ipv6);
    sorted
}

/// Refuses name servers that are given, and takes away others, of a family without addresses: NetworkManager refuses the file.
pub(super) fn ensure_servers_reached(
    future: &mut Future,
    request: &BridgeAdd,
    layer3: &mut Layer3,
) -> Result<(), Refusal> {
    let servers = std::mem::take(&mut layer3.dns.servers);
    let (reached, lost): (Vec<_>, Vec<_>) = servers
        .into_iter()
        .partition(|server| layer3.has_family(server.is_ipv6()));
    layer3.dns.servers = reached;
    for server in lost {
        let family = if server.is_ipv6() { "IPv6" } else { "IPv4" };
        let without = format!("`{}` has no {family} address", request.bridge);
        if request.dns.contains(&server) {
            let message = format!("the name server {server} cannot be reached: {without}");
            let help = format!("give an {family} address as well, or omit that name server");
            return Err(Refusal::new(message).help(help));
        }
        future.notes.push(format!(
            "the name server {server} is dropped, since it cannot be reached: {without}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns every order of `items`.
    fn orders(items: &[IpNet]) -> Vec<Vec<IpNet>> {
        let Some((last, rest)) = items.split_last() else {
            return vec![Vec::new()];
        };
        let places = |order: Vec<IpNet>| {
            (0..=order.len()).map(move |at| [&order[..at], &[*last], &order[at..]].concat())
        };
        orders(rest).into_iter().flat_map(places).collect()
    }

    #[test]
    fn in_every_order_the_first_address_reaches_the_gateway_and_no_other_moves() {
        let nets = [
            "10.0.0.2/8",
            "192.168.50.2/24",
            "192.168.2.2/24",
            "fd07::2/64",
        ];
        let nets = nets.map(|net| net.parse().unwrap());
        for gateway in ["10.0.0.1", "192.168.50.1", "192.168.2.1"] {
            let gateway: IpAddr = gateway.parse().unwrap();
            for given in orders(&nets) {
                let written = sorted(&given, &[gateway]);
                assert!(written[0].contains(&gateway), "{given:?}: {written:?}");
                let others = |nets: &[IpNet]| -> Vec<IpNet> {
                    nets.iter()
                        .filter(|net| **net != written[0])
                        .copied()
                        .collect()
                };
                assert_eq!(others(&written), others(&sorted(&given, &[])));
            }
        }
    }
}
