//! A libvirt network: its forward mode, its bridge, its subnets and what DHCP gives out.
//!
//! Source of the terms: libvirt's formatnetwork page.

use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::ops::Range;

pub use uuid::Uuid;

use super::profile::Switch;
use super::value::{IpNet, MacAddress};
use crate::tree::HostPath;

/// Where a part of a file was read. Two parts are equal wherever they stand, so that values compare by meaning.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    /// The line, counted from 1; absent where nothing was read.
    pub line: Option<u32>,
    /// Which of its kind it is in the file, counted from 0; `None` for a new one.
    pub ordinal: Option<usize>,
}

impl PartialEq for Spot {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Spot {}

impl Hash for Spot {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// The name of a network or guest, as a file name and a word of a command line can hold it.
///
/// Source: libvirt's `virXMLCheckIllegalChars()` (`/`, newline) and, beyond it, white space and control characters, a `-`
/// at the beginning (virsh would take it for an option) and more bytes than a file name has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LibvirtName(String);

/// The longest name, in bytes: with `.xml` and the suffixes of temporaries it must be a file name (255).
const LONGEST_NAME: usize = 200;

impl LibvirtName {
    /// Returns the name that `text` is.
    ///
    /// # Errors
    /// A phrase saying what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = text.escape_debug();
        let bad = |c: &char| *c == '/' || c.is_whitespace() || c.is_control();
        if text.is_empty() || text == "." || text == ".." {
            return Err(format!("`{shown}` is not a valid name"));
        }
        if let Some(found) = text.chars().find(bad) {
            return Err(format!(
                "`{shown}` contains {found:?}; a name must not contain `/`, white space or control characters"
            ));
        }
        if text.starts_with('-') {
            return Err(format!(
                "`{shown}` begins with `-`: virsh would take it as an option"
            ));
        }
        if text.len() > LONGEST_NAME {
            let length = text.len();
            return Err(format!(
                "the name is {length} bytes long; the limit is {LONGEST_NAME}"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LibvirtName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a network reaches the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forward {
    /// Not at all: no `<forward>`.
    Isolated,
    /// Through the addresses of the host: `nat`, also where the mode is left out.
    Nat,
    /// By routing: `route`.
    Route,
    /// By routing, without rules of libvirt's own: `open`.
    Open,
    /// Through a bridge that the host has: `bridge` with `<bridge name=…>`.
    Bridge,
    /// Past the host's own network: `bridge` on an interface, `private`, `vepa`, `passthrough`, `hostdev`.
    Direct(String),
}

impl Forward {
    /// Returns whether libvirt makes the bridge, gives it addresses and runs DHCP on it.
    #[must_use]
    pub fn owns_bridge(&self) -> bool {
        match self {
            Self::Isolated | Self::Nat | Self::Route | Self::Open => true,
            Self::Bridge | Self::Direct(_) => false,
        }
    }

    /// Returns the word for it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Isolated => "isolated",
            Self::Nat => "nat",
            Self::Route => "route",
            Self::Open => "open",
            Self::Bridge => "bridge",
            Self::Direct(mode) => mode,
        }
    }
}

/// Addresses that DHCP gives out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DhcpRange {
    /// The first one.
    pub first: IpAddr,
    /// The last one.
    pub last: IpAddr,
    /// Where it stands.
    pub spot: Spot,
}

/// An address that DHCP keeps for one guest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostEntry {
    /// By its hardware address.
    pub mac: Option<MacAddress>,
    /// By its client id: of IPv6 the DUID.
    pub id: Option<String>,
    /// The name it is given.
    pub name: Option<String>,
    /// The address.
    pub ip: Option<IpAddr>,
    /// Where it stands.
    pub spot: Spot,
}

/// What DHCP gives out on a subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dhcp {
    /// Ranges.
    pub ranges: Vec<DhcpRange>,
    /// Single addresses.
    pub hosts: Vec<HostEntry>,
    /// Where it stands.
    pub spot: Spot,
}

/// A subnet of a network, with the address that the host has in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// The host's own address, with its prefix length.
    pub address: IpNet,
    /// What DHCP gives out; `None` where it does not run.
    pub dhcp: Option<Dhcp>,
    /// Where it stands.
    pub spot: Spot,
}

/// A route that libvirt sets while the network is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where to.
    pub to: IpNet,
    /// Through which address; it lies in a subnet of the network.
    pub gateway: IpAddr,
    /// Where it stands.
    pub spot: Spot,
}

/// The lines that messages point to; absent for what the file does not have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lines {
    /// `<name>`
    pub name: Option<u32>,
    /// `<uuid>`
    pub uuid: Option<u32>,
    /// `<forward>`
    pub forward: Option<u32>,
    /// The bridge's name.
    pub bridge: Option<u32>,
    /// `<mac>`
    pub mac: Option<u32>,
    /// What only networks without a bridge of their own may have: `<vlan>`, `<virtualport>`.
    pub foreign: Option<u32>,
    /// `<vlan>`, of the network or of one of its port groups.
    pub vlan: Option<u32>,
    /// The network's own `<virtualport>`, where it is of another kind than Open vSwitch's.
    pub port: Option<u32>,
    /// The first `<virtualport>` of a port group.
    pub group_port: Option<u32>,
    /// The first `<virtualport>` of a kind that only macvtap and cards of the host have (802.1Qbg, 802.1Qbh).
    pub of_card: Option<u32>,
    /// `<port isolated='yes'/>`
    pub isolated: Option<u32>,
}

