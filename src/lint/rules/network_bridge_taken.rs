//! The bridge device of a network under the name of an interface of the host.

use std::collections::HashMap;

use crate::host::network::Network;
use crate::host::profile::Profile;
use crate::lint::{Finding, Place, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "network-bridge-taken",
    severity: Severity::Error,
    finds: "A bridge device that libvirt should make, under the name of an interface that the host has.",
    why: "The network does not start: `File exists`. libvirt makes the device itself, also where the host has a bridge of\nthat name that was meant.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0:
    TYPE=Bridge
/etc/libvirt/qemu/networks/lab.xml:
    <bridge name='br0'/>, without <forward mode='bridge'/>",
    remedy: "For the host's bridge: kvmnet network set NAME --mode bridge --bridge BRIDGE. Else give the network's bridge\nanother name.",
    source: "virNetDevBridgeCreate() in libvirt's util/virnetdevbridge.c (seen with libvirt 9.0)",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let profiles: HashMap<&str, &Profile> = sight
        .host
        .profiles()
        .map(|profile| (profile.interface.as_str(), profile))
        .collect();
    let networks = sight.host.networks().filter(|network| network.is_loaded());
    let taken = networks.filter_map(|network| {
        let profile = profiles.get(network.own_bridge()?)?;
        finding(network, profile)
    });
    taken.collect()
}

fn finding(network: &Network, profile: &Profile) -> Option<Finding> {
    let (name, bridge) = (&network.name, &profile.interface);
    let message =
        format!("the network `{name}` does not start: the host has an interface `{bridge}`");
    let finding = RULE.finding(name, message);
    let place = Place::word(
        network.origin.as_ref()?,
        network.lines.bridge,
        bridge.as_str(),
    );
    let is_bridge = profile.bridge().is_some() || profile.foreign_bridge.is_some();
    let help = match is_bridge {
        true => format!("kvmnet network set {name} --mode bridge --bridge {bridge}"),
        false => "give the network's bridge another name".to_owned(),
    };
    let own = Place::file(profile.origin.as_ref()?).label("configures the interface");
    Some(finding.at(place).at(own).help(help))
}
