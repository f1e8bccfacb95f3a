//! Two files that hold a guest of one name.

use std::collections::HashMap;

use crate::host::guest::Guest;
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-name-twice",
    severity: Severity::Error,
    readers: &[],
    finds: "Two files that define a guest of the same name.",
    why: "libvirt uses one of them, and does not report the other. Which one depends on the order in which the
file system lists the folder: after a restart the guest may be the old copy, with old disks and cards.",
    example: "
/etc/libvirt/qemu/vm1.xml           <name>vm1</name>
/etc/libvirt/qemu/vm1.bak.xml       <name>vm1</name>",
    remedy: "Keep the right one, and move the other out of the folder, or give it a name that does not end in
.xml. A copy whose name is not that of the guest: kvmnet check --fix guest-name-twice",
    source: "virDomainObjListLoadAllConfigs() in libvirt's conf/virdomainobjlist.c (seen with libvirt 9.0: no error,
the one that is read last wins)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut by_name: HashMap<&str, Vec<&Guest>> = HashMap::new();
    for guest in sight.host.guests() {
        by_name.entry(&guest.name).or_default().push(guest);
    }
    let several = by_name.into_values().filter(|guests| guests.len() > 1);
    several.flat_map(findings).collect()
}

/// The file that is named like the guest is the one that is meant; all others are copies.
fn findings(guests: Vec<&Guest>) -> Vec<Finding> {
    let own = guests.iter().position(|guest| is_own(guest)).unwrap_or(0);
    let original = guests[own];
    let copies = guests
        .iter()
        .filter(|guest| guest.origin != original.origin);
    copies.map(|copy| finding(copy, original)).collect()
}

fn is_own(guest: &Guest) -> bool {
    guest.origin.name() == format!("{}.xml", guest.name)
}

fn finding(copy: &Guest, original: &Guest) -> Finding {
    let name = &copy.name;
    let message = format!("two files define the guest `{name}`: libvirt uses either");
    RULE.finding(copy.origin.as_str(), message)
        .at(Place::word(&copy.origin, copy.lines.name, name))
        .at(Place::word(&original.origin, original.lines.name, name).label("and here"))
        .help("kvmnet check --fix guest-name-twice   # moves the copy to the store of copies")
}

/// Safe only where one of the two is named like the guest.
fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let [copy, original] = finding.places.as_slice() else {
        return None;
    };
    let meant = mender.guest_at(&original.path)?;
    is_own(meant).then(|| Fix::PutAway(copy.path.clone()))
}
