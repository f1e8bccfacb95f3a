//! Making a network.

use super::super::{Force, Future, Refusal};
use super::{
    DhcpWish, Wishes, check, dhcp, free, limits, refuse_host_bridge, refuse_own_bridge, with,
};
use crate::host::network::{Faults, Forward, LibvirtName, Lines, Network, Subnet, Tags};
use crate::host::profile::Switch;
use crate::host::value::{InterfaceName, IpNet};
use crate::host::{Host, invent};
use crate::tree::word_of;

/// Prefix length of a subnet that is chosen.
const USUAL_PREFIX: u8 = 24;

/// Returns the host with the network.
pub(super) fn plan(
    host: &Host,
    name: &LibvirtName,
    mode: &Forward,
    wishes: &Wishes,
    force: Force,
) -> Result<Future, Refusal> {
    if let Some(there) = super::the_network(host, name.as_str())? {
        as_asked(there, Some(mode), wishes)?;
        return Ok(Future::of(host));
    }
    match mode.owns_bridge() {
        true => refuse_host_bridge(wishes, mode)?,
        false => refuse_own_bridge(wishes, mode)?,
    }
    limits::refuse_contradiction(wishes)?;
    let mut network = empty(host, name, mode, wishes)?;
    let mut future = Future::of(host);
    if mode.owns_bridge() {
        own(host, &mut network, wishes, force)?;
    } else {
        on_host(host, &mut network, wishes, &mut future.notes, force)?;
    }
    Ok(with(future, network))
}

/// Returns a network that is nothing but itself.
fn empty(
    host: &Host,
    name: &LibvirtName,
    mode: &Forward,
    wishes: &Wishes,
) -> Result<Network, Refusal> {
    Ok(Network {
        origin: None,
        like: None,
        name: name.to_string(),
        uuid: Some(uuid(host, name, wishes)?),
        forward: mode.clone(),
        bridge: None,
        stp: true,
        switch: Switch::Linux,
        devices: Vec::new(),
        mac: None,
        domain: wishes.domain.clone().filter(|domain| !domain.is_empty()),
        subnets: Vec::new(),
        routes: Vec::new(),
        portgroups: Vec::new(),
        tags: Tags::default(),
        autostart: wishes.autostart.unwrap_or(true),
        active: false,
        lines: Lines::default(),
        faults: Faults::default(),
    })
}

/// Returns the UUID that was given, or one that is made.
pub(super) fn uuid(
    host: &Host,
    name: &LibvirtName,
    wishes: &Wishes,
) -> Result<crate::host::network::Uuid, Refusal> {
    if let Some(uuid) = wishes.uuid {
        check::uuid(host, uuid)?;
        return Ok(uuid);
    }
    Ok(invent::uuid_of_network(host, name.as_str()))
}

/// Gives a network the bridge that libvirt makes for it: device and hardware address, as given or made.
pub(super) fn bridge(
    host: &Host,
    network: &mut Network,
    wishes: &Wishes,
    force: Force,
) -> Result<(), Refusal> {
    let device = match &wishes.device {
        Some(device) => {
            check::device(host, device, force)?;
            Some(device.clone())
        }
        None => invent::device(host),
    };
    network.bridge = device.map(|device| device.to_string());
    network.mac = Some(match wishes.mac {
        Some(mac) => {
            check::mac(host, mac)?;
            mac
        }
        None => invent::mac(host, &format!("network/{}", network.name)),
    });
    Ok(())
}

fn own(host: &Host, network: &mut Network, wishes: &Wishes, force: Force) -> Result<(), Refusal> {
    bridge(host, network, wishes, force)?;
    network.subnets = subnets(host, wishes, None, force)?;
    Ok(())
}

