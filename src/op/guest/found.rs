//! What the interface of a guest can be attached to, as the host has it.

use crate::host::guest::Source;
use crate::host::network::{Forward, Network};
use crate::host::profile::Switch;

/// What the target is: the source that names it, and what its switch wants of an interface.
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) portgroups: Vec<String>,
    pub(super) switch: Switch,
    /// What the guest's interface is to the host.
    pub(super) card: Card,
    /// Whether the network gives its guests a virtual port.
    pub(super) port: bool,
    /// Whether it can keep bandwidth for one guest: libvirt does so on bridges of its own.
    pub(super) floor: bool,
    /// What the user should know of it.
    pub(super) note: Option<String>,
}

/// What the interface of a guest is to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    /// A tap device on a bridge.
    Tap,
    /// A macvtap device: modes `bridge`, `private` and `vepa` on interfaces.
    Macvtap,
    /// A macvtap device that has an interface of the host for itself: mode `passthrough`.
    Passthrough,
    /// A card of the host: mode `hostdev`.
    Hostdev,
    /// Not known: there is no such network or bridge, and the user wants it all the same.
    Unknown,
}

impl Card {
    pub(super) fn of(network: &Network) -> Self {
        match &network.forward {
            Forward::Direct(mode) if mode == "hostdev" => Self::Hostdev,
            Forward::Direct(mode) if mode == "passthrough" => Self::Passthrough,
            Forward::Direct(_) => Self::Macvtap,
            Forward::Isolated | Forward::Nat | Forward::Route | Forward::Open | Forward::Bridge => {
                Self::Tap
            }
        }
    }

    /// Returns whether virtual ports of any kind are its business.
    pub(super) fn takes_any_port(self) -> bool {
        self != Self::Tap
    }
}
