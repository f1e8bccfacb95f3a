//! The network service takes a bridge of Open vSwitch into use: interface by interface, where that can be.
//!
//! Source: run, with ifup and ifdown of initscripts 9.49 (RHEL 7) and 10.00 (8), ifup-ovs and ifdown-ovs of Open vSwitch 3.7, and
//! Open vSwitch 3.1 with its userspace datapath, of DHCP hosts and static ones, there and back:
//!
//! - `stop` of the service deletes every bridge of Open vSwitch, `start` makes them again, without what libvirt had put there: running
//!   guests have no network then until their daemon starts anew, and puts it there again (9.0, 3 seconds). So what does not change
//!   is left alone.
//! - `ifdown` and `ifup` of what changes leave what a boot makes. Of a card that becomes a port the new files are enough; a port and a
//!   bridge must go with the old ones: nothing else takes them out of Open vSwitch's database, from which they come back at each boot.

use std::collections::{BTreeSet, HashSet};

use super::interrupts;
use super::service::{Service, Written};
use super::steps::{NextSteps, Run};
use super::{gone, is_ovs, made};
use crate::backend::{self, shell_word};
use crate::host::profile::{Link, Profile, Switch};
use crate::host::value::InterfaceName;
use crate::layout::{self, About};
use crate::readers::{Program, Readers};

/// The profiles that change, where those alone are taken down and brought up.
struct Apart<'p> {
    /// As they were: ports before their bridges.
    down: Vec<&'p Profile>,
    /// As they will be: bridges before their ports.
    up: Vec<&'p Profile>,
}

/// Returns the commands for a change that concerns a bridge of Open vSwitch.
pub(super) fn steps(readers: &Readers, service: &Service<'_>, unit: &str, run: &Run) -> NextSteps {
    let Some(apart) = Apart::of(readers, service) else {
        let lost = names(gone(service.old, service.new));
        let stays = |profile: &&Profile| !lost.contains(profile.interface.as_str());
        let bridges = service
            .profiles()
            .filter(stays)
            .chain(made(service.old, service.new));
        let bridges = bridges.filter(|profile| is_ovs(profile) && profile.autostart);
        let stop = vec!["systemctl stop network".to_owned()];
        let mut start = vec!["systemctl start network".to_owned()];
        start.extend(plug_in(readers, service, bridges));
        let steps = NextSteps::around(Program::OpenVswitch.name(), stop, start, unit, run);
        return steps.interrupting(service.interrupts(readers));
    };
    apart.steps(readers, service, unit, run)
}

/// Returns the command that puts running guests on bridges again that were made anew.
fn plug_in<'p>(
    readers: &Readers,
    service: &Service<'_>,
    bridges: impl Iterator<Item = &'p Profile>,
) -> Option<String> {
    let names: BTreeSet<&str> = bridges.map(|bridge| bridge.interface.as_str()).collect();
    let guests = backend::guests_on(service.written.tree, &names);
    (!guests.is_empty()).then(|| format!("systemctl restart {}", readers.libvirt.guests()))
}

impl<'p> Apart<'p> {
    /// Returns what changes, if nothing else of the host goes down with it.
    fn of(readers: &Readers, service: &Service<'p>) -> Option<Self> {
        let mut down: Vec<&Profile> = gone(service.old, service.new).collect();
        let mut up: Vec<&Profile> = made(service.old, service.new).collect();
        let bridges: HashSet<&str> = names(service.profiles().filter(|profile| is_ovs(profile)));
        let mut changed = down.iter().chain(&up);
        let by_scripts = |profile: &&&Profile| {
            !profile.home.backend.is_of_network_manager()
                && !profile.is_for_network_manager(readers)
        };
        let can = |profile: &&Profile| {
            let controller = profile.controller.as_ref();
            let is_one = match &profile.link {
                Link::Ethernet => true,
                Link::Bridge(bridge) => bridge.switch == Switch::Ovs,
                Link::Bond | Link::Vlan(_) | Link::Foreign(_) => false,
            };
            is_one && controller.is_none_or(|name| bridges.contains(name.as_str()))
        };
        if !changed.all(|profile| by_scripts(&profile) && can(profile)) {
            return None;
        }
        let of_bridges = |profiles: &[&'p Profile]| {
            let bridges = profiles.iter().copied().filter(|profile| is_ovs(profile));
            names(bridges)
        };
        // one that stays would lose what others put on it
        let stays = !of_bridges(&down).is_disjoint(&of_bridges(&up));
        let changed = names(down.iter().chain(&up).copied());
        let hangs_on = |profile: &Profile| {
            let below = below(profile);
            !changed.contains(profile.interface.as_str())
                && below.is_some_and(|below| changed.contains(below))
        };
        let mut others = service.profiles();
        if stays || others.any(hangs_on) || !is_all(&down, &up, service.written) {
            return None;
        }
        down.sort_by_key(|profile| is_ovs(profile));
        up.sort_by_key(|profile| !is_ovs(profile));
        Some(Self { down, up })
    }

