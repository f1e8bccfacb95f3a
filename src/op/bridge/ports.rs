//! Attaching an interface to a bridge that exists, and detaching it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::at_boot::{ensure_none_instead, parted_at_boot};
use super::{PORTS, ensure_can_be_port, identity, on_top, the_bridge};
use crate::host::layer3::Layer3;
use crate::host::profile::{Backend, Home, Link, Profile};
use crate::host::value::InterfaceName;
use crate::host::wording::Wording;
use crate::host::{Host, invent};
use crate::op::{Force, Future, Refusal, describe, devices, refusals, the_profile};

/// Attaches `port` to `bridge`.
pub(in crate::op) fn attach(
    host: &Host,
    bridge: &InterfaceName,
    port: &InterfaceName,
    onboot: Option<bool>,
    force: Force,
) -> Result<Future, Refusal> {
    let Some(controller) = the_bridge(host, bridge)? else {
        if the_profile(host, port)?.is_none() && !host.present.contains(port) {
            return Err(no_interface(host, port));
        }
        let refusal = Refusal::new(super::no_bridge(host, bridge));
        return Err(refusal.help(format!(
            "create it: kvmnet bridge add {bridge} --port {port}"
        )));
    };
    let profile = free_port(host, port, Some(bridge))?;
    ensure_first(host, &profile, force)?;
    let mut future = Future::of(host);
    if profile.controller.as_ref() == Some(bridge) {
        if let (Some(profile), Some(onboot)) = (future.host.profile_mut(port), onboot) {
            profile.autostart = onboot;
            let instead = ensure_none_instead(host, port, onboot, force)?;
            future.notes.extend(instead);
            let parted = parted_at_boot(port, onboot, controller, Some(onboot));
            future.notes.extend(parted);
        }
        return Ok(future);
    }
    future.notes.extend(devices::unused(host, port, force)?);
    let notes = on_top::ensure_nothing(host, port, bridge, force)?;
    future.notes.extend(notes);
    let controller = controller.clone();
    let lease = identity::other_lease(host, &controller, &profile);
    future.notes.extend(lease);
    attach_port(&mut future, profile, &controller, onboot, force)?;
    Ok(future)
}

/// Returns the profile of an interface that can become a port: its own, or a new one if the kernel has the interface.
///
/// An interface that is a port of `bridge` already is returned as it is.
pub(super) fn free_port(
    host: &Host,
    port: &InterfaceName,
    bridge: Option<&InterfaceName>,
) -> Result<Profile, Refusal> {
    if port.as_str() == "lo" {
        let because = "is the loopback interface";
        return Err(refusals::cannot_be_port("lo", because).help(PORTS));
    }
    let found = the_profile(host, port)?;
    // of a bridge with a profile its own file tells; what other managers make was refused before
    let bridges = host.foreign_bridges();
    let attached = bridges
        .iter()
        .find(|(_, claim, _)| claim.ports.iter().any(|p| p == port.as_str()));
    if let Some((bridge, claim, _)) = attached {
        let program = claim.program.name();
        let message = format!("`{port}` is already a port of `{bridge}`, a bridge of {program}");
        return Err(Refusal::new(message)
            .at(Some(&claim.at.path), claim.at.line)
            .help(format!("detach it from `{bridge}` there first")));
    }
    let Some(profile) = found else {
        if host.present.contains(port) {
            let bridge = bridge.and_then(|bridge| host.profile(bridge));
            let format = bridge.map_or(host.format, |bridge| bridge.home.backend);
            return Ok(unconfigured(host, port, format));
        }
        return Err(no_interface(host, port));
    };
    match &profile.controller {
        Some(controller) if Some(controller) != bridge => {
            ensure_can_be_port(profile)?;
            let refusal = Refusal::new(format!("`{port}` is already a port of `{controller}`"));
            let help = format!("detach it first: {}", leave(host, controller, profile));
            Err(refusal.at(profile.home.file.as_ref(), None).help(help))
        }
        Some(_) => Ok(profile.clone()),
        None => {
            ensure_can_be_port(profile)?;
            Ok(profile.clone())
        }
    }
}

/// Refuses a new profile of an interface where another one may apply to it.
pub(super) fn ensure_first(host: &Host, profile: &Profile, force: Force) -> Result<(), Refusal> {
    let is_new = profile.home.file.is_none();
    match crate::op::managed::loose(host, &profile.interface).filter(|_| is_new) {
        Some(refusal) => refusal.unless(force),
        None => Ok(()),
    }
}

/// Says that there is no such interface to detach, and which there are: the one that looks most like it may be the wrong one.
fn no_port(host: &Host, wanted: &InterfaceName) -> Refusal {
    let refusal = Refusal::new(refusals::absent("interface", wanted.as_str()));
    let named = |profile: &&Profile| profile.id == wanted.as_str() || is_file_of(profile, wanted);
    if let Some(profile) = host.profiles().find(named) {
        return refusal.at(profile.home.file.as_ref(), None).help(format!(
            "that file configures the interface `{0}`: --port {0}",
            profile.interface
        ));
    }
    let can_be =
        |profile: &&Profile| matches!(profile.link, Link::Ethernet | Link::Bond | Link::Vlan(_));
    let profiles = host
        .profiles()
        .filter(can_be)
        .map(|profile| &profile.interface);
    let present = host.present.iter().filter(|name| name.as_str() != "lo");
    let names: BTreeSet<&str> = profiles.chain(present).map(InterfaceName::as_str).collect();
    let names: Vec<&str> = names.into_iter().collect();
    match refusals::listed(&names) {
        Some(there) => refusal.help(there),
        None => refusal,
    }
}

