//! Making a bridge: the layer-3 configuration moves from the port to it.

use std::net::IpAddr;
use std::sync::Arc;

use super::ports::{attach_port, free_port, new_uuid};
use super::{BridgeAdd, Choice, ensure_can_be_port, ensure_can_move};
use super::{addresses, identity};
use crate::host::Host;
use crate::host::layer3::{About, Family, Layer3, Method};
use crate::host::network::Network;
use crate::host::profile::{Bridge, Home, Link, Manager, Profile, Switch};
use crate::host::spot::Said;
use crate::host::value::{InterfaceName, IpNet};
use crate::host::wording::Wording;
use crate::op::{Force, Future, Move, Refusal, describe, devices, managed, refusals, the_profile};
use crate::tree::HostPath;

/// Forward delay of a bridge with STP, in seconds: the default of IEEE 802.1D.
const FORWARD_DELAY_S: u32 = 15;

/// Returns the host with the bridge.
pub(in crate::op) fn plan(
    host: &Host,
    request: &BridgeAdd,
    force: Force,
) -> Result<Future, Refusal> {
    let bridge = &request.bridge;
    if let Some(existing) = the_profile(host, bridge)? {
        return already(host, request, existing);
    }
    ensure_free_name(host, bridge)?;
    let properties = properties(request)?;
    let mut ports = free_ports(host, request, force)?;
    addresses::ensure_free_addresses(host, request, &ports)?;
    addresses::ensure_free_subnets(host, request, force)?;
    let main = ports
        .iter()
        .position(|port| !port.layer3.gives_no_address())
        .unwrap_or(0);
    let mut future = Future::of(host);
    let main = ports.remove(main);
    ensure_known(host, request, &main)?;
    if main.home.backend.is_of_network_manager() {
        ensure_free_id(host, bridge)?;
    }
    let controller = bridge_with(&mut future, request, properties, &main)?;
    devices::retarget(&mut future.host, &main.interface, bridge);
    for port in &request.ports {
        let notes = devices::follow(&mut future.host, port, bridge, force)?;
        future.notes.extend(notes);
    }
    future
        .notes
        .extend(addresses::shared_subnets(host, request));
    future.host.profiles.push(Arc::new(controller.clone()));
    future.moved = Some(Move {
        from: main.interface.clone(),
        to: bridge.clone(),
        layer3: controller.layer3.clone(),
    });
    let bare = Profile {
        layer3: Layer3::default(),
        ..main
    };
    let onboot = Some(controller.autostart);
    attach_port(&mut future, bare, &controller, onboot, force)?;
    for port in ports {
        attach_port(&mut future, port, &controller, request.onboot, force)?;
    }
    let others = host.ports_of(bridge).map(|port| &port.interface);
    let others = others.filter(|port| !request.ports.contains(port));
    future.notes.extend(
        others.map(|port| format!("`{port}` is already a port of `{bridge}`, as its file says")),
    );
    let keeps_mac = controller
        .bridge()
        .is_some_and(|bridge| bridge.mac.is_some());
    if request.ports.len() > 1 && !keeps_mac {
        future.notes.push(format!(
            "`{bridge}` takes the lowest MAC address of its ports: a DHCP server may assign it another address"
        ));
    }
    Ok(future)
}

/// Returns the ports that are asked for, which nothing else has.
fn free_ports(host: &Host, request: &BridgeAdd, force: Force) -> Result<Vec<Profile>, Refusal> {
    let bridge = &request.bridge;
    let mut ports = Vec::new();
    for (index, name) in request.ports.iter().enumerate() {
        if request.ports[..index].contains(name) || name == bridge {
            return Err(Refusal::new(format!(
                "`{name}` cannot be given twice as a port, nor be a port of itself"
            )));
        }
        // its file may name the bridge already, which no file makes so far
        let port = free_port(host, name, Some(bridge), force)?;
        ensure_can_be_port(&port)?;
        ports.push(port);
    }
    Ok(ports)
}