    fn steps(self, readers: &Readers, service: &Service<'_>, unit: &str, run: &Run) -> NextSteps {
        let all = |verb: &str, profiles: &[&Profile]| -> Vec<String> {
            let one = |profile: &&Profile| format!("{verb} {}", shell_word(file_name(profile)));
            profiles.iter().map(one).collect()
        };
        let Self { down, mut up } = self;
        let concerned = down.iter().chain(&up).copied();
        let names = interrupts::names(concerned, service.written.tree);
        let is_new = |old: &Profile| up.iter().any(|new| new.interface == old.interface);
        let by_new_files = down
            .iter()
            .all(|old| old.controller.is_none() && !is_ovs(old) && is_new(old));
        up.retain(|profile| profile.autostart);
        let (first, mut start) = (all("ifdown", &down), all("ifup", &up));
        let bridges = up.iter().copied().filter(|profile| is_ovs(profile));
        start.extend(plug_in(readers, service, bridges));
        let reader = Program::OpenVswitch.name();
        let steps = match by_new_files {
            true => NextSteps::after(reader, [first, start].concat(), unit, run).cut_by_any(),
            false => NextSteps::around(reader, first, start, unit, run),
        };
        steps.interrupting(names)
    }
}

/// Returns the name by which ifup and ifdown find a profile.
fn file_name(profile: &Profile) -> &str {
    let file = profile.home.file.as_ref();
    let name = file.and_then(|file| layout::kind_of(file.as_str())?.starred(file.name()));
    name.unwrap_or_else(|| profile.interface.as_str())
}

fn names<'p>(profiles: impl Iterator<Item = &'p Profile>) -> HashSet<&'p str> {
    profiles.map(|profile| profile.interface.as_str()).collect()
}

/// Returns what goes down with which the interface goes down.
fn below(profile: &Profile) -> Option<&str> {
    let parent = match &profile.link {
        Link::Vlan(parent) => parent.as_deref(),
        Link::Ethernet | Link::Bridge(_) | Link::Bond | Link::Foreign(_) => None,
    };
    let controller = profile.controller.as_ref();
    controller.map(InterfaceName::as_str).or(parent)
}

/// Returns whether `ifdown` and `ifup` of these profiles take into use all that is written.
fn is_all(down: &[&Profile], up: &[&Profile], written: Written<'_>) -> bool {
    let profiles = || down.iter().chain(up).copied();
    let mut known = names(profiles());
    known.extend(profiles().map(file_name));
    // those of an alias or a range are the interface's
    let is_known = |name: &str| {
        let name = name.split(':').next().unwrap_or(name);
        known.contains(name.split("-range").next().unwrap_or(name))
    };
    let changes = written.set.iter();
    let mut paths = changes.flat_map(|change| written.tree.names_of(&change.path));
    paths.all(|path| {
        let Some(kind) = layout::kind_of(path.as_str()) else {
            return true;
        };
        let name = kind.starred(path.name()).unwrap_or_default();
        let passes_over = kind.format.is_some_and(|format| format.passes_over(name));
        let is_copy = passes_over && !name.contains("-range");
        match kind.about {
            About::Profile | About::Secrets | About::Routes | About::Dhcp => {
                is_known(name) || is_copy
            }
            About::Zone | About::Network | About::Guest | About::Autostart => true,
            // where the others are read, only the service reads them
            About::Host => path.name() == "network",
            About::Rules | About::Naming | About::Unmanaged | About::Started => false,
        }
    })
}
