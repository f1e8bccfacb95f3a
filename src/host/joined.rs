//! Who hangs on what, found in both directions: guests, networks, bridges, uplinks.

use std::collections::{HashMap, HashSet};

use super::guest::{GuestInterface, Source};
use super::network::{Forward, Network};
use super::profile::{Profile, Switch};
use super::{Host, switch};

/// The links between the parts of a host, by name; only looked up, never listed.
#[derive(Debug, Default)]
pub struct Joined<'h> {
    profiles: HashMap<&'h str, &'h Profile>,
    ports: HashMap<&'h str, Vec<&'h str>>,
    switches: HashMap<&'h str, Switch>,
    networks: HashMap<&'h str, &'h Network>,
    networks_on: HashMap<&'h str, Vec<&'h str>>,
    guests_of: HashMap<&'h str, Vec<&'h str>>,
    guests_on: HashMap<&'h str, Vec<&'h str>>,
}

/// How an interface of a guest, or a network, reaches the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uplink<'h> {
    /// Through these interfaces of the host: ports of its bridge, or devices.
    Interfaces(Vec<&'h str>),
    /// By the host's routing, in this mode.
    Host(&'h str),
    /// Not at all, or in a way that the files do not tell.
    None,
}

impl<'h> Joined<'h> {
    /// Returns the links of `host`.
    #[must_use]
    pub fn of(host: &'h Host) -> Self {
        let mut joined = Self::default();
        for profile in host.profiles() {
            let name = profile.interface.as_str();
            joined.profiles.entry(name).or_insert(profile);
            if let Some(switch) = profile.switch() {
                // of Open vSwitch the bridge, its port and the interface of that may have one name
                joined.switches.entry(name).or_insert(switch);
            }
            if let Some(controller) = &profile.controller {
                let ports = joined.ports.entry(controller.as_str()).or_default();
                ports.push(profile.interface.as_str());
            }
        }
        for port in &host.unnamed {
            let Some(controller) = &port.controller else {
                continue;
            };
            let ports = joined.ports.entry(&controller.value).or_default();
            ports.push(port.shown());
        }
        joined.add_foreign(host);
        for network in host.networks() {
            let known = joined.networks.entry(&network.name).or_insert(network);
            if network.is_loaded() && !known.is_loaded() {
                *known = network;
            }
            if let Some(bridge) = &network.bridge {
                joined
                    .networks_on
                    .entry(bridge)
                    .or_default()
                    .push(&network.name);
            }
        }
        for guest in host.guests() {
            for interface in &guest.interfaces {
                if let Some(network) = interface.source.network() {
                    add(&mut joined.guests_of, network, &guest.name);
                }
                if let Some(bridge) = joined.bridge_of(interface) {
                    add(&mut joined.guests_on, bridge, &guest.name);
                }
            }
        }
        joined
    }

    /// Adds the bridges of other programs' files.
    fn add_foreign(&mut self, host: &'h Host) {
        let foreign = host.foreign_bridges();
        let foreign: HashSet<&str> = foreign.into_iter().map(|(name, ..)| name).collect();
        // several files may each add to one bridge
        for (name, claim, kind) in host.readers.bridges() {
            if !self.profiles.contains_key(name) {
                self.switches.entry(name).or_insert(switch(kind));
            }
            if foreign.contains(name) {
                let ports = self.ports.entry(name).or_default();
                for port in &claim.ports {
                    if !ports.contains(&port.as_str()) {
                        ports.push(port);
                    }
                }
            }
        }
    }

    /// Returns the profile of the interface `name`, the first if there are several.
    #[must_use]
    pub fn profile(&self, name: &str) -> Option<&'h Profile> {
        self.profiles.get(name).copied()
    }

    /// Returns the software behind a bridge of the host, whoever can change it; `None` for what is no bridge.
    #[must_use]
    pub fn switch_of(&self, bridge: &str) -> Option<Switch> {
        self.switches.get(bridge).copied()
    }

    /// Returns the network `name`.
    #[must_use]
    pub fn network(&self, name: &str) -> Option<&'h Network> {
        self.networks.get(name).copied()
    }

    /// Returns the ports of a bridge of the host.
    #[must_use]
    pub fn ports(&self, bridge: &str) -> &[&'h str] {
        self.ports.get(bridge).map_or(&[], Vec::as_slice)
    }

    /// Returns the networks on a bridge, be it the host's or their own.
    #[must_use]
    pub fn networks_on(&self, bridge: &str) -> &[&'h str] {
        self.networks_on.get(bridge).map_or(&[], Vec::as_slice)
    }

    /// Returns the guests of a network.
    #[must_use]
    pub fn guests_of(&self, network: &str) -> &[&'h str] {
        self.guests_of.get(network).map_or(&[], Vec::as_slice)
    }

    /// Returns the guests on a bridge, directly or through a network.
    #[must_use]
    pub fn guests_on(&self, bridge: &str) -> &[&'h str] {
        self.guests_on.get(bridge).map_or(&[], Vec::as_slice)
    }

    /// Returns the bridge on which an interface of a guest is, directly or through a network.
    #[must_use]
    pub fn bridge_of(&self, interface: &'h GuestInterface) -> Option<&'h str> {
        match &interface.source {
            Source::Bridge(bridge) => Some(bridge),
            Source::Network { name, .. } => self.network(name)?.bridge.as_deref(),
            Source::Device(_) | Source::Other(_) => None,
        }
    }

    /// Returns how an interface of a guest reaches the world.
    #[must_use]
    pub fn uplink_of(&self, interface: &'h GuestInterface) -> Uplink<'h> {
        match &interface.source {
            Source::Network { name, .. } => {
                let network = self.network(name);
                network.map_or(Uplink::None, |network| self.uplink_of_network(network))
            }
            Source::Bridge(bridge) => {
                let own = self
                    .networks_on(bridge)
                    .iter()
                    .filter_map(|name| self.network(name));
                let mut own = own.filter(|network| network.own_bridge().is_some());
                match own.next() {
                    Some(network) => self.uplink_of_network(network),
                    None => self.uplink_of_bridge(bridge),
                }
            }
            Source::Device(device) => Uplink::Interfaces(vec![device]),
            Source::Other(_) => Uplink::None,
        }
    }

    /// Returns how a network reaches the world.
    #[must_use]
    pub fn uplink_of_network(&self, network: &'h Network) -> Uplink<'h> {
        match &network.forward {
            Forward::Isolated => Uplink::None,
            Forward::Nat | Forward::Route | Forward::Open if network.devices.is_empty() => {
                Uplink::Host(network.forward.word())
            }
            Forward::Bridge => match &network.bridge {
                Some(bridge) => self.uplink_of_bridge(bridge),
                None => Uplink::None,
            },
            Forward::Nat | Forward::Route | Forward::Open | Forward::Direct(_) => {
                match network.devices.is_empty() {
                    true => Uplink::None,
                    false => Uplink::Interfaces(network.device_names()),
                }
            }
        }
    }

    fn uplink_of_bridge(&self, bridge: &str) -> Uplink<'h> {
        match self.ports(bridge) {
            [] => Uplink::None,
            ports => Uplink::Interfaces(ports.to_vec()),
        }
    }
}

/// A guest with two interfaces on one thing is named once.
fn add<'h>(lists: &mut HashMap<&'h str, Vec<&'h str>>, key: &'h str, guest: &'h str) {
    let list = lists.entry(key).or_default();
    if list.last() != Some(&guest) {
        list.push(guest);
    }
}
