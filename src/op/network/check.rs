//! What no two networks may share, and which bridge of the host a network can hang on.

use super::super::{Force, Refusal, ensure_can_be_port, refusals};
use super::free;
use crate::host::network::{Network, Uuid};
use crate::host::profile::{Profile, Switch};
use crate::host::value::{InterfaceName, IpNet, MacAddress};
use crate::host::{Host, invent};
use crate::tree::word_of;

/// Refuses a UUID that another network has: libvirt loads only one of the two, whichever it reads first.
pub(super) fn uuid(host: &Host, uuid: Uuid) -> Result<(), Refusal> {
    if uuid.is_nil() {
        return Err(Refusal::new("a UUID of zeros is not valid").help("omit --uuid"));
    }
    match host.networks().find(|other| other.uuid == Some(uuid)) {
        Some(other) => Err(Refusal::new(format!(
            "the UUID {uuid} is taken by the network `{}`",
            other.name
        ))
        .at(other.origin.as_ref(), other.lines.uuid)
        .help("omit --uuid to have one generated")),
        None => Ok(()),
    }
}

/// Refuses a hardware address that no bridge can have, or that is taken.
pub(super) fn mac(host: &Host, mac: MacAddress) -> Result<(), Refusal> {
    refusals::ensure_can_be_mac(mac)?;
    let taken = |by: String| refusals::mac_taken(mac, by);
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
        Some(profile) => Err(taken(format!("the interface `{}`", profile.interface))
            .at(profile.home.file.as_ref(), None)),
        None => Ok(()),
    }
}

/// Refuses a bridge device that is taken: libvirt makes it, so it may not be there.
pub(super) fn device(host: &Host, device: &InterfaceName, force: Force) -> Result<(), Refusal> {
    let name = device.as_str();
    refusals::ensure_allowed(name)?;
    if name == "lo" {
        return Err(refusals::taken(name, "the loopback interface")
            .help("choose another name, such as virbr1"));
    }
    if let Some(other) = host
        .networks()
        .find(|other| other.bridge.as_deref() == Some(name))
    {
        let whose = match other.forward.owns_bridge() {
            true => "the bridge device of",
            false => "a bridge of the host, used by",
        };
        return Err(
            refusals::taken(name, format!("{whose} the network `{}`", other.name))
                .at(other.origin.as_ref(), other.lines.bridge)
                .help("omit --device to have a free one chosen"),
        );
    }
    if let Some(profile) = host.profile(device) {
        return Err(refusals::taken(name, "an interface of the host")
            .at(profile.home.file.as_ref(), None)
            .help("choose another name; a network on a bridge of the host has --mode bridge"));
    }
    if host.present.contains(device) {
        refusals::taken(name, "an interface of the running host")
            .help("omit --device to have a free one chosen")
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

/// A bridge of the host, which a network or guest is to hang on.
pub(in crate::op) struct HostBridge {
    /// The software behind it; `None` where nothing tells.
    pub(in crate::op) switch: Option<Switch>,
    /// Whether a file that makes it, or the host itself, tells the software.
    pub(in crate::op) known: bool,
    /// What the user should know.
    pub(in crate::op) note: Option<String>,
}

/// Returns a bridge of the host; with `switch`, the user vouches for it.
///
/// # Errors
/// A bridge that no file makes and nothing uses, unless forced, or one that libvirt makes for a network.
pub(in crate::op) fn host_bridge(
    host: &Host,
    bridge: &InterfaceName,
    switch: Option<Switch>,
    force: Force,
) -> Result<HostBridge, Refusal> {
    let name = bridge.as_str();
    let found = |switch, known, note| HostBridge {
        switch,
        known,
        note,
    };
    if let Some(switch) = host.switch_of(bridge) {
        return Ok(found(Some(switch), true, None));
    }
    let own = |network: &&Network| network.own_bridge() == Some(name);
    if let Some(network) = host.networks().find(own) {
        let message = format!(
            "libvirt creates the bridge `{name}` for the network `{}`",
            network.name
        );
        Refusal::new(message)
            .at(network.origin.as_ref(), network.lines.bridge)
            .help(format!("use the network: --network {}", network.name))
            .unless(force)?;
        return Ok(found(Some(Switch::Linux), false, None));
    }
    if let Some(profile) = host.profile(bridge) {
        return Err(another(host, profile));
    }
    // nothing but a network or a guest may tell what kind of bridge it is
    let user = user_of(host, name);
    let used = user.as_ref().map(|(_, switch)| *switch);
    let told = switch.or(used);
    if host.present.contains(bridge) {
        return Ok(found(told, false, None));
    }
    let note = match (&user, switch) {
        (Some((user, _)), _) => Some(format!(
            "no file under the root creates the bridge `{name}`: it is assumed to be as {user} uses it"
        )),
        (None, Some(_)) => Some(format!(
            "no file under the root creates the bridge `{name}`: it is assumed to exist"
        )),
        (None, None) => {
            unknown_bridge(host, name).unless(force)?;
            None
        }
    };
    Ok(found(told, false, note))
}

/// Returns the refusal of an interface that is another thing than a bridge.
fn another(host: &Host, profile: &Profile) -> Refusal {
    let name = &profile.interface;
    let message = format!("`{name}` is not a bridge");
    let refusal = Refusal::new(message).at(profile.home.file.as_ref(), None);
    let help = match &profile.controller {
        Some(bridge) => format!("it is a port of `{bridge}`: --bridge {bridge}"),
        None if ensure_can_be_port(profile).is_ok() && profile.is_read() => format!(
            "create a bridge with it as port and name that: kvmnet bridge add {} --port {name}",
            invent::bridge(host)
        ),
        None => "list the bridges: kvmnet show bridges".to_owned(),
    };
    refusal.help(help)
}

/// Returns the refusal of a bridge that nothing makes: which there are, and how one is made.
fn unknown_bridge(host: &Host, name: &str) -> Refusal {
    let refusal = Refusal::new(refusals::absent("bridge", name));
    let own = host.bridges().map(|profile| profile.interface.as_str());
    let foreign = host.foreign_bridges().into_iter().map(|(name, ..)| name);
    let mut names: Vec<&str> = own.chain(foreign).collect();
    names.sort_unstable();
    names.dedup();
    let word = word_of(name);
    let make = format!("create it first: kvmnet bridge add {word} --port IFACE");
    let help = match (refusals::listed(&names), host.readers.take_new_profiles()) {
        (None, true) => make,
        (None, false) => {
            "create it first, with the program that configures interfaces on this host".to_owned()
        }
        (Some(names), true) => format!("{names}; or {make}"),
        (Some(names), false) => names,
    };
    refusal.help(help)
}

/// Returns who uses a bridge already, and the software that it takes to be behind it.
fn user_of(host: &Host, bridge: &str) -> Option<(String, Switch)> {
    if let Some(network) = host.networks_on(bridge).find(|network| network.is_loaded()) {
        return Some((format!("the network `{}`", network.name), network.switch));
    }
    let (guest, interface) = host.guests_on(bridge).next()?;
    let switch = match interface.virtualport.as_deref() {
        Some("openvswitch") => Switch::Ovs,
        Some(_) | None => Switch::Linux,
    };
    Some((format!("the guest `{}`", guest.name), switch))
}
