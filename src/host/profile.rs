//! A connection profile: the persistent configuration of one interface, whatever format it has.
//!
//! A profile holds what its file means. What is carried with its spelling is carried by reference: [`Layer3::from`] names the
//! file whose text says it, and the lens takes it from there. No format is named here.

use std::net::IpAddr;

use super::Routed;
use super::spot::Said;
use super::value::{InterfaceName, IpNet, MacAddress};
use crate::tree::HostPath;

/// Where a profile lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// `ifcfg-*` in /etc/sysconfig/network-scripts.
    Ifcfg,
    /// `*.nmconnection` in /etc/NetworkManager/system-connections; read only, to know what is taken.
    NmKeyfile,
}

/// Which software switches the packets of a bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// The kernel's bridge.
    Linux,
    /// Open vSwitch.
    Ovs,
}

/// The bridge's own properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// The software behind it.
    pub switch: Switch,
    /// Whether the spanning tree protocol runs; `None` where the file is silent (off).
    pub stp: Option<bool>,
    /// Forward delay in seconds; `None` where the file is silent.
    pub forward_delay_s: Option<u32>,
    /// The hardware address that the bridge is given, if any.
    pub mac: Option<MacAddress>,
}

/// What cannot be the port of a bridge, and where its file says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Ends the sentence "ens33 cannot be the port of a bridge: it …".
    pub because: String,
    /// What to do instead, if there is something better.
    pub help: Option<String>,
    /// The line of the file that says so, 0 for the file as a whole.
    pub line: u32,
}

/// The kind of interface that a profile makes or configures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileKind {
    /// A network card.
    Ethernet,
    /// A bridge.
    Bridge(Bridge),
    /// A bond, which can be the port of a bridge; its own ports are [`ProfileKind::Other`].
    Bond,
    /// A VLAN on top of the interface of this name.
    Vlan(Option<String>),
    /// Anything that can be neither a bridge nor a port.
    Other(Obstacle),
}

impl ProfileKind {
    /// Returns the kind without the place that says so.
    pub(crate) fn without_line(&self) -> Self {
        match self {
            Self::Other(obstacle) => Self::Other(Obstacle {
                line: 0,
                ..obstacle.clone()
            }),
            Self::Ethernet | Self::Bridge(_) | Self::Bond | Self::Vlan(_) => self.clone(),
        }
    }
}

/// What a file beside the profile's own says of its layer 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// Further addresses.
    Addresses,
    /// Static routes.
    Routes,
    /// Policy rules.
    Rules,
    /// How a DHCP client asks.
    Dhcp,
}

/// A file that says a part of a layer-3 configuration, and that belongs to it because of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Further {
    /// Where it is.
    pub at: HostPath,
    /// What it is about.
    pub about: About,
    /// The addresses that it adds.
    pub addresses: Vec<IpAddr>,
    /// Whether it has a default route.
    pub default_route: bool,
}

/// How an interface gets addresses of one family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Not at all, or by the addresses listed.
    #[default]
    Manual,
    /// Its file says how, and was not read for that.
    Unread,
    /// Switched off.
    Off,
    /// By itself, as a router tells it.
    Auto,
    /// From a DHCP server.
    Dhcp,
    /// In another way that the file names, or that only a shell knows.
    Other(String),
}

/// The typed view of a layer-3 configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addressing {
    /// How IPv4 is configured.
    pub method: Method,
    /// Static addresses, IPv4 first, in the order of the file.
    pub addresses: Vec<IpNet>,
    /// Static gateways.
    pub gateways: Vec<IpAddr>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Whether there are addresses that only a shell knows.
    pub shell: bool,
    /// Addresses that are not valid, or have a mask that is not, as they are written: `10.0.0.300`, `10.1.1.120/255.255.225.0`.
    pub not_valid: Vec<Said<String>>,
}

impl Addressing {
    /// Returns whether it gives the interface no address of any kind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.method == Method::Manual
            && self.addresses.is_empty()
            && self.not_valid.is_empty()
            && !self.shell
    }
}

/// Why the gateways of one family are no default route; nothing where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefaultRoute {
    /// The files say so themselves.
    pub off: Option<String>,
    /// The program that reads them passes the gateway over.
    pub passed_over: Option<String>,
}

