//! The bridge device of a network under a name that libvirt cannot make.

use crate::host::invent::Inventor;
use crate::host::network::Network;
use crate::host::value::InterfaceName;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-bridge-name",
    severity: Severity::Error,
    readers: &[],
    finds: "A network whose own bridge has no name, or one that the kernel does not accept.",
    why: "The network is loaded, but does not start. Only `virsh net-define` picks a name for a bridge that has none, or\nfor `virbr%d`; from a file the name is taken literally.",
    example: "
<forward mode='nat'/>
<bridge name='virbr%d'/>",
    remedy: "Name the device, in at most 15 bytes: kvmnet network set NAME --device virbr2",
    source: "networkStartNetworkVirtual() in libvirt's network/bridge_driver.c, dev_valid_name() in the kernel's\nnet/core/dev.c (seen with libvirt 9.0: `network has no bridge name defined`, `Numerical result out of range`)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let networks = sight.host.networks().filter(|network| network.is_loaded());
    let own = networks.filter(|network| network.forward.owns_bridge());
    let mut inventor = Inventor::of(sight.host);
    own.filter_map(|network| finding(network, &mut inventor))
        .collect()
}

fn finding(network: &Network, inventor: &mut Inventor<'_>) -> Option<Finding> {
    let name = &network.name;
    let origin = network.origin.as_ref()?;
    let mut found = |why: String, place: Place| {
        let device = inventor.device();
        let device = device.as_ref().map_or("DEVICE", InterfaceName::as_str);
        let help = format!("kvmnet network set {} --device {device}", word_of(name));
        let message = format!("the network `{name}` does not start: {why}");
        Some(RULE.finding(name, message).at(place).help(help))
    };
    let Some(bridge) = network
        .bridge
        .as_deref()
        .filter(|bridge| !bridge.is_empty())
    else {
        let line = network.lines.bridge.or(network.lines.name);
        return found(
            "its bridge has no name".to_owned(),
            Place::line(origin, line),
        );
    };
    let place = Place::word(origin, network.lines.bridge, bridge);
    if bridge.contains("%d") {
        return found(
            format!("`{bridge}` is not replaced by a numbered name"),
            place,
        );
    }
    match InterfaceName::parse(bridge) {
        Ok(_) => None,
        Err(error) => found(error.to_string(), place),
    }
}
