//! What is there beneath the root, by name, with a word of help; of each kind of thing as little is read as tells it.
//!
//! What cannot be read is passed over without a word.

use std::collections::BTreeSet;

use super::candidate::Candidate;
use super::place::Place;
use super::what::{self, Profiles, Transactions, What};
use crate::backend::{self, Interest};
use crate::cli::show::state_in_words;
use crate::cli::undoings::Undoings;
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface, Source};
use crate::host::interfaces::{Interface, Interfaces, State};
use crate::host::joined::Joined;
use crate::host::network::Network;
use crate::host::profile::Profile;
use crate::host::value::{InterfaceName, MacAddress};
use crate::lint::RULES;
use crate::root::Root;
use crate::template::TEMPLATES;
use crate::transaction::Store;
use crate::transaction::journal::{Header, State as Outcome};
use crate::tree::{Scope, Tree};

/// Models of cards that guests have, and what they are.
const MODELS: &[(&str, &str)] = &[
    ("virtio", "fastest, needs a driver in the guest"),
    ("e1000e", "Intel 82574L, for PCI Express"),
    ("e1000", "Intel 82540EM"),
    ("rtl8139", "Realtek RTL8139"),
    ("vmxnet3", "VMware"),
];

/// Returns what an argument may name; `typed` is what stands there.
pub(super) fn of(what: What, root: &Root, place: &Place<'_>, typed: &str) -> Vec<Candidate> {
    match what {
        What::Nothing | What::Path(_) | What::FolderBeneath => Vec::new(),
        What::NewBridge => new_bridge(root),
        What::Interfaces(which) => interfaces(which, root, place),
        What::Profiles(which) => of_profiles(which, root, place),
        What::AllBridges => {
            let networks = networks_of(root);
            let own = networks.networks().filter_map(|network| {
                let help = format!("bridge of {}", network.name);
                Some(Candidate::new(network.own_bridge()?.to_owned(), help))
            });
            let host = of_profiles(Profiles::HostBridges, root, place);
            host.into_iter().chain(own).collect()
        }
        What::Networks | What::LoadedNetworks => {
            let host = networks_of(root);
            let wanted = |network: &&Network| what == What::Networks || network.is_loaded();
            host.networks().filter(wanted).map(network).collect()
        }
        What::Entries => entries(root, place),
        What::Guests => guests_of(root).guests().map(guest).collect(),
        What::GuestEntry => guest_entries(root, typed),
        What::GuestInterfaces => numbers(root, place),
        What::Models => fixed(MODELS.iter().copied()),
        What::Transactions(which) => transactions(which, root),
        What::Templates => fixed(TEMPLATES.iter().map(|made| (made.name, made.summary))),
        What::Rules => fixed(RULES.iter().map(|rule| (rule.name, rule.finds))),
    }
}

fn fixed<'t>(rows: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<Candidate> {
    rows.map(|(name, help)| Candidate::new(name.to_owned(), help))
        .collect()
}

fn tree(root: &Root, scope: &Scope) -> Tree {
    root.read_tree(scope).unwrap_or_default()
}

fn guests_of(root: &Root) -> Host {
    backend::libvirt_host(&tree(root, &backend::scope_of_guests()))
}

fn networks_of(root: &Root) -> Host {
    backend::libvirt_host(&tree(root, &backend::scope_of_networks()))
}

fn of_profiles(which: Profiles, root: &Root, place: &Place<'_>) -> Vec<Candidate> {
    let tree = tree(root, &backend::scope_of_profiles());
    let host = backend::inspect(&tree, Interest::Networks);
    let named = |profile: &Profile, help: String| {
        Candidate::new(profile.interface.as_str().to_owned(), help)
    };
    let bridge = place.values("bridge").last().unwrap_or("");
    let joined = Joined::of(&host);
    let ports = |profile: &Profile| match joined.ports(profile.interface.as_str()) {
        [] => "no port".to_owned(),
        ports => ports.join(" "),
    };
    let of = |profile: &Profile| match which {
        Profiles::Migratable => {
            let is_one = !profile.home.backend.is_of_network_manager();
            is_one.then(|| named(profile, file(profile)))
        }
        Profiles::Ports => {
            let controller = profile.controller.as_ref();
            let is_one = controller.is_some_and(|name| name.as_str() == bridge);
            is_one.then(|| named(profile, format!("port of {bridge}")))
        }
        Profiles::OwnBridges => profile.bridge().map(|_| named(profile, ports(profile))),
        Profiles::HostBridges => profile.switch().map(|_| named(profile, ports(profile))),
    };
    let mut all: Vec<Candidate> = host.profiles().filter_map(of).collect();
    if which == Profiles::HostBridges {
        let foreign = host.foreign_bridges().into_iter();
        all.extend(foreign.map(|(name, claim, _)| {
            Candidate::new(name.to_owned(), format!("by {}", claim.program.name()))
        }));
    }
    all
}

fn file(profile: &Profile) -> String {
    let file = profile.home.file.as_ref();
    file.map_or_else(String::new, |file| file.name().to_owned())
}

