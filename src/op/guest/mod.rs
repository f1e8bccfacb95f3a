//! Attaching interfaces of guests to networks and bridges, and taking them away.

mod attach;
mod found;
mod pair;
mod starts;
mod which;

use attach::{attached, find};
use found::Found;
pub(super) use which::the_guest;
use which::the_interface;

use super::{Force, Future, Refusal, refusals};
use crate::host::guest::{Aside, Guest, GuestInterface, Source};
use crate::host::network::Spot;
use crate::host::profile::Switch;
use crate::host::value::{InterfaceName, MacAddress};
use crate::host::{Host, invent};
use crate::tree::HostPath;

/// What an interface is to be attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A libvirt network.
    Network(String),
    /// A bridge of the host.
    Bridge(InterfaceName),
}

/// Which interface of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The only one that there is.
    Only,
    /// The one with this hardware address.
    Mac(MacAddress),
    /// The one with this number in the order of the file, from 1.
    Number(usize),
    /// One that is to be made.
    New {
        /// The card that the guest sees.
        model: String,
        /// Its hardware address.
        mac: Option<MacAddress>,
    },
}

/// A wish about a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestOperation {
    /// Attaches an interface.
    Connect {
        /// The guest.
        guest: String,
        /// What to.
        target: Target,
        /// Which interface.
        which: Which,
    },
    /// Takes an interface away.
    Disconnect {
        /// The guest.
        guest: String,
        /// Which interface.
        which: Which,
    },
}

impl GuestOperation {
    /// Returns the name of the guest.
    #[must_use]
    pub fn guest(&self) -> &str {
        match self {
            Self::Connect { guest, .. } | Self::Disconnect { guest, .. } => guest,
        }
    }
}

/// Returns the host after the operation.
pub(super) fn plan(
    host: &Host,
    operation: &GuestOperation,
    force: Force,
) -> Result<Future, Refusal> {
    let guest = the_guest(host, operation.guest())?;
    match operation {
        GuestOperation::Connect { target, which, .. } => connect(host, guest, target, which, force),
        GuestOperation::Disconnect { which, .. } => disconnect(host, guest, which),
    }
}

/// Says which guests on a network will not start any more once it is as `after` has it.
pub(super) fn kept_from_starting(before: &Host, after: &Host, network: &str) -> Vec<String> {
    let target = Target::Network(network.to_owned());
    let find = |host| find(host, &target, Force::Yes);
    let (Ok(old), Ok(new)) = (find(before), find(after)) else {
        return Vec::new();
    };
    let mut said = Vec::new();
    for (guest, interface) in after.guests_of(network) {
        let known = starts::faults(interface, &old);
        let number = interface.spot.ordinal.map_or(0, |ordinal| ordinal + 1);
        let faults = starts::faults(interface, &new).into_iter();
        said.extend(
            faults
                .filter(|fault| !known.contains(fault))
                .map(|fault| format!("guest `{}`, interface {number}: {fault}", guest.name)),
        );
    }
    said
}

fn connect(
    host: &Host,
    guest: &Guest,
    target: &Target,
    which: &Which,
    force: Force,
) -> Result<Future, Refusal> {
    let found = find(host, target, force)?;
    let mut future = Future::of(host);
    if let Which::New { model, mac } = which {
        return add(future, guest, found, model, *mac);
    }
    let Some(index) = the_interface(guest, which)? else {
        return Err(no_such_mac(guest, which).help("list the guests: kvmnet show guests"));
    };
    let old = &guest.interfaces[index];
    let (interface, notes) = attached(host, old, &found);
    if interface != *old {
        future.notes.extend(notes);
        future.notes.extend(pair::parted(guest, index, &found));
        future.notes.extend(found.note);
        if let Some(guest) = future.host.guest_mut(&guest.origin) {
            guest.interfaces[index] = interface;
        }
    }
    Ok(future)
}

fn no_such_mac(guest: &Guest, which: &Which) -> Refusal {
    let mac = match which {
        Which::Mac(mac) => mac.to_string(),
        Which::Only | Which::Number(_) | Which::New { .. } => String::new(),
    };
    Refusal::new(format!(
        "the guest `{}` has no interface with the address {mac}",
        guest.name
    ))
    .at(Some(&guest.origin), None)
}

/// Adds an interface. One that was added by the same words before is not added again.
fn add(
    mut future: Future,
    guest: &Guest,
    found: Found,
    model: &str,
    mac: Option<MacAddress>,
) -> Result<Future, Refusal> {
    let host = &future.host;
    let what = format!(
        "guest/{}/{} {}",
        guest.name,
        found.source.word(),
        found.source.name()
    );
    let usual = invent_first(host, &what);
    let mac = match mac {
        Some(mac) => {
            refusals::ensure_can_be_mac(mac)?;
            mac
        }
        None if is_there(guest, usual, &found.source) => usual,
        None => invent::mac(host, &what),
    };
    if is_there(guest, mac, &found.source) {
        return Ok(future);
    }
    if let Some((of, origin)) = owner(host, mac) {
        return Err(refusals::mac_taken(mac, of).at(origin, None));
    }
    let ovs = found.switch == Switch::Ovs && found.source.bridge().is_some();
    future.notes.extend(found.note);
    let interface = GuestInterface {
        mac: Some(mac),
        source: found.source,
        model: Some(model.to_owned()),
        virtualport: ovs.then(|| "openvswitch".to_owned()),
        floor: false,
        mode: None,
        vlan: false,
        asks: Vec::new(),
        teaming: None,
        alias: None,
        link_down: false,
        aside: Aside::default(),
        spot: Spot::default(),
        mac_spot: Spot::default(),
    };
    if let Some(guest) = future.host.guest_mut(&guest.origin) {
        guest.interfaces.push(interface);
    }
    Ok(future)
}

/// Returns what has this address, and its file.
fn owner(host: &Host, mac: MacAddress) -> Option<(String, Option<&HostPath>)> {
    let has = |guest: &&Guest| guest.interfaces.iter().any(|i| i.mac == Some(mac));
    if let Some(guest) = host.guests().find(has) {
        return Some((format!("the guest `{}`", guest.name), Some(&guest.origin)));
    }
    let network = host.networks().find(|network| network.mac == Some(mac))?;
    let bridge = format!("the bridge of the network `{}`", network.name);
    Some((bridge, network.origin.as_ref()))
}

fn is_there(guest: &Guest, mac: MacAddress, source: &Source) -> bool {
    let same =
        |interface: &GuestInterface| interface.mac == Some(mac) && interface.source == *source;
    guest.interfaces.iter().any(same)
}

/// Returns the address that is made for the first interface of its kind.
fn invent_first(host: &Host, what: &str) -> MacAddress {
    let nobody = Host {
        machine_id: host.machine_id.clone(),
        ..Host::default()
    };
    invent::mac(&nobody, what)
}

fn disconnect(host: &Host, guest: &Guest, which: &Which) -> Result<Future, Refusal> {
    let mut future = Future::of(host);
    let Some(index) = the_interface(guest, which)? else {
        future.notes.push(no_such_mac(guest, which).message);
        return Ok(future);
    };
    future.notes.extend(pair::left(guest, index));
    if let Some(guest) = future.host.guest_mut(&guest.origin) {
        guest.interfaces.remove(index);
    }
    Ok(future)
}
