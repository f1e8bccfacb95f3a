//! From a host to its blocks.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::facts;
use super::{Block, Kind, Mark, Part, Role};
use crate::host::guest::{Guest, GuestInterface, Source};
use crate::host::interfaces::{Interface, Interfaces};
use crate::host::joined::Joined;
use crate::host::layer2::Layer2s;
use crate::host::network::{Forward, Network};
use crate::host::{Host, Subject};
use crate::shown::natural;

/// What a block is known by: its kind, and its name.
pub(super) type Key = (Kind, String);

/// Where interfaces of guests are that are on nothing of the host.
const NOWHERE: &str = "not on the host's network";

/// As many interfaces are ports of each other at most.
const DEEPEST: usize = 8;

/// A host at one time, as blocks.
#[derive(Debug, Default)]
pub struct Side {
    pub(super) blocks: BTreeMap<Key, Block>,
    /// What each port is a port of.
    pub(super) ports: BTreeMap<String, String>,
}

/// A side while it is made.
struct Making<'h> {
    host: &'h Host,
    joined: &'h Joined<'h>,
    interfaces: &'h Interfaces<'h>,
    blocks: BTreeMap<Key, Block>,
}

impl Side {
    /// Returns the blocks of `host`, of which files say `layer2s` besides.
    #[must_use]
    pub fn of(host: &Host, layer2s: &Layer2s) -> Self {
        let joined = Joined::of(host);
        let interfaces = Interfaces::of(host, &joined, layer2s);
        let mut making = Making {
            host,
            joined: &joined,
            interfaces: &interfaces,
            blocks: BTreeMap::new(),
        };
        making.bridges();
        making.networks();
        making.guests();
        making.broken();
        making.rest();
        let ports = interfaces.iter().filter_map(|one| {
            let controller = one.controller?.to_owned();
            Some((one.name.to_owned(), controller))
        });
        let mut blocks = making.blocks;
        for block in blocks.values_mut() {
            block.parts.sort_by_cached_key(|part| {
                // facts stay in the order in which they are said
                let name = match part.role {
                    Role::Fact => Vec::new(),
                    Role::Uplink | Role::Network | Role::Guest => natural(&part.name),
                };
                (part.role, name)
            });
        }
        Self {
            blocks,
            ports: ports.collect(),
        }
    }

    /// Returns the blocks, in the order in which they are drawn.
    pub(super) fn into_blocks(self) -> Vec<Block> {
        in_order(self.blocks.into_values().collect())
    }
}

/// Sorts blocks: bridges and networks by name, what is nowhere, bare interfaces.
pub(super) fn in_order(mut blocks: Vec<Block>) -> Vec<Block> {
    let place = |kind: Kind| match kind {
        Kind::Bridge | Kind::Network => 0,
        Kind::Nowhere => 1,
        Kind::Interface => 2,
    };
    blocks.sort_by_cached_key(|block| (place(block.kind), natural(&block.name), block.kind));
    blocks
}

impl<'h> Making<'h> {
    fn block(&mut self, kind: Kind, name: &str) -> &mut Block {
        let key = (kind, name.to_owned());
        self.blocks.entry(key).or_insert_with(|| Block {
            kind,
            name: name.to_owned(),
            mark: Mark::Same,
            parts: Vec::new(),
            more: Vec::new(),
            is_made: true,
        })
    }

    fn bridges(&mut self) {
        let bridges = self.interfaces.iter();
        for one in bridges.filter(|one| one.kind == "bridge") {
            let facts = facts::of_interface(one);
            let mut uplinks: Vec<Part> = one.ports.iter().map(|port| self.uplink(port)).collect();
            uplinks.extend(one.parent.map(|parent| self.uplink(parent)));
            if let Some(network) = one.network {
                uplinks.extend(self.uplinks_of(network));
            }
            let block = self.block(Kind::Bridge, one.name);
            block.parts.extend(facts.into_iter().chain(uplinks));
        }
    }

