//! What switches the frames behind the name of a bridge: the kernel, Open vSwitch, or nothing, as it is no bridge.
//!
//! A name of which no file tells, or of which two files tell different things, is none of these: nothing is said of it.

use std::collections::{HashMap, HashSet};

use crate::host::guest::{Guest, GuestInterface};
use crate::host::network::Network;
use crate::host::profile::{Link, Profile, Switch};
use crate::lint::{Meaning, Place};
use crate::readers::Kind;
use crate::tree::{HostPath, word_of};

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) enum Behind<'h> {
    /// A bridge.
    Bridge(Switch, Option<At<'h>>),
    /// An interface that is no bridge: the profile of it.
    Other(&'h Profile),
    /// What files tell of it differs.
    Unknown,
}

/// Where a file makes a bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) struct At<'h> {
    path: &'h HostPath,
    line: Option<u32>,
}

impl At<'_> {
    /// Returns the place, and what there is to say of it.
    pub(in crate::lint) fn place(&self, switch: Switch) -> Place {
        Place::line(self.path, self.line).label(match switch {
            Switch::Linux => "creates it as a Linux bridge",
            Switch::Ovs => "creates it as an Open vSwitch bridge",
        })
    }
}

/// What is behind the names of interfaces.
#[derive(Debug)]
pub(in crate::lint) struct Switches<'h>(HashMap<&'h str, Behind<'h>>);

impl<'h> Switches<'h> {
    /// Returns what the files tell.
    pub(in crate::lint) fn of<'m: 'h>(meaning: &'m Meaning<'h>) -> Self {
        let mut found = Self(HashMap::new());
        let host = meaning.host;
        let asked = asked(meaning);
        if asked.is_empty() {
            return found;
        }
        for network in host.networks().filter(|network| network.is_loaded()) {
            if let (Some(bridge), Some(path)) = (network.own_bridge(), &network.origin) {
                let line = network.lines.bridge;
                found.bridge(bridge, Switch::Linux, Some(At { path, line }));
            }
        }
        for (name, claim, kind) in meaning.readers.bridges() {
            let switch = match kind {
                Kind::Linux => Switch::Linux,
                Kind::OpenVswitch => Switch::Ovs,
            };
            let (path, line) = (&claim.at.path, claim.at.line);
            found.bridge(name, switch, Some(At { path, line }));
        }
        for profile in host.profiles().filter(|profile| profile.is_read()) {
            let name = profile.interface.as_str();
            if !asked.contains(name) {
                continue;
            }
            match profile.switch() {
                Some(switch) => {
                    let path = profile.home.file.as_ref();
                    let line = profile.wording.kind.as_ref().map(|spot| spot.line);
                    found.bridge(name, switch, path.map(|path| At { path, line }));
                }
                // a card that has ports is a bridge whose file does not say so: another rule does
                None if meaning.joined.ports(name).is_empty() && is_none(profile) => {
                    found.0.entry(name).or_insert(Behind::Other(profile));
                }
                None => {}
            }
        }
        found
    }

    fn bridge(&mut self, name: &'h str, switch: Switch, at: Option<At<'h>>) {
        let known = self.0.entry(name);
        known
            .and_modify(|known| match known {
                Behind::Bridge(other, _) if *other != switch => *known = Behind::Unknown,
                // of Open vSwitch three profiles may have one name
                Behind::Other(_) => *known = Behind::Bridge(switch, at.clone()),
                Behind::Bridge(..) | Behind::Unknown => {}
            })
            .or_insert(Behind::Bridge(switch, at));
    }

    /// Returns the place that makes `name` a bridge of this switch, if it is one.
    pub(in crate::lint) fn made_as(&self, name: &str, switch: Switch) -> Option<Option<Place>> {
        match self.0.get(name)? {
            Behind::Bridge(known, at) if *known == switch => {
                Some(at.as_ref().map(|at| at.place(switch)))
            }
            Behind::Bridge(..) | Behind::Other(_) | Behind::Unknown => None,
        }
    }

    /// Returns the profile that makes `name` another thing than a bridge.
    pub(in crate::lint) fn other(&self, name: &str) -> Option<&'h Profile> {
        match self.0.get(name)? {
            Behind::Other(profile) => Some(profile),
            Behind::Bridge(..) | Behind::Unknown => None,
        }
    }
}

/// Returns the names that networks and guests give to bridges.
fn asked<'m>(meaning: &'m Meaning<'_>) -> HashSet<&'m str> {
    let of_networks = networks(meaning).map(|(_, bridge)| bridge);
    let of_guests = interfaces(meaning).filter_map(|(_, interface)| {
        let told = interface.virtualport.is_some() || interface.vlan;
        match interface.source.bridge() {
            Some(bridge) => Some(bridge),
            None => meaning.joined.bridge_of(interface).filter(|_| told),
        }
    });
    of_networks.chain(of_guests).collect()
}

/// Returns whether a profile is surely none of a bridge.
fn is_none(profile: &Profile) -> bool {
    match &profile.link {
        Link::Bond | Link::Vlan(_) => true,
        // a script may make the bridge, and a file that tells no type give it its addresses
        Link::Ethernet => {
            let wording = &profile.wording;
            wording.kind.is_some()
                || profile.controller.is_some()
                || !profile.interface.as_str().contains("br")
        }
        // by Open vSwitch's own word; of another word nothing is known
        Link::Foreign(foreign) => foreign.ovs,
        Link::Bridge(_) => false,
    }
}

/// Returns the networks that hang on a bridge of the host, and that libvirt loads.
pub(in crate::lint) fn networks<'m>(
    meaning: &'m Meaning<'_>,
) -> impl Iterator<Item = (&'m Network, &'m str)> {
    let networks = meaning.host.networks();
    let loaded = networks.filter(|network| network.is_loaded() && !network.is_refused());
    loaded.filter_map(|network| Some((network, network.host_bridge()?)))
}

/// Returns the interfaces of guests.
pub(in crate::lint) fn interfaces<'m>(
    meaning: &'m Meaning<'_>,
) -> impl Iterator<Item = (&'m Guest, &'m GuestInterface)> {
    let guests = meaning.host.guests();
    guests.flat_map(|guest| {
        guest
            .interfaces
            .iter()
            .map(move |interface| (guest, interface))
    })
}

/// Returns whether an interface has a virtual port of Open vSwitch by itself.
pub(in crate::lint) fn has_ovs_port(interface: &GuestInterface) -> bool {
    interface.virtualport.as_deref() == Some("openvswitch")
}

/// Returns the command that connects an interface of a guest to `bridge` as the bridge wants it.
pub(in crate::lint) fn connect(guest: &Guest, interface: &GuestInterface, bridge: &str) -> String {
    let which = match (guest.interfaces.len(), interface.spot.ordinal) {
        (2.., Some(ordinal)) => format!(" --interface {}", ordinal + 1),
        _ => String::new(),
    };
    let (guest, bridge) = (word_of(&guest.name), word_of(bridge));
    format!("kvmnet guest connect {guest}{which} --bridge {bridge}")
}

/// Returns the command that puts a network on `bridge` as the bridge wants it.
pub(in crate::lint) fn put_on(network: &Network, bridge: &str) -> String {
    let (name, bridge) = (word_of(&network.name), word_of(bridge));
    format!("kvmnet network set {name} --bridge {bridge}")
}

/// Says which interface of a guest is meant, as a subject of a finding.
pub(in crate::lint) fn subject(guest: &Guest, interface: &GuestInterface) -> String {
    let number = interface.spot.ordinal.map_or(0, |ordinal| ordinal + 1);
    format!("{} interface {number}", guest.origin)
}
