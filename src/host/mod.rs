//! The host as its files describe it: connection profiles, networks, guests, and who names whom.
//!
//! Operations turn one [`Host`] into another and see nothing else. It must not know a file format.

mod cure;
pub mod extra;
pub mod guest;
pub mod home;
pub mod interfaces;
pub mod invent;
pub mod joined;
pub mod layer2;
pub mod layer3;
pub mod lease;
pub mod limits;
pub mod live;
pub mod nets;
pub mod network;
pub mod profile;
pub mod short;
pub mod spot;
pub mod value;
pub mod wording;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;

use guest::{Guest, GuestInterface, Running};
use network::Network;
use profile::{Backend, Profile};
use spot::{Said, Spot};
use value::{InterfaceName, IpNet, MacAddress};

use crate::readers::{Claim, Docs, Kind, Readers};
use crate::tree::HostPath;
use crate::work::{self, Work};

/// Everything that the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Connection profiles, sorted by file; shared between hosts in which they are the same.
    pub profiles: Vec<Arc<Profile>>,
    /// Profiles that are not in force, since others of the same interface come before them.
    pub idle: Vec<Profile>,
    /// Files that could not be read as what they are.
    pub broken: Vec<Broken>,
    /// Profiles that name no interface that is known.
    pub unnamed: Vec<Unnamed>,
    /// Places outside the profiles that name an interface for layer 3.
    pub references: Vec<Reference>,
    /// Places that name an interface and that kvmnet does not rewrite.
    pub mentions: Vec<Mention>,
    /// Interfaces that the kernel of the running host shows.
    pub present: Vec<InterfaceName>,
    /// The hardware addresses of those.
    pub macs: BTreeMap<InterfaceName, MacAddress>,
    /// libvirt networks, sorted by file; shared like profiles.
    pub networks: Vec<Arc<Network>>,
    /// Guests, sorted by file; shared like profiles.
    pub guests: Vec<Arc<Guest>>,
    /// Guests that run, as the tree shows them; what hangs on bridges and devices wants to know.
    pub running: Vec<Running>,
    /// The states of guests that are on, and not running: paused, and the like; by name. Only `show` asks for them.
    pub states: BTreeMap<String, &'static str>,
    /// The machine-id, from which invented values are derived.
    pub machine_id: Option<String>,
    /// Whether the tree shows what runs: the run-time folders of libvirt are there.
    pub shows_running: bool,
    /// Subnets that addresses and static routes of the host take, sorted.
    pub routed: Vec<Routed>,
    /// The format of new profiles.
    pub format: Backend,
    /// The keyfiles that were parsed; shared between hosts.
    pub docs: Arc<Docs>,
    /// The programs that read the files; shared between hosts.
    pub readers: Arc<Readers>,
}

/// A profile that names no interface that is known: it is for a card by its hardware address, or not even that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unnamed {
    /// Its file.
    pub file: HostPath,
    /// The bridge that it is a port of, as far as it says one.
    pub controller: Option<Said<String>>,
    /// The hardware address of its card.
    pub mac: Option<String>,
    /// Its UUID, as far as it says one.
    pub uuid: Option<String>,
}

impl Unnamed {
    /// Returns how it is shown in the place of the name of an interface.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.mac.as_deref().unwrap_or("?")
    }

    /// Returns whether it is a port of `bridge`.
    #[must_use]
    pub fn is_port_of(&self, bridge: &str) -> bool {
        let controller = self.controller.as_ref();
        controller.is_some_and(|said| said.value == bridge)
    }
}

/// What a file is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// An interface of the host.
    #[default]
    Interface,
    /// A libvirt network.
    Network,
    /// A guest.
    Guest,
    /// The leases of a network.
    Leases,
}

/// A file that could not be understood: what it would say is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub path: HostPath,
    /// What it is about.
    pub subject: Subject,
    /// The interface (or network, or guest) that its name speaks of.
    pub about: String,
    /// The line, counted from 1; absent where the file as a whole is meant.
    pub line: Option<u32>,
    /// The column, counted from 1; absent like the line.
    pub column: Option<u32>,
    /// The text of the line.
    pub excerpt: String,
    /// What is wrong.
    pub why: String,
    /// Whose fault it is.
    pub cause: Cause,
    /// What helps.
    pub cure: Cure,
    /// The other line that it has to do with: where an element was opened, or where it showed that it is not closed.
    pub also: Option<NonZeroU32>,
}

