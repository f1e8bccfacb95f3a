//! A network with guests that is not started with the host.

use std::collections::BTreeMap;

use super::autostart::Kind;
use crate::host::guest::{Guest, GuestInterface};
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::{HostPath, word_of};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-not-started",
    severity: Severity::Note,
    readers: &[],
    finds: "A network that guests are on, and that is not started with the host.",
    why: "After a boot none of its guests can be started: `network 'default' is not active`. Guests that
start with the host have a warning of their own (guest-network-not-started).",
    example: "
/etc/libvirt/qemu/vm1.xml                        vm1 is on the network `lab`
/etc/libvirt/qemu/networks/autostart/            and lab.xml is not in here",
    remedy: "Start the network with the host: kvmnet network set NAME --autostart",
    source: "networkAllocatePort() in libvirt's network/bridge_driver.c (`network '%s' is not active`)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut users: BTreeMap<&str, Vec<(&Guest, &GuestInterface)>> = BTreeMap::new();
    for guest in sight.host.guests() {
        for interface in &guest.interfaces {
            if let Some(network) = interface.source.network() {
                users.entry(network).or_default().push((guest, interface));
            }
        }
    }
    let found = users.into_iter();
    found
        .filter_map(|(name, users)| finding(sight, name, &users))
        .collect()
}

fn finding(sight: &Sight<'_>, name: &str, users: &[(&Guest, &GuestInterface)]) -> Option<Finding> {
    let network = sight.joined.network(name)?;
    let autostart = HostPath::parse(&format!("{}/autostart/{name}.xml", Kind::Network.folder()));
    // what is there in the place of a link is another rule's
    let odd = autostart.is_ok_and(|path| sight.tree.get(&path).is_some());
    let waits = network.is_loaded() && !network.autostart && !network.is_refused() && !odd;
    let (guest, interface) = users.first().filter(|_| waits)?;
    if users.iter().any(|(guest, _)| guest.autostart) {
        return None;
    }
    let mut guests: Vec<&str> = users.iter().map(|(guest, _)| guest.name.as_str()).collect();
    guests.dedup();
    let whom = match guests.as_slice() {
        [one] => format!("its guest `{one}`"),
        [one, rest @ ..] => format!("its guests `{one}` and {} more", rest.len()),
        [] => return None,
    };
    let message = format!(
        "the network `{name}` is not started with the host: until it is started, {whom} cannot be"
    );
    let origin = network.origin.as_ref()?;
    let used = Place::word(&guest.origin, interface.spot.line, name);
    Some(
        RULE.finding(format!("network {name}"), message)
            .at(Place::word(origin, network.lines.name, name))
            .at(used.label("is on it"))
            .help(format!("kvmnet network set {} --autostart", word_of(name))),
    )
}
