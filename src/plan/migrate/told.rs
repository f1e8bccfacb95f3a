//! What a migration says: what becomes of each file, what is lost, and where two readers differ.

use std::collections::{BTreeMap, BTreeSet};

use super::{Moved, card, started, unmanaged};
use crate::backend::migrate::{self, As, Entry, Loss, Weight};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::plan::words::one_by_one;
use crate::tree::{HostPath, Tree};

/// What there is to tell.
pub(super) struct Told<'a> {
    pub(super) tree: &'a Tree,
    pub(super) host: &'a Host,
    pub(super) moved: &'a [Moved<'a>],
    /// Profiles whose interfaces NetworkManager leaves alone.
    pub(super) left_alone: &'a [&'a Profile],
    /// Copies of profiles, which are put away.
    pub(super) copied: &'a [&'a HostPath],
    /// Files that nobody reads today and NetworkManager would: they are put away as well.
    pub(super) strays: &'a [HostPath],
    pub(super) losses: &'a [Loss],
}

impl Told<'_> {
    /// Returns the title.
    pub(super) fn title(&self) -> String {
        match self.moved {
            [] if !self.left_alone.is_empty() => {
                "tell NetworkManager which interfaces it leaves alone".to_owned()
            }
            [] if !self.copied.is_empty() => "put copies of ifcfg files away".to_owned(),
            [] => "no ifcfg profile to migrate".to_owned(),
            [one] => format!("migrate `{}` to a keyfile", one.profile.interface),
            moved => format!("migrate {} profiles to keyfiles", moved.len()),
        }
    }

    /// Returns what becomes of each file, and what is lost.
    pub(super) fn moves(&self) -> Vec<(String, Vec<String>)> {
        let one = |one: &Moved<'_>| {
            let from: Vec<&str> = one.keyfile.from.iter().map(HostPath::name).collect();
            format!("{} from {}", one.to.name(), from.join(", "))
        };
        let mut becomes: Vec<String> = self.moved.iter().map(one).collect();
        becomes.extend(self.left_alone.iter().map(|profile| {
            let from: Vec<&str> = unmanaged::files(profile).map(HostPath::name).collect();
            let path = unmanaged::path();
            format!(
                "{} from {}, which nobody starts",
                path.name(),
                from.join(", ")
            )
        }));
        let mut found: Vec<_> = one_by_one("becomes", becomes).collect();
        let set: Vec<String> = self.moved.iter().flat_map(set_on).collect();
        found.extend(one_by_one("set on", set));
        found.extend(one_by_one("names", card::told(self.tree, self.moved)));
        let copies = self.copied.iter();
        let copies = copies.map(|file| format!("{} is a copy, and no profile", file.name()));
        let strays = self.strays.iter().map(|file| {
            let name = file.name();
            format!("{name}, which nobody reads today and NetworkManager would")
        });
        found.extend(one_by_one("goes away", copies.chain(strays).collect()));
        let lost = self.losses.iter().filter(|loss| loss.weight > Weight::Idle);
        let (grave, light): (Vec<_>, Vec<_>) = lost.partition(|loss| loss.weight == Weight::Grave);
        let grave = grave.into_iter().map(|loss| {
            let line = line(loss);
            format!("{line} (the host may not be reached without it)")
        });
        let lost = grave.chain(light.into_iter().map(line));
        found.extend(one_by_one("is lost", lost.collect()));
        let differences = differences(self.tree, self.host, self.moved);
        found.extend(one_by_one("differs", differences));
        found
    }

    /// Returns what the user should know beyond that.
    pub(super) fn warnings(&self) -> Vec<String> {
        let idle = self.losses.iter();
        let idle = idle.filter(|loss| loss.weight == Weight::Idle).count();
        let mut warnings = Vec::new();
        if idle > 0 {
            let settings = match idle {
                1 => "1 setting that nobody reads, or that changes nothing, is".to_owned(),
                idle => format!("{idle} settings that nobody reads, or that change nothing, are"),
            };
            warnings.push(format!("{settings} in no keyfile: --verbose lists what"));
        }
        warnings.extend(self.wakes());
        warnings.extend(self.default_routes());
        warnings.extend(self.client_id());
        warnings.extend(self.service());
        warnings
    }

    /// Says what becomes of the programs.
    fn service(&self) -> Vec<String> {
        let mut said = Vec::new();
        if !self.moved.is_empty() && started::is_enabled_by(self.tree, self.host) {
            said.push(
                "NetworkManager is enabled: it is not started with the host today".to_owned(),
            );
        }
        let by_scripts = self.moved.iter().any(|one| one.keyfile.by_scripts);
        let left: Vec<String> = match by_scripts {
            true => started::left(self.host, self.moved)
                .iter()
                .map(|profile| format!("`{}`", profile.interface))
                .collect(),
            false => Vec::new(),
        };
        if started::is_idle(self.host, self.moved) {
            said.push("the network service is disabled: nothing is left to it".to_owned());
        } else if !left.is_empty() {
            said.push(format!(
                "the network service goes on to start {}",
                shortened(&left)
            ));
        }
        said
    }

    /// Profiles that nothing reads take effect as keyfiles.
    fn wakes(&self) -> Option<String> {
        let unread = self.moved.iter().filter(|one| !one.profile.is_read());
        let names: Vec<String> = unread
            .map(|one| format!("`{}`", one.profile.interface))
            .collect();
        let says = |names: Vec<String>| {
            format!(
                "nothing reads the ifcfg files of {} today: as keyfiles they take effect",
                names.join(", ")
            )
        };
        (!names.is_empty()).then(|| says(names))
    }

    /// network-scripts replace the default route by that of each interface that they bring up: the last one has it.
    /// NetworkManager keeps all, each with its metric.
    ///
    /// Source: ifup-eth (`ip route replace default`), `nm_manager_device_route_metric_reserve()` in nm-manager.c.
    fn default_routes(&self) -> Option<String> {
        let has = |one: &&Moved<'_>| {
            let layer3 = &one.profile.layer3;
            let sets = layer3.is_dhcp()
                || layer3
                    .v4
                    .gateways
                    .iter()
                    .any(|said| layer3.is_default_route(&said.value));
            let said = one.keyfile.said.iter();
            let mut keys = said
                .filter(|entry| entry.group == "ipv4")
                .map(|entry| entry.key.as_str());
            let told = keys.any(|key| matches!(key, "never-default" | "route-metric"));
            one.keyfile.by_scripts
                && one.profile.autostart
                && one.profile.controller.is_none()
                && sets
                && !told
        };
        let names = self
            .moved
            .iter()
            .filter(has)
            .map(|one| format!("`{}`", one.profile.interface));
        let names: Vec<String> = names.collect();
        (names.len() > 1).then(|| {
            format!(
                "{} have a default route each: network-scripts keep that of the one they bring up last, NetworkManager prefers the lowest metric; say which by never-default or route-metric",
                names.join(", ")
            )
        })
    }

    /// dhclient sends no client-id, NetworkManager one that is made of the hardware address.
    ///
    /// Source: dhclient.conf(5) of Red Hat's packages; nm-settings-nmcli(5), `dhcp-client-id` (run).
    fn client_id(&self) -> Option<String> {
        let asks = |one: &&Moved<'_>| {
            let said = one.profile.layer3.dhcp.client_id.is_some();
            one.keyfile.by_scripts && one.profile.layer3.is_dhcp() && !said
        };
        let names = self.moved.iter().filter(asks);
        let names: Vec<String> = names
            .map(|one| format!("`{}`", one.profile.interface))
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "the DHCP client-id of {} changes, since dhclient sends none: the server may assign another address; `dhcp-client-id=none` in [ipv4] keeps it with NetworkManager 1.46 or newer",
                names.join(", ")
            )
        })
    }
}