/// Refuses to move what no file says, since NetworkManager makes a profile up for a card that has none, which asks a DHCP
/// server; and a switch that the format of the port has no words for.
fn ensure_known(host: &Host, request: &BridgeAdd, main: &Profile) -> Result<(), Refusal> {
    if request.switch == Some(Switch::Ovs) && !main.home.backend.has_ovs() {
        let message = format!(
            "`{}` has a profile of NetworkManager, and kvmnet creates no bridges of Open vSwitch with those",
            main.interface
        );
        return Err(Refusal::new(message)
            .at(main.home.file.as_ref(), None)
            .help("omit --switch ovs, or create the bridge as nm-openvswitch(7) says"));
    }
    let made_up = main.home.file.is_none() && main.manager == Manager::NetworkManager;
    if !made_up || request.addressing != Choice::Move {
        return Ok(());
    }
    let name = &main.interface;
    let what = match managed::is_made_up(host, name) {
        true => "NetworkManager creates one in memory, which asks a DHCP server",
        false => "it has no address",
    };
    let message = format!("`{name}` has no profile on disk: {what}");
    Err(Refusal::new(message).help(
        "say which address the bridge gets: --dhcp, --address ADDRESS/PREFIX, or --no-address",
    ))
}

/// A bridge that is as wished needs no change; any other is in the way.
fn already(host: &Host, request: &BridgeAdd, existing: &Profile) -> Result<Future, Refusal> {
    let name = &request.bridge;
    let refuse = |message: String| Refusal::new(message).at(existing.home.file.as_ref(), None);
    let Some(bridge) = existing.bridge() else {
        return Err(refusals::taken(name.as_str(), "an interface of the host")
            .at(existing.home.file.as_ref(), None)
            .help("choose another name"));
    };
    let missing = request
        .ports
        .iter()
        .find(|port| !host.ports_of(name).any(|p| p.interface == **port));
    if let Some(port) = missing {
        free_port(host, port, Some(name), Force::No)?;
        let help = format!("attach it: kvmnet bridge add-port {name} {port}");
        return Err(refuse(format!(
            "the bridge `{name}` already exists, and `{port}` is not a port of it"
        ))
        .help(help));
    }
    let found = &existing.layer3;
    let as_wished = match &request.addressing {
        Choice::Move => true,
        Choice::Dhcp => found.is_dhcp(),
        Choice::None => found.gives_no_address(),
        Choice::Static {
            addresses,
            gateways,
        } => {
            // as it would be written, or as they are given
            let orders = [sorted(addresses, gateways), sorted(addresses, &[])];
            let there: Vec<IpNet> = found.addresses().collect();
            let gateways_there: Vec<IpAddr> = found.gateways().collect();
            orders.contains(&there) && gateways_there == sorted_gateways(gateways)
        }
    };
    let as_asked = as_wished
        && request
            .stp
            .is_none_or(|stp| stp == bridge.stp.unwrap_or(false))
        && request.switch.is_none_or(|switch| switch == bridge.switch)
        && request
            .forward_delay_s
            .is_none_or(|delay| Some(delay) == bridge.forward_delay_s)
        && (request.dns.is_empty() || found.servers().eq(request.dns.iter().copied()));
    let start = |onboot| all_start(host, request, existing, onboot);
    if as_asked && request.onboot.is_none_or(start) {
        return Ok(Future::of(host));
    }
    let help = match (as_asked, request.onboot) {
        (true, Some(onboot)) => start_alike(host, request, existing, onboot),
        _ => format!("remove it first (kvmnet bridge remove {name}), or edit its file"),
    };
    Err(refuse(format!(
        "the bridge `{name}` already exists and differs from what was requested"
    ))
    .help(help))
}

/// Returns whether the bridge and the ports that are asked for are all brought up at boot, or all not.
fn all_start(host: &Host, request: &BridgeAdd, bridge: &Profile, onboot: bool) -> bool {
    let ports = request.ports.iter().filter_map(|port| host.profile(port));
    ports
        .chain([bridge])
        .all(|profile| profile.autostart == onboot)
}

