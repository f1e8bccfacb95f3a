//! What libvirt would refuse of ranges and host entries, or what cannot work.
//!
//! Source of the limits: libvirt's `virSocketAddrGetRange()` in util/virsocketaddr.c and
//! `virNetworkDHCPHostDefParseXML()` in conf/network_conf.c.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use super::super::{Force, Refusal};
use super::{DhcpWish, Wishes};
use crate::host::limits::{RangeFault, is_broadcast, of_range};
use crate::host::nets::Nets;
use crate::host::network::{Dhcp, DhcpRange, HostEntry, Network, Spot, Subnet};
use crate::host::value::{IpNet, MacAddress};
use crate::tree::word_of;

/// Refuses host entries where DHCP is not to run.
pub(super) fn refuse_contradiction(wishes: &Wishes) -> Result<(), Refusal> {
    match wishes.hosts.first() {
        Some(host) if wishes.dhcp == DhcpWish::Off => Err(Refusal::new(format!(
            "the host entry {} needs DHCP, which is turned off",
            key(host)
        ))
        .help("omit --no-dhcp or the host entry")),
        Some(_) | None => Ok(()),
    }
}

/// Refuses ranges and host entries that lie in no subnet.
pub(super) fn ensure_all_inside(subnets: &[Subnet], wishes: &Wishes) -> Result<(), Refusal> {
    let names: Vec<String> = subnets
        .iter()
        .map(|subnet| subnet.address.trunc().to_string())
        .collect();
    let nets: Nets = subnets.iter().map(|subnet| subnet.address).collect();
    let inside = |ip: &IpAddr| nets.hold(*ip);
    let outside = |what: String| {
        let refusal = Refusal::new(format!("{what} is outside {}", names.join(" and ")));
        Err(refusal.help("choose addresses of the subnet, or give the subnet with --subnet"))
    };
    if let DhcpWish::Ranges(ranges) = &wishes.dhcp {
        for (first, last) in ranges {
            if let Some(ip) = [first, last].into_iter().find(|ip| !inside(ip)) {
                return outside(format!("{ip} of the DHCP range {first}-{last}"));
            }
        }
    }
    for host in &wishes.hosts {
        if let Some(ip) = host.ip.filter(|ip| !inside(ip)) {
            return outside(format!("the host entry {} with {ip}", key(host)));
        }
    }
    Ok(())
}

/// Refuses DHCP on a second subnet of a family, unless there was as much before: libvirt does not start such a network
/// (`networkValidate()` in network/bridge_driver.c).
pub(super) fn ensure_one_of_a_family(network: &Network, before: &[Subnet]) -> Result<(), Refusal> {
    for (v6, family) in [(false, "IPv4"), (true, "IPv6")] {
        let with_dhcp = |subnets: &[Subnet]| {
            let runs = |dhcp: &Dhcp| !dhcp.ranges.is_empty() || !dhcp.hosts.is_empty();
            let of_family = subnets
                .iter()
                .filter(|subnet| subnet.address.addr().is_ipv6() == v6);
            of_family
                .filter(|subnet| subnet.dhcp.as_ref().is_some_and(runs))
                .map(|subnet| (subnet.address.trunc(), subnet.spot.line))
                .collect::<Vec<_>>()
        };
        let now = with_dhcp(&network.subnets);
        if let [(first, line), (second, _), ..] = now.as_slice()
            && now.len() > with_dhcp(before).len()
        {
            let message = format!(
                "DHCP would run on {first} and on {second}: libvirt runs it on only one {family} subnet of a network"
            );
            return Err(Refusal::new(message)
                .at(network.origin.as_ref(), *line)
                .help("choose addresses of one subnet, or create a network for the other one"));
        }
    }
    Ok(())
}

/// Returns how messages call a host entry.
pub(super) fn key(host: &HostEntry) -> String {
    let mac = host.mac.map(|mac| mac.to_string());
    let named = mac
        .or_else(|| host.id.clone())
        .or_else(|| host.name.clone());
    named.unwrap_or_else(|| "without a key".to_owned())
}

