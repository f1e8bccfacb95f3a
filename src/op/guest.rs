//! Attaching interfaces of guests to networks and bridges, and taking them away.

use super::network::{host_bridge, invented_mac};
use super::{Force, Future, Refusal};
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface, Source};
use crate::host::network::{Forward, Spot};
use crate::host::profile::Switch;
use crate::host::value::{InterfaceName, MacAddress};

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

/// Returns the one guest of this name.
fn the_guest<'h>(host: &'h Host, name: &str) -> Result<&'h Guest, Refusal> {
    let found: Vec<&Guest> = host.guests().filter(|guest| guest.name == name).collect();
    match found.as_slice() {
        [guest] => Ok(guest),
        [] => {
            super::understood_guest(host, name)?;
            let refusal = Refusal::new(format!("there is no guest `{name}` beneath the root"));
            let file = format!("{name}.xml");
            let called = host.guests().find(|guest| guest.origin.name() == file);
            Err(match called {
                Some(guest) => refusal
                    .at(Some(&guest.origin), 0)
                    .help(format!("that file defines the guest `{}`", guest.name)),
                None => refusal.help("see which there are: kvmnet show guests"),
            })
        }
        [first, second, ..] => {
            let message = format!(
                "the guest `{name}` is defined by two files: {} and {}",
                first.origin, second.origin
            );
            let spare = [first, second]
                .into_iter()
                .find(|guest| guest.origin.name() != format!("{name}.xml"));
            let spare = &spare.unwrap_or(second).origin;
            Err(Refusal::new(message).at(Some(spare), 0).help(format!(
                "libvirt takes the one that it reads last; keep one, for example: mv {spare} {spare}.old"
            )))
        }
    }
}

/// Returns the place of an interface in its guest.
fn the_interface(guest: &Guest, which: &Which) -> Result<Option<usize>, Refusal> {
    let interfaces = &guest.interfaces;
    let refuse = |message: String| Refusal::new(message).at(Some(&guest.origin), 0);
    let name = &guest.name;
    let listed = || {
        let one = |(index, interface): (usize, &GuestInterface)| {
            let mac = interface
                .mac
                .map(|mac| format!(" {mac}"))
                .unwrap_or_default();
            let source = &interface.source;
            let on = format!("{} {}", source.word(), source.name());
            format!("{}{mac} ({})", index + 1, on.trim_end())
        };
        let all: Vec<String> = interfaces.iter().enumerate().map(one).collect();
        all.join(", ")
    };
    match which {
        Which::New { .. } => Ok(None),
        Which::Mac(mac) => Ok(interfaces
            .iter()
            .position(|interface| interface.mac == Some(*mac))),
        Which::Number(number) if (1..=interfaces.len()).contains(number) => Ok(Some(number - 1)),
        Which::Number(number) => Err(refuse(format!(
            "the guest `{name}` has no interface {number}"
        ))
        .help(match interfaces.is_empty() {
            true => "it has none; --new adds one".to_owned(),
            false => format!("it has {}", listed()),
        })),
        Which::Only if interfaces.len() == 1 => Ok(Some(0)),
        Which::Only if interfaces.is_empty() => {
            Err(refuse(format!("the guest `{name}` has no interface")).help("add one with --new"))
        }
        Which::Only => Err(refuse(format!(
            "the guest `{name}` has {} interfaces: which one?",
            interfaces.len()
        ))
        .help(format!("name it with --interface: {}", listed()))),
    }
}

/// What the target is: the source that names it, and what its switch wants of an interface.
struct Found {
    source: Source,
    portgroups: Vec<String>,
    switch: Switch,
    /// Whether the network hands interfaces of the host to guests: then virtual ports of any type are its business.
    direct: bool,
}

fn find(host: &Host, target: &Target, force: Force) -> Result<Found, Refusal> {
    match target {
        Target::Bridge(bridge) => Ok(Found {
            switch: host_bridge(host, bridge, force)?,
            source: Source::Bridge(bridge.to_string()),
            portgroups: Vec::new(),
            direct: false,
        }),
        Target::Network(name) => {
            super::understood_network(host, name)?;
            let network = host.network(name);
            if network.is_none() {
                super::network::missing(host, name).unless(force)?;
            }
            Ok(Found {
                source: Source::Network {
                    name: name.clone(),
                    portgroup: None,
                },
                portgroups: network.map(|n| n.portgroups.clone()).unwrap_or_default(),
                switch: network.map_or(Switch::Linux, |network| network.switch),
                direct: network.is_some_and(|n| matches!(n.forward, Forward::Direct(_))),
            })
        }
    }
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
        return Err(no_such_mac(guest, which).help("see which there are: kvmnet show guests"));
    };
    let old = &guest.interfaces[index];
    let (interface, notes) = attached(old, &found);
    if interface != *old {
        future.notes.extend(notes);
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
    .at(Some(&guest.origin), 0)
}

