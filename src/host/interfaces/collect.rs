//! From a host to its interfaces.

use std::collections::{BTreeMap, HashMap};

use super::{Interface, Interfaces};
use crate::host::joined::Joined;
use crate::host::layer2::{Layer2, Layer2s};
use crate::host::profile::{Link, Profile};
use crate::host::value::InterfaceName;
use crate::host::wording::{ControllerKind, ControllerName};
use crate::host::{Broken, Host, ReferenceKind, Subject};

/// What an interface of which nothing tells the kind is called.
const UNKNOWN: &str = "unknown";

/// What bridges are called.
const BRIDGE: &str = "bridge";

/// Interfaces while they are collected, by name.
struct Collected<'h> {
    host: &'h Host,
    found: BTreeMap<&'h str, Interface<'h>>,
    /// The names of interfaces by the UUIDs of their profiles, in lower case.
    by_uuid: HashMap<&'h str, &'h str>,
}

impl<'h> Interfaces<'h> {
    /// Returns the interfaces of `host`.
    #[must_use]
    pub fn of(host: &'h Host, joined: &Joined<'h>, layer2s: &'h Layer2s) -> Self {
        let uuids = host.profiles().filter_map(|profile| {
            let uuid = profile.uuid.as_deref()?;
            Some((uuid, profile.interface.as_str()))
        });
        let mut collected = Collected {
            host,
            found: BTreeMap::new(),
            by_uuid: uuids.collect(),
        };
        collected.kernel();
        collected.profiles(layer2s);
        collected.unnamed();
        collected.claims();
        collected.libvirt();
        collected.others();
        collected.attached();
        collected.kinds(joined, layer2s);
        let all: Vec<_> = collected.found.into_values().collect();
        let by_name = all.iter().enumerate().map(|(at, one)| (one.name, at));
        let by_name = by_name.collect();
        Self { all, by_name }
    }
}

