//! The table of guests: what `virsh domiflist` tells, from files, down to the uplink.

use serde::Serialize;

use super::{interfaces, uplink};
use crate::cli::table;
use crate::host::Host;
use crate::host::guest::{self, Source};
use crate::host::joined::Joined;

/// A guest; the keys are sorted.
#[derive(Serialize)]
pub(super) struct Guest<'h> {
    autostart: bool,
    file: &'h str,
    interfaces: Vec<Interface<'h>>,
    name: &'h str,
    /// `null` where the tree does not show what runs.
    running: Option<bool>,
}

#[derive(Serialize)]
struct Interface<'h> {
    bridge: Option<&'h str>,
    mac: Option<String>,
    model: Option<&'h str>,
    number: usize,
    portgroup: Option<&'h str>,
    source: Option<&'h str>,
    #[serde(rename = "type")]
    kind: &'h str,
    uplinks: Vec<&'h str>,
}

/// Returns all guests.
pub(super) fn all<'h>(host: &'h Host, joined: &Joined<'h>) -> Vec<Guest<'h>> {
    let interface = |(index, interface): (usize, &'h guest::GuestInterface)| Interface {
        bridge: joined.bridge_of(interface),
        mac: interface.mac.map(|mac| mac.to_string()),
        model: interface.model.as_deref(),
        number: index + 1,
        portgroup: match &interface.source {
            Source::Network { portgroup, .. } => portgroup.as_deref(),
            Source::Bridge(_) | Source::Device(_) | Source::Other(_) => None,
        },
        source: Some(interface.source.name()).filter(|name| !name.is_empty()),
        kind: interface.source.word(),
        uplinks: interfaces(&joined.uplink_of(interface)),
    };
    host.guests()
        .map(|guest| Guest {
            autostart: guest.autostart,
            file: guest.origin.as_str(),
            interfaces: guest.interfaces.iter().enumerate().map(interface).collect(),
            name: &guest.name,
            running: host.shows_running.then_some(guest.running),
        })
        .collect()
}

/// Returns the table: a line for each interface.
pub(super) fn table(host: &Host, joined: &Joined<'_>) -> Vec<String> {
    let heading = ["GUEST", "NR", "MAC", "MODEL", "SOURCE", "BRIDGE", "UPLINK"];
    let mut rows = vec![heading.map(str::to_owned)];
    let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
    for guest in host.guests() {
        for (index, interface) in guest.interfaces.iter().enumerate() {
            let source = &interface.source;
            rows.push([
                guest.name.clone(),
                (index + 1).to_string(),
                interface
                    .mac
                    .map_or_else(|| "-".to_owned(), |mac| mac.to_string()),
                text(interface.model.as_deref()),
                format!("{} {}", source.word(), source.name())
                    .trim_end()
                    .to_owned(),
                text(joined.bridge_of(interface)),
                uplink(&joined.uplink_of(interface), 12),
            ]);
        }
        if guest.interfaces.is_empty() {
            let mut row = ["-"; 7].map(str::to_owned);
            row[0].clone_from(&guest.name);
            rows.push(row);
        }
    }
    table::folded(&rows, &[], 4)
}