/// What makes a file usable again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cure {
    /// Its text must be corrected.
    #[default]
    Correct,
    /// It is a link that leads nowhere: it must lead to a file.
    MendLink,
    /// It is something else than a file.
    ReplaceByFile,
    /// A value must be written without shell code.
    WriteValue,
    /// It must be converted to UTF-8.
    Convert,
}

/// Why a file could not be understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// The programs that it is for cannot use it either.
    #[default]
    Fault,
    /// It goes beyond what kvmnet reads, and may be in order.
    Limit,
}

/// What kind of place names an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// The interface of the default route.
    DefaultRoute,
    /// The interface in a list of static routes.
    StaticRoute,
    /// The interface in a firewall zone.
    Zone,
}

/// A place outside the profiles that names an interface, and follows its layer-3 configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The file.
    pub at: HostPath,
    /// Its line, counted from 1.
    pub line: u32,
    /// The byte offset of the name in the file: with `at`, what identifies the place.
    pub offset: usize,
    /// What the place is for.
    pub kind: ReferenceKind,
    /// The interface named.
    pub interface: InterfaceName,
}

/// A place that names an interface by chance or in a format that kvmnet does not edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The file.
    pub at: HostPath,
    /// Its line, counted from 1.
    pub line: u32,
    /// The interface named.
    pub interface: InterfaceName,
}

/// How the host comes to a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// It has an address in it.
    Address,
    /// It has a static route to it.
    Route,
}

/// A subnet that the host itself has an address in or a static route to, as its files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// The subnet, without host bits; neither a default route, nor loopback, nor link-local.
    pub net: IpNet,
    /// Where it is said.
    pub at: Spot,
    /// The interface, "" where the file names none.
    pub interface: String,
    /// How the host comes to it.
    pub by: By,
}

