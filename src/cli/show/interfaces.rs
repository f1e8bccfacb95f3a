//! The table of interfaces: what `ip address` and `nmcli device` tell, from files: which carries what, and which is free.

use serde::Serialize;

use super::bridges::{described, method_of, texts};
use crate::cli::table::{Cell, Table};
use crate::host::interfaces::{self, Chain, Interfaces, State};
use crate::host::network::{Forward, Network};
use crate::host::profile::Profile;
use crate::host::value::IpNet;
use crate::shown::natural;

/// An interface; the keys are sorted. What was not read is `null`.
#[derive(Serialize)]
pub(super) struct Interface<'h> {
    above: Vec<&'h str>,
    addresses: Option<Vec<IpNet>>,
    autostart: Option<bool>,
    bond_mode: Option<&'h str>,
    cards: Vec<&'h str>,
    controller: Option<&'h str>,
    default_route: bool,
    dns: Option<Vec<String>>,
    ends: Option<String>,
    file: Option<&'h str>,
    gateways: Option<Vec<String>>,
    guests: Vec<&'h str>,
    kind: &'h str,
    mac: Option<String>,
    manager: Option<&'static str>,
    method: Option<&'h str>,
    mtu: Option<u32>,
    name: &'h str,
    networks: Vec<&'h str>,
    parent: Option<&'h str>,
    ports: Vec<&'h str>,
    present: Option<bool>,
    state: String,
    uplink: String,
    vlan: Option<u32>,
    /// What the table says of the addresses.
    #[serde(skip)]
    shown: Vec<String>,
    /// What is beneath.
    #[serde(skip)]
    beneath: String,
}

/// Returns all interfaces.
pub(super) fn all<'h>(interfaces: &Interfaces<'h>, knows_kernel: bool) -> Vec<Interface<'h>> {
    let one = |one| of(interfaces, one, knows_kernel);
    let mut all: Vec<Interface<'h>> = interfaces.iter().map(one).collect();
    all.sort_by_cached_key(|interface| natural(interface.name));
    all
}

pub(super) fn of<'h>(
    interfaces: &Interfaces<'h>,
    one: &interfaces::Interface<'h>,
    knows_kernel: bool,
) -> Interface<'h> {
    let profile = addressed(one);
    let layer3 = profile.map(|profile| &profile.layer3);
    let (addresses, shown) = addresses(one);
    let chain = interfaces.chain(one.name);
    Interface {
        above: one.above.clone(),
        addresses: addresses.or_else(|| one.profile.map(|_| Vec::new())),
        autostart: one.profile.map(|profile| profile.autostart),
        bond_mode: one.layer2.and_then(|layer2| layer2.bond_mode.as_deref()),
        cards: chain.cards.clone(),
        controller: one.controller,
        default_route: one.has_default_route(),
        dns: layer3.map(|layer3| texts(layer3.servers())),
        ends: chain.why.clone(),
        file: one.file(),
        gateways: layer3.map(|layer3| texts(layer3.gateways())),
        guests: one.guests.clone(),
        kind: one.kind,
        mac: one.mac.map(|mac| mac.to_string()),
        manager: one.manager(),
        method: layer3.and_then(method_of),
        mtu: one.layer2.and_then(|layer2| layer2.mtu),
        name: one.name,
        networks: one.networks.clone(),
        parent: one.parent,
        ports: one.ports.clone(),
        present: knows_kernel.then_some(one.is_present),
        state: state(&one.state()),
        beneath: beneath(one, &chain),
        uplink: chain.shown,
        vlan: one.layer2.and_then(|layer2| layer2.vlan),
        shown,
    }
}

/// Returns what is beneath an interface, in words: the ports of a bridge, or how its network reaches the world.
fn beneath(one: &interfaces::Interface<'_>, chain: &Chain<'_>) -> String {
    let beneath = &*chain.told();
    let network = one.network.filter(|_| beneath.is_empty());
    let devices = network.map_or_else(Vec::new, Network::device_names);
    if !devices.is_empty() {
        return devices.join(" ");
    }
    match network.map(|network| &network.forward) {
        Some(forward @ (Forward::Nat | Forward::Route | Forward::Open)) => {
            format!("({})", forward.word())
        }
        Some(Forward::Isolated | Forward::Bridge | Forward::Direct(_)) | None => beneath.to_owned(),
    }
}

/// Returns the profile of an interface that has addresses: a port has none, whatever its file says, but in a VRF.
fn addressed<'h>(one: &interfaces::Interface<'h>) -> Option<&'h Profile> {
    one.profile
        .filter(|_| one.controller.is_none() || one.keeps_addresses)
}

