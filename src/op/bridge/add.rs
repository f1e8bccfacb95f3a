//! Making a bridge: the layer-3 configuration moves from the port to it.

use std::sync::Arc;

use super::at_boot::notes_of_boot;
use super::existing::already;
use super::expected::ensure_expected;
use super::moved::{addressed, ensure_servers_reached};
use super::ports::{attach_port, ensure_first, free_port, new_uuid};
use super::said::{ensure_all_said, ensure_known};
use super::{BridgeAdd, ensure_can_be_port, ensure_can_move};
use super::{addresses, identity, on_top};
use crate::host::Host;
use crate::host::layer3::Layer3;
use crate::host::network::Network;
use crate::host::profile::{Bridge, Home, Link, Profile, Switch};
use crate::host::value::InterfaceName;
use crate::host::wording::Wording;
use crate::op::{Force, Future, Move, Refusal, devices, managed, refusals, the_profile};

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
    ensure_expected(host, request, force)?;
    let properties = properties(request)?;
    let mut ports = free_ports(host, request)?;
    addresses::ensure_free_addresses(host, request, &ports)?;
    addresses::ensure_free_subnets(host, request, force)?;
    let main = ports
        .iter()
        .position(|port| !port.layer3.gives_no_address())
        .unwrap_or(0);
    let mut future = Future::of(host);
    let main = ports.remove(main);
    ensure_known(host, request, &main, force)?;
    for port in &ports {
        ensure_first(host, port, force)?;
    }
    if main.home.backend.is_of_network_manager() {
        ensure_free_id(host, bridge)?;
    }
    ensure_all_said(request, &main)?;
    let controller = bridge_with(&mut future, request, properties, &main)?;
    devices::retarget(&mut future.host, &main.interface, bridge);
    for port in &request.ports {
        let notes = on_top::ensure_nothing(host, port, bridge, force)?;
        future.notes.extend(notes);
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
    let notes = notes_of_ports(host, request, &controller);
    future.notes.extend(notes);
    Ok(future)
}

/// Says which ports the bridge has besides, and what it takes from them.
fn notes_of_ports(host: &Host, request: &BridgeAdd, controller: &Profile) -> Vec<String> {
    let bridge = &request.bridge;
    let others = host.ports_of(bridge).map(|port| &port.interface);
    let others = others.filter(|port| !request.ports.contains(port));
    let others =
        others.map(|port| format!("`{port}` is already a port of `{bridge}`, as its file says"));
    let mut notes: Vec<String> = others.collect();
    let properties = controller.bridge();
    let asks = controller.layer3.is_dhcp() && properties.is_some_and(|bridge| bridge.mac.is_none());
    if request.ports.len() > 1 && asks {
        notes.push(format!(
            "`{bridge}` takes the lowest MAC address of its ports: a DHCP server may assign it another address"
        ));
    }
    notes
}

/// Returns the ports that are asked for, which nothing else has.
fn free_ports(host: &Host, request: &BridgeAdd) -> Result<Vec<Profile>, Refusal> {
    let bridge = &request.bridge;
    let mut ports = Vec::new();
    for (index, name) in request.ports.iter().enumerate() {
        if request.ports[..index].contains(name) || name == bridge {
            return Err(Refusal::new(format!(
                "`{name}` cannot be given twice as a port, nor be a port of itself"
            ))
            .help("give each port once, and the bridge a name of its own"));
        }
        // its file may name the bridge already, which no file makes so far
        let port = free_port(host, name, Some(bridge))?;
        ensure_can_be_port(&port)?;
        ports.push(port);
    }
    Ok(ports)
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

/// Returns what the bridge itself is.
pub(super) fn properties(request: &BridgeAdd) -> Result<Bridge, Refusal> {
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
        starts_ports: false,
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
    // what its file says: without it NetworkManager leaves the port out when the bridge is brought up again
    properties.starts_ports = main.home.backend.is_of_network_manager();
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
        manager: managed::of_bridge(&future.host, &request.bridge, main),
        controller: None,
        autostart: request.onboot.unwrap_or(main.autostart),
        nm_controlled: main.nm_controlled,
        mac: None,
        cloned_mac: None,
        made_mac: None,
        layer3,
        locked: None,
        wording: Wording::default(),
    })
}
