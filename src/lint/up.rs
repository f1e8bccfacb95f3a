//! What comes up by the profiles of a host: which interface has addresses, and by which file.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Sight;
use super::rules::ifcfg::gift::{self, Gift};
use super::rules::ifcfg::script::Role;
use crate::backend::ifcfg;
use crate::host::Host;
use crate::host::layer3::Method;
use crate::host::profile::{Backend, Profile};
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
    /// What files give beside addresses, each with its interface.
    gifts: Vec<(HostPath, String, Gift)>,
}

/// Something that the host has once it is up, and no longer would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bare {
    /// What it is, behind "nothing else": `brings up ens33 with DHCP`.
    pub what: String,
    /// The files that do that.
    pub files: BTreeSet<HostPath>,
    /// Why another file does not, which seems to.
    pub instead: Option<String>,
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
            // ifup ends with a file that says `exit`, NetworkManager passes the line over
            let by_nm = sight.readers.managed_by_nm(profile.nm_controlled);
            let whole = by_nm || !gift::leaves_early(&script.doc);
            let port = ifcfg::is_bond_port(&script.doc, script.reader);
            let orphan = !profile.nm_controlled && by_nm_alone(sight);
            let up_by_itself = sight.brings_up(script) && whole && !port && !orphan;
            if script.role == Role::Profile && up_by_itself {
                up.add(sight, profile, named);
            }
        }
        let owner = sight.owner;
        let untrusted: BTreeSet<&HostPath> = sight
            .keyfiles
            .iter()
            .filter(|keyfile| !keyfile.is_trusted(owner))
            .map(|keyfile| keyfile.path)
            .collect();
        for profile in sight.host.profiles() {
            let trusted = profile
                .home
                .file
                .as_ref()
                .is_some_and(|path| !untrusted.contains(path));
            if profile.home.backend == Backend::NmKeyfile && profile.autostart && trusted {
                up.add(sight, profile, true);
            }
        }
        up
    }

    fn add(&mut self, sight: &Sight<'_>, profile: &Profile, named: bool) {
        let Some(file) = &profile.home.file else {
            return;
        };
        let name = profile.interface.to_string();
        if let Some(bridge) = &profile.controller {
            self.bridges.insert(name, bridge.to_string());
            return;
        }
        let addresses = addresses(sight, profile);
        if addresses.is_empty() {
            return;
        }
        if !named {
            self.nameless.push((file.clone(), addresses));
            return;
        }
        let gift = Gift::of(sight, profile);
        self.gifts.push((file.clone(), name.clone(), gift));
        let interface = self.interfaces.entry(name).or_default();
        interface.files.insert(file.clone());
        interface.addresses.extend(addresses);
    }

    /// Returns what the host has no longer in `after`, the last of its kind.
    #[must_use]
    pub fn bare_in(&self, after: &Self) -> Vec<Bare> {
        let mut bare = self.without_address(after);
        bare.extend(self.without_card(after));
        bare.extend(self.without_gift(after));
        bare
    }

    /// Returns the interfaces that have no address in `after`, nor their bridge, while nothing else has theirs.
    fn without_address(&self, after: &Self) -> Vec<Bare> {
        let there: BTreeSet<&String> = after
            .interfaces
            .values()
            .flat_map(|interface| &interface.addresses)
            .collect();
        let gone = |(name, interface): (&String, &Interface)| {
            let bridge = after.bridges.get(name).unwrap_or(name);
            let later = [name, bridge]
                .into_iter()
                .filter_map(|name| after.interfaces.get(name));
            let later: BTreeSet<&String> = later.flat_map(|later| &later.addresses).collect();
            let known = |address: &&String| **address != DHCP && **address != UNREAD;
            let lost: BTreeSet<String> = interface
                .addresses
                .iter()
                .filter(|address| !later.contains(address))
                .filter(|address| !(known(address) && there.contains(address)))
                .cloned()
                .collect();
            if lost.is_empty() {
                return None;
            }
            let what = match later.is_empty() {
                true => format!("brings up `{name}` with {}", list(&lost)),
                false => format!("gives `{name}` {}", list(&lost)),
            };
            let same = |(_, addresses): &&(HostPath, BTreeSet<String>)| {
                !addresses.is_disjoint(&interface.addresses)
            };
            let nameless = after.nameless.iter().find(same);
            Some(Bare {
                what,
                files: interface.files.clone(),
                instead: nameless
                    .map(|(file, _)| format!("{} would, but has no DEVICE", file.name())),
            })
        };
        self.interfaces.iter().filter_map(gone).collect()
    }

    /// Returns the interfaces that are left to files for another card: which is there cannot be told.
    fn without_card(&self, after: &Self) -> Vec<Bare> {
        let stay: HashSet<&HostPath> = after.gifts.iter().map(|(file, ..)| file).collect();
        let mut by_name: HashMap<&String, Vec<_>> = HashMap::new();
        for given in &after.gifts {
            by_name.entry(&given.1).or_default().push(given);
        }
        let gone = |(file, name, gift): &(HostPath, String, Gift)| {
            if stay.contains(file) {
                return None;
            }
            let left = by_name.get(name)?;
            let same = |other: &Gift| other.mac.is_none() || other.mac == gift.mac;
            let (other, _, card) = left.first()?;
            if left.iter().any(|(_, _, other)| same(other)) {
                return None;
            }
            let mac = card.mac.as_deref()?;
            Some(Bare {
                what: format!("is sure to bring up `{name}`"),
                files: BTreeSet::from([file.clone()]),
                instead: Some(format!("{} is only for the card {mac}", other.name())),
            })
        };
        self.gifts.iter().filter_map(gone).collect()
    }

    /// Returns what nothing gives in `after`: a default route or name servers for the host, IPv6 for an interface.
    fn without_gift(&self, after: &Self) -> Vec<Bare> {
        type Part = fn(&Gift) -> &BTreeSet<String>;
        let parts: [(&str, Part); 3] = [
            ("the gateway", |gift| &gift.routes),
            ("the gateway", |gift| &gift.routes_v6),
            ("the name servers", |gift| &gift.dns),
        ];
        let mut bare = Vec::new();
        let have = after
            .gifts
            .iter()
            .filter(|(.., gift)| !gift.ipv6.is_empty());
        let have: HashSet<&String> = have.map(|(_, name, _)| name).collect();
        for (file, name, gift) in self.gifts.iter().filter(|(.., gift)| !gift.ipv6.is_empty()) {
            let bridge = after.bridges.get(name).unwrap_or(name);
            if ![name, bridge].into_iter().any(|name| have.contains(name)) {
                bare.push(Bare {
                    what: format!("gives `{name}` IPv6 ({})", list(&gift.ipv6)),
                    files: BTreeSet::from([file.clone()]),
                    instead: None,
                });
            }
        }
        for (word, part) in parts {
            if !after.gifts.iter().any(|(.., gift)| !part(gift).is_empty()) {
                let givers = self.gifts.iter();
                let givers = givers.filter(|(.., gift)| !part(gift).is_empty());
                bare.extend(givers.map(|(file, name, gift)| Bare {
                    what: format!("gives `{name}` {word} {}", list(part(gift))),
                    files: BTreeSet::from([file.clone()]),
                    instead: None,
                }));
            }
        }
        bare
    }
}

