//! One MAC address on the bridges of two networks.

use std::collections::HashMap;

use super::twins;
use crate::host::network::Network;
use crate::host::value::MacAddress;
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-mac-twice",
    severity: Severity::Warning,
    readers: &[],
    finds: "The same MAC address on the bridges of two networks.",
    why: "A guest on both networks cannot tell their gateways apart. Both networks start, and software that identifies networks by the
address of their gateway takes them for one. This is what `cp default.xml nat1.xml` leaves.",
    example: "
/etc/libvirt/qemu/networks/default.xml     <mac address='52:54:00:63:99:c1'/>
/etc/libvirt/qemu/networks/nat1.xml        <mac address='52:54:00:63:99:c1'/>",
    remedy: "Give the copy an address of its own: kvmnet check --fix network-mac-twice\nWhich one is the copy: kvmnet check --explain network-uuid-twice",
    source: "libvirt checks it neither at load nor at start (seen with libvirt 9.0)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<MacAddress, &Network>::new(), Vec::new());
    for network in twins::originals_first(sight) {
        let Some(mac) = network.mac.filter(|_| network.forward.owns_bridge()) else {
            continue;
        };
        match known.get(&mac) {
            Some(first) => found.extend(finding(mac, network, first)),
            None => {
                known.insert(mac, network);
            }
        }
    }
    found
}

fn finding(mac: MacAddress, network: &Network, first: &Network) -> Option<Finding> {
    let message = format!(
        "the bridges of the networks `{}` and `{}` share the address {mac}",
        first.name, network.name
    );
    let spelled = mac.to_string();
    let place = |network: &Network| {
        let origin = network.origin.as_ref()?;
        Some(Place::word(origin, network.lines.mac, &spelled))
    };
    let finding = RULE.finding(&network.name, message).at(place(network)?);
    Some(
        finding
            .at(place(first)?.label("and here"))
            .help("kvmnet check --fix network-mac-twice"),
    )
}

/// The copy gets an address of its own.
fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    mender.edit(&finding.places.first()?.path, |doc, _, editing| {
        let (index, _) = doc.child(0, "mac")?;
        let what = format!("network/{}", finding.subject);
        let mac = mender.inventor.borrow_mut().mac(&what);
        editing.set(index, "address", &mac.to_string());
        Some(())
    })
}
