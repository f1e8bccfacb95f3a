//! What files say of the hardware side of interfaces that no operation asks for: it is shown, and no more.

use std::collections::BTreeMap;

use super::value::InterfaceName;

/// What the file of a profile says of layer 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer2 {
    /// The kind of interface, in one word for all formats: `ethernet`, `wifi`, `infiniband`; `None` where the file is silent.
    pub kind: Option<String>,
    /// The largest packet, in bytes.
    pub mtu: Option<u32>,
    /// The number of a VLAN.
    pub vlan: Option<u32>,
    /// The mode of a bond, in the word of its file.
    pub bond_mode: Option<String>,
    /// The names of its ports, where its file names them and they need not name it.
    pub ports: Vec<String>,
    /// What it is on top of, where no operation asks for that.
    pub parent: Option<String>,
    /// What it is a port of, by its name or UUID, where no operation asks for that.
    pub controller: Option<String>,
}

/// Layer 2 of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer2s {
    /// Of each profile, in their order.
    pub of_profiles: Vec<Layer2>,
    /// What the kernel shows each interface to be.
    pub of_kernel: BTreeMap<InterfaceName, &'static str>,
    /// Interfaces that only files beside those of profiles name, such as one of routes.
    pub named: Vec<InterfaceName>,
}
