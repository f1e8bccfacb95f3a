//! A connection profile: the persistent configuration of one interface, whatever format it has.
//!
//! A profile holds typed fields where an operation needs to know, and [`Setting`]s where it only needs to carry: layer-3
//! settings travel with their spelling. No format is named here; the lenses in `backend` fill and write these values.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::value::{InterfaceName, IpNet, MacAddress, OwnedText};
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
    fn without_line(&self) -> Self {
        match self {
            Self::Other(obstacle) => Self::Other(Obstacle {
                line: 0,
                ..obstacle.clone()
            }),
            Self::Ethernet | Self::Bridge(_) | Self::Bond | Self::Vlan(_) => self.clone(),
        }
    }
}

/// What part a setting plays, as far as an operation may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Addresses, their method, gateways.
    Address,
    /// Whether and how IPv6 configures itself.
    Ipv6,
    /// Name servers.
    Dns,
    /// Any other layer-3 setting.
    Other,
    /// Carried without being understood: an unknown key, a comment, shell code.
    Unknown,
}

/// One setting, carried with its spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// The field's name for it (`IPADDR`), "" for a comment or code.
    pub key: String,
    /// Its value, `None` where only a shell could tell.
    pub value: Option<OwnedText>,
    /// Its lines as they stand in the file, comments above included, LF line ends.
    pub text: OwnedText,
    /// What part it plays.
    pub role: Role,
    /// Its line in the file it was read from, 0 for a new one.
    pub line: u32,
}

/// What a file that is found by the interface's name is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompanionRole {
    /// Static routes of IPv4, IPv6, or in the oldest form.
    Route(&'static str),
    /// Policy rules of IPv4 or IPv6.
    Rule(&'static str),
    /// A further address under a label: `ifcfg-ens33:0`.
    Alias(String),
    /// A range of further addresses: `ifcfg-ens33-range0`.
    Range(String),
    /// Configuration or hooks of dhclient, by the pattern of its path with `*` for the interface.
    Dhclient(&'static str),
}

/// A file that belongs to a profile because of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// Where it is.
    pub origin: HostPath,
    /// What it is for.
    pub role: CompanionRole,
    /// Its content.
    pub content: OwnedText,
    /// Addresses that an alias or a range adds.
    pub addresses: Vec<IpAddr>,
}

/// How an interface gets its IPv4 address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Not at all, or by the addresses listed.
    #[default]
    Manual,
    /// Its file says how, and was not read for that.
    Unread,
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
}

impl Addressing {
    /// Returns whether it gives the interface no address of any kind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.method == Method::Manual && self.addresses.is_empty() && !self.shell
    }
}

/// The layer-3 configuration of an interface: what moves to the bridge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer3 {
    /// The settings, in the order of the file.
    pub settings: Vec<Setting>,
    /// Definitions that the settings use, such as site variables: they are copied along, and stay.
    pub helpers: Vec<Setting>,
    /// Files that belong to it.
    pub companions: Vec<Companion>,
    /// The typed view; what it says and no setting of [`Role::Address`] or [`Role::Dns`] spells, the lens spells.
    pub addressing: Addressing,
}

impl Layer3 {
    /// Returns whether nothing would be lost with it: no address, and no file.
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        self.addressing.addresses.is_empty() && !self.addressing.shell && self.companions.is_empty()
    }

    /// Returns whether it configures nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.companions.is_empty() && self.addressing.is_empty()
    }

    /// Returns whether a setting of this role is spelled out.
    #[must_use]
    pub fn spells(&self, role: Role) -> bool {
        self.settings.iter().any(|setting| setting.role == role)
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
    /// Settings that a bridge gets a copy of, so that both agree (MTU, who may control it …).
    pub shared: Vec<Setting>,
    /// What moves to a bridge.
    pub layer3: Layer3,
    /// Everything else in the file, comments too: it stays with the interface.
    pub rest: Vec<Setting>,
    /// Why its layer-3 settings cannot be moved as text.
    pub locked: Option<Obstacle>,
    /// Whether its lines end in CR LF: bash takes the CR for part of every value.
    pub carriage_returns: bool,
}

/// What a profile means, without how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    kind: ProfileKind,
    controller: Option<InterfaceName>,
    autostart: bool,
    nm_controlled: bool,
    addressing: Addressing,
    settings: BTreeMap<String, Option<String>>,
    companions: Vec<(CompanionRole, String)>,
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

    /// Returns what the profile means: two profiles of one meaning configure the interface alike.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let named = |text: &OwnedText| text.named(&self.interface);
        let setting = |setting: &Setting| (setting.key.clone(), setting.value.as_ref().map(named));
        let typed = |setting: &&Setting| !matches!(setting.role, Role::Address | Role::Dns);
        let companion = |companion: &Companion| (companion.role.clone(), named(&companion.content));
        let mut companions: Vec<_> = self.layer3.companions.iter().map(companion).collect();
        companions.sort();
        Meaning {
            kind: self.kind.without_line(),
            controller: self.controller.clone(),
            autostart: self.autostart,
            nm_controlled: self.nm_controlled,
            addressing: self.layer3.addressing.clone(),
            settings: self
                .layer3
                .settings
                .iter()
                .filter(typed)
                .map(setting)
                .collect(),
            companions,
        }
    }
}
