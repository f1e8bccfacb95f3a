//! `kvmnet leases`: the DHCP leases of libvirt's networks, joined with the guests that have them.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use jiff::tz::TimeZone;
use serde_json::json;

use super::error::{CliError, Exit};
use super::session::Session;
use super::table::{Cell, Table};
use super::{clock, report, undisturbed};
use crate::backend::{self, Interest};
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface};
use crate::host::lease::Lease;
use crate::host::network::Network;
use crate::host::value::MacAddress;
use crate::root::Root;

/// The most networks that an error lists.
const LISTED: usize = 8;
/// Stands behind the end of a lease that is over.
const EXPIRED: &str = " (expired)";

/// A lease with what it belongs to.
struct Row<'a> {
    lease: &'a Lease,
    network: Option<&'a Network>,
    guest: Option<&'a Guest>,
}

impl<'a> Row<'a> {
    /// Returns the name of the network, or what stands for it where no such network is defined.
    fn name(&self) -> &'a str {
        let unknown = || self.lease.network.as_ref().unwrap_or(&self.lease.bridge);
        self.network
            .map_or_else(|| unknown().as_str(), |network| &network.name)
    }

    /// Returns whether the lease is of dnsmasq's own record.
    fn is_dnsmasqs(&self) -> bool {
        self.lease.network.is_some()
    }

    /// Returns when the lease ends; last, if it never does, or is in force by the record that libvirt keeps today.
    fn until(&self, now: i64) -> i64 {
        match self.lease.expires {
            Some(..=0) => i64::MAX,
            Some(_) if !self.is_dnsmasqs() && !self.lease.has_expired(now) => i64::MAX,
            Some(expires) => expires,
            None => i64::MIN,
        }
    }

    /// Returns the bridge of the network.
    fn bridge(&self) -> Option<&'a str> {
        match self.lease.network {
            None => Some(&self.lease.bridge),
            Some(_) => self.network?.own_bridge(),
        }
    }
}

