//! `kvmnet leases`: the DHCP leases of libvirt's networks, joined with the guests that have them.

mod joined;
mod newer;

use jiff::tz::TimeZone;
use serde_json::json;

use super::error::{CliError, Exit};
use super::passed_over::{broken, warn};
use super::session::Session;
use super::table::{Cell, Table};
use super::text::count;
use super::{clock, undisturbed};
use crate::backend::{self, Interest};
use crate::host::Host;
use crate::host::lease::Lease;
use crate::op;
use crate::root::Root;

use crate::tree::word_of;
use joined::{Index, Row};
use newer::without_older;

/// Stands behind the end of a lease that is over.
const EXPIRED: &str = " (expired)";

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
    let (leases, unread) = backend::leases(&tree);
    session.detail(&format!(
        "read: {}, {}, {}",
        count(leases.len(), "lease"),
        count(host.networks.len(), "network"),
        count(host.guests.len(), "guest")
    ));
    let unread = host.broken.iter().chain(&unread).map(broken);
    let warnings: Vec<String> = unread.chain(tree.oddities().iter().cloned()).collect();
    let shown = show(session, root, &host, &leases, wanted, &warnings);
    if !session.json || shown.is_err() {
        warn(session, &warnings);
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
    let refused = CliError::refused(op::absent("network", name));
    let mut owners = host
        .networks()
        .filter(|network| network.own_bridge() == Some(name));
    Err(match (owners.next(), op::listed(&names)) {
        (Some(owner), _) => refused.help(format!(
            "`{name}` is the bridge of the network `{}`: kvmnet leases {}",
            owner.name,
            word_of(&owner.name)
        )),
        (None, Some(names)) => refused.help(names),
        (None, None) => refused.help("no network is defined under this root"),
    })
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
