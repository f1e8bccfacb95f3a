//! A guest on a bridge of the host that nothing makes.

use std::collections::{BTreeMap, HashSet};

use crate::host::guest::Guest;
use crate::host::network::Network;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-bridge-missing",
    severity: Severity::Error,
    readers: &[],
    finds: "A guest with an interface on a bridge that neither a connection profile nor a network creates.",
    why: "The guest does not start: `Cannot get interface MTU` or `No such device`. Its file is loaded nevertheless,
so nobody notices until it is started.",
    example: "
<interface type='bridge'>
  <source bridge='br1'/>            and there is no ifcfg-br1",
    remedy: "Create the bridge (kvmnet bridge add), or connect the guest to an existing one (kvmnet guest connect).",
    source: "qemuInterfaceBridgeConnect() in libvirt's qemu/qemu_interface.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let Some(made) = meaning.made() else {
        return Vec::new();
    };
    // networks on it say so themselves
    let named = meaning.host.networks().filter_map(Network::host_bridge);
    let named: HashSet<&str> = named.collect();
    let mut lost: BTreeMap<&str, Vec<(&Guest, Option<u32>)>> = BTreeMap::new();
    for guest in meaning.host.guests() {
        for interface in &guest.interfaces {
            // Open vSwitch may keep its bridges where they were not read
            let ovs = interface.virtualport.as_deref() == Some("openvswitch");
            let bridge = interface.source.bridge().filter(|_| !ovs);
            if let Some(bridge) =
                bridge.filter(|bridge| !made.contains(bridge) && !named.contains(bridge))
            {
                lost.entry(bridge)
                    .or_default()
                    .push((guest, interface.spot.line));
            }
        }
    }
    lost.into_iter()
        .map(|(bridge, guests)| finding(meaning, bridge, &guests))
        .collect()
}

fn finding(meaning: &Meaning<'_>, bridge: &str, guests: &[(&Guest, Option<u32>)]) -> Finding {
    let mut names: Vec<&str> = guests
        .iter()
        .map(|(guest, _)| guest.name.as_str())
        .collect();
    names.dedup();
    let message = match names.as_slice() {
        [name] => format!("the guest `{name}` uses the bridge `{bridge}`, which nothing creates"),
        [first, second] => format!(
            "the guests `{first}` and `{second}` use the bridge `{bridge}`, which nothing creates"
        ),
        [first, second, rest @ ..] => format!(
            "the guests `{first}`, `{second}` and {} more use the bridge `{bridge}`, which nothing creates",
            rest.len()
        ),
        [] => format!("the bridge `{bridge}` is used, but nothing creates it"),
    };
    let guest = names.first().copied().unwrap_or("GUEST");
    let connect = format!("kvmnet guest connect {} --bridge BRIDGE", word_of(guest));
    let help = match meaning.readers.take_new_profiles() {
        true => format!(
            "kvmnet bridge add {} --port IFACE, or {connect}",
            word_of(bridge)
        ),
        false => format!(
            "create the bridge with the program that configures interfaces on this host, or {connect}"
        ),
    };
    let finding = RULE.finding(format!("bridge {bridge}"), message).help(help);
    let places = guests.iter().take(3);
    places.fold(finding, |finding, (guest, line)| {
        finding.at(Place::word(&guest.origin, *line, bridge))
    })
}
