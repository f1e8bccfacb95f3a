//! Taking a bridge away: its layer-3 configuration returns to a port.

use std::sync::Arc;

use super::{ensure_can_move, identity, the_bridge};
use crate::host::Host;
use crate::host::profile::{Foreign, Link, Profile};
use crate::host::spot::Said;
use crate::host::value::InterfaceName;
use crate::op::{Force, Future, Move, Refusal, devices, refusals};

/// Returns the host without the bridge.
pub(in crate::op) fn plan(
    host: &Host,
    bridge: &InterfaceName,
    to: Option<&InterfaceName>,
    force: Force,
) -> Result<Future, Refusal> {
    let mut future = Future::of(host);
    let Some(profile) = the_bridge(host, bridge)? else {
        future.notes.push(super::no_bridge(host, bridge));
        let ports = host.ports_of(bridge).map(|port| &port.interface);
        future.notes.extend(ports.map(|port| {
            format!("`{port}` names it as its bridge (detach it: kvmnet bridge remove-port {bridge} {port})")
        }));
        return Ok(future);
    };
    // what --force does not lift comes before what it does
    ensure_ports_can_go(host, bridge)?;
    ensure_can_move(profile)?;
    crate::op::understood(host, bridge)?;
    let heir = heir(host, profile, to)?;
    future.notes.extend(unused(host, bridge, force)?);
    future
        .notes
        .extend(devices::unplugged(host, bridge, force)?);
    let names: Vec<&InterfaceName> = host.ports_of(bridge).map(|port| &port.interface).collect();
    crate::op::ensure_single(host, &names)?;
    let profiles = &mut future.host.profiles;
    profiles.retain(|profile| profile.interface != *bridge);
    let is_port = |profile: &&mut Arc<Profile>| profile.controller.as_ref() == Some(bridge);
    for port in profiles.iter_mut().filter(is_port) {
        Arc::make_mut(port).controller = None;
    }
    match &heir {
        Some(heir) => {
            let notes = devices::follow(&mut future.host, bridge, heir, force)?;
            future.notes.extend(notes);
        }
        None => future.notes.extend(devices::unused(host, bridge, force)?),
    }
    match heir {
        Some(heir) => {
            ensure_same_format(host, profile, &heir)?;
            inherit(&mut future, host, profile, &heir);
        }
        None => ensure_droppable(profile, force)?,
    }
    Ok(future)
}

/// Refuses to drop the addressing of a bridge that has no heir.
fn ensure_droppable(bridge: &Profile, force: Force) -> Result<(), Refusal> {
    if bridge.layer3.is_unsaid() {
        return Ok(());
    }
    let name = &bridge.interface;
    Refusal::new(format!(
        "`{name}` has no port that could take its addressing"
    ))
    .at(bridge.home.file.as_ref(), None)
    .help("attach a port first, or drop the addressing with --force")
    .unless(force)
}

/// Refuses while something hangs on the bridge; if forced, says what will be left hanging.
fn unused(host: &Host, bridge: &InterfaceName, force: Force) -> Result<Option<String>, Refusal> {
    let name = bridge.as_str();
    // guests keep a bridge that libvirt makes of that name, once nothing else does
    let own = |network: &crate::host::network::Network| {
        network.is_loaded() && network.own_bridge() == Some(name)
    };
    let libvirts = host.networks().any(own);
    let guests_on = || host.guests_on(name).filter(|_| !libvirts);
    let mut guests: Vec<&str> = guests_on().map(|(guest, _)| guest.name.as_str()).collect();
    guests.dedup();
    let networks = host.networks_on(name).map(|network| network.name.as_str());
    let mut networks: Vec<&str> = networks.collect();
    networks.dedup();
    let users = refusals::users(&guests, &networks);
    let used = format!("`{bridge}` is in use by {users}");
    let guest = guests_on()
        .map(|(guest, interface)| (&guest.origin, interface.spot.line))
        .next();
    let network = host
        .networks_on(name)
        .find_map(|network| Some((network.origin.as_ref()?, network.lines.bridge)));
    if let Some((path, line)) = guest.or(network) {
        Refusal::new(used.clone())
            .at(Some(path), line)
            .help(format!(
                "connect them elsewhere first, or remove `{bridge}` anyway with --force"
            ))
            .unless(force)?;
    }
    let left = format!("{used}: without it they cannot start");
    Ok((!users.is_empty()).then_some(left))
}

/// Refuses where a VLAN is on top of the bridge, or a port of it cannot be detached.
fn ensure_ports_can_go(host: &Host, bridge: &InterfaceName) -> Result<(), Refusal> {
    let name = bridge.as_str();
    if let Some(port) = host.unnamed.iter().find(|port| port.is_port_of(name)) {
        let which = match &port.mac {
            Some(mac) => format!("names its interface by the MAC address {mac} alone"),
            None => "names no interface".to_owned(),
        };
        let message = format!("a port of `{bridge}` {which}, and would be left without a bridge");
        let line = port.controller.as_ref().and_then(Said::line);
        return Err(Refusal::new(message)
            .at(Some(&port.file), line)
            .help(format!(
                "write {} in the group [connection] there",
                refusals::named_in(&"NAME")
            )));
    }
    for profile in &host.profiles {
        match &profile.link {
            Link::Vlan(Some(parent)) if parent == name => {
                let message = format!("the VLAN `{}` is on top of `{bridge}`", profile.interface);
                return Err(Refusal::new(message)
                    .at(profile.home.file.as_ref(), None)
                    .help("move the VLAN to a port first"));
            }
            Link::Foreign(Foreign { obstacle, .. })
                if profile.controller.as_ref() == Some(bridge) =>
            {
                let message = format!(
                    "`{}` cannot be detached: it {}",
                    profile.interface, obstacle.because
                );
                let refusal =
                    Refusal::new(message).at(profile.home.file.as_ref(), obstacle.because.line());
                let help = obstacle.help.as_deref();
                return Err(refusal.help(help.unwrap_or("detach it by hand first")));
            }
            Link::Ethernet | Link::Bridge(_) | Link::Bond | Link::Vlan(_) | Link::Foreign(_) => {}
        }
    }
    Ok(())
}

