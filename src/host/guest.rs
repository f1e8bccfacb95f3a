//! A guest, as far as its interfaces hang on something.
//!
//! Source of the terms: libvirt's formatdomain page, *Network interfaces*.

use super::network::{Faults, Lines, Spot, Uuid};
use super::value::MacAddress;
use crate::tree::HostPath;

/// A guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The file; its name need not be that of the guest.
    pub origin: HostPath,
    /// Its name.
    pub name: String,
    /// Its UUID; libvirt makes up another at each start for a guest that has none.
    pub uuid: Option<Uuid>,
    /// Its interfaces in the order of the file.
    pub interfaces: Vec<GuestInterface>,
    /// The aliases of interfaces that cards handed to it by `<hostdev>` stand in for (`<teaming persistent=…>`).
    pub stands_in: Vec<String>,
    /// Whether it is started with the host.
    pub autostart: bool,
    /// Whether the tree shows that it runs.
    pub running: bool,
    /// Where its parts stand.
    pub lines: Lines,
    /// What libvirt does not take of its file, as far as it is about interfaces.
    pub faults: Faults,
}

/// What the file of a guest says of an interface that no operation asks for; two are equal whatever they are.
#[derive(Clone, Debug, Default)]
pub struct Aside {
    /// The name of the device on the host, where the file says one.
    pub target: Option<String>,
    /// The numbers of its VLANs.
    pub tags: Vec<u32>,
}

impl PartialEq for Aside {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Aside {}

/// An interface of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestInterface {
    /// Its hardware address; libvirt makes up another at each start for one that has none.
    pub mac: Option<MacAddress>,
    /// What it is attached to.
    pub source: Source,
    /// The card that the guest sees, such as `virtio`.
    pub model: Option<String>,
    /// The type of its `<virtualport>`, such as `openvswitch`; "" where its network tells the type.
    pub virtualport: Option<String>,
    /// Whether it asks for bandwidth that is always its own (`floor`), which only a network of libvirt's can give.
    pub floor: bool,
    /// How a macvtap shares its device, such as `bridge` or `passthrough`.
    pub mode: Option<String>,
    /// Whether it asks for a VLAN of its own.
    pub vlan: bool,
    /// What else it asks for that not every network can give.
    pub asks: Vec<Ask>,
    /// Which half of a failover pair it is.
    pub teaming: Option<Teaming>,
    /// Its alias, by which the other half of a pair names it.
    pub alias: Option<String>,
    /// Whether the guest sees its cable pulled: `<link state='down'/>`.
    pub link_down: bool,
    /// What is shown of it alone.
    pub aside: Aside,
    /// Where its source stands, or itself where it has none.
    pub spot: Spot,
    /// Where its hardware address stands, or itself where it has none.
    pub mac_spot: Spot,
}

/// What an interface may ask for, and not every network can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// That no other isolated port hears it: `<port isolated='yes'/>`.
    Isolation,
    /// A limit of its bandwidth: `<bandwidth>`.
    Bandwidth,
    /// A filter of its packets: `<filterref>`.
    Filter,
    /// Several queues: `<driver queues=…>`.
    Queues,
    /// A tap device by another path: `<backend tap=…>`.
    Tap,
}

/// A half of a failover pair (`<teaming>`): a card of the host, and the virtio interface that the guest falls back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Teaming {
    /// The one that the guest always has: `persistent`.
    Persistent,
    /// The one that comes and goes: `transient`, with the alias of the other.
    Transient(String),
}

/// What an interface of a guest is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A libvirt network, maybe by one of its port groups.
    Network {
        /// Its name.
        name: String,
        /// The port group.
        portgroup: Option<String>,
    },
    /// A bridge of the host.
    Bridge(String),
    /// A device of the host, past its own network (`direct`).
    Device(String),
    /// Anything else, by libvirt's word for it (`user`, `hostdev` …).
    Other(String),
}

/// A guest that runs, as libvirt notes it: its file may say otherwise by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its name.
    pub name: String,
    /// Where libvirt notes it.
    pub at: HostPath,
    /// The bridges and devices that it hangs on.
    pub links: Vec<Link>,
}

/// What an interface of a running guest hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// A bridge or a device of the host; of one on a network, what it got there.
    pub source: Source,
    /// The line.
    pub line: u32,
}

impl Source {
    /// Returns the network that it names.
    #[must_use]
    pub fn network(&self) -> Option<&str> {
        match self {
            Self::Network { name, .. } => Some(name),
            Self::Bridge(_) | Self::Device(_) | Self::Other(_) => None,
        }
    }

    /// Returns the bridge of the host that it names.
    #[must_use]
    pub fn bridge(&self) -> Option<&str> {
        match self {
            Self::Bridge(name) => Some(name),
            Self::Network { .. } | Self::Device(_) | Self::Other(_) => None,
        }
    }

    /// Returns libvirt's word for the type of the interface.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Network { .. } => "network",
            Self::Bridge(_) => "bridge",
            Self::Device(_) => "direct",
            Self::Other(kind) => kind,
        }
    }

    /// Returns what it names, "" where it names nothing.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Network { name, .. } | Self::Bridge(name) | Self::Device(name) => name,
            Self::Other(_) => "",
        }
    }
}

impl Guest {
    /// Returns whether the two are equal; at once where they are one and the same, as between two hosts.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self == other
    }
}