    /// Returns an interface as an uplink.
    fn uplink(&self, name: &'h str) -> Part {
        let chain = self.interfaces.chain(name);
        Part {
            role: Role::Uplink,
            name: name.to_owned(),
            detail: match (&*chain.beneath, &chain.why) {
                // what it says of itself is behind its name
                ("", Some(why)) => why
                    .strip_prefix(name)
                    .unwrap_or(why)
                    .trim_start()
                    .to_owned(),
                (_, _) => chain.told(),
            },
            mark: Mark::Same,
            key: name.to_owned(),
            is_routing: false,
        }
    }

    /// Returns how a network reaches the world beside the ports of its bridge.
    fn uplinks_of(&self, network: &'h Network) -> Vec<Part> {
        let devices = network.device_names();
        let routing = match &network.forward {
            Forward::Nat | Forward::Route | Forward::Open if devices.is_empty() => {
                let name = format!("host, {}", network.forward.word());
                Some(Part {
                    role: Role::Uplink,
                    key: name.clone(),
                    name,
                    detail: String::new(),
                    mark: Mark::Same,
                    is_routing: true,
                })
            }
            Forward::Isolated
            | Forward::Nat
            | Forward::Route
            | Forward::Open
            | Forward::Bridge
            | Forward::Direct(_) => None,
        };
        let devices = devices.into_iter().map(|device| self.uplink(device));
        devices.chain(routing).collect()
    }

    fn networks(&mut self) {
        let joined = self.joined;
        for network in self.host.networks() {
            let part = Part {
                role: Role::Network,
                name: network.name.clone(),
                detail: match network.is_loaded() {
                    true => facts::of_network(network),
                    false => format!("{}, not loaded", facts::of_network(network)),
                },
                mark: Mark::Same,
                key: network.name.clone(),
                is_routing: false,
            };
            // of two of a name one is loaded
            let stray = !network.is_loaded()
                && joined
                    .network(&network.name)
                    .is_some_and(Network::is_loaded);
            let bridge = network
                .bridge
                .as_deref()
                .filter(|bridge| !bridge.is_empty());
            match bridge {
                Some(bridge) => self.block(Kind::Bridge, bridge).parts.push(part),
                None if stray => {}
                None => {
                    let uplinks = self.uplinks_of(network);
                    let block = self.block(Kind::Network, &network.name);
                    let mut fact = part;
                    fact.role = Role::Fact;
                    fact.name = std::mem::take(&mut fact.detail);
                    fact.key.clone_from(&fact.name);
                    block.parts.push(fact);
                    block.parts.extend(uplinks);
                }
            }
        }
    }

    fn guests(&mut self) {
        for guest in self.host.guests() {
            let mut alike: HashMap<String, usize> = HashMap::new();
            for (index, interface) in guest.interfaces.iter().enumerate() {
                let mut part = part_of(guest, index, interface, self.host.state_of(guest));
                // one without a hardware address is known by what it is on, and of several alike by its place among them
                let count = alike.entry(part.key.clone()).or_default();
                part.key = format!("{}\n{count}", part.key);
                *count += 1;
                let (kind, name) = self.place_of(interface);
                self.block(kind, name).parts.push(part);
            }
        }
    }

    /// Adds networks and guests of which the file cannot be read.
    fn broken(&mut self) {
        const WHY: &str = "its file cannot be read";
        for broken in &self.host.broken {
            match broken.subject {
                Subject::Network => {
                    let block = self.block(Kind::Network, &broken.about);
                    block.parts.push(facts::fact(WHY));
                }
                Subject::Guest => {
                    let part = Part {
                        role: Role::Guest,
                        detail: WHY.to_owned(),
                        key: format!("{}\nbroken", broken.path),
                        ..facts::fact(broken.about.as_str())
                    };
                    self.block(Kind::Nowhere, NOWHERE).parts.push(part);
                }
                Subject::Interface | Subject::Leases => {}
            }
        }
    }

