//! Addresses of a subnet that a network had, in places that did not move with it: options of dnsmasq, DNS entries, boot
//! servers. They are carried as they stand, and the user is told.

use std::net::IpAddr;

use crate::backend;
use crate::change::ChangeSet;
use crate::host::Host;
use crate::host::network::{Network, Subnet};
use crate::tree::{HostPath, Node, Tree};

/// Returns a warning for each line that still names an address of a subnet that the network no longer has.
pub(in crate::plan) fn warnings(
    tree: &Tree,
    set: &ChangeSet,
    before: &Host,
    after: &Host,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for change in set.iter() {
        let Some(Node::File(file)) = &change.after else {
            continue;
        };
        let path = tree.names_of(&change.path).into_iter().next();
        let path = path.unwrap_or_else(|| change.path.clone());
        let Some((old, new)) = pair(&path, before, after) else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(&file.bytes) else {
            continue;
        };
        warnings.extend(left(&path, text, old, new));
    }
    warnings
}

/// Returns the network of this file as it will be, and the one that it was or is a copy of.
fn pair<'h>(
    path: &HostPath,
    before: &'h Host,
    after: &'h Host,
) -> Option<(&'h Network, &'h Network)> {
    let is = |network: &&Network| match &network.origin {
        Some(origin) => origin == path,
        None => network.like.is_some() && path.name() == network.file_name(),
    };
    let new = after.networks().find(is)?;
    let origin = new.origin.as_ref().or(new.like.as_ref());
    let old = before
        .networks()
        .find(|network| network.origin.as_ref() == origin)?;
    Some((old, new))
}

fn left(path: &HostPath, text: &str, old: &Network, new: &Network) -> Vec<String> {
    let has = |subnets: &[Subnet], ip: &IpAddr| subnets.iter().any(|s| s.address.contains(ip));
    let gone = |ip: &IpAddr| has(&old.subnets, ip) && !has(&new.subnets, ip);
    let mut found: Vec<String> = Vec::new();
    for (line, ip) in backend::addresses_in(text) {
        let warning =
            format!("{path}:{line} names {ip} of its former subnet, and is left unchanged");
        if gone(&ip) && !found.contains(&warning) {
            found.push(warning);
        }
    }
    found
}
