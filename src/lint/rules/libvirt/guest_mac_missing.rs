//! An interface of a guest without a MAC address: it is another card after each start of the daemon.

use crate::doc::xml::{Fragment, Place as Spot, XmlDoc};
use crate::host::guest::{Guest, GuestInterface};
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-mac-missing",
    severity: Severity::Warning,
    readers: &[],
    finds: "An interface of a guest that has no MAC address.",
    why: "libvirt generates a new address at each start of the daemon, and never saves it. DHCP then gives the
guest another lease, its own network configuration may no longer match the card, and a switch that knows
its address shuts it out.",
    example: "
<interface type='network'>
  <source network='default'/>
</interface>",
    remedy: "Give it an address: kvmnet check --fix guest-mac-missing",
    source: "virDomainNetDefParseXML() in libvirt's conf/domain_conf.c (seen with libvirt 9.0: a new address at every
restart)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // one that libvirt refuses gets no address, and may have one that is malformed
    let guests = sight.host.guests();
    let loaded = guests.filter(|guest| guest.faults.refused().is_none());
    let interfaces = loaded.flat_map(|guest| {
        let interfaces = guest.interfaces.iter().enumerate();
        interfaces.map(move |(ordinal, interface)| (guest, ordinal, interface))
    });
    interfaces
        .filter(|(_, _, interface)| interface.mac.is_none())
        .map(|(guest, ordinal, interface)| finding(guest, ordinal, interface))
        .collect()
}

fn finding(guest: &Guest, ordinal: usize, interface: &GuestInterface) -> Finding {
    let (name, number) = (&guest.name, ordinal + 1);
    let message = format!("interface {number} of the guest `{name}` has no MAC address");
    let subject = format!("{} interface {number}", guest.origin);
    RULE.finding(subject, message)
        .at(Place::line(&guest.origin, interface.mac_spot.line).label("no `<mac>` in it"))
        .help("kvmnet check --fix guest-mac-missing")
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let (_, number) = finding.subject.rsplit_once(' ')?;
    let ordinal = number.parse::<usize>().ok()?.checked_sub(1)?;
    let guest = mender.guest_at(path)?;
    mender.edit(path, |doc, interfaces, editing| {
        let interface = *interfaces.get(ordinal)?;
        let known = doc.child(interface, "mac");
        // malformed: libvirt refuses the file, and what was meant is not known
        let known = known.map(|(index, mac)| (index, mac.attribute("address").is_some()));
        if known.is_some_and(|(_, malformed)| malformed) {
            return None;
        }
        let what = format!("guest/{}/{number}", guest.name);
        let mac = mender.inventor.borrow_mut().mac(&what);
        match known {
            Some((index, _)) => editing.set(index, "address", &mac.to_string()),
            None => {
                let element = Fragment::new("mac").with("address", mac);
                editing.insert(first_in(doc, interface), &element);
            }
        }
        Some(())
    })
}

/// libvirt writes `<mac>` first: `virDomainNetDefFormat()`.
fn first_in(doc: &XmlDoc<'_>, interface: usize) -> Spot {
    let first = doc.children(interface).next();
    first.map_or(Spot::In(interface), |(index, _)| Spot::Before(index))
}
