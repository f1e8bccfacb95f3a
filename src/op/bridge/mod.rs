//! Bridges: made, taken away, and their ports attached and detached.

pub mod add;
mod addresses;
mod at_boot;
mod existing;
mod expected;
mod identity;
mod moved;
mod on_top;
pub mod ports;
pub mod remove;
mod said;

use std::net::IpAddr;

use super::{Refusal, refusals, the_profile};
use crate::host::Host;
use crate::host::profile::{Backend, Foreign, Link, Obstacle, Profile, Switch};
use crate::host::value::{InterfaceName, IpNet};

/// What becomes of the addressing when a bridge is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// It moves from the port to the bridge.
    #[default]
    Move,
    /// The bridge asks a DHCP server.
    Dhcp,
    /// The bridge has these.
    Static {
        /// Addresses with prefix length.
        addresses: Vec<IpNet>,
        /// Gateways, at most one of each family.
        gateways: Vec<IpAddr>,
    },
    /// The bridge has none.
    None,
}

impl Choice {
    /// Returns whether it names a gateway.
    #[must_use]
    pub fn has_gateway(&self) -> bool {
        matches!(self, Self::Static { gateways, .. } if !gateways.is_empty())
    }
}

/// Makes a bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeAdd {
    /// Its name.
    pub bridge: InterfaceName,
    /// Its ports, in the order given.
    pub ports: Vec<InterfaceName>,
    /// Its addressing.
    pub addressing: Choice,
    /// Name servers that replace those that would move.
    pub dns: Vec<IpAddr>,
    /// Spanning tree protocol.
    pub stp: Option<bool>,
    /// Forward delay in seconds.
    pub forward_delay_s: Option<u32>,
    /// The software behind it.
    pub switch: Option<Switch>,
    /// The format of profiles that are new; else that of the host, and for the bridge that of its first port.
    pub backend: Option<Backend>,
    /// Whether it and its ports are brought up at boot; else each port keeps what it has, and the bridge is as its first port.
    pub onboot: Option<bool>,
}

impl BridgeAdd {
    /// Returns the wish for `bridge` over `ports`, and nothing more: the addressing moves.
    #[must_use]
    pub fn over(bridge: InterfaceName, ports: Vec<InterfaceName>) -> Self {
        Self {
            bridge,
            ports,
            addressing: Choice::Move,
            dns: Vec::new(),
            stp: None,
            forward_delay_s: None,
            switch: None,
            backend: None,
            onboot: None,
        }
    }
}

/// Returns the profile of a bridge that must be there.
pub(super) fn the_bridge<'a>(
    host: &'a Host,
    bridge: &InterfaceName,
) -> Result<Option<&'a Profile>, Refusal> {
    match the_profile(host, bridge)? {
        None => Ok(None),
        Some(profile) if profile.bridge().is_some() => Ok(Some(profile)),
        Some(profile) if host.ports_of(bridge).next().is_some() && !is_foreign(profile) => {
            let message =
                format!("`{bridge}` has ports, but its own file does not say that it is a bridge");
            let refusal = Refusal::new(message).at(profile.home.file.as_ref(), None);
            Err(refusal.help("kvmnet check --fix bridge-type"))
        }
        Some(profile) => {
            let message = match &profile.link {
                Link::Foreign(Foreign { obstacle, .. }) => {
                    let because = &obstacle.because;
                    format!("`{bridge}` is not a bridge that kvmnet can change: it {because}")
                }
                Link::Ethernet | Link::Bridge(_) | Link::Bond | Link::Vlan(_) => {
                    format!("`{bridge}` is not a bridge")
                }
            };
            let refusal = Refusal::new(message).at(profile.home.file.as_ref(), None);
            Err(refusal.help("list the bridges: kvmnet show bridges"))
        }
    }
}

fn is_foreign(profile: &Profile) -> bool {
    matches!(profile.link, Link::Foreign(_))
}

/// Says that there is no such bridge, and which there are.
pub(super) fn no_bridge(host: &Host, bridge: &InterfaceName) -> String {
    let mut names: Vec<&str> = host
        .bridges()
        .map(|profile| profile.interface.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let others = refusals::listed(&names).map(|names| format!(" ({names})"));
    refusals::absent("bridge", bridge.as_str()) + &others.unwrap_or_default()
}

/// What can be a port.
const PORTS: &str = "an Ethernet device, a bond or a VLAN can be one";

/// Refuses what cannot be the port of a bridge.
pub(super) fn ensure_can_be_port(profile: &Profile) -> Result<(), Refusal> {
    let refuse = |because: &str| refusals::cannot_be_port(profile.interface.as_str(), because);
    match &profile.link {
        Link::Ethernet | Link::Bond | Link::Vlan(_) => Ok(()),
        Link::Bridge(_) => {
            let refusal = refuse("is a bridge").at(profile.home.file.as_ref(), None);
            Err(refusal.help(PORTS))
        }
        Link::Foreign(Foreign { obstacle, .. }) => {
            let Obstacle { because, help } = obstacle;
            let refusal = refuse(because).at(profile.home.file.as_ref(), because.line());
            Err(refusal.help(help.as_deref().unwrap_or(PORTS)))
        }
    }
}

/// Refuses a layer-3 configuration that cannot be taken elsewhere as text.
pub(super) fn ensure_can_move(profile: &Profile) -> Result<(), Refusal> {
    let Some(Obstacle { because, help }) = &profile.locked else {
        return Ok(());
    };
    let refusal = Refusal::new(format!(
        "the addressing of `{}` cannot move: it {because}",
        profile.interface
    ))
    .at(profile.home.file.as_ref(), because.line());
    Err(refusal.help(
        help.as_deref()
            .unwrap_or("write the value itself, without shell code"),
    ))
}
