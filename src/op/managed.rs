//! Whether a program of the host reads what an operation writes: bridges that nobody reads are not made.

use super::{BridgeAdd, Force, Operation, Refusal, is_elsewhere};
use crate::host::Host;
use crate::host::profile::{Backend, Profile, ProfileKind, Switch};
use crate::host::value::InterfaceName;
use crate::readers::{At, Device, Manager, NotRead};

/// Refuses to write a profile that no program of the host reads, or of an interface that another program configures.
pub(super) fn ensure_read(host: &Host, operation: &Operation, force: Force) -> Result<(), Refusal> {
    match operation {
        Operation::BridgeAdd(request @ BridgeAdd { bridge, ports, .. }) => {
            for port in ports {
                of(host, port, "ethernet", force)?;
            }
            // a new one is controlled as its ports are; that of a port in a keyfile is refused as such
            let keyfile = |port| {
                host.profile(port)
                    .is_some_and(|p| p.backend == Backend::NmKeyfile)
            };
            let is_new = host.profile(bridge).is_none();
            if !is_new
                || ports
                    .iter()
                    .all(|port| may_have(host, port) && !keyfile(port))
            {
                of(host, bridge, "bridge", force)?;
            }
            together(host, bridge, ports, force)?;
            match request.switch {
                Some(Switch::Ovs) => has_ovs(host, force),
                Some(Switch::Linux) | None => Ok(()),
            }
        }
        Operation::BridgeRemove { bridge, .. } => {
            is_elsewhere(host, bridge)?;
            // where nothing moves, who reads the files does not matter
            let idle = |bridge: &Profile| bridge.layer3.is_unsaid();
            if host.profile(bridge).is_some_and(idle) && host.ports_of(bridge).next().is_none() {
                return Ok(());
            }
            let ports = host.ports_of(bridge).map(|port| &port.interface);
            for name in ports.chain(host.profile(bridge).map(|profile| &profile.interface)) {
                of(host, name, "ethernet", force)?;
            }
            Ok(())
        }
        Operation::RemovePort { bridge, port } if is_port_of_none(host, bridge, port) => {
            of(host, port, "ethernet", force)
        }
        Operation::AddPort { bridge, port, .. } | Operation::RemovePort { bridge, port } => {
            is_elsewhere(host, bridge)?;
            of(host, port, "ethernet", force)?;
            of(host, bridge, "bridge", force)?;
            together(host, bridge, std::slice::from_ref(port), force)
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

fn of(host: &Host, name: &InterfaceName, usual: &str, force: Force) -> Result<(), Refusal> {
    let profile = host.profile(name);
    // what a keyfile configures is refused as such
    if profile.is_some_and(|profile| profile.backend == Backend::NmKeyfile) {
        return Ok(());
    }
    match manager(host, name, profile, usual) {
        Ok(_) => Ok(()),
        Err(not_read) => {
            let refusal = refusal(&not_read, profile);
            match not_read.may_be_meant {
                true => refusal.unless(force),
                false => Err(refusal),
            }
        }
    }
}

/// Refuses a bridge of Open vSwitch where nothing makes one of ifcfg files: openvswitch brings `ifup-ovs` along.
fn has_ovs(host: &Host, force: Force) -> Result<(), Refusal> {
    if host.readers.ovs_scripts || host.readers.scripts.is_none() {
        return Ok(());
    }
    let message = "nothing reads ifcfg files of Open vSwitch here: ifup-ovs is not in /etc/sysconfig/network-scripts";
    Refusal::new(message)
        .help("install openvswitch first, or leave --switch ovs out")
        .unless(force)
}

/// Refuses a bridge that NetworkManager leaves alone, with a port that it does not: the port would never come up.
fn together(
    host: &Host,
    bridge: &InterfaceName,
    ports: &[InterfaceName],
    force: Force,
) -> Result<(), Refusal> {
    let left_alone = |name: &InterfaceName, usual| {
        let profile = host.profile(name);
        host.readers
            .left_alone(&device(name, profile, usual, &mac(profile)))
    };
    let has = |port: &&InterfaceName| {
        let profile = host.profile(port);
        manager(host, port, profile, "ethernet") == Ok(Manager::NetworkManager)
    };
    let Some(at) = left_alone(bridge, "bridge") else {
        return Ok(());
    };
    let Some(port) = ports.iter().find(has) else {
        return Ok(());
    };
    let message = format!(
        "NetworkManager has {port}, and leaves {bridge} alone (unmanaged-devices): {port} would never come up"
    );
    Refusal::new(message)
        .at(Some(&at.path), at.line)
        .help(format!(
            "take {bridge} out of that list, or choose a name that is not in it"
        ))
        .unless(force)
}

fn refusal(not_read: &NotRead, profile: Option<&Profile>) -> Refusal {
    let refusal = Refusal::new(not_read.message.clone()).help(not_read.help.clone());
    match &not_read.at {
        Some(At { path, line }) => refusal.at(Some(path), *line),
        None => refusal.at(profile.and_then(|profile| profile.origin.as_ref()), 0),
    }
}

/// Refuses a first profile for a card that a keyfile without the name of an interface may take: it would be the second.
pub(super) fn ensure_free(host: &Host, name: &InterfaceName, force: Force) -> Result<(), Refusal> {
    let Some(nm) = &host.readers.network_manager else {
        return Ok(());
    };
    let Some(at) = nm.loose_keyfile(&device(name, None, "ethernet", &None)) else {
        return Ok(());
    };
    let message = format!(
        "{name} has no profile of its own, and this keyfile, which names no interface, may take it"
    );
    Refusal::new(message)
        .at(Some(&at.path), at.line)
        .help("give the keyfile the name of its interface: interface-name= in [connection]")
        .unless(force)
}

/// Returns what reads the profile of an interface, which is of the `usual` kind unless its profile says otherwise.
pub(crate) fn manager(
    host: &Host,
    name: &InterfaceName,
    profile: Option<&Profile>,
    usual: &str,
) -> Result<Manager, NotRead> {
    let nm_controlled = profile.is_none_or(|profile| profile.nm_controlled);
    let mac = mac(profile);
    let device = device(name, profile, usual, &mac);
    host.readers.manager_of(&device, nm_controlled)
}

/// Says what cannot be told of who reads the profile of an interface.
pub(crate) fn untold(host: &Host, name: &InterfaceName) -> Option<String> {
    let profile = host.profile(name);
    let manager = manager(host, name, profile, "ethernet").ok()?;
    let mac = mac(profile);
    host.readers
        .untold(&device(name, profile, "ethernet", &mac), manager)
}

fn mac(profile: Option<&Profile>) -> Option<String> {
    let mac = profile.and_then(|profile| profile.mac);
    mac.map(|mac| mac.to_string())
}

fn device<'a>(
    name: &'a InterfaceName,
    profile: Option<&Profile>,
    usual: &'a str,
    mac: &'a Option<String>,
) -> Device<'a> {
    let kind = match profile.map(|profile| &profile.kind) {
        Some(ProfileKind::Ethernet) => "ethernet",
        Some(ProfileKind::Bridge(_)) => "bridge",
        Some(ProfileKind::Bond) => "bond",
        Some(ProfileKind::Vlan(_)) => "vlan",
        Some(ProfileKind::Other(_)) | None => usual,
    };
    Device {
        name: name.as_str(),
        mac: mac.as_deref(),
        kind: Some(kind),
    }
}