/// Returns the addresses of an interface, as far as they are read, and what the table says of them.
fn addresses(one: &interfaces::Interface<'_>) -> (Option<Vec<IpNet>>, Vec<String>) {
    let layer3 = addressed(one).map(|profile| &profile.layer3);
    let of_network = one.network.map(|network| {
        let subnets = network.subnets.iter();
        subnets.map(|subnet| subnet.address).collect::<Vec<_>>()
    });
    let mut addresses = layer3.map(|layer3| {
        let labelled = layer3.labelled().filter_map(|said| said.net);
        layer3.addresses().chain(labelled).collect::<Vec<_>>()
    });
    let mut shown = layer3.map_or_else(Vec::new, described);
    if let Some(layer3) = layer3 {
        let labelled = layer3.labelled();
        shown.extend(labelled.filter_map(|said| Some(said.net?.to_string())));
    }
    if one.profile.is_none() {
        shown = of_network
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        if of_network.is_none() && one.claim.is_some() && one.controller.is_none() {
            // of other programs' files names alone are read
            shown = vec!["(unread)".to_owned()];
        }
        addresses = of_network;
    }
    (addresses, shown)
}

/// A terminal of fewer columns shows what an interface is, and not its MTU, hardware address and manager.
const NARROW: usize = 110;

/// As many names stand in the state of an interface at most.
const MOST_NAMED: usize = 4;

fn named(names: &[&str]) -> String {
    let shown = names.iter().take(MOST_NAMED).copied();
    let shown = shown.collect::<Vec<_>>().join(" ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} +{more}"),
    }
}

/// Returns what an interface does, in words.
pub(in crate::cli) fn state(state: &State<'_>) -> String {
    match state {
        State::NotRead => "not read".to_owned(),
        State::Port(controller) => format!("port of {controller}"),
        State::DefaultRoute => "default route".to_owned(),
        State::Addressed => "addressed".to_owned(),
        State::OfNetwork(network) => format!("bridge of {network}"),
        State::Carries(above) => format!("under {}", named(above)),
        State::Networks(networks) => format!("network {}", named(networks)),
        State::Guests(guests) => format!("guest {}", named(guests)),
        State::Elsewhere(program) => format!("by {program}"),
        State::Holds(ports) => format!("of {}", named(ports)),
        State::Loopback => "loopback".to_owned(),
        State::Free => "free".to_owned(),
        State::NotFree => "not free".to_owned(),
        State::NotConfigured => "not configured".to_owned(),
    }
}

/// Returns the table; the loopback interface is left out.
pub(super) fn table(
    interfaces: &Interfaces<'_>,
    knows_kernel: bool,
    width: Option<usize>,
) -> Vec<String> {
    let all = all(interfaces, knows_kernel).into_iter();
    let others = all.filter(|interface| interface.name != "lo");
    let rows: Vec<[Cell; 9]> = others.map(row).collect();
    if rows.is_empty() {
        return vec!["There are no interfaces.".to_owned()];
    }
    let [a, b, c, d, e, f, g, h, i] = [
        "INTERFACE",
        "KIND",
        "STATE",
        "ADDRESSES",
        "UPLINK",
        "MTU",
        "MAC",
        "MANAGER",
        "FILE",
    ];
    let right: &[usize] = &[];
    if width.is_none() {
        let (heading, split) = ([a, b, c, d, e, f, g, h, i], 5);
        let table = Table {
            heading,
            rows,
            right,
            split,
        };
        return table.lines(width);
    }
    // on a terminal files are where they always are; a narrow one has no room for more than what is looked for first
    let rows = rows.into_iter();
    if width.is_some_and(|width| width < NARROW) {
        let rows = rows.map(|[a, b, c, d, e, ..]| [a, b, c, d, e]);
        let table = Table {
            heading: [a, b, c, d, e],
            rows: rows.collect(),
            right,
            split: 3,
        };
        return table.lines(width);
    }
    let rows = rows.map(|[a, b, c, d, e, f, g, h, _]| [a, b, c, d, e, f, g, h]);
    let table = Table {
        heading: [a, b, c, d, e, f, g, h],
        rows: rows.collect(),
        right,
        split: 5,
    };
    table.lines(width)
}

fn row(one: Interface<'_>) -> [Cell; 9] {
    [
        Cell::text(one.name),
        Cell::text(one.kind),
        Cell::Phrase(one.state),
        Cell::Lines(one.shown),
        Cell::Names(
            one.beneath,
            one.cards.iter().map(ToString::to_string).collect(),
        ),
        Cell::maybe(one.mtu.map(|mtu| mtu.to_string())),
        Cell::maybe(one.mac),
        Cell::maybe(one.manager),
        Cell::maybe(one.file),
    ]
}
