//! One bridge device for two networks that each make their own.

use std::collections::HashMap;

use super::twins;
use crate::host::network::Network;
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-bridge-twice",
    severity: Severity::Error,
    readers: &[],
    finds: "A bridge device that libvirt should create for two networks.",
    why: "Whichever network is started second does not start: `File exists`. Which one that is at boot depends on the\norder of the files. This is what `cp default.xml nat1.xml` leaves.",
    example: "
/etc/libvirt/qemu/networks/default.xml:
    <bridge name='virbr0' stp='on' delay='0'/>
/etc/libvirt/qemu/networks/nat1.xml:
    <bridge name='virbr0' stp='on' delay='0'/>",
    remedy: "Give the copy a device of its own, the first free virbrN: kvmnet check --fix network-bridge-twice\nWhich one is the copy: kvmnet check --explain network-uuid-twice\nCopies without this fault: kvmnet network copy",
    source: "virNetDevBridgeCreate() in libvirt's util/virnetdevbridge.c (seen with libvirt 9.0: loads, the second fails to\nstart; net-define refuses it)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<&str, &Network>::new(), Vec::new());
    for network in twins::originals_first(sight) {
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
        "the networks `{}` and `{}` use the same bridge device `{bridge}`: one of them does not start",
        first.name, network.name
    );
    let place = |network: &Network| {
        let origin = network.origin.as_ref()?;
        Some(Place::word(origin, network.lines.bridge, bridge))
    };
    let finding = RULE.finding(&network.name, message).at(place(network)?);
    let help = "kvmnet check --fix network-bridge-twice";
    Some(finding.at(place(first)?.label("and here")).help(help))
}

/// The copy gets the first free device.
fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    mender.edit(&finding.places.first()?.path, |doc, _, editing| {
        let (index, _) = doc.child(0, "bridge")?;
        let device = mender.inventor.borrow_mut().device()?;
        editing.set(index, "name", device.as_str());
        Some(())
    })
}