impl<'h> Collected<'h> {
    fn at(&mut self, name: &'h str) -> &mut Interface<'h> {
        self.found.entry(name).or_insert_with(|| Interface {
            name,
            kind: UNKNOWN,
            profile: None,
            layer2: None,
            claim: None,
            network: None,
            broken: None,
            is_present: false,
            named_by_route: false,
            mac: None,
            controller: None,
            keeps_addresses: false,
            ports: Vec::new(),
            parent: None,
            above: Vec::new(),
            networks: Vec::new(),
            guests: Vec::new(),
        })
    }

    fn kernel(&mut self) {
        for name in &self.host.present {
            self.at(name.as_str()).is_present = true;
        }
        for (name, mac) in &self.host.macs {
            self.at(name.as_str()).mac = Some(*mac);
        }
    }

    fn profiles(&mut self, layer2s: &'h Layer2s) {
        let nothing: Option<&'h Layer2> = None;
        let layers = layer2s.of_profiles.iter().map(Some);
        let layers = layers.chain(std::iter::repeat(nothing));
        for (profile, layer2) in self.host.profiles().zip(layers) {
            let other = layer2.and_then(|layer2| layer2.controller.as_deref());
            let controller = self.controller_of(profile);
            let keeps_addresses = controller.is_none();
            let controller = controller.or_else(|| Some(self.by_uuid_or_name(other?)));
            let parent = layer2.and_then(|layer2| layer2.parent.as_deref());
            let parent = parent_of(profile).or(parent);
            if let Some(bridge) = &profile.controller {
                self.at(bridge.as_str()).kind = BRIDGE;
            }
            let one = self.at(profile.interface.as_str());
            // of several the one counts that is read, and started
            let rank = |profile: &Profile| (profile.is_read(), profile.autostart);
            if one.profile.is_none_or(|known| rank(profile) > rank(known)) {
                (one.profile, one.layer2) = (Some(profile), layer2);
                (one.controller, one.parent) = (controller, parent);
                one.keeps_addresses = keeps_addresses;
                one.mac = profile.cloned_mac.or(profile.mac).or(one.mac);
            }
        }
        for profile in &self.host.idle {
            self.at(profile.interface.as_str());
        }
        for (profile, layer2) in self.host.profiles().zip(&layer2s.of_profiles) {
            for port in &layer2.ports {
                let port = self.at(port);
                port.controller = port.controller.or(Some(profile.interface.as_str()));
            }
        }
        for name in &layer2s.named {
            self.at(name.as_str());
        }
    }

    /// Returns what a profile attaches its interface to: its bridge, else a bond or team.
    fn controller_of(&self, profile: &'h Profile) -> Option<&'h str> {
        let bridge = profile.controller.as_ref().map(InterfaceName::as_str);
        let others = profile.wording.controllers.iter();
        // one that names its bridge by the UUID of nothing has none
        let mut others = others.filter(|attachment| match attachment.kind {
            ControllerKind::Bond | ControllerKind::Team | ControllerKind::OvsBridge => true,
            ControllerKind::Bridge => matches!(attachment.name, ControllerName::Uuid(_)),
        });
        bridge.or_else(|| {
            Some(match &others.next()?.name {
                ControllerName::Interface(name) => name.as_str(),
                ControllerName::Uuid(uuid) => self.by_uuid_or_name(uuid),
            })
        })
    }

    fn by_uuid_or_name(&self, word: &'h str) -> &'h str {
        let known = self.by_uuid.get(&*word.to_ascii_lowercase());
        known.copied().unwrap_or(word)
    }

    /// Adds profiles that are for a card by its hardware address, and of which nobody knows the name.
    fn unnamed(&mut self) {
        for port in &self.host.unnamed {
            let Some(mac) = &port.mac else { continue };
            let controller = port.controller.as_ref().map(|said| said.value.as_str());
            let one = self.at(mac);
            one.controller = one.controller.or(controller);
        }
    }

    fn claims(&mut self) {
        for claim in self.host.readers.claims() {
            let Some(name) = claim.name() else { continue };
            let one = self.at(name);
            one.claim = one.claim.or(Some(claim));
            for port in &claim.ports {
                let port = self.at(port);
                port.controller = port.controller.or(Some(name));
                port.claim = port.claim.or(Some(claim));
            }
        }
    }

    fn libvirt(&mut self) {
        for network in self.host.networks() {
            if let Some(bridge) = network.bridge.as_deref().filter(|name| !name.is_empty()) {
                let own = network.own_bridge().is_some() && network.is_loaded();
                let one = self.at(bridge);
                match own {
                    true => one.network = one.network.or(Some(network)),
                    false => one.networks.push(&network.name),
                }
            }
            for device in network.device_names() {
                self.at(device).networks.push(&network.name);
            }
        }
        for guest in self.host.guests() {
            for interface in &guest.interfaces {
                let source = &interface.source;
                if source.network().is_some() || source.name().is_empty() {
                    continue;
                }
                let one = self.at(source.name());
                if one.guests.last() != Some(&&*guest.name) {
                    one.guests.push(&guest.name);
                }
            }
        }
    }

    /// Adds what other files name: zones, routes, files that cannot be read.
    fn others(&mut self) {
        for reference in &self.host.references {
            let one = self.at(reference.interface.as_str());
            one.named_by_route |= reference.kind == ReferenceKind::DefaultRoute;
        }
        let broken = self.host.broken.iter();
        let of_interfaces = |broken: &&Broken| broken.subject == Subject::Interface;
        for broken in broken.filter(of_interfaces) {
            if InterfaceName::parse(&broken.about).is_ok() {
                let one = self.at(&broken.about);
                one.broken = one.broken.or(Some(broken));
            }
        }
    }

    /// Adds to each controller its ports, and to what others are on top of, these.
    fn attached(&mut self) {
        let links = self.found.values();
        let links: Vec<_> = links
            .map(|one| (one.name, one.controller, one.parent))
            .collect();
        for (name, controller, parent) in links {
            if let Some(controller) = controller {
                self.at(controller).ports.push(name);
            }
            if let Some(parent) = parent {
                self.at(parent).above.push(name);
            }
        }
    }

    fn kinds(&mut self, joined: &Joined<'h>, layer2s: &'h Layer2s) {
        for one in self.found.values_mut() {
            let by_kernel = || {
                let name = InterfaceName::parse(one.name).ok()?;
                layer2s.of_kernel.get(&name).copied()
            };
            let is_bridge = || {
                let by_claim = one.claim.filter(|claim| claim.name() == Some(one.name));
                one.kind == BRIDGE
                    || one.network.is_some()
                    || joined.switch_of(one.name).is_some()
                    || by_claim.is_some_and(|claim| claim.bridge.is_some())
            };
            let kind = match (one.profile, one.name) {
                (_, "lo") => "loopback",
                (Some(profile), _) => of_profile(profile, one.layer2),
                (None, _) if is_bridge() => BRIDGE,
                (None, _) => by_kernel().unwrap_or(UNKNOWN),
            };
            one.kind = kind;
            if kind == BRIDGE {
                one.networks = joined.networks_on(one.name).to_vec();
                one.guests = joined.guests_on(one.name).to_vec();
            }
        }
    }
}

/// Returns what the interface of a profile is on top of.
fn parent_of(profile: &Profile) -> Option<&str> {
    match &profile.link {
        Link::Vlan(parent) => parent.as_deref(),
        Link::Foreign(foreign) => Some(foreign.on_top.as_ref()?.parent.value.as_str()),
        Link::Ethernet | Link::Bridge(_) | Link::Bond => None,
    }
}

fn of_profile<'h>(profile: &'h Profile, layer2: Option<&'h Layer2>) -> &'h str {
    let said = layer2.and_then(|layer2| layer2.kind.as_deref());
    match &profile.link {
        Link::Ethernet => "ethernet",
        Link::Bridge(_) => "bridge",
        Link::Bond => match said {
            Some("team") => "team",
            Some(_) | None => "bond",
        },
        Link::Vlan(_) => "vlan",
        Link::Foreign(foreign) if foreign.bridge.is_some() => "bridge",
        Link::Foreign(_) => said.unwrap_or("ethernet"),
    }
}