/// Refuses ranges and host entries of a subnet that libvirt would refuse, or that cannot work; `asked` tells whether a
/// part was asked for now (what was there before is not this command's business). Of a network that is changed, `network` is
/// the name.
pub(super) fn check(
    network: Option<&str>,
    subnet: &Subnet,
    asked: impl Fn(&Spot) -> bool,
    force: Force,
) -> Result<(), Refusal> {
    let Some(dhcp) = &subnet.dhcp else {
        return Ok(());
    };
    if subnet.address.addr().is_ipv6() && subnet.address.prefix_len() < 64 && asked(&dhcp.spot) {
        let message = format!("DHCP cannot run on {}", subnet.address.trunc());
        return Err(Refusal::new(format!(
            "{message}: for IPv6, dnsmasq requires a prefix length of at least 64"
        ))
        .help("give a longer prefix, or use --no-dhcp"));
    }
    for range in dhcp.ranges.iter().filter(|range| asked(&range.spot)) {
        ensure_range(&subnet.address, range, force)?;
    }
    if let Some(DhcpRange { first, last, .. }) = overlapping(&dhcp.ranges, &asked) {
        return Err(Refusal::new(format!(
            "the DHCP range {first}-{last} overlaps with another one"
        ))
        .help("give ranges that do not overlap"));
    }
    let mut known = Keys::default();
    for host in &dhcp.hosts {
        if asked(&host.spot) {
            ensure_host_inside(&subnet.address, host, force)?;
            if let Some(other) = known.same(host) {
                return Err(taken(network, &dhcp.hosts, host, other));
            }
        }
        known.add(host);
    }
    Ok(())
}

/// Returns the first range that was asked for and meets another one.
fn overlapping(ranges: &[DhcpRange], asked: impl Fn(&Spot) -> bool) -> Option<&DhcpRange> {
    let mut sorted: Vec<(usize, &DhcpRange)> = ranges.iter().enumerate().collect();
    sorted.sort_by_key(|(_, range)| (range.first, range.last));
    let mut blamed = BTreeSet::new();
    // of those before, the one that ends last: what meets any of them meets it
    let mut open: Option<(usize, &DhcpRange)> = None;
    for next in sorted {
        match open {
            Some(open) if next.1.first <= open.1.last => {
                let mut pair = [open.0, next.0];
                pair.sort_unstable_by_key(|place| Reverse(*place));
                let asked = |place: &usize| asked(&ranges[*place].spot);
                blamed.extend(pair.into_iter().find(asked));
            }
            Some(_) | None => {}
        }
        if open.is_none_or(|(_, open)| next.1.last > open.last) {
            open = Some(next);
        }
    }
    blamed.first().map(|place| &ranges[*place])
}

fn ensure_range(address: &IpNet, range: &DhcpRange, force: Force) -> Result<(), Refusal> {
    let DhcpRange { first, last, .. } = range;
    let refuse = |why: &str| Refusal::new(format!("the DHCP range {first}-{last} {why}"));
    if let Some(fault) = of_range(address, range) {
        return Err(match fault {
            RangeFault::Outside => refuse(&format!("is outside {}", address.trunc()))
                .help("choose addresses of the subnet"),
            RangeFault::Reversed => {
                refuse("is reversed").help(format!("write it as {last}-{first}"))
            }
            RangeFault::TooLarge => {
                refuse("is too large for libvirt: its ends may differ only in their last 16 bits")
                    .help("choose a smaller one, or give two with --dhcp")
            }
            RangeFault::Ends => refuse("contains the network or the broadcast address")
                .help("omit the first and the last address of the subnet"),
        });
    }
    if (*first..=*last).contains(&address.addr()) {
        let message = format!("contains {}, the host's own address", address.addr());
        refuse(&message).help("omit that address").unless(force)?;
    }
    Ok(())
}

