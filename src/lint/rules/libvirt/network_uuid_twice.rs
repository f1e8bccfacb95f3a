//! One UUID on two networks.

use std::collections::HashMap;

use super::twins;
use crate::host::network::{Network, Uuid};
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-uuid-twice",
    severity: Severity::Error,
    readers: &[],
    finds: "The same UUID in two networks.",
    why: "libvirt refuses the network that it reads second. Which one that is depends on the order in which the file\nsystem lists the folder, and only a line in the log says so. This is what `cp default.xml nat1.xml` leaves.",
    example: "
/etc/libvirt/qemu/networks/default.xml
  <uuid>5f9c1d8e-57c5-4c5e-9d35-3f5ad7a7e9f1</uuid>
/etc/libvirt/qemu/networks/nat1.xml
  <uuid>5f9c1d8e-57c5-4c5e-9d35-3f5ad7a7e9f1</uuid>",
    remedy: "Give the copy a UUID of its own: kvmnet check --fix network-uuid-twice\nThe copy is the one whose head names another network (virsh net-edit NAME); otherwise the one that is not `default`,\nnot active, not started with the host, or whose name comes later. Copies without this fault: kvmnet network copy",
    source: "virNetworkObjAssignDefLocked() in libvirt's conf/virnetworkobj.c (seen with libvirt 9.0: `network is already\ndefined with uuid`)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<Uuid, &Network>::new(), Vec::new());
    for network in twins::originals_first(sight) {
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
        "the networks `{}` and `{}` have the same UUID: libvirt refuses one of them",
        first.name, network.name
    );
    let spelled = uuid.to_string();
    let place = |network: &Network| {
        let origin = network.origin.as_ref()?;
        Some(Place::word(origin, network.lines.uuid, &spelled))
    };
    let finding = RULE.finding(&network.name, message).at(place(network)?);
    let help = "kvmnet check --fix network-uuid-twice";
    Some(finding.at(place(first)?.label("and here")).help(help))
}

/// The copy gets a UUID of its own.
fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    mender.edit(&finding.places.first()?.path, |doc, _, editing| {
        let (index, _) = doc.child(0, "uuid")?;
        let mut inventor = mender.inventor.borrow_mut();
        let uuid = inventor.uuid_of_network(&finding.subject);
        editing.text(index, &uuid.to_string());
        Some(())
    })
}
