//! Making a network like another: what must differ is made anew, all else is taken over.

use std::net::IpAddr;

use super::super::{Force, Future, Refusal};
use super::{
    DhcpWish, Wishes, add, check, convert, dhcp, free, limits, refuse_host_bridge,
    refuse_own_bridge, with,
};
use crate::host::network::{Dhcp, Forward, LibvirtName, Network, Route, Spot, Subnet};
use crate::host::value::IpNet;
use crate::host::{Host, invent};

/// Returns the host with the copy.
pub(super) fn plan(
    host: &Host,
    source: &str,
    name: &LibvirtName,
    mode: Option<&Forward>,
    wishes: &Wishes,
    force: Force,
) -> Result<Future, Refusal> {
    let Some(source) = super::the_network(host, source)? else {
        return Err(super::missing(host, source));
    };
    super::ensure_few_subnets(source)?;
    limits::refuse_contradiction(wishes)?;
    if let Some(there) = super::the_network(host, name.as_str())? {
        ensure_copy(there, source, mode)?;
        add::as_asked(there, mode, wishes)?;
        return Ok(Future::of(host));
    }
    let mut network = Network {
        origin: None,
        like: source.origin.clone(),
        name: name.to_string(),
        uuid: Some(add::uuid(host, name, wishes)?),
        autostart: wishes.autostart.unwrap_or(true),
        active: false,
        ..source.clone()
    };
    let mut future = Future::of(host);
    let wanted = mode.unwrap_or(&source.forward).clone();
    let owns = wanted.owns_bridge();
    match owns {
        true => refuse_host_bridge(wishes, &wanted)?,
        false => refuse_own_bridge(wishes, &wanted)?,
    }
    match (source.forward.owns_bridge(), owns) {
        (true, true) => {
            let notes = own_again(host, &mut network, source, wanted, wishes, force)?;
            future.notes.extend(notes);
        }
        (false, true) => convert::own(host, &mut network, wanted, wishes, force)?,
        (true, false) => {
            convert::bridged(host, &mut network, wanted, wishes, &mut future.notes, force)?;
        }
        // macvtap has the word of mode bridge, and is another
        (false, false) if wanted != source.forward => {
            convert::bridged(host, &mut network, wanted, wishes, &mut future.notes, force)?;
        }
        (false, false) => {
            add::other_bridge(host, &mut network, wishes, &mut future.notes, force)?;
        }
    }
    future.notes.extend(shared_routes(&network));
    Ok(with(future, network))
}

/// Gives a copy whose bridge libvirt makes, as it does that of its source, a bridge and subnets of its own; returns notes.
fn own_again(
    host: &Host,
    network: &mut Network,
    source: &Network,
    wanted: Forward,
    wishes: &Wishes,
    force: Force,
) -> Result<Vec<String>, Refusal> {
    if wanted != source.forward && matches!(wanted, Forward::Isolated | Forward::Open) {
        // these modes name no devices
        network.devices.clear();
    }
    network.forward = wanted;
    add::bridge(host, network, wishes, force)?;
    if let Some(domain) = &wishes.domain {
        network.domain = Some(domain.clone()).filter(|domain| !domain.is_empty());
    }
    let (subnets, notes) = subnets(host, source, network, wishes, force)?;
    network.routes = routes(source, &subnets);
    network.subnets = subnets;
    Ok(notes)
}

/// Refuses a network of that name which is no copy.
fn ensure_copy(there: &Network, source: &Network, mode: Option<&Forward>) -> Result<(), Refusal> {
    let wanted = mode.unwrap_or(&source.forward);
    let shape = |network: &Network| {
        let runs = |subnet: &Subnet| (subnet.address.addr().is_ipv6(), subnet.dhcp.is_some());
        let mut subnets: Vec<_> = network.subnets.iter().map(runs).collect();
        subnets.sort_unstable();
        subnets
    };
    if there.origin == source.origin {
        let message = format!("the network `{}` cannot be a copy of itself", source.name);
        return Err(Refusal::new(message)
            .at(there.origin.as_ref(), None)
            .help("choose another name"));
    }
    if there.origin != source.origin
        && there.forward == *wanted
        && (!wanted.owns_bridge() || shape(there).len() >= shape(source).len())
    {
        return Ok(());
    }
    let message = format!(
        "the network `{}` already exists and is not a copy of `{}`",
        there.name, source.name
    );
    Err(Refusal::new(message)
        .at(there.origin.as_ref(), None)
        .help("choose another name"))
}