/// Says that there is no such interface to attach, which there are, and what makes it one.
fn no_interface(host: &Host, wanted: &InterfaceName) -> Refusal {
    let refusal = no_port(host, wanted);
    if refusal.at.is_some() {
        return refusal;
    }
    let there = refusal.help.clone();
    let by_mac = host.unnamed.iter().filter(|profile| profile.mac.is_some());
    let by_mac = by_mac.map(|profile| format!("{} ({})", profile.file, profile.shown()));
    let by_mac: Vec<String> = by_mac.collect();
    let way = match by_mac.as_slice() {
        // as far as the tree shows cards, it shows all
        [] if there.is_some() && !host.present.is_empty() => None,
        [] => Some(format!(
            "a card without a profile needs one first: {}",
            host.format.path(wanted.as_str())
        )),
        files => Some(format!(
            "if one of these files, which name a card by its MAC address alone, is for it, write {} in the group [connection] there: {}",
            refusals::named_in(wanted),
            files.join(", ")
        )),
    };
    let parts: Vec<String> = there.into_iter().chain(way).collect();
    refusal.help(parts.join("; "))
}

/// Returns whether the file is called after `name`.
fn is_file_of(profile: &Profile, name: &InterfaceName) -> bool {
    let origin = profile.home.file.as_ref();
    origin.is_some_and(|origin| origin.as_str() == profile.home.backend.path(name.as_str()))
}

fn unconfigured(host: &Host, interface: &InterfaceName, format: Backend) -> Profile {
    Profile {
        home: Home::new(format),
        interface: interface.clone(),
        id: interface.to_string(),
        uuid: new_uuid(host, format, interface),
        link: Link::Ethernet,
        manager: crate::op::managed::manager(host, interface, "ethernet"),
        controller: None,
        autostart: true,
        nm_controlled: true,
        mac: None,
        cloned_mac: None,
        made_mac: None,
        layer3: Layer3::default(),
        locked: None,
        wording: Wording::default(),
    }
}

/// Returns the UUID of a new profile, where its program asks for one.
pub(super) fn new_uuid(host: &Host, backend: Backend, interface: &InterfaceName) -> Option<String> {
    let invented = || invent::uuid_of_profile(host, interface.as_str()).to_string();
    backend.is_of_network_manager().then(invented)
}

/// Refuses to drop what a port is configured with.
fn ensure_trivial(port: &Profile, controller: &Profile, force: Force) -> Result<(), Refusal> {
    if port.layer3.is_trivial() {
        return Ok(());
    }
    let what = match port.layer3.further.first() {
        Some(part) if port.layer3.addresses().next().is_none() => part.at.to_string(),
        _ => describe(&port.layer3),
    };
    let (name, bridge) = (&port.interface, &controller.interface);
    let help = match controller.home.file {
        Some(_) => format!(
            "give it a bridge of its own, or drop its configuration with --force (`{bridge}` keeps its own)"
        ),
        None => format!(
            "name it first, so that `{bridge}` has its configuration, or give it a bridge of its own; --force drops it"
        ),
    };
    Refusal::new(format!(
        "`{name}` has a configuration of its own ({what}), which a port cannot have"
    ))
    .at(port.home.file.as_ref(), None)
    .help(help)
    .unless(force)
}

/// Returns whether no other interface that is brought up at boot has a default route.
fn has_the_only_way_out(host: &Host, port: &Profile) -> bool {
    let leads_out = |profile: &Profile| {
        let layer3 = &profile.layer3;
        let has_gateway = !layer3.v4.gateways.is_empty() || !layer3.v6.gateways.is_empty();
        profile.autostart && profile.controller.is_none() && (layer3.is_dhcp() || has_gateway)
    };
    let mut others = host
        .profiles()
        .filter(|other| other.interface != port.interface);
    leads_out(port) && !others.any(leads_out)
}

