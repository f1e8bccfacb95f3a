//! Whether a program of the host reads what an operation writes: bridges that nobody reads are not made.

use super::{BridgeAdd, Force, Operation, Refusal, refuse_elsewhere};
use crate::host::Host;
use crate::host::profile::{Backend, Link, Manager, Profile, Switch};
use crate::host::value::InterfaceName;
use crate::readers::{At, Device, NotRead};

/// Refuses to write a profile that no program of the host reads, or of an interface that another program configures.
pub(super) fn ensure_read(host: &Host, operation: &Operation, force: Force) -> Result<(), Refusal> {
    match operation {
        Operation::BridgeAdd(request @ BridgeAdd { bridge, ports, .. }) => {
            for port in ports {
                of(host, port, "ethernet", force)?;
            }
            // a new one is controlled as its ports are; what cannot be one is refused as such
            let fits = |port| may_have(host, port) && !is_foreign(host, port);
            if host.profile(bridge).is_some() || ports.iter().all(fits) {
                read_by(
                    host.profile(bridge),
                    &with_ports(host, bridge, ports),
                    force,
                )?;
            }
            ensure_together(host, bridge, ports, force)?;
            match request.switch {
                Some(Switch::Ovs) => ensure_ovs(host, force),
                Some(Switch::Linux) | None => Ok(()),
            }
        }
        Operation::BridgeRemove { bridge, .. } => {
            refuse_elsewhere(host, bridge)?;
            let profiles = host.by_interface();
            let own = profiles.get(bridge);
            // where nothing moves, who reads the files does not matter
            let idle = own.is_some_and(|bridge| bridge.layer3.is_unsaid());
            if idle && host.ports_of(bridge).next().is_none() {
                return Ok(());
            }
            let ports = host.ports_of(bridge).map(|port| &port.interface);
            let ports = ports.filter_map(|name| profiles.get(name));
            for profile in ports.chain(own) {
                read_by(Some(profile), &profile.manager, force)?;
            }
            Ok(())
        }
        Operation::RemovePort { bridge, port } if is_port_of_none(host, bridge, port) => {
            of(host, port, "ethernet", force)
        }
        Operation::AddPort { bridge, port, .. } | Operation::RemovePort { bridge, port } => {
            refuse_elsewhere(host, bridge)?;
            of(host, port, "ethernet", force)?;
            let ports = std::slice::from_ref(port);
            read_by(
                host.profile(bridge),
                &with_ports(host, bridge, ports),
                force,
            )?;
            ensure_together(host, bridge, ports, force)
        }
        Operation::Network(_) | Operation::Guest(_) => Ok(()),
    }
}

/// Returns whether the port's own file names a bridge that no profile makes.
fn is_port_of_none(host: &Host, bridge: &InterfaceName, port: &InterfaceName) -> bool {
    let names = |profile: &Profile| profile.controller.as_ref() == Some(bridge);
    host.profile(bridge).is_none() && host.profile(port).is_some_and(names)
}

/// Returns whether NetworkManager may have the interface, as far as its profile says.
fn may_have(host: &Host, name: &InterfaceName) -> bool {
    let profile = host.profile(name);
    profile.is_none_or(|profile| profile.nm_controlled)
}

/// Returns whether the interface is one that kvmnet makes no port of.
fn is_foreign(host: &Host, name: &InterfaceName) -> bool {
    let profile = host.profile(name);
    profile.is_some_and(|profile| matches!(profile.link, Link::Foreign(_)))
}

fn of(host: &Host, name: &InterfaceName, usual: &str, force: Force) -> Result<(), Refusal> {
    read_by(host.profile(name), &manager(host, name, usual), force)
}

fn read_by(profile: Option<&Profile>, manager: &Manager, force: Force) -> Result<(), Refusal> {
    match manager {
        Manager::NetworkManager | Manager::NetworkScripts | Manager::Unknown => Ok(()),
        Manager::Nobody(why) => {
            let refusal = refusal(why, profile);
            match why.may_be_meant {
                true => refusal.unless(force),
                false => Err(refusal),
            }
        }
    }
}

/// Refuses a bridge of Open vSwitch where nothing makes one.
fn ensure_ovs(host: &Host, force: Force) -> Result<(), Refusal> {
    let Some(message) = host.readers.without_ovs() else {
        return Ok(());
    };
    Refusal::new(message)
        .help("install openvswitch first, or omit --switch ovs")
        .unless(force)
}

/// Returns what reads the profile of a bridge that has these ports: one that NetworkManager has brings its bridge along.
fn with_ports(host: &Host, bridge: &InterfaceName, ports: &[InterfaceName]) -> Manager {
    let without = manager(host, bridge, "bridge");
    let has = |port: &InterfaceName| manager(host, port, "ethernet") == Manager::NetworkManager;
    if !ports.iter().any(has) {
        return without;
    }
    let profile = host.profile(bridge);
    let backend = profile.map_or(host.format, |profile| profile.home.backend);
    let nm_controlled = profile.is_none_or(|profile| profile.nm_controlled);
    let mac = mac(host, bridge);
    let device = device(bridge, profile, "bridge", &mac);
    host.readers
        .manager_with_port(&device, backend, nm_controlled, without)
}