impl Host {
    /// Returns the state of a guest by the word that `virsh list --all` has for it, where the tree shows what runs.
    #[must_use]
    pub fn state_of(&self, guest: &Guest) -> Option<&'static str> {
        self.shows_running.then(|| match guest.running {
            true => self.states.get(&guest.name).copied().unwrap_or("running"),
            false => "shut off",
        })
    }

    /// Returns the profile of `interface`, the first if there are several.
    #[must_use]
    pub fn profile(&self, interface: &InterfaceName) -> Option<&Profile> {
        self.profiles()
            .find(|profile| profile.interface == *interface)
    }

    /// Returns the profiles by their interfaces, of several the first: for who asks for more than one.
    #[must_use]
    pub fn by_interface(&self) -> HashMap<&InterfaceName, &Profile> {
        let mut found = HashMap::new();
        for profile in self.profiles() {
            found.entry(&profile.interface).or_insert(profile);
        }
        found
    }

    /// Returns all profiles, sorted by file.
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        let all = self.profiles.iter().map(Arc::as_ref);
        all.inspect(|_| work::count(Work::Visited, 1))
    }

    /// Returns the profile of `interface` to change it.
    pub fn profile_mut(&mut self, interface: &InterfaceName) -> Option<&mut Profile> {
        let mut profiles = self.profiles.iter_mut();
        profiles
            .find(|profile| profile.interface == *interface)
            .map(Arc::make_mut)
    }

    /// Returns the ports of `bridge`, sorted by file.
    pub fn ports_of<'a>(&'a self, bridge: &'a InterfaceName) -> impl Iterator<Item = &'a Profile> {
        self.profiles()
            .filter(move |profile| profile.controller.as_ref() == Some(bridge))
    }

    /// Returns the bridges, sorted by file.
    pub fn bridges(&self) -> impl Iterator<Item = &Profile> {
        self.profiles().filter(|profile| profile.bridge().is_some())
    }

    /// Returns the software behind a bridge of the host, whoever can change it; `None` for what is no bridge.
    #[must_use]
    pub fn switch_of(&self, bridge: &InterfaceName) -> Option<profile::Switch> {
        // of Open vSwitch the bridge, its port and the interface of that may have one name
        let named = || {
            self.profiles()
                .filter(|profile| profile.interface == *bridge)
        };
        match named().next() {
            Some(_) => named().find_map(Profile::switch),
            None => self
                .foreign_bridge(bridge.as_str())
                .map(|(_, switch)| switch),
        }
    }

    /// Returns the bridges that files of other programs make, and no profile or network beside them; each once.
    pub fn foreign_bridges(&self) -> Vec<(&str, &Claim, profile::Switch)> {
        let profiles = self.profiles().map(|profile| profile.interface.as_str());
        let networks = self.networks().filter_map(Network::own_bridge);
        let mut known: HashSet<&str> = profiles.chain(networks).collect();
        let bridges = self.readers.bridges();
        let new = bridges.filter(|(name, ..)| known.insert(name));
        new.map(|(name, claim, kind)| (name, claim, switch(kind)))
            .collect()
    }

    /// Returns the bridge `name` of another program's files, and the software behind it.
    #[must_use]
    pub fn foreign_bridge(&self, name: &str) -> Option<(&Claim, profile::Switch)> {
        let mut bridges = self.readers.bridges();
        let (_, claim, kind) = bridges.find(|(known, ..)| *known == name)?;
        Some((claim, switch(kind)))
    }

    /// Returns all networks, sorted by file.
    pub fn networks(&self) -> impl Iterator<Item = &Network> {
        let all = self.networks.iter().map(Arc::as_ref);
        all.inspect(|_| work::count(Work::Visited, 1))
    }

    /// Returns the network `name`, the first if there are several.
    #[must_use]
    pub fn network(&self, name: &str) -> Option<&Network> {
        let named = |network: &&Network| network.name == name;
        let loaded = self.networks().filter(named).find(|n| n.is_loaded());
        loaded.or_else(|| self.networks().find(named))
    }

    /// Returns the network `name` to change it.
    pub fn network_mut(&mut self, name: &str) -> Option<&mut Network> {
        let origin = self.network(name)?.origin.clone();
        let mut networks = self.networks.iter_mut();
        networks
            .find(|network| network.name == name && network.origin == origin)
            .map(Arc::make_mut)
    }

    /// Returns all guests, sorted by file.
    pub fn guests(&self) -> impl Iterator<Item = &Guest> {
        let all = self.guests.iter().map(Arc::as_ref);
        all.inspect(|_| work::count(Work::Visited, 1))
    }

    /// Returns the guest of this file to change it.
    pub fn guest_mut(&mut self, origin: &HostPath) -> Option<&mut Guest> {
        let mut guests = self.guests.iter_mut();
        guests
            .find(|guest| guest.origin == *origin)
            .map(Arc::make_mut)
    }

    /// Returns the networks that hang on the host's bridge `name`.
    pub fn networks_on<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Network> {
        self.networks()
            .filter(move |network| network.host_bridge() == Some(name))
    }

    /// Returns the guests with an interface on the host's bridge `name`.
    pub fn guests_on<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a Guest, &'a GuestInterface)> {
        self.attached(move |interface| interface.source.bridge() == Some(name))
    }

    /// Returns the guests with an interface on the network `name`.
    pub fn guests_of<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a Guest, &'a GuestInterface)> {
        self.attached(move |interface| interface.source.network() == Some(name))
    }

    fn attached<'a>(
        &'a self,
        is: impl Fn(&GuestInterface) -> bool + Copy + 'a,
    ) -> impl Iterator<Item = (&'a Guest, &'a GuestInterface)> {
        self.guests().flat_map(move |guest| {
            let interfaces = guest.interfaces.iter();
            interfaces
                .filter(move |interface| is(interface))
                .map(move |interface| (guest, interface))
        })
    }
}

fn switch(kind: Kind) -> profile::Switch {
    match kind {
        Kind::Linux => profile::Switch::Linux,
        Kind::OpenVswitch => profile::Switch::Ovs,
    }
}