/// Makes `port` a port of `controller`; its own addressing goes, and it agrees with the bridge in who has both. Whether it is
/// brought up at boot is its own, unless `onboot` says so.
pub(super) fn attach_port(
    future: &mut Future,
    mut port: Profile,
    controller: &Profile,
    onboot: Option<bool>,
    force: Force,
) -> Result<(), Refusal> {
    let bridge = &controller.interface;
    ensure_trivial(&port, controller, force)?;
    if !port.layer3.gives_no_address() {
        let lost = describe(&port.layer3);
        let dark = match has_the_only_way_out(&future.host, &port) {
            true => ", and the host its only default route",
            false => "",
        };
        future.notes.push(format!(
            "`{}` loses its own addressing ({lost}){dark}; the bridge has the addresses",
            port.interface
        ));
    }
    if port.nm_controlled != controller.nm_controlled {
        let who = match controller.nm_controlled {
            true => "NetworkManager may manage it",
            false => "NetworkManager leaves it alone",
        };
        future.notes.push(format!(
            "`{}`: {who}, as with `{bridge}`: both files now agree",
            port.interface
        ));
    }
    let own = port.home.file.as_ref().map(|_| port.autostart);
    let autostart = onboot.or(own).unwrap_or(controller.autostart);
    future.notes.extend(parted_at_boot(
        &port.interface,
        autostart,
        controller,
        onboot,
    ));
    let instead = ensure_none_instead(&future.host, &port.interface, autostart, force)?;
    future.notes.extend(instead);
    port.layer3 = Layer3::default();
    port.controller = Some(bridge.clone());
    port.autostart = autostart;
    port.nm_controlled = controller.nm_controlled;
    match future.host.profile_mut(&port.interface) {
        Some(profile) => *profile = port,
        None => future.host.profiles.push(Arc::new(port)),
    }
    Ok(())
}

/// Detaches `port` from `bridge`.
pub(in crate::op) fn detach(
    host: &Host,
    bridge: &InterfaceName,
    port: &InterfaceName,
    force: Force,
) -> Result<Future, Refusal> {
    // what the port's own file says can be taken away, whatever has become of the bridge
    let named = host
        .profile(port)
        .is_some_and(|p| p.controller.as_ref() == Some(bridge));
    if named {
        crate::op::understood(host, bridge)?;
    } else if the_bridge(host, bridge)?.is_none() {
        if the_profile(host, port)?.is_some_and(|port| port.controller.is_none()) {
            // as after the command was done once
            let mut future = Future::of(host);
            future.notes.push(super::no_bridge(host, bridge));
            return Ok(future);
        }
        if the_profile(host, port)?.is_none() && !host.present.contains(port) {
            return Err(no_port(host, port));
        }
        let refusal = Refusal::new(super::no_bridge(host, bridge));
        return Err(refusal.help("list the bridges: kvmnet show bridges"));
    }
    let Some(profile) = the_profile(host, port)? else {
        return match host.present.contains(port) {
            true => Ok(Future::of(host)),
            false => Err(no_port(host, port)),
        };
    };
    let mut future = Future::of(host);
    match &profile.controller {
        None => return Ok(future),
        Some(other) if other != bridge => {
            let refusal = Refusal::new(format!(
                "`{port}` is a port of `{other}`, not of `{bridge}`"
            ));
            let help = leave(host, other, profile);
            return Err(refusal.at(profile.home.file.as_ref(), None).help(help));
        }
        Some(_) => {}
    }
    ensure_can_be_port(profile)?;
    future.notes.extend(last_port(host, bridge, port, force)?);
    let controller = host.profile(bridge);
    let lowest = controller.and_then(|bridge| identity::lowest_leaves(host, bridge, port));
    future.notes.extend(lowest);
    if let Some(profile) = future.host.profile_mut(port) {
        profile.controller = None;
    }
    Ok(future)
}

/// Returns the command by which a port leaves its bridge: the last one takes the addressing with it, where it can.
fn leave(host: &Host, bridge: &InterfaceName, port: &Profile) -> String {
    let name = &port.interface;
    if last_port(host, bridge, name, Force::No).is_ok() {
        return format!("kvmnet bridge remove-port {bridge} {name}");
    }
    let above = host.profile(bridge);
    match above.is_some_and(|above| above.home.backend != port.home.backend) {
        true => format!("kvmnet bridge remove-port {bridge} {name} --force"),
        false => format!("kvmnet bridge remove {bridge}"),
    }
}

/// Refuses to take the last port from a bridge that has addresses: the host would be dark.
fn last_port(
    host: &Host,
    bridge: &InterfaceName,
    port: &InterfaceName,
    force: Force,
) -> Result<Option<String>, Refusal> {
    let Some(profile) = host.profile(bridge).filter(|p| p.bridge().is_some()) else {
        return Ok(None);
    };
    let unnamed = host.unnamed.iter();
    let others = unnamed.filter(|other| other.is_port_of(bridge.as_str()));
    if host.ports_of(bridge).count() + others.count() != 1 {
        return Ok(None);
    }
    if !profile.layer3.gives_no_address() {
        let message = format!(
            "`{port}` is the last port of `{bridge}`, which has the addresses of the host ({}): without it they cannot be reached",
            describe(&profile.layer3)
        );
        let refusal = Refusal::new(message).at(profile.home.file.as_ref(), None);
        let refusal = match super::remove::plan(host, bridge, None, Force::No) {
            Ok(_) => refusal.help(format!(
                "kvmnet bridge remove {bridge}   # its configuration returns to {port}"
            )),
            Err(_) => refusal.help(format!(
                "attach another port first, or detach `{port}` anyway with --force"
            )),
        };
        refusal.unless(force)?;
    }
    Ok(Some(format!(
        "`{port}` is the last port of `{bridge}`: without it the bridge has no connection to the outside"
    )))
}
