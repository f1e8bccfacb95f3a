//! What libvirt needs to take changed files into use.
//!
//! Facts, seen by running libvirtd: an edit is not seen before a reload (SIGHUP) or a restart; a reload also starts every
//! inactive network that is marked autostart, a restart starts none (`/run/libvirt/network/autostarted`); a deleted file
//! stays listed until a restart; an active network keeps its bridge, dnsmasq and rules until `net-destroy` and
//! `net-start`, which drop the taps of its guests, and a restart of the guests' daemon attaches them again
//! (`networkNotifyActualDevice()`). A guest's edited file is seen in the same way, by a reload as by a restart; but at a reload, one
//! without a UUID is refused (`already exists with uuid`).

use std::collections::BTreeMap;

use super::next::steps::NextSteps;
use crate::backend::shell_word;
use crate::host::Host;
use crate::host::guest::Guest;
use crate::host::network::Network;
use crate::readers::Readers;
use crate::tree::HostPath;

/// What changed of networks and guests between two hosts.
pub(super) struct LibvirtChanges<'h> {
    created: Vec<&'h Network>,
    pub(super) removed: Vec<&'h Network>,
    /// Files with another content: as they were, and as they will be.
    pub(super) edited: Vec<(&'h Network, &'h Network)>,
    /// Only the autostart link is another.
    linked: Vec<&'h Network>,
    /// Guests with another content: as they were, if they were there, and as they will be.
    pub(super) guests: Vec<(Option<&'h Guest>, &'h Guest)>,
    /// Whether there are fewer of them.
    guests_gone: bool,
}

fn changed_guests<'h>(before: &'h Host, after: &'h Host) -> Vec<(Option<&'h Guest>, &'h Guest)> {
    let same_files = before.guests.len() == after.guests.len();
    let known: BTreeMap<&HostPath, &Guest> = match same_files {
        true => BTreeMap::new(),
        false => before
            .guests()
            .map(|guest| (&guest.origin, guest))
            .collect(),
    };
    let guests = after.guests().enumerate().map(|(index, new)| {
        let old = match same_files {
            true => before.guests.get(index).map(|guest| &**guest),
            false => known.get(&new.origin).copied(),
        };
        (old, new)
    });
    guests
        .filter(|(old, new)| !old.is_some_and(|old| old.is_same(new)))
        .collect()
}

impl<'h> LibvirtChanges<'h> {
    pub(super) fn of(before: &'h Host, after: &'h Host) -> Self {
        let known = by_name(before);
        let mut found = Self {
            created: Vec::new(),
            removed: Vec::new(),
            edited: Vec::new(),
            linked: Vec::new(),
            guests: Vec::new(),
            guests_gone: false,
        };
        let shared = |index: usize, new: &Network| {
            let near = before.networks.iter().skip(index.saturating_sub(1)).take(3);
            near.into_iter()
                .any(|old| std::ptr::eq(&raw const **old, new))
        };
        for (index, new) in after.networks().enumerate() {
            match (shared(index, new), known.get(new.name.as_str()).copied()) {
                (true, _) => {}
                (false, None) => found.created.push(new),
                (false, Some(old)) if old.is_same(new) => {}
                (false, Some(old)) => {
                    let with_link = Network {
                        autostart: new.autostart,
                        ..old.clone()
                    };
                    match with_link == *new {
                        true => found.linked.push(new),
                        false => found.edited.push((old, new)),
                    }
                }
            }
        }
        if found.created.len() + before.networks.len() != after.networks.len() {
            let kept = by_name(after);
            let gone = |old: &&Network| !kept.contains_key(old.name.as_str());
            found.removed = before.networks().filter(gone).collect();
        }
        found.guests = changed_guests(before, after);
        found.guests_gone = before.guests.len() > after.guests.len();
        found
    }

