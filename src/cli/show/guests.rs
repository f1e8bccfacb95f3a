//! The table of guests: what `virsh domiflist` tells, from files, down to the uplink.

use serde::Serialize;

use super::one::Around;
use super::{interfaces, uplink};
use crate::cli::table::{Cell, Table};
use crate::host::Host;
use crate::host::guest::{self, Source};
use crate::host::joined::Joined;
use crate::shown::natural;

/// A guest; the keys are sorted.
#[derive(Serialize)]
pub(super) struct Guest<'h> {
    autostart: bool,
    file: &'h str,
    interfaces: Vec<Interface<'h>>,
    name: &'h str,
    /// `null` where the tree does not show what runs.
    running: Option<bool>,
    /// By virsh's word for it; `null` where the tree does not show what runs.
    state: Option<&'static str>,
}

#[derive(Serialize)]
struct Interface<'h> {
    bridge: Option<&'h str>,
    link: &'static str,
    mac: Option<String>,
    model: Option<&'h str>,
    number: usize,
    portgroup: Option<&'h str>,
    source: Option<&'h str>,
    target: Option<&'h str>,
    #[serde(rename = "type")]
    kind: &'h str,
    uplinks: Vec<&'h str>,
    vlans: &'h [u32],
}

impl Guest<'_> {
    /// Returns whether it is this one.
    pub(super) fn is(&self, guest: &guest::Guest) -> bool {
        self.file == guest.origin.as_str()
    }
}

/// Returns all guests.
pub(super) fn all<'h>(host: &'h Host, joined: &Joined<'h>) -> Vec<Guest<'h>> {
    let interface = |(index, interface): (usize, &'h guest::GuestInterface)| Interface {
        bridge: joined.bridge_of(interface),
        link: if interface.link_down { "down" } else { "up" },
        mac: interface.mac.map(|mac| mac.to_string()),
        model: interface.model.as_deref(),
        number: index + 1,
        portgroup: match &interface.source {
            Source::Network { portgroup, .. } => portgroup.as_deref(),
            Source::Bridge(_) | Source::Device(_) | Source::Other(_) => None,
        },
        source: Some(interface.source.name()).filter(|name| !name.is_empty()),
        target: interface.aside.target.as_deref(),
        kind: interface.source.word(),
        uplinks: interfaces(&joined.uplink_of(interface)),
        vlans: &interface.aside.tags,
    };
    sorted(host)
        .into_iter()
        .map(|guest| Guest {
            autostart: guest.autostart,
            file: guest.origin.as_str(),
            interfaces: guest.interfaces.iter().enumerate().map(interface).collect(),
            name: &guest.name,
            running: host.shows_running.then_some(guest.running),
            state: host.state_of(guest),
        })
        .collect()
}

/// Returns the table: a line for each interface.
pub(super) fn table(around: &Around<'_>, width: Option<usize>) -> Vec<String> {
    let (host, joined) = (around.host, around.joined);
    let mut rows = Vec::new();
    for guest in sorted(host) {
        let name = Cell::text(&guest.name);
        let state = Cell::Phrase(host.state_of(guest).unwrap_or_default().to_owned());
        for (index, interface) in guest.interfaces.iter().enumerate() {
            let source = &interface.source;
            rows.push([
                name.clone(),
                Cell::text((index + 1).to_string()),
                Cell::maybe(interface.mac.map(|mac| mac.to_string())),
                Cell::maybe(interface.model.as_deref()),
                Cell::text(source.word()),
                Cell::text(source.name()),
                Cell::maybe(joined.bridge_of(interface)),
                uplink(around, &joined.uplink_of(interface)),
                state.clone(),
                Cell::yes_no(Some(guest.autostart)),
            ]);
        }
        if guest.interfaces.is_empty() {
            let mut row = [(); 10].map(|()| Cell::text(""));
            (row[0], row[8]) = (name, state);
            row[9] = Cell::yes_no(Some(guest.autostart));
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return vec!["There are no guests.".to_owned()];
    }
    let table = Table {
        heading: [
            "GUEST",
            "NR",
            "MAC",
            "MODEL",
            "TYPE",
            "SOURCE",
            "BRIDGE",
            "UPLINK",
            "STATE",
            "AUTOSTART",
        ],
        rows,
        right: &[],
        split: 4,
    };
    table.lines(width)
}

fn sorted(host: &Host) -> Vec<&guest::Guest> {
    let mut guests: Vec<_> = host.guests().collect();
    guests.sort_by_cached_key(|guest| natural(&guest.name));
    guests
}
