//! Host entries for guests by name: the MAC address is that of the guest's interface on the network.

use super::super::Refusal;
use super::super::guest::the_guest;
use super::{GuestEntry, Wishes};
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface};
use crate::host::network::{HostEntry, Spot};
use crate::tree::word_of;

/// Returns the wishes with the MAC addresses of guests in place of their names.
pub(super) fn with_macs(host: &Host, network: &str, wishes: &Wishes) -> Result<Wishes, Refusal> {
    let mut wishes = wishes.clone();
    for entry in std::mem::take(&mut wishes.for_guests) {
        wishes.hosts.push(resolved(host, network, &entry)?);
    }
    Ok(wishes)
}

fn resolved(host: &Host, network: &str, entry: &GuestEntry) -> Result<HostEntry, Refusal> {
    let guest = the_guest(host, &entry.guest)?;
    let interface = the_interface(host, network, guest, entry)?;
    let Some(mac) = interface.mac else {
        let message = format!(
            "the interface of the guest `{}` has no MAC address",
            guest.name
        );
        return Err(Refusal::new(message)
            .at(Some(&guest.origin), interface.mac_spot.line)
            .help("kvmnet check --fix guest-mac-missing"));
    };
    Ok(HostEntry {
        mac: Some(mac),
        id: None,
        name: entry.name.clone(),
        ip: Some(entry.ip),
        spot: Spot::default(),
    })
}

/// Returns the guest's interface on the network, by its name or its bridge; of a guest that is to be connected to a network
/// which is not there yet, its only one.
fn the_interface<'g>(
    host: &Host,
    network: &str,
    guest: &'g Guest,
    entry: &GuestEntry,
) -> Result<&'g GuestInterface, Refusal> {
    let known = host.network(network);
    let bridge = known.and_then(|network| network.own_bridge());
    let is_on = |interface: &&GuestInterface| {
        let source = &interface.source;
        let by_bridge = bridge.is_some() && source.bridge() == bridge;
        source.network() == Some(network) || by_bridge
    };
    let on: Vec<&GuestInterface> = guest.interfaces.iter().filter(is_on).collect();
    let refuse = |message: String, line| Refusal::new(message).at(Some(&guest.origin), line);
    let (name, word) = (&guest.name, word_of(&guest.name));
    match (on.as_slice(), guest.interfaces.as_slice()) {
        ([one], _) => Ok(one),
        ([], [one]) if known.is_none() => Ok(one),
        ([], all) => {
            let connect = format!("kvmnet guest connect {word} --network {}", word_of(network));
            let message = format!("the guest `{name}` has no interface on the network `{network}`");
            let mac = all.iter().find_map(|interface| interface.mac);
            Err(refuse(message, None).help(match all.len() {
                _ if known.is_none() => match mac {
                    Some(mac) => format!("name one: --host {mac}={}", entry.ip),
                    None => "omit it; add it once the guest is connected".to_owned(),
                },
                0 => format!("give it one: {connect} --new"),
                1 => format!("connect it first: {connect}"),
                _ => format!("connect one first: {connect} --interface 1"),
            }))
        }
        ([first, ..], _) => {
            let message = format!(
                "the guest `{name}` has {} interfaces on the network `{network}`: which one?",
                on.len()
            );
            let subnets = known.iter().flat_map(|network| &network.subnets);
            let entries =
                subnets.flat_map(|subnet| subnet.dhcp.iter().flat_map(|dhcp| &dhcp.hosts));
            let reserved: Vec<&HostEntry> = entries.collect();
            let macs = || on.iter().filter_map(|interface| interface.mac);
            let of = |mac| reserved.iter().find(move |entry| entry.mac == Some(mac));
            let free = macs().find(|mac| of(*mac).is_none());
            let refusal = refuse(message, first.spot.line);
            let set = format!("kvmnet network set {}", word_of(network));
            Err(match (free.or_else(|| macs().next()), known) {
                (None, _) => refusal.help("kvmnet check --fix guest-mac-missing"),
                (Some(mac), None) => refusal.help(format!("name one: --host {mac}={}", entry.ip)),
                (Some(mac), Some(_)) => {
                    let old = of(mac).map(|_| format!(" --remove-host {mac}"));
                    let old = old.unwrap_or_default();
                    let ip = entry.ip;
                    refusal.help(format!("name one: {set}{old} --add-host {mac}={ip}"))
                }
            })
        }
    }
}