/// Says what lets a bridge that is there and its ports start alike.
fn start_alike(host: &Host, request: &BridgeAdd, bridge: &Profile, onboot: bool) -> String {
    let (name, word) = (&bridge.interface, if onboot { "yes" } else { "no" });
    let ports = request.ports.iter();
    let ports = ports.filter_map(|port| host.profile(port));
    let differ: Vec<&Profile> = [bridge]
        .into_iter()
        .chain(ports)
        .filter(|profile| profile.autostart != onboot)
        .collect();
    match differ.as_slice() {
        [port] if port.interface != *name => {
            format!(
                "kvmnet bridge add-port {name} {} --onboot {word}",
                port.interface
            )
        }
        differ => {
            let files = differ
                .iter()
                .filter_map(|profile| profile.home.file.as_ref());
            let files: Vec<&str> = files.map(|file| file.as_str()).collect();
            format!(
                "write {} in {}",
                bridge.home.backend.start(onboot),
                files.join(" and ")
            )
        }
    }
}

/// Refuses a name that another profile of NetworkManager has: commands that name profiles would mean either.
fn ensure_free_id(host: &Host, bridge: &InterfaceName) -> Result<(), Refusal> {
    let known = host.profiles().chain(&host.idle);
    let mut known = known.filter(|profile| profile.home.backend.is_of_network_manager());
    match known.find(|profile| profile.id == bridge.as_str()) {
        Some(profile) => {
            let by = format!("the profile of `{}`", profile.interface);
            Err(refusals::taken(bridge.as_str(), by)
                .at(profile.home.file.as_ref(), None)
                .help("choose another name"))
        }
        None => Ok(()),
    }
}

fn ensure_free_name(host: &Host, bridge: &InterfaceName) -> Result<(), Refusal> {
    refusals::ensure_allowed(bridge.as_str())?;
    if bridge.as_str() == "lo" {
        let refusal = refusals::taken("lo", "the loopback interface");
        return Err(refusal.help("choose another name"));
    }
    let own = |network: &&Network| network.own_bridge() == Some(bridge.as_str());
    if let Some(network) = host.networks().find(own) {
        let by = format!("the bridge device of the network `{}`", network.name);
        return Err(refusals::taken(bridge.as_str(), by)
            .at(network.origin.as_ref(), network.lines.bridge)
            .help("choose another name"));
    }
    if let Some((claim, _)) = host.foreign_bridge(bridge.as_str()) {
        let program = claim.program.name();
        return Err(
            refusals::taken(bridge.as_str(), format!("a bridge of {program}"))
                .at(Some(&claim.at.path), claim.at.line)
                .help("choose another name"),
        );
    }
    if host.present.contains(bridge) {
        let by = "an interface of the running host";
        return Err(refusals::taken(bridge.as_str(), by).help("choose another name"));
    }
    let file = host.format.path(bridge.as_str());
    if host.format.passes_over(bridge.as_str()) {
        let name = file.rsplit('/').next().unwrap_or(&file);
        let message = format!("a file named {name} is never read as configuration");
        return Err(Refusal::new(message).help("choose a name without such a suffix, such as br0"));
    }
    Ok(())
}

fn properties(request: &BridgeAdd) -> Result<Bridge, Refusal> {
    let stp = request.stp.unwrap_or(false);
    let delay = request
        .forward_delay_s
        .unwrap_or(if stp { FORWARD_DELAY_S } else { 0 });
    // NetworkManager refuses the whole file outside of this range; the kernel clamps to it
    if stp && !(2..=30).contains(&delay) {
        let message = format!("with STP the forward delay must be 2 to 30 seconds, not {delay}");
        return Err(Refusal::new(message).help("omit --forward-delay, or turn STP off"));
    }
    let switch = request.switch.unwrap_or(Switch::Linux);
    let (stp, delay) = match switch {
        Switch::Linux => (Some(stp), Some(delay)),
        Switch::Ovs => (stp.then_some(true), stp.then_some(delay)),
    };
    Ok(Bridge {
        switch,
        stp,
        forward_delay_s: delay,
        mac: None,
        keeps_mac: false,
    })
}

