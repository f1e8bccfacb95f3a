//! Writes the subnets of a network: `<ip>` with its `<dhcp>`, ranges and host entries.

use super::draft::{Draft, place};
use super::network::length_of_class;
use super::network_edit::ORDER;
use crate::doc::xml::{Fragment, Place, Step, XmlDoc};
use crate::host::network::{Dhcp, DhcpRange, HostEntry, Subnet};

/// Makes the subnets `old` of a document those of `new`.
pub(super) fn all(draft: &mut Draft, old: &[Subnet], new: &[Subnet]) {
    let kept = |ordinal: usize| new.iter().find(|s| s.spot.ordinal == Some(ordinal));
    for (ordinal, before) in old.iter().enumerate() {
        if let Some(after) = kept(ordinal) {
            change(draft, ordinal, before, after);
        }
    }
    for ordinal in (0..old.len()).rev().filter(|n| kept(*n).is_none()) {
        draft.change(|doc| Some(Step::Remove(ip(doc, ordinal)?)));
    }
    for subnet in new.iter().filter(|subnet| subnet.spot.ordinal.is_none()) {
        let fragment = whole(subnet);
        draft.change(|doc| Some(Step::Insert(place_of_ip(doc), &fragment)));
    }
}

fn ip(doc: &XmlDoc<'_>, ordinal: usize) -> Option<usize> {
    doc.named(0, "ip").nth(ordinal).map(|(index, _)| index)
}

fn place_of_ip(doc: &XmlDoc<'_>) -> Place {
    match doc.named(0, "ip").last() {
        Some((index, _)) => Place::After(index),
        None => place(doc, 0, ORDER, "ip"),
    }
}

fn whole(subnet: &Subnet) -> Fragment {
    let address = subnet.address.addr();
    let fragment = match address.is_ipv6() {
        true => Fragment::new("ip")
            .with("family", "ipv6")
            .with("address", address)
            .with("prefix", subnet.address.prefix_len()),
        false => Fragment::new("ip")
            .with("address", address)
            .with("netmask", subnet.address.netmask()),
    };
    fragment.children(subnet.dhcp.as_ref().map(dhcp_fragment))
}

fn dhcp_fragment(dhcp: &Dhcp) -> Fragment {
    Fragment::new("dhcp")
        .children(dhcp.ranges.iter().map(range_fragment))
        .children(dhcp.hosts.iter().map(host_fragment))
}

fn range_fragment(range: &DhcpRange) -> Fragment {
    Fragment::new("range")
        .with("start", range.first)
        .with("end", range.last)
}

fn host_fragment(host: &HostEntry) -> Fragment {
    let mut fragment = Fragment::new("host");
    if let Some(mac) = host.mac {
        fragment = fragment.with("mac", mac);
    }
    if let Some(id) = &host.id {
        fragment = fragment.with("id", id);
    }
    if let Some(name) = &host.name {
        fragment = fragment.with("name", name);
    }
    if let Some(ip) = host.ip {
        fragment = fragment.with("ip", ip);
    }
    fragment
}

fn change(draft: &mut Draft, ordinal: usize, old: &Subnet, new: &Subnet) {
    if old.address.addr() != new.address.addr() {
        let address = new.address.addr().to_string();
        draft.change(|doc| Some(Step::Set(ip(doc, ordinal)?, "address", &address)));
    }
    if old.address != new.address {
        length(draft, ordinal, old, new);
    }
    match (&old.dhcp, &new.dhcp) {
        (None, None) => {}
        (Some(_), None) => draft.change_all(|doc| {
            let (index, _) = doc.child(ip(doc, ordinal)?, "dhcp")?;
            Some(Step::Remove(index))
        }),
        (None, Some(dhcp)) => {
            let fragment = dhcp_fragment(dhcp);
            draft.change(|doc| Some(Step::Insert(Place::In(ip(doc, ordinal)?), &fragment)));
        }
        (Some(old), Some(new)) => {
            ranges(draft, ordinal, &old.ranges, &new.ranges);
            hosts(draft, ordinal, &old.hosts, &new.hosts);
        }
    }
}

