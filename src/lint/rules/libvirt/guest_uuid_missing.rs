//! A guest without `<uuid>`: it is another guest after each start of the daemon.

use crate::doc::xml::{Fragment, Place as Spot};
use crate::host::guest::Guest;
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-uuid-missing",
    severity: Severity::Warning,
    readers: &[],
    finds: "A guest whose file has no UUID.",
    why: "libvirt generates a new one each time it loads the file, and never saves it. What knows the guest by
its UUID (backups, licences, management) sees a new guest, and a reload of the daemon is refused.",
    example: "
<domain type='kvm'>
  <name>vm1</name>
  <memory unit='KiB'>1048576</memory>",
    remedy: "Give it a UUID: kvmnet check --fix guest-uuid-missing",
    source: "virDomainDefParseXML() in libvirt's conf/domain_conf.c (seen with libvirt 9.0: a new UUID at every load,
and SIGHUP fails)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let guests = sight.host.guests();
    let missing = guests.filter(|guest| guest.uuid.is_none() && guest.faults.refused().is_none());
    missing.map(finding).collect()
}

fn finding(guest: &Guest) -> Finding {
    let message = format!("the guest `{}` has no UUID", guest.name);
    RULE.finding(guest.origin.as_str(), message)
        .at(Place::line(&guest.origin, guest.lines.name).label("no `<uuid>` follows"))
        .help("kvmnet check --fix guest-uuid-missing")
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let guest = mender.guest_at(path)?;
    mender.edit(path, |doc, _, editing| {
        let (name, _) = doc.child(0, "name")?;
        let uuid = mender.inventor.borrow_mut().uuid_of_guest(&guest.name);
        let element = Fragment::new("uuid").text(&uuid.to_string());
        editing.insert(Spot::After(name), &element);
        Some(())
    })
}
