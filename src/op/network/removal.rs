//! Taking host entries away: by hardware address, address, name or client id, or by the guest that has the address.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::super::{absent, listed};
use super::limits::key;
use crate::host::Host;
use crate::host::network::{HostEntry, Network};
use crate::host::value::MacAddress;

/// Takes host entries away, and says which were not there: they may be gone since the command was said first.
pub(super) fn take_hosts(host: &Host, network: &mut Network, remove: &[String]) -> Vec<String> {
    if remove.is_empty() {
        return Vec::new();
    }
    let missing = take_named(network, remove);
    let missing = take_of_guests(host, network, missing);
    let left = left(network);
    let say = |key: &str| {
        let guest = host.guests().any(|guest| guest.name == key);
        let of = match guest {
            true => "host entry of the guest",
            false => "host entry",
        };
        format!("{}{left}", absent(of, key))
    };
    missing.into_iter().map(say).collect()
}

/// Returns which entries there are, in words.
fn left(network: &Network) -> String {
    let entries = network
        .subnets
        .iter()
        .filter_map(|subnet| subnet.dhcp.as_ref());
    let keys: Vec<String> = entries
        .flat_map(|dhcp| dhcp.hosts.iter().map(key))
        .collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let listed = listed(&keys).unwrap_or_else(|| "there are none".to_owned());
    format!(" ({listed})")
}

/// Takes away what belongs to a guest of one of the names, and returns those of which there is none.
fn take_of_guests<'k>(host: &Host, network: &mut Network, names: Vec<&'k str>) -> Vec<&'k str> {
    let wanted: HashSet<&str> = names.iter().copied().collect();
    let guests = host
        .guests()
        .filter(|guest| wanted.contains(guest.name.as_str()));
    let cards: HashMap<MacAddress, &str> = guests
        .flat_map(|guest| {
            let macs = guest
                .interfaces
                .iter()
                .filter_map(|interface| interface.mac);
            macs.map(|mac| (mac, guest.name.as_str()))
        })
        .collect();
    let mut found = HashSet::new();
    let mut goes = |entry: &HostEntry| {
        let guest = entry.mac.and_then(|mac| cards.get(&mac));
        guest.map(|guest| found.insert(*guest)).is_some()
    };
    let subnets = network.subnets.iter_mut();
    for dhcp in subnets.filter_map(|subnet| subnet.dhcp.as_mut()) {
        dhcp.hosts.retain(|entry| !goes(entry));
    }
    names
        .into_iter()
        .filter(|name| !found.contains(name))
        .collect()
}

/// Takes away what is named by itself, and returns the keys that name nothing.
fn take_named<'k>(network: &mut Network, remove: &'k [String]) -> Vec<&'k str> {
    // what goes, by each of the ways in which it may be named
    let (mut macs, mut addresses) = (HashMap::new(), HashMap::new());
    let (mut names, mut ids) = (HashMap::new(), HashMap::new());
    for (place, key) in remove.iter().enumerate() {
        if let Some(mac) = MacAddress::parse(key) {
            macs.entry(mac).or_insert_with(Vec::new).push(place);
        }
        if let Ok(address) = key.parse::<IpAddr>() {
            addresses
                .entry(address)
                .or_insert_with(Vec::new)
                .push(place);
        }
        names
            .entry(key.as_str())
            .or_insert_with(Vec::new)
            .push(place);
        let id = key.to_ascii_lowercase();
        ids.entry(id).or_insert_with(Vec::new).push(place);
    }
    let mut found = vec![false; remove.len()];
    let mut goes = |host: &HostEntry| {
        let id = host.id.as_ref().map(|id| id.to_ascii_lowercase());
        let named = [
            host.mac.and_then(|mac| macs.get(&mac)),
            host.ip.and_then(|ip| addresses.get(&ip)),
            host.name.as_deref().and_then(|name| names.get(name)),
            id.and_then(|id| ids.get(&id)),
        ];
        let mut named = named.into_iter().flatten().flatten().peekable();
        let any = named.peek().is_some();
        named.for_each(|place| found[*place] = true);
        any
    };
    let subnets = network.subnets.iter_mut();
    for dhcp in subnets.filter_map(|subnet| subnet.dhcp.as_mut()) {
        dhcp.hosts.retain(|host| !goes(host));
    }
    let missing = remove.iter().zip(&found).filter(|(_, found)| !**found);
    missing.map(|(key, _)| key.as_str()).collect()
}