fn ensure_host_inside(address: &IpNet, host: &HostEntry, force: Force) -> Result<(), Refusal> {
    let Some(ip) = host.ip else {
        return Ok(());
    };
    let refuse = |why: &str| Refusal::new(format!("the host entry {} {why}", key(host)));
    if ip.is_ipv6() && host.mac.is_some() {
        return Err(refuse(
            "names a MAC address, but libvirt identifies IPv6 guests by their DUID",
        )
        .help("give the DUID, such as 00:03:00:01 followed by the MAC address"));
    }
    if ip.is_ipv4() && host.mac.is_none() && host.id.is_some() && host.name.is_none() {
        return Err(refuse("has neither a MAC address nor a name").help("give MAC=IP"));
    }
    if ip == address.addr() {
        return Err(refuse(&format!("has {ip}, the host's own address")).help("choose another"));
    }
    if ip == address.network() || is_broadcast(address, ip) {
        refuse(&format!("has {ip}, which a guest cannot have"))
            .help("choose another")
            .unless(force)?;
    }
    Ok(())
}

/// Host entries by what only one of them may have.
#[derive(Default)]
struct Keys<'h> {
    macs: HashMap<MacAddress, &'h HostEntry>,
    ids: HashMap<&'h str, &'h HostEntry>,
    addresses: HashMap<IpAddr, &'h HostEntry>,
}

impl<'h> Keys<'h> {
    fn add(&mut self, host: &'h HostEntry) {
        if let Some(mac) = host.mac {
            self.macs.entry(mac).or_insert(host);
        }
        if let Some(id) = &host.id {
            self.ids.entry(id).or_insert(host);
        }
        if let Some(ip) = host.ip {
            self.addresses.entry(ip).or_insert(host);
        }
    }

    /// Returns the host entry before this one with which it shares something.
    fn same(&self, host: &HostEntry) -> Option<&'h HostEntry> {
        let by_mac = host.mac.and_then(|mac| self.macs.get(&mac));
        let by_id = || self.ids.get(host.id.as_deref()?);
        let by_address = || self.addresses.get(&host.ip?);
        by_mac.or_else(by_id).or_else(by_address).copied()
    }
}

/// Returns the refusal of a host entry that shares something with `other`; where those in its way were there before, with the
/// command that puts it in their place.
fn taken(
    network: Option<&str>,
    hosts: &[HostEntry],
    host: &HostEntry,
    other: &HostEntry,
) -> Refusal {
    let ip = other.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let message = format!(
        "the host entry {} is taken: {} has {ip}",
        key(host),
        key(other)
    );
    let refusal = Refusal::new(message);
    let shares = |other: &&HostEntry| {
        let (mac, id) = (host.mac.is_some(), host.id.is_some());
        other.spot.ordinal.is_some()
            && (mac && host.mac == other.mac
                || id && host.id == other.id
                || host.ip.is_some() && host.ip == other.ip)
    };
    let olds: Vec<&HostEntry> = hosts.iter().filter(shares).collect();
    let (Some(network), false) = (network, olds.is_empty()) else {
        return refusal.help("each needs its own address; omit one of them");
    };
    let mut keys: Vec<String> = olds.iter().map(|old| address_or_key(old)).collect();
    keys.dedup();
    let keys = keys.iter().map(|key| word_of(key));
    let keys: Vec<String> = keys.map(|key| format!("--remove-host {key}")).collect();
    let same_guest = olds
        .iter()
        .find(|old| old.mac == host.mac && old.id == host.id);
    let name = host.name.as_ref();
    let name = name.or_else(|| same_guest?.name.as_ref());
    let new = HostEntry {
        name: name.cloned(),
        ..host.clone()
    };
    refusal.help(format!(
        "replace the existing one: kvmnet network set {} {} --add-host {}",
        word_of(network),
        keys.join(" "),
        as_typed(&new)
    ))
}

/// Returns the word by which `--remove-host` finds a host entry.
fn address_or_key(host: &HostEntry) -> String {
    host.ip.map_or_else(|| key(host), |ip| ip.to_string())
}

/// Returns a host entry as `--add-host` takes it.
fn as_typed(host: &HostEntry) -> String {
    let mac = host.mac.map(|mac| mac.to_string());
    let key = mac.or_else(|| host.id.clone()).unwrap_or_default();
    let ip = host.ip.map(|ip| ip.to_string()).unwrap_or_default();
    match &host.name {
        Some(name) => format!("{key}={ip},{}", word_of(name)),
        None => format!("{key}={ip}"),
    }
}
