//! What no two networks may share, and which bridge of the host a network can hang on.

use super::super::{Force, Refusal};
use super::free;
use crate::host::Host;
use crate::host::network::{Network, Uuid};
use crate::host::profile::Switch;
use crate::host::value::{InterfaceName, IpNet, MacAddress};

/// Refuses a UUID that another network has: libvirt loads only one of the two, whichever it reads first.
pub(super) fn uuid(host: &Host, uuid: Uuid) -> Result<(), Refusal> {
    if uuid.is_nil() {
        return Err(Refusal::new("a UUID of zeros is none").help("leave --uuid out"));
    }
    match host.networks().find(|other| other.uuid == Some(uuid)) {
        Some(other) => Err(Refusal::new(format!(
            "the UUID {uuid} is that of the network `{}`",
            other.name
        ))
        .at(other.origin.as_ref(), other.lines.uuid)
        .help("leave --uuid out, and one is made")),
        None => Ok(()),
    }
}

/// Refuses a hardware address that no bridge can have, or that is taken.
pub(super) fn mac(host: &Host, mac: MacAddress) -> Result<(), Refusal> {
    if mac.is_multicast() || mac.is_zero() {
        let message = format!("{mac} is no address that an interface can have");
        return Err(Refusal::new(message).help("give one such as 52:54:00:12:34:56"));
    }
    let taken = |whose: String| {
        let message = format!("the MAC address {mac} is that of {whose}");
        Refusal::new(message).help("leave --mac out, and one is made")
    };
    if let Some(other) = host.networks().find(|other| other.mac == Some(mac)) {
        return Err(taken(format!("the network `{}`", other.name))
            .at(other.origin.as_ref(), other.lines.mac));
    }
    for guest in host.guests() {
        let mut interfaces = guest.interfaces.iter();
        if let Some(interface) = interfaces.find(|interface| interface.mac == Some(mac)) {
            return Err(taken(format!("the guest `{}`", guest.name))
                .at(Some(&guest.origin), interface.spot.line));
        }
    }
    match host.profiles().find(|profile| profile.mac == Some(mac)) {
        Some(profile) => {
            Err(taken(format!("the interface {}", profile.interface))
                .at(profile.origin.as_ref(), 0))
        }
        None => Ok(()),
    }
}

/// Refuses a bridge device that is taken: libvirt makes it, so it may not be there.
pub(super) fn device(host: &Host, device: &InterfaceName, force: Force) -> Result<(), Refusal> {
    let name = device.as_str();
    if name == "lo" {
        return Err(
            Refusal::new("the name lo is taken by the loopback interface")
                .help("choose another name, such as virbr1"),
        );
    }
    if let Some(other) = host
        .networks()
        .find(|other| other.bridge.as_deref() == Some(name))
    {
        let whose = match other.forward.owns_bridge() {
            true => "the bridge device of",
            false => "a bridge of the host, used by",
        };
        let message = format!("{name} is {whose} the network `{}`", other.name);
        return Err(Refusal::new(message)
            .at(other.origin.as_ref(), other.lines.bridge)
            .help("leave --device out, and a free one is chosen"));
    }
    if let Some(profile) = host.profile(device) {
        let message = format!("{name} is configured as an interface of the host");
        return Err(Refusal::new(message)
            .at(profile.origin.as_ref(), 0)
            .help("choose another name; a network on a bridge of the host has --mode bridge"));
    }
    if host.present.contains(device) {
        let message = format!("there is an interface {name} on this host");
        Refusal::new(message)
            .help("leave --device out, and a free one is chosen")
            .unless(force)?;
    }
    Ok(())
}

/// Refuses a subnet that overlaps with one in use.
pub(super) fn subnet(
    host: &Host,
    wanted: &IpNet,
    except: Option<&str>,
    force: Force,
) -> Result<(), Refusal> {
    match free::refusal(host, wanted, except) {
        Some(refusal) => refusal.unless(force),
        None => Ok(()),
    }
}

/// Returns the software behind a bridge of the host, which a network or guest is to hang on.
///
/// # Errors
/// A bridge that no file makes, unless forced, or one that libvirt makes for a network.
pub(in crate::op) fn host_bridge(
    host: &Host,
    bridge: &InterfaceName,
    force: Force,
) -> Result<Switch, Refusal> {
    let name = bridge.as_str();
    if let Some(switch) = host.switch_of(bridge) {
        return Ok(switch);
    }
    let own = |network: &&Network| network.own_bridge() == Some(name);
    if let Some(network) = host.networks().find(own) {
        let message = format!(
            "libvirt makes the bridge {name} for the network `{}`",
            network.name
        );
        Refusal::new(message)
            .at(network.origin.as_ref(), network.lines.bridge)
            .help(format!("use the network: --network {}", network.name))
            .unless(force)?;
        return Ok(Switch::Linux);
    }
    if let Some(profile) = host.profile(bridge) {
        let message = format!("{name} is no bridge");
        let refusal = Refusal::new(message).at(profile.origin.as_ref(), 0);
        return Err(refusal.help(format!(
            "make it the port of one: kvmnet bridge add br0 --port {name}"
        )));
    }
    if !host.present.contains(bridge) {
        let message = format!("there is no bridge {name} beneath the root");
        Refusal::new(message)
            .help(format!(
                "make it first: kvmnet bridge add {name} --port IFACE"
            ))
            .unless(force)?;
    }
    // nothing but a network may tell what kind of bridge it is
    let on = |network: &&Network| network.bridge.as_deref() == Some(name);
    let known = host.networks().find(on);
    Ok(known.map_or(Switch::Linux, |network| network.switch))
}
