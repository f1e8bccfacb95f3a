//! Two records of leases, libvirt's and that of dnsmasq: where they disagree, the newer one counts.

use std::collections::HashMap;
use std::net::IpAddr;

use super::joined::Row;
use crate::host::value::MacAddress;

/// Until when one record has leases, by bridge and address, and by bridge and card.
#[derive(Default)]
struct Ends<'a> {
    addresses: HashMap<(&'a str, IpAddr), i64>,
    cards: HashMap<(&'a str, MacAddress), i64>,
}

impl<'a> Ends<'a> {
    fn of(rows: &[Row<'a>], dnsmasqs: bool, now: i64) -> Self {
        let mut ends = Self::default();
        for row in rows.iter().filter(|row| row.is_dnsmasqs() == dnsmasqs) {
            let (Some(bridge), until) = (row.bridge(), row.until(now)) else {
                continue;
            };
            let known = ends
                .addresses
                .entry((bridge, row.lease.address))
                .or_insert(until);
            *known = until.max(*known);
            if let Some(mac) = row.lease.mac {
                let known = ends.cards.entry((bridge, mac)).or_insert(until);
                *known = until.max(*known);
            }
        }
        ends
    }

    /// Returns until when the record has the address or the card of a row.
    fn until(&self, row: &Row<'_>) -> Option<i64> {
        let bridge = row.bridge()?;
        let address = self.addresses.get(&(bridge, row.lease.address));
        let card = row.lease.mac.and_then(|mac| self.cards.get(&(bridge, mac)));
        address.into_iter().chain(card).copied().max()
    }
}

/// Leaves out what dnsmasq's own record, of a libvirt before 1.2.6, says of an address or a card that libvirt's record knows, or
/// the reverse: the lease that ends later is the newer one.
pub(super) fn without_older(mut rows: Vec<Row<'_>>, now: i64) -> Vec<Row<'_>> {
    let (libvirts, dnsmasqs) = (Ends::of(&rows, false, now), Ends::of(&rows, true, now));
    rows.retain(|row| match row.is_dnsmasqs() {
        true => libvirts
            .until(row)
            .is_none_or(|until| until < row.until(now)),
        false => dnsmasqs
            .until(row)
            .is_none_or(|until| until <= row.until(now)),
    });
    rows
}