/// The leases of one record: until when, by bridge and address, and by bridge and card.
#[derive(Default)]
struct Record<'a> {
    addresses: HashMap<(&'a str, IpAddr), i64>,
    cards: HashMap<(&'a str, MacAddress), i64>,
}

impl<'a> Record<'a> {
    fn of(rows: &[Row<'a>], dnsmasqs: bool, now: i64) -> Self {
        let mut record = Self::default();
        for row in rows.iter().filter(|row| row.is_dnsmasqs() == dnsmasqs) {
            let (Some(bridge), until) = (row.bridge(), row.until(now)) else {
                continue;
            };
            let known = record
                .addresses
                .entry((bridge, row.lease.address))
                .or_insert(until);
            *known = until.max(*known);
            if let Some(mac) = row.lease.mac {
                let known = record.cards.entry((bridge, mac)).or_insert(until);
                *known = until.max(*known);
            }
        }
        record
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
fn without_older(mut rows: Vec<Row<'_>>, now: i64) -> Vec<Row<'_>> {
    let (libvirts, dnsmasqs) = (Record::of(&rows, false, now), Record::of(&rows, true, now));
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

/// Shows the leases, of all networks or of the one called `wanted`.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    wanted: Option<&str>,
) -> Result<Exit, CliError> {
    let tree = undisturbed::look(session, root, || {
        Ok(root.read_tree(&backend::scope(Interest::Leases))?)
    })?;
    let host = backend::inspect(&tree, Interest::Leases);
    let (leases, broken) = backend::leases(&tree);
    session.detail(&format!(
        "{} leases, {} networks, {} guests were read",
        leases.len(),
        host.networks.len(),
        host.guests.len()
    ));
    let broken = host.broken.iter().chain(&broken).map(report::broken);
    let warnings: Vec<String> = broken.chain(tree.oddities().iter().cloned()).collect();
    let shown = show(session, root, &host, &leases, wanted, &warnings);
    if !session.json || shown.is_err() {
        report::passed_over(session, &warnings);
    }
    shown
}

fn show(
    session: &mut Session<'_>,
    root: &Root,
    host: &Host,
    leases: &[Lease],
    wanted: Option<&str>,
    warnings: &[String],
) -> Result<Exit, CliError> {
    if let Some(name) = wanted {
        find(host, name)?;
    }
    let index = Index::of(host);
    let rows = leases.iter().map(|lease| index.join(lease)).collect();
    let now = clock::now();
    let mut rows = without_older(rows, now);
    rows.retain(|row| wanted.is_none_or(|name| row.network.is_some_and(|n| n.name == name)));
    rows.sort_by_key(|row| {
        (
            row.network.is_none(),
            row.name(),
            row.lease.address,
            row.lease.mac,
        )
    });
    if session.json {
        let leases: Vec<_> = rows.iter().map(|row| object(row, now)).collect();
        session.print_json(&json!({ "schema": 1, "leases": leases, "warnings": warnings }))?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        let of = wanted.map_or_else(String::new, |name| format!(" in the network `{name}`"));
        session
            .screen
            .line(&format!("There are no DHCP leases{of}."))?;
        return Ok(Exit::Done);
    }
    let zone = clock::zone(root);
    let piped = session.screen.width.is_none();
    let cells = |row: &Row<'_>| cells(row, now, &zone, piped);
    let cells: Vec<[Cell; 7]> = rows.iter().map(cells).collect();
    let lines = match piped {
        true => {
            let heading = [
                "NETWORK", "ADDRESS", "MAC", "HOST", "GUEST", "EXPIRES", "EXPIRED",
            ];
            table(heading, cells).lines(None)
        }
        // there the mark behind the time says so
        false => {
            let heading = ["NETWORK", "ADDRESS", "MAC", "HOST", "GUEST", "EXPIRES"];
            let cells = cells
                .into_iter()
                .map(|[a, b, c, d, e, f, _]| [a, b, c, d, e, f]);
            table(heading, cells.collect()).lines(session.screen.width)
        }
    };
    session.screen.line(&lines.join("\n"))?;
    Ok(Exit::Done)
}

fn table<const N: usize>(heading: [&'static str; N], rows: Vec<[Cell; N]>) -> Table<N> {
    Table {
        heading,
        rows,
        right: &[],
        split: 3,
    }
}

/// Refuses a name that no network has.
fn find(host: &Host, name: &str) -> Result<(), CliError> {
    let mut names: Vec<&str> = host.networks.iter().map(|n| n.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.contains(&name) {
        return Ok(());
    }
    let refused = CliError::refused(format!(
        "there is no libvirt network `{}`",
        name.escape_debug()
    ));
    let mut owners = host
        .networks()
        .filter(|network| network.own_bridge() == Some(name));
    Err(match (owners.next(), names.as_slice()) {
        (Some(owner), _) => refused.help(format!(
            "{name} is the bridge of the network `{0}`: kvmnet leases {0}",
            owner.name
        )),
        (None, []) => refused.help("no network is defined beneath this root"),
        (None, names) if names.len() <= LISTED => {
            refused.help(format!("choose one of: {}", names.join(", ")))
        }
        (None, _) => refused.help("see which there are: kvmnet show networks"),
    })
}

/// What leases are joined with, by bridge and by hardware address.
struct Index<'a> {
    networks: BTreeMap<&'a str, Vec<&'a Network>>,
    by_name: BTreeMap<&'a str, &'a Network>,
    guests: BTreeMap<MacAddress, Vec<(&'a Guest, &'a GuestInterface)>>,
}

impl<'a> Index<'a> {
    fn of(host: &'a Host) -> Self {
        let (mut networks, mut guests) = (BTreeMap::new(), BTreeMap::new());
        for network in host.networks() {
            if let Some(bridge) = network.own_bridge() {
                let known: &mut Vec<_> = networks.entry(bridge).or_default();
                known.push(network);
            }
        }
        for guest in host.guests() {
            for interface in &guest.interfaces {
                if let Some(mac) = interface.mac {
                    let known: &mut Vec<_> = guests.entry(mac).or_default();
                    known.push((guest, interface));
                }
            }
        }
        let named = |network: &'a Network| (network.name.as_str(), network);
        let by_name = host.networks().map(named).collect();
        Self {
            networks,
            by_name,
            guests,
        }
    }

    fn join(&self, lease: &'a Lease) -> Row<'a> {
        if let Some(name) = &lease.network {
            let network = self.by_name.get(name.as_str()).copied();
            return Row {
                lease,
                network,
                guest: self.guest(lease, network),
            };
        }
        let owners = self.networks.get(lease.bridge.as_str());
        let owners = owners.map_or(&[][..], Vec::as_slice);
        // of two networks with one bridge only one can run
        let holds = |network: &&&Network| {
            let mut subnets = network.subnets.iter();
            subnets.any(|subnet| subnet.address.contains(&lease.address))
        };
        let network = owners
            .iter()
            .find(holds)
            .or_else(|| owners.first())
            .copied();
        Row {
            lease,
            network,
            guest: self.guest(lease, network),
        }
    }

    /// Returns the guest with the hardware address; of several, such as copies of one, that which is on the network.
    fn guest(&self, lease: &Lease, network: Option<&Network>) -> Option<&'a Guest> {
        let having = self.guests.get(&lease.mac?)?;
        let on = |(_, interface): &&(&Guest, &GuestInterface)| {
            let source = &interface.source;
            (lease.network.is_none() && source.bridge() == Some(&lease.bridge))
                || network.is_some_and(|network| source.network() == Some(&network.name))
        };
        let found = having.iter().find(on).or_else(|| having.first());
        found.map(|(guest, _)| *guest)
    }
}

fn cells(row: &Row<'_>, now: i64, zone: &TimeZone, piped: bool) -> [Cell; 7] {
    let lease = row.lease;
    let network = match row.network {
        Some(network) => network.name.clone(),
        None => format!("({})", row.name()),
    };
    let expired = lease.has_expired(now);
    let expires = lease.expires.map(|expires| match expires {
        ..=0 => "never".to_owned(),
        _ if piped => clock::local(expires, zone).replace(' ', "T"),
        _ if expired => clock::local(expires, zone) + EXPIRED,
        _ => clock::local(expires, zone),
    });
    [
        Cell::text(network),
        Cell::text(lease.address.to_string()),
        Cell::maybe(lease.mac.map(|mac| mac.to_string())),
        Cell::maybe(lease.host.as_deref()),
        Cell::maybe(row.guest.map(|guest| guest.name.as_str())),
        Cell::maybe(expires),
        Cell::yes_no(Some(expired)),
    ]
}

fn object(row: &Row<'_>, now: i64) -> serde_json::Value {
    let lease = row.lease;
    json!({
        "network": row.network.map(|network| &network.name),
        "bridge": row.bridge(),
        "address": lease.address,
        "mac": lease.mac.map(|mac| mac.to_string()),
        "host": lease.host,
        "guest": row.guest.map(|guest| &guest.name),
        "client_id": lease.client_id,
        "expires": lease.expires.filter(|expires| *expires > 0),
        "expired": lease.has_expired(now),
    })
}