/// Writes the prefix length in the spelling that is there; where it goes without saying, it is said once it differs from
/// that of the address's class.
fn length(draft: &mut Draft, ordinal: usize, old: &Subnet, new: &Subnet) {
    let same = old.address.prefix_len() == new.address.prefix_len();
    let prefix = new.address.prefix_len().to_string();
    let netmask = new.address.netmask().to_string();
    draft.change(|doc| {
        let index = ip(doc, ordinal)?;
        let there = |name: &str| doc.elements()[index].attribute(name).is_some();
        let (by_prefix, by_mask) = (there("prefix"), there("netmask"));
        let by_class = !by_prefix && !by_mask;
        let address = new.address.addr();
        let said = if by_class {
            length_of_class(address) == new.address.prefix_len()
        } else {
            same
        };
        if said {
            return None;
        }
        Some(match by_prefix || new.address.addr().is_ipv6() {
            true => Step::Set(index, "prefix", &prefix),
            false => Step::Set(index, "netmask", &netmask),
        })
    });
}

/// Returns the elements `name` in all `<dhcp>` of a subnet.
fn entries<'n>(
    doc: &'n XmlDoc<'_>,
    subnet: usize,
    name: &'n str,
) -> impl Iterator<Item = usize> + 'n {
    let blocks = ip(doc, subnet)
        .into_iter()
        .flat_map(|ip| doc.named(ip, "dhcp"));
    blocks.flat_map(move |(index, _)| doc.named(index, name).map(|(index, _)| index))
}

fn ranges(draft: &mut Draft, subnet: usize, old: &[DhcpRange], new: &[DhcpRange]) {
    let kept = |ordinal: usize| new.iter().find(|r| r.spot.ordinal == Some(ordinal));
    for (ordinal, before) in old.iter().enumerate() {
        let Some(after) = kept(ordinal) else {
            continue;
        };
        let ends = [
            ("start", before.first, after.first),
            ("end", before.last, after.last),
        ];
        for (attribute, _, to) in ends.iter().filter(|(_, from, to)| from != to) {
            let to = to.to_string();
            draft.change(|doc| {
                let index = entries(doc, subnet, "range").nth(ordinal)?;
                Some(Step::Set(index, attribute, &to))
            });
        }
    }
    for ordinal in (0..old.len()).rev().filter(|n| kept(*n).is_none()) {
        draft.change(|doc| Some(Step::Remove(entries(doc, subnet, "range").nth(ordinal)?)));
    }
    for range in new.iter().filter(|range| range.spot.ordinal.is_none()) {
        let fragment = range_fragment(range);
        draft.change(|doc| {
            let (dhcp, _) = doc.child(ip(doc, subnet)?, "dhcp")?;
            let place = match (
                entries(doc, subnet, "range").last(),
                doc.children(dhcp).next(),
            ) {
                (Some(last), _) => Place::After(last),
                (None, Some((first, _))) => Place::Before(first),
                (None, None) => Place::In(dhcp),
            };
            Some(Step::Insert(place, &fragment))
        });
    }
}

fn hosts(draft: &mut Draft, subnet: usize, old: &[HostEntry], new: &[HostEntry]) {
    let kept = |ordinal: usize| new.iter().find(|h| h.spot.ordinal == Some(ordinal));
    for (ordinal, before) in old.iter().enumerate() {
        let Some(ip) = kept(ordinal).filter(|after| after.ip != before.ip) else {
            continue;
        };
        let ip = ip.ip.map(|ip| ip.to_string()).unwrap_or_default();
        draft.change(|doc| {
            let index = entries(doc, subnet, "host").nth(ordinal)?;
            Some(Step::Set(index, "ip", &ip))
        });
    }
    for ordinal in (0..old.len()).rev().filter(|n| kept(*n).is_none()) {
        draft.change(|doc| Some(Step::Remove(entries(doc, subnet, "host").nth(ordinal)?)));
    }
    for host in new.iter().filter(|host| host.spot.ordinal.is_none()) {
        let fragment = host_fragment(host);
        draft.change(|doc| {
            let (dhcp, _) = doc.child(ip(doc, subnet)?, "dhcp")?;
            let last = entries(doc, subnet, "host")
                .last()
                .or_else(|| entries(doc, subnet, "range").last());
            let place = last.map_or(Place::In(dhcp), Place::After);
            Some(Step::Insert(place, &fragment))
        });
    }
}