/// Returns the subnets that were given, or the first that is free.
pub(super) fn subnets(
    host: &Host,
    wishes: &Wishes,
    except: Option<&str>,
    force: Force,
) -> Result<Vec<Subnet>, Refusal> {
    let nets: Vec<IpNet> = match wishes.subnets.is_empty() {
        false => wishes.subnets.clone(),
        true => {
            let free = free::first_v4(host, USUAL_PREFIX, except);
            vec![free.ok_or_else(|| {
                Refusal::new("no private subnet is free under the root")
                    .help("give one with --subnet")
            })?]
        }
    };
    let mut subnets = Vec::new();
    for net in &nets {
        let subnet = dhcp::new_subnet(net, wishes)?;
        check::subnet(host, &subnet.address, except, force)?;
        limits::check(None, &subnet, |_| true, force)?;
        subnets.push(subnet);
    }
    limits::ensure_all_inside(&subnets, wishes)?;
    Ok(subnets)
}

/// Hangs a network that is on a bridge of the host already on another, if one was asked for.
pub(super) fn other_bridge(
    host: &Host,
    network: &mut Network,
    wishes: &Wishes,
    notes: &mut Vec<String>,
    force: Force,
) -> Result<(), Refusal> {
    if wishes.bridge.is_none() && wishes.switch.is_none() {
        return Ok(());
    }
    if network.forward != Forward::Bridge {
        let mode = network.forward.word();
        let message = format!("a network in mode {mode} on interfaces has no bridge of the host");
        return Err(Refusal::new(message)
            .at(
                network.origin.as_ref().or(network.like.as_ref()),
                network.lines.forward,
            )
            .help("omit --bridge and --switch, or give it another mode: --mode MODE"));
    }
    let known = network.bridge.as_deref().map(InterfaceName::parse);
    let wishes = Wishes {
        bridge: wishes.bridge.clone().or(known.and_then(Result::ok)),
        ..wishes.clone()
    };
    on_host(host, network, &wishes, notes, force)
}

/// Hangs a network on a bridge of the host.
pub(super) fn on_host(
    host: &Host,
    network: &mut Network,
    wishes: &Wishes,
    notes: &mut Vec<String>,
    force: Force,
) -> Result<(), Refusal> {
    let Some(bridge) = &wishes.bridge else {
        let refusal = Refusal::new("mode bridge needs a bridge of the host: which one?");
        let own = host
            .bridges()
            .next()
            .map(|bridge| bridge.interface.as_str());
        let foreign = || host.foreign_bridges().first().map(|(name, ..)| *name);
        return Err(refusal.help(match own.or_else(foreign) {
            Some(bridge) => format!("name it: --bridge {}", word_of(bridge)),
            None => format!(
                "create one first: kvmnet bridge add {} --port IFACE",
                invent::bridge(host)
            ),
        }));
    };
    let found = check::host_bridge(host, bridge, wishes.switch, force)?;
    if let Some(wanted) = wishes.switch
        && let Some(known) = found.switch.filter(|_| found.known)
        && wanted != known
    {
        let word = |switch| match switch {
            Switch::Linux => "a Linux bridge",
            Switch::Ovs => "an Open vSwitch bridge",
        };
        let at = host
            .profile(bridge)
            .and_then(|profile| profile.home.file.as_ref());
        let message = format!("`{bridge}` is {}, not {}", word(known), word(wanted));
        Refusal::new(message)
            .at(at, None)
            .help("omit --switch")
            .unless(force)?;
    }
    let before = (network.bridge.clone(), network.switch);
    network.bridge = Some(bridge.to_string());
    // of a bridge that nothing tells of, the network's own word stands
    network.switch = wishes.switch.or(found.switch).unwrap_or(network.switch);
    notes.extend(found.note);
    if before != (network.bridge.clone(), network.switch) {
        notes.extend(ensure_has_what_is_asked(network)?);
    }
    Ok(())
}