/// Returns what will read the profile of a new bridge, which is like that of its port `main`.
pub(super) fn of_bridge(host: &Host, bridge: &InterfaceName, main: &Profile) -> Manager {
    let (backend, nm_controlled) = (main.home.backend, main.nm_controlled);
    let without = of_new(host, bridge, "bridge", backend, nm_controlled);
    match main.manager {
        Manager::NetworkManager => {
            let mac = mac(host, bridge);
            let device = device(bridge, None, "bridge", &mac);
            host.readers
                .manager_with_port(&device, backend, nm_controlled, without)
        }
        Manager::NetworkScripts | Manager::Unknown | Manager::Nobody(_) => without,
    }
}

/// Refuses a bridge that NetworkManager lists as unmanaged, with a port that it does not: the port would never come up.
fn ensure_together(
    host: &Host,
    bridge: &InterfaceName,
    ports: &[InterfaceName],
    force: Force,
) -> Result<(), Refusal> {
    let mac = mac(host, bridge);
    let device = device(bridge, host.profile(bridge), "bridge", &mac);
    let nm = host.readers.network_manager.as_ref();
    let Some(at) = nm.and_then(|nm| nm.lists_unmanaged(&device)) else {
        return Ok(());
    };
    let has = |port: &&InterfaceName| manager(host, port, "ethernet") == Manager::NetworkManager;
    let Some(port) = ports.iter().find(has) else {
        return Ok(());
    };
    let message = format!(
        "NetworkManager manages `{port}` but not `{bridge}` (unmanaged-devices): `{port}` would never come up"
    );
    Refusal::new(message)
        .at(Some(&at.path), at.line)
        .help(format!(
            "change that setting so that NetworkManager manages `{bridge}`, or choose another name"
        ))
        .unless(force)
}

fn refusal(not_read: &NotRead, profile: Option<&Profile>) -> Refusal {
    let refusal = Refusal::new(not_read.message.clone()).help(not_read.help.clone());
    match &not_read.at {
        Some(At { path, line }) => refusal.at(Some(path), *line),
        None => refusal.at(profile.and_then(|profile| profile.home.file.as_ref()), None),
    }
}

/// Returns why a card gets no first profile where a keyfile without the name of an interface may take it: it would be the second.
pub(super) fn loose(host: &Host, name: &InterfaceName) -> Option<Refusal> {
    let nm = host.readers.network_manager.as_ref()?;
    let at = nm.loose_keyfile(&device(name, None, "ethernet", &mac(host, name)))?;
    let message = format!(
        "`{name}` has no profile of its own, and this keyfile, which names no interface, may apply to it"
    );
    let refusal = Refusal::new(message).at(Some(&at.path), at.line);
    Some(refusal.help(format!(
        "name its interface in that keyfile: interface-name={name} in the group [connection]"
    )))
}

/// Returns whether NetworkManager makes up a profile for a card that has none.
pub(super) fn is_made_up(host: &Host, name: &InterfaceName) -> bool {
    let mac = mac(host, name);
    let device = device(name, None, "ethernet", &mac);
    let nm = host.readers.network_manager.as_ref();
    nm.is_some_and(|nm| nm.makes_profile_up(&device))
}

/// Returns what reads the profile of an interface; of one that has none yet, which will be of the `usual` kind, what would.
pub(crate) fn manager(host: &Host, name: &InterfaceName, usual: &str) -> Manager {
    let new = || of_new(host, name, usual, host.format, true);
    let profile = host.profile(name);
    profile.map_or_else(new, |profile| profile.manager.clone())
}

/// Returns what would read the profile of an interface that has none yet, which is of the `usual` kind.
fn of_new(
    host: &Host,
    name: &InterfaceName,
    usual: &str,
    backend: Backend,
    nm_controlled: bool,
) -> Manager {
    let mac = mac(host, name);
    let device = device(name, None, usual, &mac);
    host.readers.manager_of(&device, backend, nm_controlled)
}

/// Says what cannot be told of who reads the profile of an interface.
pub(crate) fn untold(host: &Host, name: &InterfaceName) -> Option<String> {
    let profile = host.profile(name);
    let manager = manager(host, name, "ethernet");
    let mac = mac(host, name);
    host.readers
        .untold(&device(name, profile, "ethernet", &mac), &manager)
}

/// Returns the hardware address of an interface: as its file says, else as the kernel shows it.
fn mac(host: &Host, name: &InterfaceName) -> Option<String> {
    let own = host.profile(name).and_then(|profile| profile.mac);
    let mac = own.or_else(|| host.macs.get(name).copied());
    mac.map(|mac| mac.to_string())
}

fn device<'a>(
    name: &'a InterfaceName,
    profile: Option<&Profile>,
    usual: &'a str,
    mac: &'a Option<String>,
) -> Device<'a> {
    let kind = profile.and_then(|profile| profile.link.word());
    Device {
        name: name.as_str(),
        mac: mac.as_deref(),
        kind: Some(kind.unwrap_or(usual)),
    }
}