    /// Returns the block in which an interface of a guest is.
    fn place_of(&self, interface: &'h GuestInterface) -> (Kind, &'h str) {
        let bridge = self.joined.bridge_of(interface);
        if let Some(bridge) = bridge.filter(|bridge| !bridge.is_empty()) {
            return (Kind::Bridge, bridge);
        }
        match &interface.source {
            Source::Network { name, .. } => (Kind::Network, name),
            Source::Device(name) if !name.is_empty() => {
                match self.interfaces.get(name).map(|one| one.kind) {
                    Some("bridge") => (Kind::Bridge, name),
                    _ => (Kind::Interface, name),
                }
            }
            Source::Bridge(_) | Source::Device(_) | Source::Other(_) => (Kind::Nowhere, NOWHERE),
        }
    }

    /// Adds the interfaces that are neither a bridge nor a port, and says of blocks that nothing makes them.
    fn rest(&mut self) {
        let interfaces = self.interfaces;
        let is_bare = |one: &&Interface<'_>| {
            let is_port = one.controller.is_some() && !is_adrift(interfaces, one);
            one.kind != "bridge" && !is_port && one.name != "lo"
        };
        for one in interfaces.iter().filter(is_bare) {
            let key = (Kind::Interface, one.name.to_owned());
            let mut uplinks: Vec<Part> = one.ports.iter().map(|port| self.uplink(port)).collect();
            uplinks.extend(one.parent.map(|parent| self.uplink(parent)));
            // a device of a network is its uplink, and no more
            let is_used = !one.networks.is_empty() && !one.is_made();
            let bridge = (Kind::Bridge, one.name.to_owned());
            if (is_used && !self.blocks.contains_key(&key)) || self.blocks.contains_key(&bridge) {
                continue;
            }
            let facts = facts::of_interface(one);
            let block = self.block(Kind::Interface, one.name);
            block.parts.extend(facts.into_iter().chain(uplinks));
        }
        let known = self.host.networks().map(|network| network.name.as_str());
        let broken = self.host.broken.iter();
        let broken = broken.filter(|broken| broken.subject == Subject::Network);
        let broken = broken.map(|broken| broken.about.as_str());
        let known: HashSet<&str> = known.chain(broken).collect();
        for block in self.blocks.values_mut() {
            let missing = match block.kind {
                Kind::Network => !known.contains(block.name.as_str()),
                Kind::Bridge => interfaces.get(&block.name).is_none_or(|one| !one.is_made()),
                Kind::Nowhere | Kind::Interface => false,
            };
            if missing {
                block.is_made = false;
                block.parts.insert(0, facts::fact("not configured"));
            }
        }
    }
}

/// Returns what an interface of a guest is on.
fn on(source: &Source) -> String {
    format!("{} {}", source.word(), source.name())
}

/// Returns whether what it is a port of, and so on, is never a bridge or an interface of its own: a circle.
fn is_adrift(interfaces: &Interfaces<'_>, one: &Interface<'_>) -> bool {
    let mut at = one;
    for _ in 0..=DEEPEST {
        let Some(controller) = at.controller.and_then(|name| interfaces.get(name)) else {
            return false;
        };
        if controller.kind == "bridge" || controller.controller.is_none() {
            return false;
        }
        at = controller;
    }
    true
}

/// Returns an interface of a guest.
fn part_of(guest: &Guest, index: usize, interface: &GuestInterface, state: Option<&str>) -> Part {
    let number = index + 1;
    let mac = interface.mac.map(|mac| mac.to_string());
    let group = match &interface.source {
        Source::Network { portgroup, .. } => portgroup.as_ref(),
        Source::Bridge(_) | Source::Device(_) | Source::Other(_) => None,
    };
    let other = match &interface.source {
        Source::Other(kind) => Some(kind.clone()),
        Source::Network { .. } | Source::Bridge(_) | Source::Device(_) => None,
    };
    let words = [
        mac.clone(),
        other,
        group.map(|group| format!("port group {group}")),
        interface.link_down.then(|| "link down".to_owned()),
        state.filter(|_| guest.running).map(str::to_owned),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    Part {
        role: Role::Guest,
        name: format!("{} {number}", guest.name),
        detail: words.join(" "),
        mark: Mark::Same,
        // of a guest an interface is known by its hardware address, else by its number
        key: format!(
            "{}\n{}",
            guest.name,
            mac.unwrap_or_else(|| on(&interface.source))
        ),
        is_routing: false,
    }
}
