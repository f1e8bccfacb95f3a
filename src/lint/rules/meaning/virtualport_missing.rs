//! A network or guest on a bridge of Open vSwitch, which does not say so.

use std::collections::HashMap;

use super::switches::{self, Switches};
use crate::host::guest::{Guest, GuestInterface, Source};
use crate::host::network::Network;
use crate::host::profile::Switch;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "virtualport-missing",
    severity: Severity::Error,
    readers: &[],
    finds: "A network or guest on an Open vSwitch bridge without `<virtualport type='openvswitch'/>`.",
    why: "No guest starts there: its tap device cannot be added (`Operation not supported`). Without the element libvirt
takes the bridge for one of the kernel.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ovsbr0:
    TYPE=OVSBridge
/etc/libvirt/qemu/vm1.xml:
    <interface type='bridge'>
      <source bridge='ovsbr0'/>            and no <virtualport>",
    remedy: "Connect it anew, which writes the element: kvmnet guest connect GUEST --bridge BRIDGE, or kvmnet network set NAME\n--bridge BRIDGE",
    source: "virNetDevTapAttachBridge() in libvirt's util/virnetdevtap.c; dev_ifsioc() in the kernel's net/core/dev_ioctl.c takes\nSIOCBRADDIF for bridges of the kernel alone",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let switches = Switches::of(meaning);
    let mut guests: HashMap<&str, Vec<&GuestInterface>> = HashMap::new();
    let mut found = Vec::new();
    for (guest, interface) in switches::interfaces(meaning) {
        match &interface.source {
            Source::Network { name, .. } => guests.entry(name).or_default().push(interface),
            Source::Bridge(bridge) if interface.virtualport.is_none() => {
                let made = switches.made_as(bridge, Switch::Ovs);
                found.extend(made.map(|made| of_guest(guest, interface, bridge, made)));
            }
            Source::Bridge(_) | Source::Device(_) | Source::Other(_) => {}
        }
    }
    for (network, bridge) in switches::networks(meaning) {
        let lines = &network.lines;
        let says =
            network.switch == Switch::Ovs || lines.port.is_some() || lines.group_port.is_some();
        // each guest may say it for itself
        let on_it = guests.get(network.name.as_str());
        let by_guests = on_it.is_some_and(|all| all.iter().all(|i| switches::has_ovs_port(i)));
        if let Some(made) = switches.made_as(bridge, Switch::Ovs)
            && !says
            && !by_guests
        {
            found.extend(of_network(network, bridge, made));
        }
    }
    found
}

fn of_guest(
    guest: &Guest,
    interface: &GuestInterface,
    bridge: &str,
    made: Option<Place>,
) -> Finding {
    let message = format!(
        "the guest `{}` does not start: `{bridge}` is a bridge of Open vSwitch, and its interface has no <virtualport>",
        guest.name
    );
    let finding = RULE
        .finding(switches::subject(guest, interface), message)
        .at(Place::word(&guest.origin, interface.spot.line, bridge))
        .help(switches::connect(guest, interface, bridge));
    made.into_iter().fold(finding, Finding::at)
}

fn of_network(network: &Network, bridge: &str, made: Option<Place>) -> Option<Finding> {
    let name = &network.name;
    let message = format!(
        "no guest on the network `{name}` starts: `{bridge}` is a bridge of Open vSwitch, and the network has no <virtualport>"
    );
    let finding = RULE
        .finding(format!("network {name}"), message)
        .at(Place::word(
            network.origin.as_ref()?,
            network.lines.bridge,
            bridge,
        ))
        .help(switches::put_on(network, bridge));
    Some(made.into_iter().fold(finding, Finding::at))
}
