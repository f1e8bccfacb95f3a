//! libvirt takes networks and guests into use: the gentlest way that works, each tried with libvirtd.
//!
//! A daemon reads its files at a reload or a restart, which no network or guest notices. What an active network or a running guest
//! takes as it is goes there by `net-update` and `update-device`; else the network is stopped and started, and the guest.

use std::collections::{BTreeSet, HashSet};

use super::off::{Off, off_and_on};
use super::steps::{NextSteps, Run};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface};
use crate::host::network::Network;
use crate::plan::libvirt::{LibvirtChanges, by_name};
use crate::plan::live::{Texts, domain, net_update, network_word, update_device};
use crate::readers::Readers;
use crate::tree::Tree;

/// Returns the commands that take changed networks and guests into use; the guests that are `off` were shut down before.
pub(super) fn steps(
    (readers, off): (&Readers, &[Off]),
    (before, after): (&Host, &Host),
    (tree, set): (&Tree, &ChangeSet),
    unit: &str,
    run: &Run,
) -> Option<NextSteps> {
    let texts = Texts { tree, set };
    let mut difference = LibvirtChanges::of(before, after);
    difference
        .edited
        .extend(silent(&texts, before, after, &difference));
    if !difference.networks_change() && !difference.guests_change() {
        return None;
    }
    let mut steps = Steps {
        readers,
        off,
        difference: &difference,
        before,
        after,
        texts,
        commands: Vec::new(),
        interrupts: Vec::new(),
    };
    steps.all();
    let Steps {
        commands,
        mut interrupts,
        ..
    } = steps;
    interrupts.sort();
    interrupts.dedup();
    Some(NextSteps::after("libvirt", commands, unit, run).interrupting(interrupts))
}

/// Returns networks of which the model tells no difference, and the file does, such as one in the names of their DNS.
fn silent<'h>(
    texts: &Texts<'_>,
    before: &'h Host,
    after: &'h Host,
    difference: &LibvirtChanges<'_>,
) -> Vec<(&'h Network, &'h Network)> {
    let is_written = |network: &&Network| {
        let origin = network.origin.as_ref();
        origin.is_some_and(|origin| texts.has(origin))
    };
    let edited = difference.edited.iter().map(|(_, new)| &raw const **new);
    let edited: HashSet<*const Network> = edited.collect();
    let known = |network: &Network| edited.contains(&(&raw const *network));
    let says_else = |network: &&Network| texts.network(network).is_none_or(|all| !all.is_empty());
    let written = after.networks().filter(is_written);
    let found = written.filter(|network| !known(network)).filter(says_else);
    let was = by_name(before);
    let pair = |new: &'h Network| Some((*was.get(new.name.as_str())?, new));
    found.filter_map(pair).collect()
}

struct Steps<'a> {
    readers: &'a Readers,
    off: &'a [Off],
    difference: &'a LibvirtChanges<'a>,
    before: &'a Host,
    after: &'a Host,
    texts: Texts<'a>,
    commands: Vec<String>,
    interrupts: Vec<String>,
}

