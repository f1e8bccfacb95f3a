//! Whether addresses that a user gives are free, and reach their gateway.

use std::net::IpAddr;

use super::{BridgeAdd, Choice};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::IpNet;
use crate::op::{Force, Refusal};

/// Refuses addresses that are given twice, are taken, or do not reach their gateway.
///
/// `ports` are those that the bridge gets: who reads their files sets its routes.
pub(super) fn ensure_free_addresses(
    host: &Host,
    request: &BridgeAdd,
    ports: &[Profile],
) -> Result<(), Refusal> {
    let Choice::Static {
        addresses,
        gateways,
    } = &request.addressing
    else {
        return Ok(());
    };
    for (index, address) in addresses.iter().enumerate() {
        if addresses[..index]
            .iter()
            .any(|other| other.addr() == address.addr())
        {
            return Err(
                Refusal::new(format!("the address {} is given twice", address.addr()))
                    .help("give it once"),
            );
        }
        let others = host
            .profiles()
            .filter(|profile| !request.ports.contains(&profile.interface));
        let holds = |profile: &&Profile| {
            let mut all = profile.layer3.everywhere();
            all.any(|other| other.value == address.addr())
        };
        if let Some(other) = others.into_iter().find(holds) {
            let message = format!(
                "the address {} is taken by `{}`",
                address.addr(),
                other.interface
            );
            return Err(Refusal::new(message)
                .at(other.home.file.as_ref(), None)
                .help("choose another address"));
        }
    }
    let by_nm = |port: &Profile| port.is_for_network_manager(&host.readers);
    ensure_gateways_reached(addresses, gateways, ports.iter().all(by_nm))
}

/// Refuses gateways that no address reaches, or that no router can have.
///
/// Of a single address (`/32`), as hosters give them, no gateway is in the subnet: NetworkManager adds a route to it first,
/// the network service sets no default route (ifup-eth: `ipcalc --network`).
fn ensure_gateways_reached(
    addresses: &[IpNet],
    gateways: &[IpAddr],
    by_nm: bool,
) -> Result<(), Refusal> {
    for gateway in gateways {
        let link_local = matches!(gateway, IpAddr::V6(v6) if v6.is_unicast_link_local());
        let on_link = |net: &IpNet| {
            by_nm
                && net.prefix_len() == net.max_prefix_len()
                && net.addr().is_ipv4() == gateway.is_ipv4()
        };
        let reached = |net: &IpNet| {
            net.contains(gateway) || (link_local && net.addr().is_ipv6()) || on_link(net)
        };
        if !addresses.iter().any(reached) {
            let nets: Vec<String> = addresses
                .iter()
                .map(|net| net.trunc().to_string())
                .collect();
            let message = format!("the gateway {gateway} is outside {}", nets.join(" and "));
            return Err(
                Refusal::new(message).help("give a gateway that the bridge can reach directly")
            );
        }
        let short = |net: &&IpNet| matches!(net, IpNet::V4(net) if net.prefix_len() < 31);
        let mut wide = addresses.iter().filter(short);
        if let Some(net) = wide.find(|net| [net.network(), net.broadcast()].contains(gateway)) {
            let net = net.trunc();
            let message =
                format!("the gateway {gateway} is the network or broadcast address of {net}");
            return Err(Refusal::new(message).help("give the address of the router"));
        }
        if addresses.iter().any(|net| net.addr() == *gateway) {
            return Err(Refusal::new(format!(
                "{gateway} is given both as an address and as a gateway"
            ))
            .help("give the address of the router"));
        }
    }
    Ok(())
}

/// Refuses subnets that a libvirt network has: with equal masks it does not start, with others guests lose their way.
///
/// Source: `networkCheckRouteCollision()` in libvirt's bridge_driver_linux.c.
pub(super) fn ensure_free_subnets(
    host: &Host,
    request: &BridgeAdd,
    force: Force,
) -> Result<(), Refusal> {
    let Choice::Static { addresses, .. } = &request.addressing else {
        return Ok(());
    };
    let overlap =
        |a: &IpNet, b: &IpNet| a.trunc().contains(&b.addr()) || b.trunc().contains(&a.addr());
    for address in addresses {
        for network in host.networks() {
            let mut subnets = network.subnets.iter();
            let Some(subnet) = subnets.find(|subnet| overlap(&subnet.address, address)) else {
                continue;
            };
            let (wanted, taken) = (address.trunc(), subnet.address.trunc());
            Refusal::new(format!(
                "{wanted} overlaps with {taken} of the network `{}`",
                network.name
            ))
            .at(network.origin.as_ref(), subnet.spot.line)
            .help("choose addresses of another subnet")
            .unless(force)?;
        }
    }
    Ok(())
}

/// Names interfaces that have an address in a subnet of the bridge, too.
pub(super) fn shared_subnets(host: &Host, request: &BridgeAdd) -> Vec<String> {
    let Choice::Static { addresses, .. } = &request.addressing else {
        return Vec::new();
    };
    let others = host
        .profiles()
        .filter(|profile| !request.ports.contains(&profile.interface));
    let shares = |other: &&Profile| {
        let mut nets = other.layer3.addresses();
        nets.any(|net| {
            addresses
                .iter()
                .any(|address| net.trunc() == address.trunc())
        })
    };
    let named = others.filter(shares);
    named
        .map(|other| {
            format!(
                "`{}` has an address in the same subnet as `{}`",
                other.interface, request.bridge
            )
        })
        .collect()
}
