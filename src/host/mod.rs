//! The host as its files describe it: connection profiles, networks, guests, and who names whom.
//!
//! Operations turn one [`Host`] into another and see nothing else. It must not know a file format.

pub mod lease;
pub mod profile;
pub mod value;

use std::sync::Arc;

use profile::Profile;
use value::{InterfaceName, IpNet, MacAddress};

use crate::tree::HostPath;

/// Everything that the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Connection profiles, sorted by file; shared between hosts in which they are the same.
    pub profiles: Vec<Arc<Profile>>,
    /// Files that could not be read as what they are.
    pub broken: Vec<Broken>,
    /// Places outside the profiles that name an interface for layer 3.
    pub references: Vec<Reference>,
    /// Places that name an interface and that kvmnet does not rewrite.
    pub mentions: Vec<Mention>,
    /// Interfaces that the kernel of the running host shows.
    pub present: Vec<InterfaceName>,
    /// libvirt networks.
    pub networks: Vec<Network>,
    /// Guests.
    pub guests: Vec<Guest>,
    /// Subnets that addresses and static routes of the host take, sorted.
    pub routed: Vec<Routed>,
}

/// A file that could not be understood: what it would say is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub path: HostPath,
    /// The interface (or network, or guest) that its name speaks of.
    pub about: String,
    /// Line and column, 0 where the file as a whole is meant.
    pub line: u32,
    /// Column, counted from 1.
    pub column: u32,
    /// The text of the line.
    pub excerpt: String,
    /// What is wrong.
    pub why: String,
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

/// A subnet that the host itself has an address in or a static route to, as its files say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Routed {
    /// The subnet, without host bits; neither a default route, nor loopback, nor link-local.
    pub net: IpNet,
    /// The file.
    pub at: HostPath,
    /// Its line, 0 where that is unknown.
    pub line: u32,
    /// The interface, "" where the file names none.
    pub interface: String,
}

/// A libvirt network, as far as bridges are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The file.
    pub origin: HostPath,
    /// Its name.
    pub name: String,
    /// The bridge device: its own, or in bridge mode a bridge of the host.
    pub bridge: Option<String>,
    /// Whether it hangs on a bridge of the host (forward mode bridge) instead of making its own.
    pub uses_host_bridge: bool,
    /// The line that names the bridge.
    pub line: u32,
    /// Its own addresses, each with the line that gives it.
    pub addresses: Vec<(IpNet, u32)>,
}

/// A guest, as far as its interfaces hang on something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The file.
    pub origin: HostPath,
    /// Its name.
    pub name: String,
    /// Its interfaces.
    pub interfaces: Vec<GuestInterface>,
}

/// An interface of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestInterface {
    /// Its hardware address.
    pub mac: Option<MacAddress>,
    /// What it is attached to.
    pub source: Source,
    /// The line of its `<source>`.
    pub line: u32,
}

/// What an interface of a guest is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A libvirt network.
    Network(String),
    /// A bridge of the host.
    Bridge(String),
    /// A device of the host.
    Device(String),
    /// Anything else.
    Other,
}

impl Host {
    /// Returns the profile of `interface`, the first if there are several.
    #[must_use]
    pub fn profile(&self, interface: &InterfaceName) -> Option<&Profile> {
        self.profiles()
            .find(|profile| profile.interface == *interface)
    }

    /// Returns all profiles, sorted by file.
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.iter().map(Arc::as_ref)
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

    /// Returns the networks that hang on the host's bridge `name`.
    pub fn networks_on<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Network> {
        self.networks.iter().filter(move |network| {
            network.uses_host_bridge && network.bridge.as_deref() == Some(name)
        })
    }

    /// Returns the guests with an interface on the host's bridge `name`.
    pub fn guests_on<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a Guest, &'a GuestInterface)> {
        let on =
            move |interface: &&GuestInterface| interface.source == Source::Bridge(name.to_owned());
        self.guests
            .iter()
            .flat_map(move |guest| guest.interfaces.iter().filter(on).map(move |i| (guest, i)))
    }
}
