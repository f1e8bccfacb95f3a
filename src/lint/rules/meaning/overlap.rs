//! Which subnets share addresses: sorted and swept once, whatever their number.
//!
//! Two subnets overlap only where one holds the other, so that those which are open form a chain.

use std::collections::HashSet;
use std::net::IpAddr;

use crate::host::nets::Nets;
use crate::host::network::{Network, Uuid};
use crate::host::value::IpNet;
use crate::host::{By, Host};
use crate::lint::{Meaning, Place};

/// Whose a subnet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint) enum Whose<'t> {
    /// A libvirt network's, which libvirt routes to its bridge.
    Network(&'t str),
    /// One in which an interface of the host has an address.
    Interface(&'t str),
    /// One to which the host has a static route by an interface.
    Route(&'t str),
}

/// A subnet in use.
#[derive(Clone, Debug)]
pub(in crate::lint) struct Used<'t> {
    pub(in crate::lint) net: IpNet,
    pub(in crate::lint) whose: Whose<'t>,
    pub(in crate::lint) place: Place,
}

/// Returns the pairs that overlap, each network with the next one around it or before it, where `counts` says so.
pub(in crate::lint) fn pairs<'t>(
    meaning: &'t Meaning<'_>,
    counts: impl Fn(Whose<'_>, Whose<'_>) -> bool,
) -> Vec<(Used<'t>, Used<'t>)> {
    let mut used = used(meaning);
    // what holds another one comes before it
    used.sort_by_key(|used| (used.net.network(), used.net.prefix_len()));
    let (mut open, mut found): (Vec<&Used<'t>>, Vec<_>) = (Vec::new(), Vec::new());
    for next in &used {
        while open
            .last()
            .is_some_and(|last| !last.net.contains(&next.net))
        {
            open.pop();
        }
        let around = open
            .iter()
            .rev()
            .find(|other| counts(other.whose, next.whose));
        if let Some(other) = around {
            found.push((next.clone(), (*other).clone()));
        }
        // what holds it holds all that it holds, and is the same one's
        if open.last().is_none_or(|last| last.whose != next.whose) {
            open.push(next);
        }
    }
    found
}

fn used<'t>(meaning: &'t Meaning<'_>) -> Vec<Used<'t>> {
    let mut all = Vec::new();
    for network in meaning.host.networks() {
        let own = network.forward.owns_bridge() && network.is_loaded();
        let Some(origin) = network.origin.as_ref().filter(|_| own) else {
            continue;
        };
        all.extend(network.subnets.iter().map(|subnet| Used {
            net: subnet.address.trunc(),
            whose: Whose::Network(&network.name),
            place: Place::word(origin, subnet.spot.line, &subnet.address.addr().to_string()),
        }));
    }
    // many interfaces may have the same route: one of them says it
    let mut known = HashSet::new();
    for routed in &meaning.host.routed {
        if known.insert((routed.net, routed.by)) {
            all.push(Used {
                net: routed.net,
                whose: match routed.by {
                    By::Address => Whose::Interface(&routed.interface),
                    By::Route => Whose::Route(&routed.interface),
                },
                place: Place::line(&routed.at.file, routed.at.line),
            });
        }
    }
    // the default route may be written in two halves, and link-local subnets are those of each link
    all.retain(|used| used.net.prefix_len() > 1 && !is_link_local(used.net.addr()));
    all
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// What the networks that libvirt loads take: UUIDs, bridges of their own, and the subnets of these.
#[derive(Debug)]
pub(in crate::lint) struct Taken<'h> {
    uuids: HashSet<Uuid>,
    bridges: HashSet<&'h str>,
    nets: Nets,
}

impl<'h> Taken<'h> {
    /// Returns what the networks of `host` take.
    pub(in crate::lint) fn of(host: &'h Host) -> Self {
        let loaded = || host.networks().filter(|network| network.is_loaded());
        Self {
            uuids: loaded().filter_map(|network| network.uuid).collect(),
            bridges: loaded().filter_map(Network::own_bridge).collect(),
            nets: loaded().flat_map(subnets).collect(),
        }
    }

    /// Returns whether `network`, were it loaded, would share something with one that is.
    pub(in crate::lint) fn clashes(&self, network: &Network) -> bool {
        network.uuid.is_some_and(|uuid| self.uuids.contains(&uuid))
            || network
                .own_bridge()
                .is_some_and(|bridge| self.bridges.contains(bridge))
            || self.meets(network)
    }

    /// Returns whether a subnet of `network` overlaps with that of one that is loaded.
    pub(in crate::lint) fn meets(&self, network: &Network) -> bool {
        subnets(network).any(|net| self.nets.meet(&net))
    }
}

/// Returns the subnets of a network that has a bridge of its own.
fn subnets(network: &Network) -> impl Iterator<Item = IpNet> {
    let own = network.forward.owns_bridge();
    let subnets = network.subnets.iter().filter(move |_| own);
    subnets.map(|subnet| subnet.address)
}

impl Whose<'_> {
    /// Returns it in words.
    pub(in crate::lint) fn words(self) -> String {
        match self {
            Self::Network(name) => format!("the network `{name}`"),
            Self::Interface("") => "an interface of the host".to_owned(),
            Self::Interface(name) => format!("the interface `{name}`"),
            Self::Route("") => "a static route".to_owned(),
            Self::Route(name) => format!("a static route by `{name}`"),
        }
    }
}