    /// Returns what the daemon of the guests needs to read their files: at a reload, a guest without a UUID gets another one and
    /// clashes with itself.
    fn verb_for_guests(&self) -> &'static str {
        let named = |guest: &Guest| guest.uuid.is_some();
        let mut guests = self.guests.iter();
        let all = guests.all(|(old, new)| named(new) && old.is_none_or(named));
        match all && !self.guests_gone {
            true => "reload-or-restart",
            false => "restart",
        }
    }

    fn guests_change(&self) -> bool {
        self.guests_gone || !self.guests.is_empty()
    }

    fn networks_change(&self) -> bool {
        !(self.created.is_empty()
            && self.removed.is_empty()
            && self.edited.is_empty()
            && self.linked.is_empty())
    }
}

/// Returns the commands that take changed networks and guests into use.
pub(super) fn steps(readers: &Readers, before: &Host, after: &Host) -> Option<NextSteps> {
    let difference = LibvirtChanges::of(before, after);
    let networks = difference.networks_change();
    if !networks && !difference.guests_change() {
        return None;
    }
    let mut steps = Reloads {
        readers,
        commands: Vec::new(),
    };
    let (for_networks, for_guests) = (readers.libvirt.networks(), readers.libvirt.guests());
    if networks || for_networks == for_guests {
        steps.networks(&difference, before, after);
    }
    if difference.guests_change() && for_networks != for_guests {
        steps.service(difference.verb_for_guests(), for_guests);
    }
    for (_, guest) in difference.guests.iter().filter(|(_, guest)| guest.running) {
        let name = shell_word(&guest.name);
        steps.commands.push(format!(
            "virsh shutdown {name} && until [ \"$(virsh domstate {name})\" = 'shut off' ]; do sleep 1; done; virsh start {name}"
        ));
    }
    let daemons = match (networks, !difference.guests_change()) {
        (true, false) if for_networks != for_guests => format!("{for_networks} and {for_guests}"),
        (true, _) => for_networks.to_owned(),
        (false, _) => for_guests.to_owned(),
    };
    Some(NextSteps::in_turn(
        format!("libvirt, by {daemons}, once the files are written"),
        steps.commands,
    ))
}

struct Reloads<'r> {
    readers: &'r Readers,
    commands: Vec<String>,
}

impl Reloads<'_> {
    fn service(&mut self, verb: &str, daemon: &str) {
        self.commands.push(format!("systemctl {verb} {daemon}"));
    }

    fn virsh(&mut self, verb: &str, network: &Network) {
        self.commands
            .push(format!("virsh {verb} {}", shell_word(&network.name)));
    }

    fn networks(&mut self, difference: &LibvirtChanges<'_>, before: &Host, after: &Host) {
        for network in difference.removed.iter().filter(|network| network.active) {
            self.virsh("net-destroy", network);
        }
        let only_links = difference.networks_change()
            && difference.created.is_empty()
            && difference.edited.is_empty();
        // a reload would start what somebody stopped on purpose
        let restart = !difference.removed.is_empty()
            || only_links
            || difference.verb_for_guests() == "restart"
            || (after.shows_running && stopped(before, after));
        let verb = if restart {
            "restart"
        } else {
            "reload-or-restart"
        };
        self.service(verb, self.readers.libvirt.networks());
        for network in &difference.created {
            if restart || !network.autostart {
                self.virsh("net-start", network);
            }
        }
        let active: Vec<&Network> = difference
            .edited
            .iter()
            .filter(|(old, _)| old.active)
            .map(|(_, new)| *new)
            .collect();
        for network in &active {
            self.virsh("net-destroy", network);
            self.virsh("net-start", network);
        }
        let attached = |network: &&Network| {
            after
                .guests_of(&network.name)
                .any(|(guest, _)| guest.running)
        };
        if active.iter().any(attached) {
            self.service("restart", self.readers.libvirt.guests());
        }
    }
}

fn by_name(host: &Host) -> BTreeMap<&str, &Network> {
    host.networks()
        .map(|network| (network.name.as_str(), network))
        .collect()
}

/// Returns whether a network that is to be started with the host was so before, and is not active.
fn stopped(before: &Host, after: &Host) -> bool {
    let known = by_name(before);
    let was = |network: &Network| {
        let old = known.get(network.name.as_str());
        old.is_some_and(|old| old.autostart)
    };
    after
        .networks()
        .any(|network| network.autostart && !network.active && was(network))
}