/// Returns what a keyfile says that no file said, and why.
fn set_on(one: &Moved<'_>) -> Vec<String> {
    let name = &one.profile.interface;
    let said = one.keyfile.said.iter();
    let said = said.filter(|entry| entry.at.is_none());
    said.filter_map(|entry| {
        let why = match entry.key.as_str() {
            "autoconnect-slaves" => "so that its ports come up with it from NetworkManager 1.52 on",
            "dhcp-iaid" => "as dhclient makes it: of the hardware address",
            _ => return None,
        };
        Some(format!("`{name}` {}={}, {why}", entry.key, entry.value))
    })
    .collect()
}

/// The most places that a sentence lists.
const LISTED: usize = 6;

fn shortened(places: &[String]) -> String {
    let first = places.iter().take(LISTED).cloned().collect::<Vec<_>>();
    match places.len().saturating_sub(LISTED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Returns a loss in words, with its place.
#[must_use]
pub fn line(loss: &Loss) -> String {
    let instead = loss
        .instead
        .iter()
        .map(|instead| format!("; instead: {instead}"));
    let instead: String = instead.collect();
    let (at, meant) = (&loss.at, &loss.meant);
    let place = match loss.line {
        // a number behind the name of an alias would be a part of it
        Some(line) if at.name().contains(':') => format!("{at}, line {line},"),
        line => at.with_line(line),
    };
    match loss.what == at.name() {
        true => format!("{place}: {meant}{instead}"),
        false => format!("{place} {}: {meant}{instead}", loss.what),
    }
}

/// Returns in what NetworkManager would have read the files otherwise than the program that reads them does.
fn differences(tree: &Tree, host: &Host, moved: &[Moved<'_>]) -> Vec<String> {
    let around = migrate::Around::of(tree, host);
    let mut found = Vec::new();
    for one in moved {
        match migrate::keyfile(tree, host, &around, one.profile, As::NetworkManager) {
            Ok(other) => found.extend(between(
                &one.keyfile.said,
                &other.said,
                one.keyfile.by_scripts,
            )),
            Err(cannot) => found.push(format!(
                "{}: NetworkManager would have made no profile of it: {}",
                one.keyfile.from[0], cannot.why
            )),
        }
    }
    found
}

/// Returns what is said in one of two ways alone, or otherwise; of a file of which nothing is said in the other way, its name.
fn between(own: &[Entry], other: &[Entry], by_scripts: bool) -> Vec<String> {
    let (own_keys, other_keys) = (keyed(own), keyed(other));
    let file = |entry: &Entry| entry.at.as_ref().map(|(path, _)| path.clone());
    let read: BTreeSet<_> = other.iter().filter_map(file).collect();
    let (mut found, mut unread) = (Vec::new(), BTreeSet::new());
    for (key, entry) in &own_keys {
        let there = other_keys.get(key);
        if there.is_some_and(|there| there.value == entry.value) {
            continue;
        }
        // what no file says is told elsewhere
        if there.is_none() && entry.at.is_none() {
            continue;
        }
        let from = file(entry).filter(|path| !read.contains(path));
        let said = said(entry);
        match (there, by_scripts, from) {
            (_, _, Some(path)) => drop(unread.insert(path)),
            (Some(there), true, None) => found.push(format!(
                "{said}, as network-scripts have it; NetworkManager would have read {}",
                there.value
            )),
            (Some(there), false, None) => found.push(format!(
                "{said}; NetworkManager would have read {}",
                there.value
            )),
            (None, true, None) => found.push(format!(
                "{said}, as network-scripts have it; NetworkManager would not have read it"
            )),
            (None, false, None) => found.push(format!(
                "{said} takes effect with the keyfile; NetworkManager passes it over today"
            )),
        }
    }
    let only = other_keys
        .iter()
        .filter(|(key, _)| !own_keys.contains_key(*key));
    found.extend(only.map(|(_, entry)| {
        format!(
            "{} is not in force today, and in no keyfile; NetworkManager would have read it",
            said(entry)
        )
    }));
    let unread = unread.into_iter().map(|path| match by_scripts {
        true => format!(
            "{path} is kept, as network-scripts have it; NetworkManager would have read nothing of it"
        ),
        false => format!(
            "{path} takes effect with the keyfile; NetworkManager passes it over today"
        ),
    });
    unread.chain(found).collect()
}

fn said(entry: &Entry) -> String {
    let place = entry.at.as_ref();
    let place = place.map(|(path, line)| path.with_line(Some(*line)) + " ");
    let place = place.unwrap_or_default();
    format!("{place}[{}] {}={}", entry.group, entry.key, entry.value)
}

/// Returns what is said by its key; addresses, routes and rules by their value, since a number says nothing.
fn keyed(said: &[Entry]) -> BTreeMap<(&'static str, String), &Entry> {
    let key = |entry: &Entry| {
        let stem = entry.key.trim_end_matches(|c: char| c.is_ascii_digit());
        match stem {
            "address" | "route" | "routing-rule" => format!("{stem} {}", entry.value),
            _ if entry.key.starts_with("route") && entry.key.ends_with("_options") => {
                format!("options {}", entry.value)
            }
            _ => entry.key.clone(),
        }
    };
    said.iter()
        .map(|entry| ((entry.group, key(entry)), entry))
        .collect()
}
