//! A guest that is started with the host, on a network that is not.

use crate::host::guest::{Guest, GuestInterface};
use crate::host::network::Network;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-network-not-started",
    severity: Severity::Warning,
    readers: &[],
    finds: "A guest that is started with the host, on a network that is not.",
    why: "After a boot the guest does not start: `network is not active`. It worked before only because the
network had been started by hand.",
    example: "
/etc/libvirt/qemu/autostart/vm1.xml              vm1 is on the network `lab`
/etc/libvirt/qemu/networks/autostart/            and lab.xml is not in here",
    remedy: "Start the network with the host too: kvmnet network set NAME --autostart",
    source: "networkAllocatePort() in libvirt's network/bridge_driver.c (`network '%s' is not active`)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let guests = sight.host.guests().filter(|guest| guest.autostart);
    let interfaces = guests.flat_map(|guest| {
        let interfaces = guest.interfaces.iter();
        interfaces.map(move |interface| (guest, interface))
    });
    interfaces
        .filter_map(|(guest, interface)| finding(sight, guest, interface))
        .collect()
}

fn finding(sight: &Sight<'_>, guest: &Guest, interface: &GuestInterface) -> Option<Finding> {
    let name = interface.source.network()?;
    let network = sight
        .joined
        .network(name)
        .filter(|network| network.is_loaded())?;
    if network.autostart {
        return None;
    }
    let message = format!(
        "the guest `{}` is started with the host, and its network `{name}` is not",
        guest.name
    );
    let finding = RULE
        .finding(format!("{} network {name}", guest.origin), message)
        .at(Place::word(&guest.origin, interface.spot.line, name))
        .help(format!("kvmnet network set {} --autostart", word_of(name)));
    Some(with_network(finding, network))
}

fn with_network(finding: Finding, network: &Network) -> Finding {
    let Some(origin) = &network.origin else {
        return finding;
    };
    let place = Place::word(origin, network.lines.name, &network.name);
    finding.at(place.label("not started with the host"))
}
