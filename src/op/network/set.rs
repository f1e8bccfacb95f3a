//! Changing a network in place.

use std::collections::HashSet;

use super::super::guest::kept_from_starting;
use super::super::{Force, Future, Refusal};
use super::copy::{own_ranges, routes};
use super::{
    DhcpWish, Wishes, add, check, convert, dhcp, free, limits, refuse_host_bridge,
    refuse_own_bridge, removal,
};
use crate::host::Host;
use crate::host::network::{Dhcp, Forward, HostEntry, Network, Subnet};
use crate::host::value::IpNet;

/// Returns the host with the network changed.
pub(super) fn plan(
    host: &Host,
    name: &str,
    mode: Option<&Forward>,
    wishes: &Wishes,
    remove_hosts: &[String],
    force: Force,
) -> Result<Future, Refusal> {
    let Some(there) = super::the_network(host, name)? else {
        return Err(super::missing(host, name));
    };
    super::ensure_few_subnets(there)?;
    let mut future = Future::of(host);
    let mut network = there.clone();
    let wanted = mode.unwrap_or(&there.forward).clone();
    match wanted.owns_bridge() {
        true => refuse_host_bridge(wishes, &wanted)?,
        false => {
            refuse_own_bridge(wishes, &wanted)?;
            refuse_hosts_to_remove(remove_hosts, &wanted)?;
        }
    }
    if let Some(autostart) = wishes.autostart {
        network.autostart = autostart;
    }
    match (there.forward.owns_bridge(), wanted.owns_bridge()) {
        (true, true) => {
            if wanted != there.forward && matches!(wanted, Forward::Isolated | Forward::Open) {
                // these modes name no devices
                network.devices.clear();
            }
            network.forward = wanted;
            in_place(
                host,
                &mut network,
                wishes,
                remove_hosts,
                &mut future.notes,
                force,
            )?;
        }
        (false, true) => convert::own(host, &mut network, wanted, wishes, force)?,
        (true, false) => {
            convert::bridged(host, &mut network, wanted, wishes, &mut future.notes, force)?;
        }
        // macvtap has the word of mode bridge, and is another
        (false, false) if mode.is_some_and(|mode| *mode != there.forward) => {
            convert::bridged(host, &mut network, wanted, wishes, &mut future.notes, force)?;
        }
        (false, false) => {
            add::other_bridge(host, &mut network, wishes, &mut future.notes, force)?;
        }
    }
    if let Some(place) = future.host.network_mut(name) {
        *place = network;
    }
    let kept = kept_from_starting(host, &future.host, name);
    future.notes.extend(kept);
    Ok(future)
}

fn refuse_hosts_to_remove(remove: &[String], mode: &Forward) -> Result<(), Refusal> {
    match remove.is_empty() {
        true => Ok(()),
        false => Err(Refusal::new(format!(
            "a network in mode {} has no host entries",
            mode.word()
        ))
        .help("omit --remove-host")),
    }
}

/// A network keeps the bridge that libvirt makes for it.
fn in_place(
    host: &Host,
    network: &mut Network,
    wishes: &Wishes,
    remove_hosts: &[String],
    notes: &mut Vec<String>,
    force: Force,
) -> Result<(), Refusal> {
    let before = network.clone();
    if let Some(device) = wishes
        .device
        .as_ref()
        .filter(|device| network.bridge.as_deref() != Some(device.as_str()))
    {
        check::device(host, device, force)?;
        network.bridge = Some(device.to_string());
    }
    if let Some(mac) = wishes.mac.filter(|mac| network.mac != Some(*mac)) {
        check::mac(host, mac)?;
        network.mac = Some(mac);
    }
    match wishes.domain.as_deref() {
        None => {}
        Some("") => network.domain = None,
        Some(domain) => network.domain = Some(domain.to_owned()),
    }
    limits::refuse_contradiction(wishes)?;
    // what goes needs no place in a new subnet
    notes.extend(removal::take_hosts(host, network, remove_hosts));
    readdress(host, network, wishes, force)?;
    ensure_subnet(network)?;
    for subnet in &mut network.subnets {
        own_ranges(subnet, wishes);
    }
    limits::ensure_all_inside(&network.subnets, wishes)?;
    give_hosts(network, &wishes.hosts);
    limits::ensure_one_of_a_family(network, &before.subnets)?;
    for subnet in &network.subnets {
        let old = subnet.spot.ordinal.and_then(|n| before.subnets.get(n));
        let unchanged = old.is_some_and(|old| old.address == subnet.address);
        limits::check(
            Some(&network.name),
            subnet,
            |spot| spot.ordinal.is_none() || !unchanged || wishes.dhcp != DhcpWish::Usual,
            force,
        )?;
    }
    Ok(())
}

