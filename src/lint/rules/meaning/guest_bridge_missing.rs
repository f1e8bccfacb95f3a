//! A guest on a bridge of the host that nothing makes.

use std::collections::{BTreeMap, HashSet};

use super::near::Near;
use super::network_bridge_missing::{declares_ovs, make};
use super::switches;
use crate::host::guest::{Guest, GuestInterface};
use crate::host::profile::Switch;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};

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
    let named: HashSet<&str> = switches::networks(meaning)
        .map(|(_, bridge)| bridge)
        .collect();
    let declares_ovs = declares_ovs(meaning);
    let mut near = Near::of(&made, meaning);
    let mut lost: BTreeMap<&str, Vec<(&Guest, &GuestInterface)>> = BTreeMap::new();
    for guest in meaning.host.guests() {
        for interface in &guest.interfaces {
            // Open vSwitch may keep its bridges where they were not read
            let told = declares_ovs || !switches::has_ovs_port(interface);
            let bridge = interface.source.bridge();
            let bridge = bridge.filter(|bridge| told && !is_of_openstack(bridge));
            if let Some(bridge) =
                bridge.filter(|bridge| !made.contains(bridge) && !named.contains(bridge))
            {
                lost.entry(bridge).or_default().push((guest, interface));
            }
        }
    }
    lost.into_iter()
        .map(|(bridge, guests)| finding(meaning, bridge, &guests, near.name(bridge)))
        .collect()
}

/// Nova makes such a bridge for each port when it plugs it in, before the guest starts.
///
/// Source: `NIC_NAME_LEN` and get_hybrid_plug_name() in nova's network/model.py, plug() of os-vif.
fn is_of_openstack(bridge: &str) -> bool {
    let port = bridge
        .strip_prefix("qbr")
        .or_else(|| bridge.strip_prefix("brq"));
    let is_id = |c: char| c.is_ascii_hexdigit() || c == '-';
    port.is_some_and(|port| port.len() == 11 && port.chars().all(is_id))
}

fn finding(
    meaning: &Meaning<'_>,
    bridge: &str,
    guests: &[(&Guest, &GuestInterface)],
    near: Option<&str>,
) -> Finding {
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
    let connect = match guests.first() {
        // each guest needs it
        Some((guest, interface)) if names.len() == 1 && near.is_some() => {
            switches::connect(guest, interface, near.unwrap_or("BRIDGE"))
        }
        Some((guest, interface)) => switches::connect(guest, interface, "BRIDGE"),
        None => "kvmnet guest connect GUEST --bridge BRIDGE".to_owned(),
    };
    let switch = match guests.iter().any(|(_, i)| switches::has_ovs_port(i)) {
        true => Switch::Ovs,
        false => Switch::Linux,
    };
    let help = format!("{}, or {connect}", make(meaning, bridge, switch));
    let finding = RULE.finding(format!("bridge {bridge}"), message).help(help);
    let places = guests.iter().take(3);
    places.fold(finding, |finding, (guest, interface)| {
        finding.at(Place::word(&guest.origin, interface.spot.line, bridge))
    })
}
