//! One UUID on two networks.

use std::collections::HashMap;

use crate::host::network::{Network, Uuid};
use crate::lint::{Finding, Place, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "network-uuid-twice",
    severity: Severity::Error,
    finds: "A UUID that two networks have.",
    why: "libvirt refuses the network that it reads second. Which one that is depends on the order in which the file\nsystem lists the folder, and only a line in the log says so. It is what `cp default.xml nat1.xml` leaves.",
    example: "
/etc/libvirt/qemu/networks/default.xml
  <uuid>5f9c1d8e-57c5-4c5e-9d35-3f5ad7a7e9f1</uuid>
/etc/libvirt/qemu/networks/nat1.xml
  <uuid>5f9c1d8e-57c5-4c5e-9d35-3f5ad7a7e9f1</uuid>",
    remedy: "Give the copy a UUID of its own (uuidgen), or delete its line: kvmnet check --fix network-uuid-missing then\nmakes one. Copies without this fault: kvmnet network copy",
    source: "virNetworkObjAssignDefLocked() in libvirt's conf/virnetworkobj.c (seen with libvirt 9.0: `network is already\ndefined with uuid`)",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<Uuid, &Network>::new(), Vec::new());
    for network in sight.host.networks().filter(|network| network.is_loaded()) {
        let Some(uuid) = network.uuid else { continue };
        match known.get(&uuid) {
            Some(first) => found.extend(finding(uuid, network, first)),
            None => {
                known.insert(uuid, network);
            }
        }
    }
    found
}

fn finding(uuid: Uuid, network: &Network, first: &Network) -> Option<Finding> {
    let message = format!(
        "the networks `{}` and `{}` have one UUID: libvirt refuses one of them",
        first.name, network.name
    );
    let spelled = uuid.to_string();
    let place = |network: &Network| {
        let origin = network.origin.as_ref()?;
        Some(Place::word(origin, network.lines.uuid, &spelled))
    };
    let finding = RULE.finding(&network.name, message).at(place(network)?);
    Some(finding.at(place(first)?.label("and here")).help(format!(
        "give `{}` a UUID of its own: uuidgen",
        network.name
    )))
}
