//! VLANs that networks and guests ask for where a Linux bridge would have to give them.

use std::collections::HashSet;

use super::switches::{self, Switches};
use crate::host::guest::{GuestInterface, Source};
use crate::host::profile::Switch;
use crate::lint::{Finding, Meaning, Place, Rule};
use crate::readers::Version;
use crate::tree::HostPath;

/// Returns whether libvirt of this version tags the frames of guests on Linux bridges.
pub(super) fn on_linux_bridges(version: &Version) -> bool {
    *version >= Version::of(&[11])
}

/// Returns the files of which `rule`, one of the two, tells, where libvirt may be older than that.
pub(in crate::lint) fn told(rule: &'static Rule, meaning: &Meaning<'_>) -> HashSet<HostPath> {
    let found = find(rule, meaning).into_iter();
    found
        .filter_map(|finding| Some(finding.places.into_iter().next()?.path))
        .collect()
}

/// Returns whether libvirt is known to tag the frames of guests on Linux bridges.
pub(in crate::lint) fn can_tag(meaning: &Meaning<'_>) -> bool {
    let version = meaning.readers.libvirt_version.as_ref();
    version.is_some_and(on_linux_bridges)
}

/// Returns a finding of `rule` for each.
pub(super) fn find(rule: &'static Rule, meaning: &Meaning<'_>) -> Vec<Finding> {
    let switches = Switches::of(meaning);
    let version = match &meaning.readers.libvirt_version {
        Some(version) => format!("libvirt {version} cannot tag on a Linux bridge"),
        None => "libvirt before 11.0 cannot tag on a Linux bridge".to_owned(),
    };
    let help =
        "make a bridge over a VLAN of the card, and connect the guest to that without <vlan>";
    let mut found = Vec::new();
    for (network, bridge) in switches::networks(meaning) {
        let lines = &network.lines;
        let has_port =
            network.switch == Switch::Ovs || lines.port.is_some() || lines.group_port.is_some();
        let ovs = switches.made_as(bridge, Switch::Ovs).is_some();
        if let (Some(line), Some(origin), false) = (lines.vlan, &network.origin, has_port || ovs) {
            let message = format!(
                "the network `{}` asks for a VLAN on `{bridge}`: {version}",
                network.name
            );
            let finding = rule.finding(format!("network {}", network.name), message);
            found.push(finding.at(Place::line(origin, line)).help(help));
        }
    }
    for (guest, interface) in switches::interfaces(meaning).filter(|(_, i)| i.vlan) {
        if let Some(bridge) = linux_bridge(meaning, &switches, interface) {
            let message = format!(
                "the guest `{}` asks for a VLAN on `{bridge}`: {version}",
                guest.name
            );
            let finding = rule.finding(switches::subject(guest, interface), message);
            let name = interface.source.name();
            let place = Place::word(&guest.origin, interface.spot.line, name);
            found.push(finding.at(place).help(help));
        }
    }
    found
}

/// Returns the bridge on which an interface is by the kernel alone.
fn linux_bridge<'m>(
    meaning: &'m Meaning<'_>,
    switches: &Switches<'_>,
    interface: &'m GuestInterface,
) -> Option<&'m str> {
    if interface.virtualport.is_some() {
        return None;
    }
    let bridge = match &interface.source {
        Source::Bridge(bridge) => bridge,
        Source::Network { name, .. } => {
            let network = meaning.joined.network(name)?;
            let lines = &network.lines;
            let plain = network.is_loaded()
                && network.switch == Switch::Linux
                && lines.port.is_none()
                && lines.group_port.is_none();
            network.bridge.as_ref().filter(|_| plain)?
        }
        Source::Device(_) | Source::Other(_) => return None,
    };
    let ovs = switches.made_as(bridge, Switch::Ovs).is_some();
    (!ovs).then_some(bridge)
}