/// Returns the profile of the bridge, with the layer-3 configuration of `main`.
fn bridge_with(
    future: &mut Future,
    request: &BridgeAdd,
    mut properties: Bridge,
    main: &Profile,
) -> Result<Profile, Refusal> {
    ensure_can_move(main)?;
    let mut layer3 = addressed(future, request, main);
    if main.home.backend.is_of_network_manager() {
        ensure_servers_reached(future, request, &mut layer3)?;
    }
    let kept = identity::keep(&future.host, request, main, (&mut properties, &mut layer3));
    future.notes.extend(kept);
    if properties.switch == Switch::Ovs {
        properties.mac = main.mac;
        if properties.mac.is_none() && main.home.file.is_some() {
            let lease = if layer3.is_dhcp() {
                ", and another DHCP lease"
            } else {
                ""
            };
            future.notes.push(format!(
                "the MAC address of `{}` is not in its file: `{}` may get another one{lease}",
                main.interface, request.bridge
            ));
        }
    }
    let notes = notes_of_boot(&future.host, request, main, &layer3);
    future.notes.extend(notes);
    Ok(Profile {
        home: Home::new(main.home.backend),
        interface: request.bridge.clone(),
        id: request.bridge.to_string(),
        uuid: new_uuid(&future.host, main.home.backend, &request.bridge),
        link: Link::Bridge(properties),
        manager: crate::op::managed::of_new(
            &future.host,
            &request.bridge,
            "bridge",
            main.home.backend,
            main.nm_controlled,
        ),
        controller: None,
        autostart: request.onboot.unwrap_or(main.autostart),
        nm_controlled: main.nm_controlled,
        mac: None,
        cloned_mac: None,
        layer3,
        locked: None,
        wording: Wording::default(),
    })
}

/// Refuses name servers that are given, and takes away others, of a family without addresses: NetworkManager refuses the file.
fn ensure_servers_reached(
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
        let message = format!(
            "the name server {server} cannot be reached: `{}` has no address of {family}",
            request.bridge
        );
        if request.dns.contains(&server) {
            return Err(Refusal::new(message).help("give an address of that family, or omit it"));
        }
        future.notes.push(message + ", and it is dropped");
    }
    Ok(())
}

/// Says what is down after a reboot.
fn notes_of_boot(
    host: &Host,
    request: &BridgeAdd,
    main: &Profile,
    layer3: &Layer3,
) -> Option<String> {
    if !main.autostart && request.onboot.is_none() {
        return Some(format!(
            "`{}` is not brought up at boot, and so neither is `{}`: after a reboot both are down (bring both up: --onboot yes)",
            main.interface, request.bridge
        ));
    }
    let last = main.autostart
        && request.onboot == Some(false)
        && !layer3.gives_no_address()
        && !others_start(host, request);
    last.then(|| {
        format!(
            "`{}` is not brought up at boot, nor is any other interface with an address: after a reboot the host is not reachable",
            request.bridge
        )
    })
}

/// Returns whether an interface with addresses is brought up at boot that becomes no port.
fn others_start(host: &Host, request: &BridgeAdd) -> bool {
    host.profiles().any(|profile| {
        let starts = profile.autostart && profile.controller.is_none();
        let addressed = !profile.layer3.gives_no_address();
        starts && addressed && !request.ports.contains(&profile.interface) && profile.is_read()
    })
}

/// Returns what moves, with the addressing that was asked for in its place.
fn addressed(future: &mut Future, request: &BridgeAdd, main: &Profile) -> Layer3 {
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
fn sorted(addresses: &[IpNet], gateways: &[IpAddr]) -> Vec<IpNet> {
    let reaches = |net: &IpNet| net.addr().is_ipv4() && gateways.iter().any(|ip| net.contains(ip));
    let mut sorted = addresses.to_vec();
    sorted.sort_by_key(|net| net.addr().is_ipv6());
    if let Some(at) = sorted.iter().position(reaches) {
        sorted[..=at].rotate_right(1);
    }
    sorted
}

fn sorted_gateways(gateways: &[IpAddr]) -> Vec<IpAddr> {
    let mut sorted = gateways.to_vec();
    sorted.sort_by_key(IpAddr::is_ipv6);
    sorted
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
