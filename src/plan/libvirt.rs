//! What changed of libvirt's networks and guests, and what its daemons need to see it.
//!
//! Facts, seen by running libvirtd: an edit is not seen before a reload (SIGHUP) or a restart; a reload also starts every
//! inactive network that is marked autostart, a restart starts none (`/run/libvirt/network/autostarted`); a deleted file
//! stays listed until a restart; an active network keeps its bridge, dnsmasq and rules until `net-destroy` and
//! `net-start`, which drop the taps of its guests, and a restart of the guests' daemon attaches them again
//! (`networkNotifyActualDevice()`). A guest's edited file is seen in the same way, by a reload as by a restart; but at a reload, one
//! without a UUID is refused (`already exists with uuid`).

use std::collections::BTreeMap;

use crate::host::Host;
use crate::host::guest::Guest;
use crate::host::network::Network;
use crate::tree::HostPath;

/// What changed of networks and guests between two hosts.
pub(super) struct LibvirtChanges<'h> {
    pub(super) created: Vec<&'h Network>,
    pub(super) removed: Vec<&'h Network>,
    /// Files with another content: as they were, and as they will be.
    pub(super) edited: Vec<(&'h Network, &'h Network)>,
    /// Only the autostart link is another.
    pub(super) linked: Vec<&'h Network>,
    /// Guests with another content: as they were, if they were there, and as they will be.
    pub(super) guests: Vec<(Option<&'h Guest>, &'h Guest)>,
    /// Whether there are fewer of them.
    pub(super) guests_gone: bool,
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
    pub(super) fn verb_for_guests(&self) -> &'static str {
        let named = |guest: &Guest| guest.uuid.is_some();
        let mut guests = self.guests.iter();
        let all = guests.all(|(old, new)| named(new) && old.is_none_or(named));
        match all && !self.guests_gone {
            true => "reload-or-restart",
            false => "restart",
        }
    }

    pub(super) fn guests_change(&self) -> bool {
        self.guests_gone || !self.guests.is_empty()
    }

    pub(super) fn networks_change(&self) -> bool {
        !(self.created.is_empty()
            && self.removed.is_empty()
            && self.edited.is_empty()
            && self.linked.is_empty())
    }
}

pub(super) fn by_name(host: &Host) -> BTreeMap<&str, &Network> {
    host.networks()
        .map(|network| (network.name.as_str(), network))
        .collect()
}