/// Returns the port that gets the configuration.
fn heir(
    host: &Host,
    bridge: &Profile,
    to: Option<&InterfaceName>,
) -> Result<Option<InterfaceName>, Refusal> {
    let name = &bridge.interface;
    let ports: Vec<&InterfaceName> = host.ports_of(name).map(|port| &port.interface).collect();
    match (to, ports.as_slice()) {
        (Some(to), ports) if !ports.contains(&to) => {
            let refusal = Refusal::new(format!("`{to}` is not a port of `{name}`"))
                .at(bridge.home.file.as_ref(), None);
            Err(refusal.help(match ports {
                [] => without_ports(host, bridge, to),
                [port] => format!("its port is `{port}`: kvmnet bridge remove {name} --to {port}"),
                [first, ..] => {
                    let names: Vec<_> = ports.iter().map(|port| format!("`{port}`")).collect();
                    format!(
                        "its ports are {}, for example: kvmnet bridge remove {name} --to {first}",
                        names.join(", ")
                    )
                }
            }))
        }
        (Some(to), _) => Ok(Some(to.clone())),
        (None, []) => Ok(None),
        (None, [port]) => Ok(Some((*port).clone())),
        (None, [first, ..]) => {
            let names: Vec<_> = ports.iter().map(|port| format!("`{port}`")).collect();
            let message = format!(
                "`{name}` has several ports ({}): which one gets its addressing?",
                names.join(", ")
            );
            let help = format!("name it: kvmnet bridge remove {name} --to {first}");
            Err(Refusal::new(message)
                .at(bridge.home.file.as_ref(), None)
                .help(help))
        }
    }
}

/// Says how a bridge that has no port can be removed, where its configuration should go to `to`.
fn without_ports(host: &Host, bridge: &Profile, to: &InterfaceName) -> String {
    let name = &bridge.interface;
    let is_free = match host.profile(to) {
        Some(port) => {
            let has_none = port.controller.is_none() && port.layer3.is_trivial();
            has_none && super::ensure_can_be_port(port).is_ok()
        }
        None => host.present.contains(to) && to.as_str() != "lo",
    };
    match (bridge.layer3.is_unsaid(), is_free) {
        (true, _) => format!("it has no port: kvmnet bridge remove {name}"),
        (false, true) => {
            format!("it has no port, attach that first: kvmnet bridge add-port {name} {to}")
        }
        (false, false) => {
            format!("it has no port, drop its addressing: kvmnet bridge remove {name} --force")
        }
    }
}

/// Refuses to move a configuration to a file of another format: comments and what has no word there would be lost.
fn ensure_same_format(host: &Host, bridge: &Profile, heir: &InterfaceName) -> Result<(), Refusal> {
    let heir = host.profile(heir);
    let other = heir.filter(|heir| heir.home.backend != bridge.home.backend);
    let Some(heir) = other.filter(|_| !bridge.layer3.is_unsaid()) else {
        return Ok(());
    };
    let message = format!(
        "the addressing of `{}` cannot move to `{}`: their files have different formats",
        bridge.interface, heir.interface
    );
    Err(Refusal::new(message)
        .at(heir.home.file.as_ref(), None)
        .help("name a port with --to whose file has the format of the bridge, or move the addressing by hand"))
}

fn inherit(future: &mut Future, host: &Host, bridge: &Profile, heir: &InterfaceName) {
    devices::retarget(&mut future.host, &bridge.interface, heir);
    let left_down = future
        .host
        .profile(heir)
        .is_some_and(|port| bridge.autostart && !port.autostart);
    if left_down && !bridge.layer3.gives_no_address() {
        future.notes.push(format!(
            "`{heir}` is not brought up at boot, and `{}` is: after a reboot the addressing that returns to `{heir}` is not in effect",
            bridge.interface
        ));
    }
    let mut layer3 = bridge.layer3.clone();
    let port = future.host.profile(heir);
    if let Some(port) = port {
        identity::forget(host, &mut layer3, bridge, port);
    }
    let notes = port.map(|port| identity::not_inherited(host, bridge, port));
    future.notes.extend(notes.into_iter().flatten());
    if let Some(port) = future.host.profile_mut(heir) {
        let own = std::mem::replace(&mut port.layer3, layer3);
        // its own files stay: of Open vSwitch they are in force, and else they fit again
        port.layer3.add_files_of(own);
    }
    let layer3 = bridge.layer3.clone();
    future.moved = Some(Move {
        from: bridge.interface.clone(),
        to: heir.clone(),
        layer3,
    });
}