/// Returns the subnets of the copy, each in the place of one of the source; further ones that were asked for come behind.
fn subnets(
    host: &Host,
    source: &Network,
    copy: &Network,
    wishes: &Wishes,
    force: Force,
) -> Result<(Vec<Subnet>, Vec<String>), Refusal> {
    let mut given = wishes.subnets.clone();
    let mut known = host.clone();
    let (mut subnets, mut notes) = (Vec::new(), Vec::new());
    for subnet in &source.subnets {
        let ipv6 = subnet.address.addr().is_ipv6();
        let asked = given.iter().position(|net| net.addr().is_ipv6() == ipv6);
        let to = match asked.map(|index| given.remove(index)) {
            Some(net) => net,
            None => chosen(&known, subnet, copy)?,
        };
        let mut moved = dhcp::moved(source, subnet, &to, wishes)?;
        own_ranges(&mut moved, wishes);
        own_hosts(&mut moved, wishes);
        finish(host, &moved, force)?;
        // the next one is to be free of this one as well
        let spot = Subnet {
            dhcp: None,
            ..moved.clone()
        };
        let mut probe = copy.clone();
        probe.subnets = vec![spot];
        known.networks.push(std::sync::Arc::new(probe));
        if asked.is_none() {
            notes.push(format!(
                "{} is free and replaces {}; choose another with --subnet",
                moved.address.trunc(),
                subnet.address.trunc()
            ));
        }
        subnets.push(moved);
    }
    for net in &given {
        let subnet = dhcp::new_subnet(net, wishes)?;
        finish(host, &subnet, force)?;
        subnets.push(subnet);
    }
    limits::ensure_all_inside(&subnets, wishes)?;
    Ok((subnets, notes))
}

fn finish(host: &Host, subnet: &Subnet, force: Force) -> Result<(), Refusal> {
    check::subnet(host, &subnet.address, None, force)?;
    limits::check(None, subnet, |_| true, force)
}

/// Returns a free subnet of the size that the source's has.
fn chosen(host: &Host, subnet: &Subnet, copy: &Network) -> Result<IpNet, Refusal> {
    let prefix = subnet.address.prefix_len();
    let free = match subnet.address {
        IpNet::V4(_) => free::first_v4(host, prefix.clamp(1, 30), None),
        IpNet::V6(_) => free::first_v6(host, invent::uuid_of_network(host, &copy.name), None)
            .and_then(|net| IpNet::new(net.addr(), prefix.max(64)).ok()),
    };
    free.ok_or_else(|| {
        Refusal::new(format!(
            "no private subnet with prefix length {prefix} is free under the root"
        ))
        .help("give one with --subnet")
    })
}

/// Replaces ranges by those that were asked for.
pub(super) fn own_ranges(subnet: &mut Subnet, wishes: &Wishes) {
    match &wishes.dhcp {
        DhcpWish::Usual => {}
        DhcpWish::Off => subnet.dhcp = None,
        DhcpWish::Ranges(ranges) => {
            let inside = |(first, _): &&(IpAddr, IpAddr)| subnet.address.contains(first);
            let mut asked: Vec<_> = ranges.iter().filter(inside).map(dhcp::range).collect();
            if asked.is_empty() {
                return;
            }
            let dhcp = subnet.dhcp.get_or_insert_with(Dhcp::default);
            // the first ones take the places of those that are there
            for (range, old) in asked.iter_mut().zip(&dhcp.ranges) {
                range.spot = old.spot;
            }
            dhcp.ranges = asked;
        }
    }
}

/// Replaces host entries by those that were asked for, if any were.
fn own_hosts(subnet: &mut Subnet, wishes: &Wishes) {
    if wishes.hosts.is_empty() {
        return;
    }
    let hosts = dhcp::hosts_in(&subnet.address, &wishes.hosts);
    match &mut subnet.dhcp {
        Some(dhcp) => dhcp.hosts = hosts,
        None if hosts.is_empty() => {}
        None => {
            subnet.dhcp = Some(Dhcp {
                hosts,
                spot: Spot::default(),
                ranges: Vec::new(),
            });
        }
    }
}

/// The gateway of a route lies in a subnet of the network, so it moves along.
pub(super) fn routes(source: &Network, subnets: &[Subnet]) -> Vec<Route> {
    let gateway = |ip: IpAddr| {
        let place = source
            .subnets
            .iter()
            .position(|subnet| subnet.address.contains(&ip))?;
        let (from, to) = (
            source.subnets.get(place)?.address,
            subnets.get(place)?.address,
        );
        free::nth(&to, free::offset(&from, ip)?)
    };
    let moved = |route: &Route| Route {
        gateway: gateway(route.gateway).unwrap_or(route.gateway),
        ..route.clone()
    };
    source.routes.iter().map(moved).collect()
}

fn shared_routes(copy: &Network) -> Option<String> {
    let route = copy.routes.first()?;
    Some(format!(
        "the copy has the route to {} as well: only one of the two networks can be active",
        route.to
    ))
}
