//! Bridges of the host with guests, and whether their frames go through the packet filter.

use std::collections::{BTreeMap, HashSet};

use super::switches;
use crate::host::guest::Source;
use crate::host::profile::Switch;
use crate::lint::{Meaning, Place};
use crate::readers::{At, BridgeFilter};

/// What keeps frames out of it.
pub(super) const HELP: &str =
    "write net.bridge.bridge-nf-call-iptables = 0 to /etc/sysctl.d/99-zz-bridges.conf";

/// A network or guest on a bridge of the host.
pub(super) struct User {
    /// What it is.
    pub(super) who: String,
    /// Where it names the bridge.
    pub(super) place: Place,
}

/// Returns what lets frames through the packet filter, if something does: a setting, or the module alone, be it that Docker
/// loads it.
pub(super) fn on(filter: &BridgeFilter) -> Option<&At> {
    match &filter.call {
        Some((true, at)) => Some(at),
        Some((false, _)) => None,
        None => filter.module.as_ref().or(filter.docker.as_ref()),
    }
}

/// Returns the bridges of the kernel that networks and guests use, each with the first of them; frames of Open vSwitch and of
/// bridges that libvirt makes are another matter.
pub(super) fn bridges<'m>(meaning: &'m Meaning<'_>) -> BTreeMap<&'m str, User> {
    let mut bridges = BTreeMap::new();
    let own = meaning
        .host
        .networks()
        .filter_map(|network| network.own_bridge());
    let own: HashSet<&str> = own.collect();
    for (guest, interface) in switches::interfaces(meaning) {
        if let (Source::Bridge(bridge), None) = (&interface.source, &interface.virtualport)
            && !own.contains(bridge.as_str())
        {
            bridges.entry(bridge.as_str()).or_insert_with(|| User {
                who: format!("the guest `{}`", guest.name),
                place: Place::word(&guest.origin, interface.spot.line, bridge),
            });
        }
    }
    for (network, bridge) in switches::networks(meaning) {
        let plain = network.switch == Switch::Linux && network.lines.foreign.is_none();
        if let (true, Some(origin)) = (plain, &network.origin) {
            bridges.entry(bridge).or_insert_with(|| User {
                who: format!("the network `{}`", network.name),
                place: Place::word(origin, network.lines.bridge, bridge),
            });
        }
    }
    bridges
}