impl PartialEq for Lines {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Lines {}

/// What libvirt makes of a part of a file that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It does not load the file.
    Refused,
    /// It loads the file, and refuses the part in a definition: the next `virsh edit` or `virsh net-edit` fails.
    Undefinable,
    /// It loads the file, and cannot start the network or guest.
    FailsToStart,
    /// It takes no notice of the part.
    Ignored,
}

/// A part of a file that libvirt does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What libvirt makes of it.
    pub verdict: Verdict,
    /// The bytes of the file that say it.
    pub span: Range<usize>,
    /// What is wrong, in lower case.
    pub why: String,
    /// What to do about it.
    pub help: String,
    /// Whether a newer libvirt takes it.
    pub by_version: bool,
}

/// All such parts of a file. They come of its text, and are no part of what a network means.
#[derive(Clone, Debug, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Returns the first for which libvirt does not load the file.
    #[must_use]
    pub fn refused(&self) -> Option<&Fault> {
        self.0
            .iter()
            .find(|fault| fault.verdict == Verdict::Refused)
    }
}

impl PartialEq for Faults {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Faults {}

/// The part of `<forward>` that names a device of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicePart {
    /// `<forward dev=>`: the only way out, of mode nat and route; of the other modes, what guests get a macvtap on.
    Forward,
    /// `<interface dev=>`: the same, one of several.
    Interface,
    /// `<pf dev=>`: a physical function, of which guests get virtual ones.
    Pf,
}

/// A device of the host that a network is restricted to, or of which its guests get a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkDevice {
    /// Its name.
    pub name: String,
    /// The part that names it.
    pub part: DevicePart,
    /// Where that stands.
    pub spot: Spot,
}

/// The numbers of VLANs that a network and its port groups name; they are shown alone: two are equal whatever they are.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    /// Of the network.
    pub own: Vec<u32>,
    /// Of each port group, in their order.
    pub of_groups: Vec<Vec<u32>>,
}

impl PartialEq for Tags {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Tags {}

/// A libvirt network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The file, `None` if it is not on disk yet.
    pub origin: Option<HostPath>,
    /// The file whose text a new one takes over; `None` for one from a template.
    pub like: Option<HostPath>,
    /// Its name.
    pub name: String,
    /// Its UUID; libvirt rewrites a file that has none.
    pub uuid: Option<Uuid>,
    /// How it reaches the world.
    pub forward: Forward,
    /// The bridge device: its own, or in bridge mode one of the host.
    pub bridge: Option<String>,
    /// Whether the spanning tree protocol runs on its own bridge.
    pub stp: bool,
    /// The software behind the bridge of the host.
    pub switch: Switch,
    /// Devices of the host that it names: `dev=`, `<interface>`, `<pf>`.
    pub devices: Vec<NetworkDevice>,
    /// The hardware address of its bridge; libvirt rewrites a file that has none.
    pub mac: Option<MacAddress>,
    /// The DNS domain of its guests.
    pub domain: Option<String>,
    /// Its subnets.
    pub subnets: Vec<Subnet>,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Its port groups by name.
    pub portgroups: Vec<String>,
    /// The numbers of its VLANs, and of those of its port groups.
    pub tags: Tags,
    /// Whether it is started with the host.
    pub autostart: bool,
    /// Whether the tree shows that it is active.
    pub active: bool,
    /// Where its parts stand.
    pub lines: Lines,
    /// What libvirt does not take of its file.
    pub faults: Faults,
}

impl Network {
    /// Returns whether the two are equal; at once where they are one and the same, as between two hosts.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self == other
    }

    /// Returns the bridge of the host that it hangs on.
    #[must_use]
    pub fn host_bridge(&self) -> Option<&str> {
        match self.forward {
            Forward::Bridge => self.bridge.as_deref(),
            Forward::Isolated
            | Forward::Nat
            | Forward::Route
            | Forward::Open
            | Forward::Direct(_) => None,
        }
    }

    /// Returns the bridge that libvirt makes for it.
    #[must_use]
    pub fn own_bridge(&self) -> Option<&str> {
        match self.forward.owns_bridge() {
            true => self.bridge.as_deref(),
            false => None,
        }
    }

    /// Returns the devices of the host that it names, each once.
    #[must_use]
    pub fn device_names(&self) -> Vec<&str> {
        let mut known = HashSet::new();
        let names = self.devices.iter().map(|device| device.name.as_str());
        names.filter(|name| known.insert(*name)).collect()
    }

    /// Returns whether its file has the name under which libvirt loads it; a copy beside it has another.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        let origin = self.origin.as_ref();
        origin.is_none_or(|origin| origin.name().strip_suffix(".xml") == Some(&*self.name))
    }

    /// Returns whether libvirt does not load it because of a part of its file.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        let mut faults = self.faults.0.iter();
        faults.any(|fault| fault.verdict == Verdict::Refused)
    }

    /// Returns the file name under which libvirt loads it.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}.xml", self.name)
    }
}
