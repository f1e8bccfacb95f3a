//! The interfaces of a host: every one that a file or the kernel names, what it is, and what it hangs on.

mod collect;
mod uplink;

use std::collections::HashMap;

pub use uplink::Chain;

use super::Broken;
use super::layer2::Layer2;
use super::layer3::Layer3;
use super::network::Network;
use super::profile::{Link, Manager, Profile};
use super::value::MacAddress;
use crate::readers::{Claim, Program};

/// An interface.
#[derive(Debug)]
pub struct Interface<'h> {
    /// Its name; of a card that only its hardware address is known of, that.
    pub name: &'h str,
    /// What it is, in one word; `unknown` where nothing tells.
    pub kind: &'h str,
    /// Its profile, the first if there are several.
    pub profile: Option<&'h Profile>,
    /// What its profile says of layer 2.
    pub layer2: Option<&'h Layer2>,
    /// What another program's file says of it.
    pub claim: Option<&'h Claim>,
    /// The libvirt network that it is the bridge of.
    pub network: Option<&'h Network>,
    /// A file about it that cannot be read.
    pub broken: Option<&'h Broken>,
    /// Whether the kernel of the running host shows it.
    pub is_present: bool,
    /// Whether a file for all interfaces says that the default route leads out of it.
    pub named_by_route: bool,
    /// Its hardware address, as a file or the kernel tells.
    pub mac: Option<MacAddress>,
    /// What it is a port of.
    pub controller: Option<&'h str>,
    /// Whether it keeps its addresses as a port: in a VRF, or behind a port of Open vSwitch.
    pub keeps_addresses: bool,
    /// Its ports, if it is a bridge, bond or team.
    pub ports: Vec<&'h str>,
    /// What it is on top of, as a VLAN is.
    pub parent: Option<&'h str>,
    /// What is on top of it.
    pub above: Vec<&'h str>,
    /// The networks that take it: as their bridge, or as a device.
    pub networks: Vec<&'h str>,
    /// The guests that take it directly.
    pub guests: Vec<&'h str>,
}

/// What an interface does on the host, in the order in which one of them is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State<'h> {
    /// A file about it cannot be read.
    NotRead,
    /// It is a port of this bridge, bond or team.
    Port(&'h str),
    /// The default route leads out of it.
    DefaultRoute,
    /// It has an address, or asks for one.
    Addressed,
    /// It is the bridge of this libvirt network.
    OfNetwork(&'h str),
    /// VLANs and the like are on top of it.
    Carries(Vec<&'h str>),
    /// Networks take it.
    Networks(Vec<&'h str>),
    /// Guests take it.
    Guests(Vec<&'h str>),
    /// Only another program's file tells.
    Elsewhere(&'static str),
    /// It is a bond or bridge of these ports, and nothing is on it.
    Holds(Vec<&'h str>),
    /// It is the loopback interface.
    Loopback,
    /// It is there, and nothing uses it.
    Free,
    /// It is there, and of a kind that nothing can be made of.
    NotFree,
    /// Files name it, and none configures it.
    NotConfigured,
}

/// The interfaces of a host, sorted by name.
#[derive(Debug)]
pub struct Interfaces<'h> {
    all: Vec<Interface<'h>>,
    by_name: HashMap<&'h str, usize>,
}

impl<'h> Interfaces<'h> {
    /// Returns all of them.
    pub fn iter(&self) -> impl Iterator<Item = &Interface<'h>> {
        self.all.iter()
    }

    /// Returns the interface `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Interface<'h>> {
        self.by_name.get(name).map(|at| &self.all[*at])
    }
}

impl<'h> Interface<'h> {
    /// Returns what it does on the host.
    #[must_use]
    pub fn state(&self) -> State<'h> {
        if let Some(controller) = self.controller {
            return State::Port(controller);
        }
        if self.name == "lo" {
            return State::Loopback;
        }
        let is_read = self.profile.is_none_or(Profile::is_read);
        if !is_read || self.network.is_some_and(|network| !network.is_loaded()) {
            return State::NotRead;
        }
        let layer3 = self.profile.map(|profile| &profile.layer3);
        if self.has_default_route() {
            return State::DefaultRoute;
        }
        let starts = self.profile.is_some_and(|profile| profile.autostart);
        // what asks for an address only when somebody starts it has none
        let has = |layer3: &Layer3| match starts {
            true => !layer3.gives_no_address() || layer3.asks_for_v6(),
            false => layer3.addresses().next().is_some() || layer3.shell,
        };
        if layer3.is_some_and(has) {
            return State::Addressed;
        }
        if let Some(network) = self.network {
            return State::OfNetwork(&network.name);
        }
        let used = [
            (self.broken.is_some() && self.profile.is_none()).then_some(State::NotRead),
            (!self.above.is_empty()).then(|| State::Carries(self.above.clone())),
            (!self.networks.is_empty()).then(|| State::Networks(self.networks.clone())),
            (!self.guests.is_empty()).then(|| State::Guests(self.guests.clone())),
            self.claim
                .map(|claim| State::Elsewhere(claim.program.name())),
            (!self.ports.is_empty()).then(|| State::Holds(self.ports.clone())),
        ];
        let exists = self.profile.is_some() || self.is_present;
        used.into_iter().flatten().next().unwrap_or(match exists {
            true if self.is_card() => State::Free,
            true => State::NotFree,
            false => State::NotConfigured,
        })
    }

    /// Returns whether the default route leads out of it.
    #[must_use]
    pub fn has_default_route(&self) -> bool {
        let profile = self.profile.filter(|profile| profile.autostart);
        let profile = profile.filter(|_| self.controller.is_none());
        self.named_by_route
            || profile.is_some_and(|profile| {
                let mut routes = profile.layer3.routes.iter();
                profile.layer3.carries_default_route() || routes.any(|route| route.is_default())
            })
    }

    /// Returns who manages it, as far as files tell.
    #[must_use]
    pub fn manager(&self) -> Option<&'static str> {
        match self.profile.map(|profile| &profile.manager) {
            Some(Manager::NetworkManager) => Some(Program::NetworkManager.name()),
            Some(Manager::NetworkScripts) => Some(Program::NetworkScripts.name()),
            Some(Manager::Nobody(_)) => Some("nobody"),
            Some(Manager::Unknown) => None,
            None if self.network.is_some() => Some("libvirt"),
            None => self.claim.map(|claim| claim.program.name()),
        }
    }

    /// Returns the file that configures it.
    #[must_use]
    pub fn file(&self) -> Option<&'h str> {
        let of_profile = self.profile.and_then(|profile| profile.home.file.as_ref());
        let of_claim = self.claim.map(|claim| &claim.at.path);
        let of_network = self.network.and_then(|network| network.origin.as_ref());
        let broken = self.broken.map(|broken| &broken.path);
        let all = of_profile.or(of_claim).or(of_network).or(broken);
        all.map(crate::tree::HostPath::as_str)
    }

    /// Returns whether something makes it: a file, or the kernel.
    #[must_use]
    pub fn is_made(&self) -> bool {
        let by_file = self.profile.is_some() || self.network.is_some() || self.claim.is_some();
        by_file || self.is_present || self.broken.is_some()
    }

    /// Returns whether it could become the port of a bridge as far as its kind goes.
    #[must_use]
    pub fn is_card(&self) -> bool {
        self.profile.is_none_or(|profile| {
            matches!(profile.link, Link::Ethernet | Link::Bond | Link::Vlan(_))
        })
    }
}
