//! A connection profile: the persistent configuration of one interface, whatever format it has.
//!
//! A profile holds what its file means. What is carried with its spelling is carried by reference: [`Layer3::from`] names the
//! file whose text says it, and the lens takes it from there. No format is named here.

use super::layer3::Layer3;
use super::spot::Said;
use super::value::{InterfaceName, MacAddress};
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
    /// Ends the sentence "ens33 cannot be the port of a bridge: it …"; nowhere in particular where the file as a whole is meant.
    pub because: Said<String>,
    /// What to do instead, if there is something better.
    pub help: Option<String>,
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