/// Calls `f` with the interfaces that files or the kernel name; networks are read, too, since they may take them.
fn with_interfaces<T>(root: &Root, f: impl FnOnce(&Interfaces<'_>) -> T) -> T {
    let tree = tree(root, &backend::scope(Interest::Networks));
    let host = backend::inspect(&tree, Interest::Networks);
    let (joined, layer2s) = (Joined::of(&host), backend::layer2s(&tree, &host));
    f(&Interfaces::of(&host, &joined, &layer2s))
}

/// The first free name of a bridge.
fn new_bridge(root: &Root) -> Vec<Candidate> {
    let mut names = (0..u16::MAX).map(|number| format!("br{number}"));
    let next = with_interfaces(root, |known| names.find(|name| known.get(name).is_none()));
    let next = next.map(|name| Candidate::new(name, "new"));
    next.into_iter().collect()
}

fn interfaces(which: what::Interfaces, root: &Root, place: &Place<'_>) -> Vec<Candidate> {
    let bridge = place.values("bridge").last().unwrap_or("");
    let wanted = |one: &&Interface<'_>| {
        let state = one.state();
        let is_free = one.is_card() && matches!(state, State::Free | State::Holds(_));
        let moves = one.is_card() && matches!(state, State::DefaultRoute | State::Addressed);
        // of some cards only the hardware address is known
        InterfaceName::parse(one.name).is_ok()
            && match which {
                what::Interfaces::All => one.is_made(),
                what::Interfaces::NewPorts => {
                    (is_free || (moves && one.profile.is_some())) && one.name != bridge
                }
                what::Interfaces::FreePorts => is_free && one.name != bridge,
            }
    };
    let of =
        |one: &Interface<'_>| Candidate::new(one.name.to_owned(), state_in_words(&one.state()));
    with_interfaces(root, |known| known.iter().filter(wanted).map(of).collect())
}

fn network(network: &Network) -> Candidate {
    let subnets = network
        .subnets
        .iter()
        .map(|subnet| subnet.address.to_string());
    let bridge = network.host_bridge().map(ToOwned::to_owned);
    let said: Vec<String> = [network.forward.word().to_owned()]
        .into_iter()
        .chain(bridge)
        .chain(subnets)
        .collect();
    Candidate::new(network.name.clone(), said.join(" "))
}

/// Host entries by what they are removed by: their names, or else their addresses.
fn entries(root: &Root, place: &Place<'_>) -> Vec<Candidate> {
    let host = networks_of(root);
    let name = place.values("name").last().unwrap_or("");
    let network = host.networks().filter(|network| network.name == name);
    let subnets = network.flat_map(|network| &network.subnets);
    let entries = subnets.filter_map(|subnet| subnet.dhcp.as_ref());
    let entry = |entry: &crate::host::network::HostEntry| {
        let address = entry.ip.map(|ip| ip.to_string());
        let mac = entry.mac.map(|mac| mac.to_string());
        match (&entry.name, address) {
            (Some(name), address) => {
                Some(Candidate::new(name.clone(), address.unwrap_or_default()))
            }
            (None, Some(address)) => Some(Candidate::new(address, mac.unwrap_or_default())),
            (None, None) => None,
        }
    };
    entries
        .flat_map(|dhcp| &dhcp.hosts)
        .filter_map(entry)
        .collect()
}

fn guest(guest: &Guest) -> Candidate {
    let mut sources: Vec<&str> = guest.interfaces.iter().map(source).collect();
    sources.dedup();
    let help = match sources.is_empty() {
        true => "no interface".to_owned(),
        false => sources.join(" "),
    };
    Candidate::new(guest.name.clone(), help)
}

fn source(interface: &GuestInterface) -> &str {
    match &interface.source {
        Source::Network { name, .. } => name,
        Source::Bridge(name) | Source::Device(name) | Source::Other(name) => name,
    }
}

/// Guests before their address, as host entries name them.
fn guest_entries(root: &Root, typed: &str) -> Vec<Candidate> {
    if typed.contains(['=', ',']) {
        return Vec::new();
    }
    let host = guests_of(root);
    // what looks like a hardware address or DUID is taken for one
    let fits = |guest: &&Guest| {
        !guest.name.contains(['=', ',', ':']) && MacAddress::parse(&guest.name).is_none()
    };
    let named = host.guests().filter(fits).map(|one| {
        let Candidate { value, help } = guest(one);
        Candidate::new(value + "=", help)
    });
    named.collect()
}

fn numbers(root: &Root, place: &Place<'_>) -> Vec<Candidate> {
    let host = guests_of(root);
    let name = place.values("guest").last().unwrap_or("");
    let Some(guest) = host.guests().find(|guest| guest.name == name) else {
        return Vec::new();
    };
    let numbered = (1..).zip(&guest.interfaces).map(|(number, interface)| {
        let mac = interface.mac.map(|mac| mac.to_string());
        let said: Vec<String> = mac
            .into_iter()
            .chain([source(interface).to_owned()])
            .collect();
        Candidate::new(number.to_string(), said.join("  "))
    });
    numbered.collect()
}

fn transactions(which: Transactions, root: &Root) -> Vec<Candidate> {
    let headers = Store::new(root).headers().unwrap_or_default();
    let undoings = Undoings::of(&headers);
    let numbers: BTreeSet<u64> = headers.iter().map(|header| header.id).collect();
    let last = numbers.last().copied().unwrap_or(0);
    let wanted = |header: &&Header| match which {
        Transactions::Undoable => {
            header.state == Outcome::Applied && undoings.whole(header).is_none()
        }
        // all that came after it must be kept
        Transactions::BackTo => {
            header.id < last && (header.id..last).all(|id| numbers.contains(&id))
        }
        Transactions::All => true,
    };
    let wanted = headers.iter().filter(wanted);
    wanted
        .map(|header| Candidate::new(header.id.to_string(), header.command.clone()))
        .collect()
}