/// libvirt loads no network in mode nat, route or open that has no address.
fn ensure_subnet(network: &Network) -> Result<(), Refusal> {
    if network.forward == Forward::Isolated || !network.subnets.is_empty() {
        return Ok(());
    }
    let message = format!(
        "mode {} needs a subnet, and the network `{}` has none",
        network.forward.word(),
        network.name
    );
    Err(Refusal::new(message)
        .at(network.origin.as_ref(), None)
        .help("give it one with --subnet"))
}

/// Gives the first subnet of each family that was asked for its new address; a family that is not there is added.
fn readdress(
    host: &Host,
    network: &mut Network,
    wishes: &Wishes,
    force: Force,
) -> Result<(), Refusal> {
    let before = network.clone();
    for net in &wishes.subnets {
        let family = |subnet: &Subnet| subnet.address.addr().is_ipv6() == net.addr().is_ipv6();
        let place = network.subnets.iter().position(family);
        let same = place.is_some_and(|place| {
            let known = network.subnets[place].address;
            known == *net || (net.addr() == net.network() && known.trunc() == *net)
        });
        if same {
            continue;
        }
        check::subnet(host, net, Some(&network.name), force)?;
        refuse_own_overlap(&before, place, net)?;
        match place {
            Some(place) => {
                let moved = dhcp::moved(&before, &before.subnets[place], net, &only_dhcp(wishes))?;
                network.subnets[place] = moved;
            }
            None => network.subnets.push(dhcp::new_subnet(
                net,
                &Wishes {
                    hosts: Vec::new(),
                    ..wishes.clone()
                },
            )?),
        }
    }
    network.routes = routes(&before, &network.subnets);
    Ok(())
}

/// Moving a subnet looks at DHCP only; host entries that are added come later.
fn only_dhcp(wishes: &Wishes) -> Wishes {
    Wishes {
        dhcp: wishes.dhcp.clone(),
        ..Wishes::default()
    }
}

/// Refuses a subnet that meets another one of the network itself, or where its routes lead to.
fn refuse_own_overlap(network: &Network, place: Option<usize>, net: &IpNet) -> Result<(), Refusal> {
    let others = network.subnets.iter().enumerate();
    let subnets = others
        .filter(|(index, _)| Some(*index) != place)
        .map(|(_, subnet)| (subnet.address.trunc(), subnet.spot.line));
    let routes = network.routes.iter();
    let mut taken = subnets
        .chain(routes.map(|route| (route.to.trunc(), route.spot.line)))
        .filter(|(taken, _)| taken.prefix_len() > 0);
    match taken.find(|(taken, _)| free::overlap(taken, net)) {
        Some((taken, line)) => {
            let message = format!("{} overlaps with {taken} of the same network", net.trunc());
            Err(Refusal::new(message)
                .at(network.origin.as_ref(), line)
                .help("choose another with --subnet"))
        }
        None => Ok(()),
    }
}

/// Adds host entries to the subnets that hold their addresses; what is there already is not added again.
fn give_hosts(network: &mut Network, hosts: &[HostEntry]) {
    for subnet in &mut network.subnets {
        let given = dhcp::hosts_in(&subnet.address, hosts);
        if given.is_empty() {
            continue;
        }
        let dhcp = subnet.dhcp.get_or_insert_with(Dhcp::default);
        let mut known: HashSet<HostEntry> = dhcp.hosts.iter().cloned().collect();
        for host in given {
            if known.insert(host.clone()) {
                dhcp.hosts.push(host);
            }
        }
    }
}