impl Steps<'_> {
    fn service(&mut self, verb: &str, daemon: &str) {
        self.commands.push(format!("systemctl {verb} {daemon}"));
    }

    fn virsh(&mut self, verb: &str, network: &Network) {
        self.commands.push(virsh(verb, network));
    }

    fn interrupt(&mut self, kind: &str, name: &str) {
        self.interrupts.push(format!("{kind} {name}"));
    }

    /// Stops a network, of which its guests lose their link.
    fn destroy(&mut self, network: &Network) {
        self.virsh("net-destroy", network);
        self.interrupt("network", &network.name);
        for (guest, _) in running_on(self.after, network) {
            self.interrupts.push(format!("guest {}", guest.name));
        }
    }

    /// Takes all into use: first what others hang on.
    fn all(&mut self) {
        let difference = self.difference;
        for network in difference.removed.iter().filter(|network| network.active) {
            self.destroy(network);
        }
        let edited = difference.edited.iter().filter(|(old, _)| old.active);
        let edited = edited.map(|(_, new)| (*new, self.texts.network(new)));
        let edited: Vec<(&Network, Option<_>)> = edited.collect();
        let stop: Vec<&Network> = edited
            .iter()
            .filter(|(_, updates)| updates.is_none())
            .map(|(network, _)| *network)
            .collect();
        let mut stopped = stop.iter();
        let cut_off = stopped.any(|network| running_on(self.after, network).next().is_some());
        let restarted = self.read_files(self.waits_for_files(&stop), cut_off);
        for network in &difference.created {
            if restarted || !network.autostart {
                self.virsh("net-start", network);
            }
        }
        for (network, updates) in &edited {
            for update in updates.iter().flatten() {
                self.commands.push(net_update(network, update));
            }
        }
        for network in stop {
            self.destroy(network);
            self.virsh("net-start", network);
        }
        if cut_off {
            // its guests get their links back when their daemon starts
            self.service("restart", self.readers.libvirt.guests());
        }
        for (old, new) in difference.guests.iter().filter(|(_, new)| new.running) {
            self.guest(*old, new);
        }
    }

    /// Returns whether what follows uses what is read: nobody waits for a reload, and a daemon that starts anew answers when it has read.
    ///
    /// Source: `daemonReloadHandler()` starts a thread; `daemonRunStateInit()` accepts clients last (remote/remote_daemon.c; run).
    fn waits_for_files(&self, stop: &[&Network]) -> bool {
        let mut created = self.difference.created.iter();
        let mut guests = self.difference.guests.iter();
        let starts = created.any(|network| !network.autostart);
        let moves = !self.difference.created.is_empty() && guests.any(|(_, guest)| guest.running);
        starts || moves || !stop.is_empty()
    }

    /// Returns whether a guest is started again, which must find its new file.
    fn starts_again(&self) -> bool {
        let hosts = (self.before, self.after);
        let again = |old: Option<&Guest>, new: &Guest| {
            let taken = old.and_then(|old| self.texts.guest((old, new), hosts));
            let again = taken.is_none() || self.is_off(new);
            new.running && self.texts.has(&new.origin) && again
        };
        let mut guests = self.difference.guests.iter();
        guests.any(|(old, new)| again(*old, new))
    }

    /// Has the daemons read their files, each once; returns whether that of the networks is restarted. With `guests_later` that of the
    /// guests is, too, after the networks; with `waits` what is read is used at once.
    fn read_files(&mut self, waits: bool, guests_later: bool) -> bool {
        let (difference, libvirt) = (self.difference, &self.readers.libvirt);
        let (networks, guests) = (libvirt.networks(), libvirt.guests());
        let for_networks = difference.networks_change() || networks == guests;
        let only_links = difference.networks_change()
            && difference.created.is_empty()
            && difference.edited.is_empty();
        // a reload would start what somebody stopped on purpose
        let again = self.starts_again();
        let restart = waits
            || (again && networks == guests)
            || !difference.removed.is_empty()
            || only_links
            || difference.verb_for_guests() == "restart"
            || (self.after.shows_running && stopped(self.before, self.after));
        let verb = if restart { "restart" } else { RELOAD };
        let for_guests = difference.guests_change() && networks != guests && !guests_later;
        let guest_verb = match again {
            true => "restart",
            false => difference.verb_for_guests(),
        };
        match (for_networks, for_guests) {
            (true, true) if verb == guest_verb => {
                self.service(verb, &format!("{networks} {guests}"));
            }
            (true, true) => {
                self.service(verb, networks);
                self.service(guest_verb, guests);
            }
            (true, false) => self.service(verb, networks),
            (false, true) => self.service(guest_verb, guests),
            (false, false) => {}
        }
        restart
    }

    /// Takes the file of a running guest into use.
    fn guest(&mut self, old: Option<&Guest>, new: &Guest) {
        // whether it is started with the host is no part of its file
        if !self.texts.has(&new.origin) {
            return;
        }
        self.start_networks_of(old, new);
        if self.is_off(new) {
            return;
        }
        let hosts = (self.before, self.after);
        let updates = old.and_then(|old| self.texts.guest((old, new), hosts));
        let Some(updates) = updates else {
            return self.start_again(new);
        };
        for update in updates {
            self.commands.push(update_device(new, &update));
        }
    }

    /// Starts the networks that a guest gets, as far as the tree shows that they are not active: it could not get them else.
    fn start_networks_of(&mut self, old: Option<&Guest>, new: &Guest) {
        let networks = new.interfaces.iter().filter_map(|new| new.source.network());
        let networks: BTreeSet<&str> = networks.collect();
        let had = |name: &str| old.is_some_and(|old| has(old, name));
        for name in networks.into_iter().filter(|name| !had(name)) {
            let network = self.after.network(name);
            let waits = |network: &&Network| !network.active && self.before.network(name).is_some();
            if let Some(network) = network.filter(waits).filter(|_| self.after.shows_running) {
                let start = virsh("net-start", network);
                if !self.commands.contains(&start) {
                    self.commands.push(start);
                }
            }
        }
    }

    /// Returns whether a guest was shut down before, and is started after all this.
    fn is_off(&self, guest: &Guest) -> bool {
        self.off.iter().any(|off| off.name() == guest.name)
    }

    /// Has a guest read its file: it must be off once.
    fn start_again(&mut self, guest: &Guest) {
        self.commands.push(off_and_on(&domain(guest)));
        self.interrupt("guest", &guest.name);
    }
}

fn virsh(verb: &str, network: &Network) -> String {
    format!("virsh {verb} {}", network_word(network))
}

/// Returns whether a guest has an interface on the network `name`.
fn has(guest: &Guest, name: &str) -> bool {
    let mut interfaces = guest.interfaces.iter();
    interfaces.any(|interface| interface.source.network() == Some(name))
}

/// What a daemon reads changed files by; one that does not run is started.
const RELOAD: &str = "reload-or-restart";

/// Returns the guests that run on a network.
fn running_on<'h>(
    host: &'h Host,
    network: &'h Network,
) -> impl Iterator<Item = (&'h Guest, &'h GuestInterface)> {
    host.guests_of(&network.name)
        .filter(|(guest, _)| guest.running)
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
