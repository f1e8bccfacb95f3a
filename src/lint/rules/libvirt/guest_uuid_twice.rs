//! One UUID on two guests of different names.

use std::collections::HashMap;

use crate::host::guest::Guest;
use crate::host::network::Uuid;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-uuid-twice",
    severity: Severity::Error,
    readers: &[],
    finds: "The same UUID in two guests.",
    why: "libvirt refuses the guest that it reads second. Which one that is depends on the order in which the file
system lists the folder, and only a line in the log says so.",
    example: "
/etc/libvirt/qemu/vm1.xml:
    <uuid>5f9c1d8e-57c5-4c5e-9d35-3f5ad7a7e9f1</uuid>
/etc/libvirt/qemu/vm2.xml:
    <uuid>5f9c1d8e-57c5-4c5e-9d35-3f5ad7a7e9f1</uuid>",
    remedy: "Give the copy a UUID of its own (uuidgen), or delete its line: kvmnet check --fix guest-uuid-missing
then generates one.",
    source: "virDomainObjListAddLocked() in libvirt's conf/virdomainobjlist.c (seen with libvirt 9.0: `domain is
already defined with uuid`)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<Uuid, &Guest>::new(), Vec::new());
    for guest in sight.host.guests() {
        let Some(uuid) = guest.uuid else { continue };
        match known.get(&uuid) {
            // one guest in two files is another rule's
            Some(first) if first.name != guest.name => found.push(finding(uuid, guest, first)),
            Some(_) => {}
            None => {
                known.insert(uuid, guest);
            }
        }
    }
    found
}

fn finding(uuid: Uuid, guest: &Guest, first: &Guest) -> Finding {
    let message = format!(
        "the guests `{}` and `{}` have the same UUID: libvirt refuses one of them",
        first.name, guest.name
    );
    let spelled = uuid.to_string();
    RULE.finding(guest.origin.as_str(), message)
        .at(Place::word(&guest.origin, guest.lines.uuid, &spelled))
        .at(Place::word(&first.origin, first.lines.uuid, &spelled).label("and here"))
        .help(format!("give `{}` a UUID of its own: uuidgen", guest.name))
}
