//! A guest on a bridge of the host that nothing makes.

use std::collections::HashSet;

use crate::host::value::InterfaceName;
use crate::lint::{Finding, Place, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "guest-bridge-missing",
    severity: Severity::Error,
    finds: "A guest with an interface on a bridge that no connection profile and no network makes.",
    why: "The guest does not start: `Cannot get interface MTU` or `No such device`. Its file is loaded all the same,
so that nothing tells until somebody starts it.",
    example: "
<interface type='bridge'>
  <source bridge='br1'/>            and there is no ifcfg-br1",
    remedy: "Make the bridge (kvmnet bridge add), or connect the guest to one that is there (kvmnet guest connect).",
    source: "qemuInterfaceBridgeConnect() in libvirt's qemu/qemu_interface.c",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // bridges of hosts that are configured in other ways (netplan, systemd-networkd, Debian's interfaces) are not known
    let known = sight.readers.scripts.is_some() || sight.readers.network_manager.is_some();
    if !known || sight.host.profiles.is_empty() {
        return Vec::new();
    }
    let made = made(sight);
    let interfaces = sight.host.guests().flat_map(|guest| {
        let interfaces = guest.interfaces.iter();
        interfaces.map(move |interface| (guest, interface))
    });
    let lost = interfaces.filter_map(|(guest, interface)| {
        // Open vSwitch keeps its bridges in its own database
        let ovs = interface.virtualport.as_deref() == Some("openvswitch");
        let bridge = interface.source.bridge().filter(|_| !ovs)?;
        (!made.contains(bridge)).then_some((guest, interface, bridge))
    });
    lost.map(|(guest, interface, bridge)| {
        let name = &guest.name;
        let message = format!("the guest `{name}` wants the bridge `{bridge}`, which nothing makes");
        let help = format!(
            "kvmnet bridge add {bridge} --port IFACE, or kvmnet guest connect {name} --bridge BRIDGE"
        );
        RULE.finding(format!("{} bridge {bridge}", guest.origin), message)
            .at(Place::word(&guest.origin, interface.spot.line, bridge))
            .help(help)
    })
    .collect()
}

/// Returns every interface that is made, or there.
fn made<'t>(sight: &'t Sight<'_>) -> HashSet<&'t str> {
    let host = sight.host;
    let profiles = host.profiles().map(|profile| profile.interface.as_str());
    let networks = host.networks().filter_map(|network| network.own_bridge());
    let present = host.present.iter().map(InterfaceName::as_str);
    let broken = host.broken.iter().map(|broken| broken.about.as_str());
    profiles
        .chain(networks)
        .chain(present)
        .chain(broken)
        .collect()
}
