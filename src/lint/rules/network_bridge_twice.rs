//! One bridge device for two networks that each make their own.

use std::collections::HashMap;

use crate::host::network::Network;
use crate::lint::{Finding, Place, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "network-bridge-twice",
    severity: Severity::Error,
    finds: "A bridge device that libvirt should make for two networks.",
    why: "Whichever network is started second does not start: `File exists`. Which one that is at boot depends on the\norder of the files. It is what `cp default.xml nat1.xml` leaves.",
    example: "
/etc/libvirt/qemu/networks/default.xml:
    <bridge name='virbr0' stp='on' delay='0'/>
/etc/libvirt/qemu/networks/nat1.xml:
    <bridge name='virbr0' stp='on' delay='0'/>",
    remedy: "Give one of them another device in its `<bridge>` element. Copies without this fault: kvmnet network copy",
    source: "virNetDevBridgeCreate() in libvirt's util/virnetdevbridge.c (seen with libvirt 9.0: loads, the second fails to\nstart; net-define refuses it)",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<&str, &Network>::new(), Vec::new());
    for network in sight.host.networks().filter(|network| network.is_loaded()) {
        let Some(bridge) = network.own_bridge().filter(|name| !name.contains('%')) else {
            continue;
        };
        match known.get(bridge) {
            Some(first) => found.extend(finding(bridge, network, first)),
            None => {
                known.insert(bridge, network);
            }
        }
    }
    found
}

fn finding(bridge: &str, network: &Network, first: &Network) -> Option<Finding> {
    let message = format!(
        "the networks `{}` and `{}` want the same bridge device `{bridge}`: one of them does not start",
        first.name, network.name
    );
    let place = |network: &Network| {
        let origin = network.origin.as_ref()?;
        Some(Place::word(origin, network.lines.bridge, bridge))
    };
    let finding = RULE.finding(&network.name, message).at(place(network)?);
    Some(finding.at(place(first)?.label("and here")).help(format!(
        "give `{}` a device of its own, such as virbrN",
        network.name
    )))
}
