//! Which guests lose their link while devices of the host are down: those that run on a bridge, or with a macvtap on a card.
//!
//! Where libvirt notes how a guest runs, that counts; where it does not, what the guest's file says. Guests that do not run are
//! not read, so that this may be asked about all interfaces of a host.

use std::collections::{BTreeSet, HashSet};

use super::live::running;
use super::{GUESTS, Known, RUNNING, domain, judge, link_in, marked, networks, one};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::guest::{Guest, Source};
use crate::host::network::{DevicePart, Forward, Network, NetworkDevice};
use crate::tree::Tree;

/// Returns the names of the guests that run on one of these devices, sorted.
pub(crate) fn guests_on(tree: &Tree, devices: &BTreeSet<&str>) -> BTreeSet<String> {
    let noted = running(tree, None);
    let mut untold = marked(tree, RUNNING);
    for running in &noted {
        untold.remove(running.name.as_str());
    }
    let on = noted.into_iter().filter(|running| {
        let mut links = running.links.iter();
        links.any(|link| devices.contains(link.source.name()))
    });
    let mut found: BTreeSet<String> = on.map(|running| running.name).collect();
    if untold.is_empty() {
        return found;
    }
    let networks = networks_on(tree, devices);
    let guests = untold.into_iter().filter_map(|name| {
        let path = link_in(GUESTS, name);
        one(
            tree,
            &path,
            tree.get(&path),
            name,
            (domain::read, judge::guest),
        )
        .ok()
    });
    let hangs = |guest: &Guest| {
        let mut interfaces = guest.interfaces.iter();
        interfaces.any(|interface| match &interface.source {
            Source::Network { name, .. } => networks.contains(name),
            Source::Bridge(name) | Source::Device(name) => devices.contains(name.as_str()),
            Source::Other(_) => false,
        })
    };
    found.extend(guests.filter(hangs).map(|guest| guest.name));
    found
}

/// Returns the networks that give their guests a place on one of these bridges, or a macvtap on one of these cards.
fn networks_on(tree: &Tree, devices: &BTreeSet<&str>) -> HashSet<String> {
    let (host, set) = (&Host::default(), &ChangeSet::default());
    let (networks, _) = networks(tree, None, &Known { host, set });
    let has = |device: &NetworkDevice| {
        device.part != DevicePart::Pf && devices.contains(device.name.as_str())
    };
    let hangs = |network: &&Network| match &network.forward {
        Forward::Bridge => network
            .host_bridge()
            .is_some_and(|name| devices.contains(name)),
        Forward::Direct(_) => network.devices.iter().any(has),
        // on a bridge of its own, which stays
        Forward::Isolated | Forward::Nat | Forward::Route | Forward::Open => false,
    };
    let networks = networks.iter().map(AsRef::as_ref).filter(hangs);
    networks.map(|network| network.name.clone()).collect()
}
