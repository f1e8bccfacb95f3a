//! A network on a bridge of the host that nothing makes.

use super::near::Near;
use super::switches;
use crate::host::network::Network;
use crate::host::profile::Switch;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};
use crate::readers::{Kind, Program};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-bridge-missing",
    severity: Severity::Warning,
    readers: &[],
    finds: "A network in bridge mode whose bridge no connection profile creates.",
    why: "The network starts, but no guest on it does: its tap device has no bridge to join.",
    example: "
/etc/libvirt/qemu/networks/lan.xml:
    <forward mode='bridge'/> <bridge name='br1'/>
/etc/sysconfig/network-scripts/:
    no ifcfg-br1",
    remedy: "Create the bridge (kvmnet bridge add), or correct the name in the network's file: kvmnet network set NAME --bridge\nBRIDGE. A bridge of Open vSwitch is looked for where files make others, or its database is there.",
    source: "networkStartNetworkBridge() in libvirt's network/bridge_driver.c (seen with libvirt 9.0: starts without the\nbridge)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let Some(made) = meaning.made() else {
        return Vec::new();
    };
    let declares = declares_ovs(meaning);
    let told = |network: &Network| match network.switch {
        Switch::Linux => network.lines.foreign.is_none(),
        // Open vSwitch keeps bridges in its own database, too
        Switch::Ovs => declares,
    };
    let networks = switches::networks(meaning);
    let lost = networks.filter(|(network, bridge)| told(network) && !made.contains(bridge));
    let mut near = Near::of(&made, meaning);
    lost.filter_map(|(network, bridge)| {
        let near = near.name(bridge);
        finding(meaning, network, bridge, near)
    })
    .collect()
}

/// Returns whether the tree tells which bridges Open vSwitch has: its database is there, or profiles make some of them.
pub(super) fn declares_ovs(meaning: &Meaning<'_>) -> bool {
    let mut profiles = meaning.host.profiles();
    let mut foreign = meaning.readers.bridges();
    let mut others = meaning.readers.others.iter();
    profiles.any(|profile| profile.switch() == Some(Switch::Ovs))
        || foreign.any(|(_, _, kind)| kind == Kind::OpenVswitch)
        || others.any(|other| other.program == Program::OpenVswitch)
}

/// Says how the bridge is made.
pub(super) fn make(meaning: &Meaning<'_>, bridge: &str, switch: Switch) -> String {
    let word = word_of(bridge);
    let own = meaning.readers.take_new_profiles();
    match switch {
        Switch::Linux if own => format!("kvmnet bridge add {word} --port IFACE"),
        Switch::Ovs if own && meaning.host.format.has_ovs() => {
            format!("kvmnet bridge add {word} --port IFACE --switch ovs")
        }
        Switch::Ovs => format!("create the bridge with ovs-vsctl add-br {word}"),
        Switch::Linux => {
            "create the bridge with the program that configures interfaces on this host".to_owned()
        }
    }
}

fn finding(
    meaning: &Meaning<'_>,
    network: &Network,
    bridge: &str,
    near: Option<&str>,
) -> Option<Finding> {
    let name = &network.name;
    let message = format!("the network `{name}` uses the bridge `{bridge}`, which nothing creates");
    let place = Place::word(network.origin.as_ref()?, network.lines.bridge, bridge);
    let make = make(meaning, bridge, network.switch);
    let help = match near {
        Some(near) => format!("{}, or {make}", switches::put_on(network, near)),
        None => make,
    };
    Some(RULE.finding(name, message).at(place).help(help))
}
