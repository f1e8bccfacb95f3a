//! Writes the subnets of a network: `<ip>` with its `<dhcp>`, ranges and host entries.

use super::draft::{Draft, by_ordinal, place};
use super::network::length_of_class;
use super::order::ORDER;
use crate::doc::xml::{Editing, Fragment, Place, XmlDoc};
use crate::host::network::{Dhcp, DhcpRange, HostEntry, Subnet};

/// Makes the subnets `old` of a document those of `new`.
pub(super) fn all(draft: &mut Draft, old: &[Subnet], new: &[Subnet]) {
    let known = by_ordinal(new, old.len(), |subnet| subnet.spot.ordinal);
    // each step looks at all of them, on one document
    let mut each = |step: fn(&mut Subnets<'_, '_>, usize, &Subnet, &Subnet)| {
        draft.change(|doc, editing| {
            let ips = ips(doc);
            let mut subnets = Subnets { doc, editing };
            for ((ip, old), new) in ips.into_iter().zip(old).zip(&known) {
                if let Some(new) = new.filter(|new| *new != old) {
                    step(&mut subnets, ip, old, new);
                }
            }
        });
    };
    each(|subnets, ip, old, new| subnets.change(ip, old, new));
    each(|subnets, ip, old, new| subnets.add_ranges(ip, old, new));
    each(|subnets, ip, old, new| subnets.add_hosts(ip, old, new));
    draft.change(|doc, editing| {
        for (ip, _) in ips(doc)
            .into_iter()
            .zip(&known)
            .filter(|(_, new)| new.is_none())
        {
            editing.remove(ip);
        }
    });
    let added = new.iter().filter(|subnet| subnet.spot.ordinal.is_none());
    let added: Vec<Fragment> = added.map(whole).collect();
    draft.change(|doc, editing| editing.insert_all(place_of_ip(doc), &added));
}

/// The indices of the `<ip>` of a network.
fn ips(doc: &XmlDoc<'_>) -> Vec<usize> {
    doc.named(0, "ip").map(|(index, _)| index).collect()
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

/// The subnets of a network under change.
struct Subnets<'e, 'd> {
    doc: &'e XmlDoc<'e>,
    editing: &'e mut Editing<'d>,
}

impl Subnets<'_, '_> {
    /// Changes what is there, takes away what goes, and gives DHCP to a subnet without it.
    fn change(&mut self, ip: usize, old: &Subnet, new: &Subnet) {
        if old.address.addr() != new.address.addr() {
            let address = new.address.addr().to_string();
            self.editing.set(ip, "address", &address);
        }
        if old.address != new.address {
            self.length(ip, old, new);
        }
        match (&old.dhcp, &new.dhcp) {
            (None, None) => {}
            (Some(_), None) => {
                for (index, _) in self.doc.named(ip, "dhcp") {
                    self.editing.remove(index);
                }
            }
            (None, Some(dhcp)) => self.editing.insert(Place::In(ip), &dhcp_fragment(dhcp)),
            (Some(old), Some(new)) => {
                self.ranges(ip, &old.ranges, &new.ranges);
                self.hosts(ip, &old.hosts, &new.hosts);
            }
        }
    }

    /// Writes the prefix length in the spelling that is there; where it goes without saying, it is said once it differs
    /// from that of the address's class.
    fn length(&mut self, ip: usize, old: &Subnet, new: &Subnet) {
        let element = &self.doc.elements()[ip];
        let there = |name: &str| element.attribute(name).is_some();
        let (by_prefix, by_mask) = (there("prefix"), there("netmask"));
        let address = new.address.addr();
        let said = match by_prefix || by_mask {
            true => old.address.prefix_len() == new.address.prefix_len(),
            false => length_of_class(address) == new.address.prefix_len(),
        };
        if said {
            return;
        }
        let (name, value) = match by_prefix || address.is_ipv6() {
            true => ("prefix", new.address.prefix_len().to_string()),
            false => ("netmask", new.address.netmask().to_string()),
        };
        self.editing.set(ip, name, &value);
    }

    /// Returns the elements `name` in all `<dhcp>` of a subnet.
    fn entries<'n>(&'n self, ip: usize, name: &'n str) -> impl Iterator<Item = usize> + 'n {
        let blocks = self.doc.named(ip, "dhcp");
        blocks.flat_map(move |(index, _)| self.doc.named(index, name).map(|(index, _)| index))
    }

    fn ranges(&mut self, ip: usize, old: &[DhcpRange], new: &[DhcpRange]) {
        let known = by_ordinal(new, old.len(), |range| range.spot.ordinal);
        let entries: Vec<usize> = self.entries(ip, "range").collect();
        for ((index, old), new) in entries.into_iter().zip(old).zip(known) {
            let Some(new) = new else {
                self.editing.remove(index);
                continue;
            };
            let ends = [("start", old.first, new.first), ("end", old.last, new.last)];
            for (attribute, _, to) in ends.iter().filter(|(_, from, to)| from != to) {
                self.editing.set(index, attribute, &to.to_string());
            }
        }
    }

    fn hosts(&mut self, ip: usize, old: &[HostEntry], new: &[HostEntry]) {
        let known = by_ordinal(new, old.len(), |host| host.spot.ordinal);
        let entries: Vec<usize> = self.entries(ip, "host").collect();
        for ((index, old), new) in entries.into_iter().zip(old).zip(known) {
            match new {
                None => self.editing.remove(index),
                Some(new) if new.ip != old.ip => {
                    let ip = new.ip.map(|ip| ip.to_string()).unwrap_or_default();
                    self.editing.set(index, "ip", &ip);
                }
                Some(_) => {}
            }
        }
    }

    fn add_ranges(&mut self, ip: usize, old: &Subnet, new: &Subnet) {
        let (Some(_), Some(new)) = (&old.dhcp, &new.dhcp) else {
            return;
        };
        let added = new
            .ranges
            .iter()
            .filter(|range| range.spot.ordinal.is_none());
        let added: Vec<Fragment> = added.map(range_fragment).collect();
        let Some((dhcp, _)) = self.doc.child(ip, "dhcp").filter(|_| !added.is_empty()) else {
            return;
        };
        let place = match self.entries(ip, "range").last() {
            Some(last) => Place::After(last),
            None => match self.doc.children(dhcp).next() {
                Some((first, _)) => Place::Before(first),
                None => Place::In(dhcp),
            },
        };
        self.editing.insert_all(place, &added);
    }

    fn add_hosts(&mut self, ip: usize, old: &Subnet, new: &Subnet) {
        let (Some(_), Some(new)) = (&old.dhcp, &new.dhcp) else {
            return;
        };
        let added = new.hosts.iter().filter(|host| host.spot.ordinal.is_none());
        let added: Vec<Fragment> = added.map(host_fragment).collect();
        let Some((dhcp, _)) = self.doc.child(ip, "dhcp").filter(|_| !added.is_empty()) else {
            return;
        };
        let last = self.entries(ip, "host").last();
        let last = last.or_else(|| self.entries(ip, "range").last());
        let place = last.map_or(Place::In(dhcp), Place::After);
        self.editing.insert_all(place, &added);
    }
}