/// Returns the interface at its new place, and what the user should know.
fn attached(old: &GuestInterface, found: &Found) -> (GuestInterface, Vec<String>) {
    let mut new = old.clone();
    let mut notes = Vec::new();
    new.source = match (&old.source, &found.source) {
        (
            Source::Network {
                portgroup: Some(group),
                ..
            },
            Source::Network { name, .. },
        ) => {
            let kept = found.portgroups.contains(group);
            if !kept {
                notes.push(format!(
                    "the port group `{group}` goes: the network `{name}` has none of that name"
                ));
            }
            Source::Network {
                name: name.clone(),
                portgroup: kept.then(|| group.clone()),
            }
        }
        (_, source) => source.clone(),
    };
    let ovs = Some("openvswitch");
    new.virtualport = match (old.virtualport.as_deref(), found.switch, &found.source) {
        (port, Switch::Ovs, Source::Bridge(_)) if port != ovs => ovs.map(str::to_owned),
        (port, Switch::Ovs, _) if port == ovs => old.virtualport.clone(),
        (_, _, _) if found.direct => old.virtualport.clone(),
        (Some(port), _, _) => {
            notes.push(format!(
                "its virtual port ({port}) goes: there is no switch of that kind behind {}",
                found.source.name()
            ));
            None
        }
        (None, _, _) => None,
    };
    if old.vlan && found.switch == Switch::Linux && !found.direct {
        notes.push("the interface asks for a VLAN of its own, which a bridge of the kernel cannot give: it will not start".to_owned());
    }
    if old.model.is_none() && old.source.word() != found.source.word() {
        notes.push("the interface names no model: libvirt gives the guest its default card (rtl8139 on x86)".to_owned());
    }
    if old.mac.is_none() {
        notes.push(
            "the interface has no MAC address: libvirt makes up another one at each start"
                .to_owned(),
        );
    }
    (new, notes)
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
    let taken = |mac: MacAddress| {
        host.guests()
            .find(|other| other.interfaces.iter().any(|i| i.mac == Some(mac)))
    };
    let what = format!(
        "guest/{}/{} {}",
        guest.name,
        found.source.word(),
        found.source.name()
    );
    let usual = invent_first(host, &what);
    let mac = match mac {
        Some(mac) if mac.is_multicast() || mac.is_zero() => {
            return Err(
                Refusal::new(format!("{mac} is no address that an interface can have"))
                    .help("give one such as 52:54:00:12:34:56"),
            );
        }
        Some(mac) => mac,
        None if is_there(guest, usual, &found.source) => usual,
        None => invented_mac(host, &what),
    };
    if is_there(guest, mac, &found.source) {
        return Ok(future);
    }
    if let Some(other) = taken(mac) {
        return Err(Refusal::new(format!(
            "the MAC address {mac} is that of the guest `{}`",
            other.name
        ))
        .at(Some(&other.origin), 0)
        .help("leave --mac out, and one is made"));
    }
    let ovs = found.switch == Switch::Ovs && found.source.bridge().is_some();
    let interface = GuestInterface {
        mac: Some(mac),
        source: found.source,
        model: Some(model.to_owned()),
        virtualport: ovs.then(|| "openvswitch".to_owned()),
        vlan: false,
        spot: Spot::default(),
    };
    if let Some(guest) = future.host.guest_mut(&guest.origin) {
        guest.interfaces.push(interface);
    }
    Ok(future)
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
    invented_mac(&nobody, what)
}

fn disconnect(host: &Host, guest: &Guest, which: &Which) -> Result<Future, Refusal> {
    let mut future = Future::of(host);
    let Some(index) = the_interface(guest, which)? else {
        future.notes.push(no_such_mac(guest, which).message);
        return Ok(future);
    };
    if let Some(guest) = future.host.guest_mut(&guest.origin) {
        guest.interfaces.remove(index);
    }
    Ok(future)
}
