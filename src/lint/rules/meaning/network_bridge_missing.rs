//! A network on a bridge of the host that nothing makes.

use crate::host::network::Network;
use crate::host::profile::Switch;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};
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
    remedy: "Create the bridge (kvmnet bridge add), or correct the name in the network's file.",
    source: "networkStartNetworkBridge() in libvirt's network/bridge_driver.c (seen with libvirt 9.0: starts without the\nbridge)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let Some(made) = meaning.made() else {
        return Vec::new();
    };
    let host = meaning.host;
    let networks = host.networks().filter(|network| network.is_loaded());
    networks
        .filter(|network| network.faults.refused().is_none())
        // Open vSwitch and the like keep bridges in their own databases
        .filter(|network| network.switch == Switch::Linux && network.lines.foreign.is_none())
        .filter(|network| {
            network
                .host_bridge()
                .is_some_and(|bridge| !made.contains(bridge))
        })
        .filter_map(|network| finding(meaning, network))
        .collect()
}

fn finding(meaning: &Meaning<'_>, network: &Network) -> Option<Finding> {
    let (name, bridge) = (&network.name, network.host_bridge()?);
    let message = format!("the network `{name}` uses the bridge `{bridge}`, which nothing creates");
    let place = Place::word(network.origin.as_ref()?, network.lines.bridge, bridge);
    let help = match meaning.readers.take_new_profiles() {
        true => format!("kvmnet bridge add {} --port IFACE", word_of(bridge)),
        false => {
            "create the bridge with the program that configures interfaces on this host".to_owned()
        }
    };
    Some(RULE.finding(name, message).at(place).help(help))
}