/// Returns whether NetworkManager is all there is: nobody brings up what it is told to leave alone.
fn by_nm_alone(sight: &Sight<'_>) -> bool {
    let scripts = sight.readers.scripts.as_ref();
    sight.readers.network_manager.is_some() && scripts.is_none_or(|scripts| scripts.starts.never())
}

fn list(words: &BTreeSet<String>) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.join(", ")
}

/// Stands for what a server gives.
const DHCP: &str = "DHCP";
/// Stands for what was not read.
const UNREAD: &str = "its configuration";

fn addresses(sight: &Sight<'_>, profile: &Profile) -> BTreeSet<String> {
    let layer3 = &profile.layer3;
    // ifup-eth asks a DHCP server and takes no notice of IPADDR, NetworkManager has both
    let either = layer3.is_dhcp() && !profile.is_for_network_manager(&sight.readers);
    let mut addresses: BTreeSet<String> = layer3
        .addresses()
        .filter(|net| !(either && net.addr().is_ipv4()))
        .map(|net| net.to_string())
        .chain(layer3.not_valid().map(ToString::to_string))
        .collect();
    match *layer3.v4.method {
        Method::Dhcp => drop(addresses.insert(DHCP.to_owned())),
        Method::Unread => drop(addresses.insert(UNREAD.to_owned())),
        Method::Manual | Method::Unsaid | Method::Off | Method::Auto | Method::Other(_) => {}
    }
    addresses
}

fn by_file(host: &Host) -> HashMap<&HostPath, &Profile> {
    let profiles = host.profiles();
    profiles
        .filter_map(|profile| Some((profile.home.file.as_ref()?, profile)))
        .collect()
}