impl DefaultRoute {
    fn is_set(&self) -> bool {
        self.off.is_none() && self.passed_over.is_none()
    }
}

/// The layer-3 configuration of an interface: what moves to the bridge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer3 {
    /// What it says, typed.
    pub addressing: Addressing,
    /// How IPv6 configures itself; `None` where nothing says so.
    pub v6: Option<Method>,
    /// Whether its gateways of IPv4 become the default route.
    pub default_v4: DefaultRoute,
    /// Whether its gateways of IPv6 become the default route.
    pub default_v6: DefaultRoute,
    /// The subnets that it reaches, with their places: its addresses and static routes.
    pub routed: Vec<Routed>,
    /// The files that say a part of it.
    pub further: Vec<Further>,
    /// Whether more is said than that: keys of layer 3 that only their reader knows.
    pub more: bool,
    /// The file whose text says it: the lens carries the lines of all that is as it was there, and spells what is not.
    pub from: Option<HostPath>,
}

impl Layer3 {
    /// Returns whether nothing would be lost with it: no address, and no file.
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        let Addressing {
            addresses,
            not_valid,
            shell,
            ..
        } = &self.addressing;
        addresses.is_empty() && not_valid.is_empty() && !shell && self.further.is_empty()
    }

    /// Says why its gateways are no default route; with `meant` also where the files say so themselves.
    #[must_use]
    pub fn no_default_route(&self, meant: bool) -> Option<&str> {
        let has = |v6: bool| self.addressing.gateways.iter().any(|ip| ip.is_ipv6() == v6);
        let families = [(&self.default_v4, false), (&self.default_v6, true)];
        let found = || {
            families
                .into_iter()
                .filter(|(_, v6)| has(*v6))
                .map(|(route, _)| route)
        };
        let off = found()
            .find_map(|route| route.off.as_deref())
            .filter(|_| meant);
        off.or_else(|| found().find_map(|route| route.passed_over.as_deref()))
    }

    /// Returns whether `gateway` is the default route of its family, as far as the files tell.
    #[must_use]
    pub fn is_default_route(&self, gateway: &IpAddr) -> bool {
        match gateway {
            IpAddr::V4(_) => self.default_v4.is_set(),
            IpAddr::V6(_) => self.default_v6.is_set(),
        }
    }

    /// Returns whether the default route of the host goes by it: by a gateway of its own, or by what a DHCP server says.
    #[must_use]
    pub fn carries_default_route(&self) -> bool {
        let of_server = self.addressing.method == Method::Dhcp && self.default_v4.off.is_none();
        let mut gateways = self.addressing.gateways.iter();
        of_server || gateways.any(|gateway| self.is_default_route(gateway))
    }

    /// Returns whether it configures nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.more && self.further.is_empty() && self.addressing.is_empty()
    }
}

/// One persistent configuration of one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The file, `None` if it is not on disk yet.
    pub origin: Option<HostPath>,
    /// The format.
    pub backend: Backend,
    /// The interface.
    pub interface: InterfaceName,
    /// What NetworkManager calls the profile.
    pub id: String,
    /// What kind of interface it is.
    pub kind: ProfileKind,
    /// Of a bridge that kvmnet cannot change, the software behind it.
    pub foreign_bridge: Option<Switch>,
    /// The bridge that it is a port of.
    pub controller: Option<InterfaceName>,
    /// Whether it is brought up at boot.
    pub autostart: bool,
    /// Whether NetworkManager may have it.
    pub nm_controlled: bool,
    /// The card's own hardware address, as far as the file asserts it.
    pub mac: Option<MacAddress>,
    /// What moves to a bridge.
    pub layer3: Layer3,
    /// Why its layer-3 settings cannot be moved as text.
    pub locked: Option<Obstacle>,
}

impl Profile {
    /// Returns whether the two are equal; at once where they are one and the same, as between two hosts.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self == other
    }

    /// Returns whether this is a bridge.
    #[must_use]
    pub fn bridge(&self) -> Option<&Bridge> {
        match &self.kind {
            ProfileKind::Bridge(bridge) => Some(bridge),
            ProfileKind::Ethernet
            | ProfileKind::Bond
            | ProfileKind::Vlan(_)
            | ProfileKind::Other(_) => None,
        }
    }
}
