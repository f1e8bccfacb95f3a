//! A connection profile: the persistent configuration of one interface, whatever format it has.
//!
//! A profile holds what its file means. What is carried with its spelling is carried by reference: [`Layer3::from`] names the
//! file whose text says it, and the lens takes it from there. No format is named here.

pub use super::home::Home;
pub use crate::layout::Backend;
pub use crate::readers::Manager;

use super::layer3::Layer3;
use super::spot::Said;
use super::value::{InterfaceName, MacAddress};
use super::wording::Wording;
use crate::readers::{Readers, iaid};

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
    /// Whether it keeps the hardware address that the kernel gives it, whatever is the rule for other interfaces.
    pub keeps_mac: bool,
    /// Whether it brings up its ports itself, be they not brought up at boot.
    pub starts_ports: bool,
}

/// What cannot be the port of a bridge, and where its file says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Ends the sentence "ens33 cannot be the port of a bridge: it …"; nowhere in particular where the file as a whole is meant.
    pub because: Said<String>,
    /// What to do instead, if there is something better.
    pub help: Option<String>,
}

/// An interface that kvmnet neither bridges nor changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Why.
    pub obstacle: Obstacle,
    /// Of a bridge, the software behind it.
    pub bridge: Option<Switch>,
    /// What it is on top of, if it is.
    pub on_top: Option<OnTop>,
    /// Whether it is a part of Open vSwitch: a bridge, its port and the interface of that may have one name.
    pub ovs: bool,
}

/// That an interface is on top of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnTop {
    /// The other one.
    pub parent: Said<String>,
    /// What kind of interface it is, in the word of its file.
    pub kind: String,
    /// Whether it needs the frames of the other one, which a bridge takes.
    pub needs_frames: bool,
}

/// The kind of interface that a profile makes or configures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A network card.
    Ethernet,
    /// A bridge.
    Bridge(Bridge),
    /// A bond, which can be the port of a bridge; its own ports are [`Link::Foreign`].
    Bond,
    /// A VLAN on top of the interface of this name.
    Vlan(Option<String>),
    /// Anything that kvmnet can make neither a bridge nor a port of.
    Foreign(Foreign),
}

/// The metric that routes of a bridge have where nothing says another one.
///
/// Source: `nm_device_get_route_metric_default()` in NetworkManager's nm-device.c (run).
pub const METRIC_OF_BRIDGES: u32 = 425;

impl Link {
    /// Returns the metric that routes have where nothing says another one, with NetworkManager.
    #[must_use]
    pub fn usual_metric(&self) -> Option<u32> {
        match self {
            Self::Ethernet => Some(100),
            Self::Bond => Some(300),
            Self::Vlan(_) => Some(400),
            Self::Bridge(_) => Some(METRIC_OF_BRIDGES),
            Self::Foreign(_) => None,
        }
    }

    /// Returns the word that NetworkManager has for it, `None` where that is not known.
    #[must_use]
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Self::Ethernet => Some("ethernet"),
            Self::Bridge(_) => Some("bridge"),
            Self::Bond => Some("bond"),
            Self::Vlan(_) => Some("vlan"),
            Self::Foreign(_) => None,
        }
    }
}

/// One persistent configuration of one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Where it lives.
    pub home: Home,
    /// The interface.
    pub interface: InterfaceName,
    /// What NetworkManager calls the profile.
    pub id: String,
    /// Its UUID, in lower case, if the file says it.
    pub uuid: Option<String>,
    /// What kind of interface it is.
    pub link: Link,
    /// Who reads it, told by the tree.
    pub manager: Manager,
    /// The bridge that it is a port of.
    pub controller: Option<InterfaceName>,
    /// Whether it is brought up at boot.
    pub autostart: bool,
    /// Whether NetworkManager may have it.
    pub nm_controlled: bool,
    /// The card's own hardware address, as far as the file asserts it.
    pub mac: Option<MacAddress>,
    /// The hardware address that the file gives the card in the place of its own.
    pub cloned_mac: Option<MacAddress>,
    /// How NetworkManager makes one in its place (`stable`), where the file says so.
    pub made_mac: Option<String>,
    /// What moves to a bridge.
    pub layer3: Layer3,
    /// Why its layer-3 settings cannot be moved as text.
    pub locked: Option<Obstacle>,
    /// How its file words it.
    pub wording: Wording,
}

impl Profile {
    /// Returns what others know the host by: the metrics of its routes, and its identity as a DHCP client, where nothing is
    /// said what holds then.
    #[must_use]
    pub fn identity(&self) -> [Option<String>; 4] {
        let (client, metrics) = (&self.layer3.dhcp, &self.layer3.metrics);
        let metric = || self.link.usual_metric().map(|metric| metric.to_string());
        let iaid = || Some(iaid(self.interface.as_str()).to_string());
        let said = |said: &Option<Said<String>>| said.as_ref().map(|said| said.value.clone());
        [
            said(&metrics.v4).or_else(metric),
            said(&metrics.v6).or_else(metric),
            said(&client.iaid_v4).or_else(iaid),
            said(&client.iaid_v6).or_else(iaid),
        ]
    }

    /// Returns whether the two are equal; at once where they are one and the same, as between two hosts.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self == other
    }

    /// Returns whether this is a bridge.
    #[must_use]
    pub fn bridge(&self) -> Option<&Bridge> {
        match &self.link {
            Link::Bridge(bridge) => Some(bridge),
            Link::Ethernet | Link::Bond | Link::Vlan(_) | Link::Foreign(_) => None,
        }
    }

    /// Returns the software behind it if it is a bridge, be it one that kvmnet cannot change.
    #[must_use]
    pub fn switch(&self) -> Option<Switch> {
        match &self.link {
            Link::Bridge(bridge) => Some(bridge.switch),
            Link::Foreign(foreign) => foreign.bridge,
            Link::Ethernet | Link::Bond | Link::Vlan(_) => None,
        }
    }

    /// Returns whether it is a part of Open vSwitch that NetworkManager keeps in a profile of its own.
    #[must_use]
    pub fn is_part_of_ovs(&self) -> bool {
        match &self.link {
            Link::Foreign(foreign) => foreign.ovs,
            Link::Ethernet | Link::Bridge(_) | Link::Bond | Link::Vlan(_) => false,
        }
    }

    /// Returns whether NetworkManager, not the network service, brings it up.
    #[must_use]
    pub fn is_for_network_manager(&self, readers: &Readers) -> bool {
        self.home.backend.is_of_network_manager() || readers.managed_by_nm(self.nm_controlled)
    }

    /// Returns whether a program of the host reads it, as far as that can be told.
    #[must_use]
    pub fn is_read(&self) -> bool {
        match &self.manager {
            Manager::NetworkManager | Manager::NetworkScripts | Manager::Unknown => true,
            Manager::Nobody(why) => why.may_be_meant,
        }
    }
}