/// Refuses a bridge that cannot give what the network asks for its guests, and says which of it keeps them from starting.
///
/// Sources: `networkValidate()` and `networkAllocatePort()` in libvirt's network/bridge_driver.c.
fn ensure_has_what_is_asked(network: &Network) -> Result<Option<String>, Refusal> {
    let (name, lines) = (&network.name, &network.lines);
    let kernel = network.switch == Switch::Linux;
    let refused = [
        (
            lines.vlan,
            kernel,
            "<vlan>, which libvirt refuses on a Linux bridge",
        ),
        (
            lines.of_card,
            true,
            "a <virtualport> of 802.1Qbg or 802.1Qbh, which libvirt refuses on a bridge",
        ),
        (
            lines.group_port,
            kernel,
            "a <virtualport> in a port group, which libvirt refuses on a Linux bridge",
        ),
    ];
    let origin = network.origin.as_ref().or(network.like.as_ref());
    let found = refused
        .iter()
        .find(|(line, here, _)| line.is_some() && *here);
    if let Some((line, _, what)) = found {
        let bridge = network.bridge.as_deref().unwrap_or("BRIDGE");
        let message = format!("the network `{name}` has {what}");
        return Err(Refusal::new(message).at(origin, *line).help(format!(
            "create a new one (kvmnet network add NAME --mode bridge --bridge {}), or remove these elements first",
            word_of(bridge)
        )));
    }
    let isolated = lines.isolated.is_some() && !kernel;
    Ok(isolated.then(|| {
        format!(
            "the network `{name}` asks for isolated ports (<port isolated='yes'/>), which Open vSwitch cannot provide: its guests will not start"
        )
    }))
}

/// Refuses a network that is there, and is not what was asked for.
pub(super) fn as_asked(
    there: &Network,
    mode: Option<&Forward>,
    wishes: &Wishes,
) -> Result<(), Refusal> {
    let others = differences(there, mode, wishes);
    if others.is_empty() {
        return Ok(());
    }
    let name = &there.name;
    let message = format!(
        "the network `{name}` already exists and differs from what was requested: {}",
        others.join(", ")
    );
    Err(Refusal::new(message)
        .at(there.origin.as_ref(), None)
        .help(format!(
            "change it (kvmnet network set {} …), or choose another name",
            word_of(name)
        )))
}

/// Returns in what a network is not as it was asked for.
fn differences(there: &Network, mode: Option<&Forward>, wishes: &Wishes) -> Vec<&'static str> {
    let subnet = |net: &IpNet| {
        let mut subnets = there.subnets.iter();
        match net.addr() == net.network() {
            true => subnets.any(|subnet| subnet.address.trunc() == *net),
            false => subnets.any(|subnet| subnet.address == *net),
        }
    };
    let host = |entry| dhcps(there).any(|dhcp| dhcp.hosts.contains(entry));
    let ranges = match &wishes.dhcp {
        DhcpWish::Usual => true,
        DhcpWish::Off => dhcps(there).next().is_none(),
        DhcpWish::Ranges(ranges) => ranges
            .iter()
            .map(dhcp::range)
            .all(|range| dhcps(there).any(|dhcp| dhcp.ranges.contains(&range))),
    };
    let text = |wish: &Option<String>, found: &Option<String>| {
        wish.is_none() || wish.as_deref().unwrap_or("") == found.as_deref().unwrap_or("")
    };
    let word = |name: &Option<InterfaceName>| name.as_ref().map(ToString::to_string);
    let same = [
        ("mode", mode.is_none_or(|mode| *mode == there.forward)),
        ("subnet", wishes.subnets.iter().all(subnet)),
        ("DHCP", ranges),
        ("host entries", wishes.hosts.iter().all(host)),
        ("domain", text(&wishes.domain, &there.domain)),
        ("device", text(&word(&wishes.device), &there.bridge)),
        ("bridge", text(&word(&wishes.bridge), &there.bridge)),
        (
            "MAC address",
            wishes.mac.is_none_or(|mac| there.mac == Some(mac)),
        ),
        (
            "UUID",
            wishes.uuid.is_none_or(|uuid| there.uuid == Some(uuid)),
        ),
        (
            "switch",
            wishes.switch.is_none_or(|switch| there.switch == switch),
        ),
        (
            "autostart",
            wishes.autostart.unwrap_or(true) == there.autostart,
        ),
    ];
    let others = same.into_iter().filter(|(_, same)| !same);
    others.map(|(what, _)| what).collect()
}

fn dhcps(network: &Network) -> impl Iterator<Item = &crate::host::network::Dhcp> {
    network
        .subnets
        .iter()
        .filter_map(|subnet| subnet.dhcp.as_ref())
}
