//! What a migration says: what becomes of each file, what is lost, and where two readers differ.

use super::differs::{self, differences};
use super::{Moved, card, started, unmanaged};
use crate::backend::migrate::{FirstRoute, Loss, Weight};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
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
    /// The interface whose default route counts, where several have one.
    pub(super) first_route: Option<FirstRoute>,
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
        let set = self.moved.iter();
        let set: Vec<String> = set.flat_map(|one| self.set_on(one)).collect();
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
        let mut differences = differences(self.tree, self.host, self.moved);
        let (taken, _) = started::left_to(self.tree, self.host, self.moved);
        differences.extend(differs::of_taken(self.tree, self.host, &taken));
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

    /// Returns what a keyfile says that no file said, and why.
    fn set_on(&self, one: &Moved<'_>) -> Vec<String> {
        let name = &one.profile.interface;
        let first = self.first_route.as_ref();
        let is_first = first.is_some_and(|first| first.interface == *name);
        let said = one.keyfile.said.iter();
        let is_bond = said
            .clone()
            .any(|entry| entry.key == "type" && entry.value == "bond");
        let said = said.filter(|entry| entry.at.is_none());
        said.filter_map(|entry| {
            let why = match entry.key.as_str() {
                "autoconnect-slaves" if is_bond => "so that its ports come up with it, as ifup does it",
                "autoconnect-slaves" => {
                    "so that it has its ports when it is taken down and up again, from NetworkManager 1.52 on"
                }
                "never-default" => {
                    "since dhclient-script passes over the routers of a lease while GATEWAY is set"
                }
                "route-metric" if is_first => "so that its default route counts, as it does today",
                "dhcp-iaid" => "as dhclient makes it: of the hardware address",
                _ => return None,
            };
            Some(format!("`{name}` {}={}, {why}", entry.key, entry.value))
        })
        .collect()
    }

    /// Says what becomes of the programs.
    fn service(&self) -> Vec<String> {
        let mut said = Vec::new();
        if !self.moved.is_empty() && started::is_enabled_by(self.tree, self.host) {
            said.push(
                "NetworkManager is enabled: it is not started with the host today".to_owned(),
            );
        }
        let readers = &self.host.readers;
        if !self.moved.is_empty() && readers.network_manager.is_none() && !readers.whole {
            said.push("which program reads these files cannot be told from this tree: where it is the network service, NetworkManager must be enabled with the keyfiles, and that service disabled".to_owned());
        }
        if started::is_idle(self.host, self.moved) {
            said.push("the network service is disabled: nothing is left to it".to_owned());
            return said;
        }
        let names = |profiles: Vec<&Profile>| -> Vec<String> {
            let names = profiles.into_iter();
            names
                .map(|profile| format!("`{}`", profile.interface))
                .collect()
        };
        let (taken, left) = started::left_to(self.tree, self.host, self.moved);
        let (taken, left) = (names(taken), names(left));
        if !left.is_empty() {
            said.push(format!(
                "the network service goes on to start {}",
                shortened(&left)
            ));
        }
        if !taken.is_empty() {
            said.push(format!(
                "NetworkManager takes {} from now on, too, by the ifcfg files: NM_CONTROLLED=no in them leaves it to the network service",
                shortened(&taken)
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
        let first = self.first_route.as_ref()?;
        let moves = |name: &InterfaceName| {
            let mut moved = self.moved.iter();
            moved.any(|one| one.keyfile.by_scripts && one.profile.interface == *name)
        };
        let mut all = first.others.iter().map(|(name, _)| name);
        if !moves(&first.interface) && !all.any(moves) {
            return None;
        }
        let (name, mut names) = (&first.interface, Vec::new());
        names.extend(first.others.iter().map(|(name, _)| format!("`{name}`")));
        let has = if names.len() == 1 { "has" } else { "have" };
        let others = format!("{} {has} a default route, too", names.join(", "));
        let (_, stay) = started::left_to(self.tree, self.host, self.moved);
        let stays = |name: &InterfaceName| stay.iter().any(|profile| profile.interface == *name);
        let left = |(name, by_scripts): &&(InterfaceName, bool)| *by_scripts && stays(name);
        let left = first.others.iter().find(left);
        Some(match (moves(name), left) {
            (true, None) => format!("{others}: that of `{name}` counts, as it does today"),
            // a route of the network service has no metric, which is the lowest
            (true, Some((left, _))) => format!(
                "{others}: that of `{name}` counts today, and that of `{left}` once `{name}` is migrated and `{left}` is not"
            ),
            (false, _) => format!(
                "{others}: that of `{name}` counts, which the network service goes on to bring up"
            ),
        })
    }

    /// dhclient sends no client-id, NetworkManager one that is made of the hardware address.
    ///
    /// Source: dhclient.conf(5) of Red Hat's packages; nm-settings-nmcli(5), `dhcp-client-id` (run).
    fn client_id(&self) -> Option<String> {
        let asks = |one: &&Moved<'_>| {
            let mut keys = one.keyfile.said.iter();
            let said = keys.any(|entry| entry.group == "ipv4" && entry.key == "dhcp-client-id");
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
