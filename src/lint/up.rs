//! What comes up by the profiles of a host: which interface has addresses, and by which file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Sight;
use super::script::Role;
use crate::host::Host;
use crate::host::profile::{Backend, Method, Profile};
use crate::tree::HostPath;

/// An interface that comes up with addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Interface {
    /// The files that give it some.
    files: BTreeSet<HostPath>,
    addresses: BTreeSet<String>,
}

/// The interfaces that come up with addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Up {
    interfaces: BTreeMap<String, Interface>,
    bridges: HashMap<String, String>,
    /// Files that would give addresses, and name no interface.
    nameless: Vec<(HostPath, BTreeSet<String>)>,
}

/// An interface that comes up with addresses, and no longer would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bare {
    /// The interface.
    pub interface: String,
    /// What it has.
    pub addresses: Vec<String>,
    /// The files that give it that.
    pub files: BTreeSet<HostPath>,
    /// A file that would give it to another, and names none.
    pub nameless: Option<HostPath>,
}

impl Up {
    /// Returns what comes up by the files that were looked at.
    #[must_use]
    pub fn of(sight: &Sight<'_>) -> Self {
        let mut up = Self::default();
        let profiles: HashMap<&HostPath, &Profile> = by_file(sight.host);
        for script in &sight.scripts {
            let Some(profile) = profiles.get(script.path) else {
                continue;
            };
            // ifup of RHEL 7 fails without, NetworkManager passes the file over
            let named = ["DEVICE", "HWADDR"]
                .iter()
                .any(|key| script.get(key).is_some());
            if script.role == Role::Profile && sight.brings_up(script) {
                up.add(profile, named);
            }
        }
        for profile in sight.host.profiles() {
            if profile.backend == Backend::NmKeyfile && profile.autostart {
                up.add(profile, true);
            }
        }
        up
    }

    fn add(&mut self, profile: &Profile, named: bool) {
        let Some(file) = &profile.origin else { return };
        let name = profile.interface.to_string();
        if let Some(bridge) = &profile.controller {
            self.bridges.insert(name, bridge.to_string());
            return;
        }
        let addresses = addresses(profile);
        if addresses.is_empty() {
            return;
        }
        if !named {
            self.nameless.push((file.clone(), addresses));
            return;
        }
        let interface = self.interfaces.entry(name).or_default();
        interface.files.insert(file.clone());
        interface.addresses.extend(addresses);
    }

    /// Returns the interfaces that have no address in `after`, nor their bridge, while nothing else has theirs.
    #[must_use]
    pub fn bare_in(&self, after: &Self) -> Vec<Bare> {
        let there: BTreeSet<&String> = after
            .interfaces
            .values()
            .flat_map(|interface| &interface.addresses)
            .collect();
        let gone = |(name, interface): (&String, &Interface)| {
            let bridge = after.bridges.get(name);
            let has = after.interfaces.contains_key(name)
                || bridge.is_some_and(|bridge| after.interfaces.contains_key(bridge));
            let moved = interface
                .addresses
                .iter()
                .all(|address| there.contains(address) && address != DHCP && address != UNREAD);
            if has || moved {
                return None;
            }
            let same = |(_, addresses): &&(HostPath, BTreeSet<String>)| {
                !addresses.is_disjoint(&interface.addresses)
            };
            Some(Bare {
                interface: name.clone(),
                addresses: interface.addresses.iter().cloned().collect(),
                files: interface.files.clone(),
                nameless: after
                    .nameless
                    .iter()
                    .find(same)
                    .map(|(file, _)| file.clone()),
            })
        };
        self.interfaces.iter().filter_map(gone).collect()
    }
}

/// Stands for what a server gives.
const DHCP: &str = "DHCP";
/// Stands for what was not read.
const UNREAD: &str = "its configuration";

fn addresses(profile: &Profile) -> BTreeSet<String> {
    let addressing = &profile.layer3.addressing;
    let mut addresses: BTreeSet<String> = addressing
        .addresses
        .iter()
        .map(ToString::to_string)
        .collect();
    match addressing.method {
        Method::Dhcp => drop(addresses.insert(DHCP.to_owned())),
        Method::Unread => drop(addresses.insert(UNREAD.to_owned())),
        Method::Manual | Method::Other(_) => {}
    }
    addresses
}

fn by_file(host: &Host) -> HashMap<&HostPath, &Profile> {
    let profiles = host.profiles();
    profiles
        .filter_map(|profile| Some((profile.origin.as_ref()?, profile)))
        .collect()
}
