//! The table of networks: what `virsh net-list --all` and `net-dumpxml` tell, from files.

use std::net::IpAddr;

use serde::Serialize;

use super::interfaces;
use crate::cli::table::{Cell, Table};
use crate::host::Host;
use crate::host::joined::Joined;
use crate::host::network::{self, DhcpRange, Forward};
use crate::host::profile::Switch;
use crate::host::short::in_short;
use crate::host::value::IpNet;
use crate::shown::natural;

/// A network; the keys are sorted.
#[derive(Serialize)]
pub(super) struct Network<'h> {
    /// `null` where the tree does not show what runs.
    active: Option<bool>,
    autostart: bool,
    bridge: Option<&'h str>,
    domain: Option<&'h str>,
    file: Option<&'h str>,
    guests: &'h [&'h str],
    /// Whether libvirt loads it: its file has its name.
    loaded: bool,
    mac: Option<String>,
    mode: &'h str,
    name: &'h str,
    portgroup_vlans: Vec<&'h [u32]>,
    portgroups: &'h [String],
    routes: Vec<Route>,
    subnets: Vec<Subnet<'h>>,
    switch: Option<&'h str>,
    uplinks: Vec<&'h str>,
    uuid: Option<String>,
    vlans: &'h [u32],
}

#[derive(Serialize)]
struct Route {
    gateway: IpAddr,
    to: IpNet,
}

#[derive(Serialize)]
struct Subnet<'h> {
    address: IpAddr,
    /// `null` where DHCP does not run.
    dhcp: Option<Dhcp<'h>>,
    subnet: IpNet,
}

#[derive(Serialize)]
struct Dhcp<'h> {
    hosts: Vec<HostRow<'h>>,
    ranges: Vec<Range>,
}

#[derive(Serialize)]
struct HostRow<'h> {
    id: Option<&'h str>,
    ip: Option<IpAddr>,
    mac: Option<String>,
    name: Option<&'h str>,
}

#[derive(Serialize)]
struct Range {
    first: IpAddr,
    last: IpAddr,
}

/// Returns all networks.
pub(super) fn all<'h>(host: &'h Host, joined: &'h Joined<'h>) -> Vec<Network<'h>> {
    sorted(host)
        .into_iter()
        .map(|network| Network {
            active: host.shows_running.then_some(network.active),
            autostart: network.autostart,
            bridge: network.bridge.as_deref(),
            domain: network.domain.as_deref(),
            file: network.origin.as_ref().map(|origin| origin.as_str()),
            guests: guests(joined, network),
            loaded: network.is_loaded(),
            mac: network.mac.map(|mac| mac.to_string()),
            mode: network.forward.word(),
            name: &network.name,
            portgroups: &network.portgroups,
            portgroup_vlans: network.tags.of_groups.iter().map(Vec::as_slice).collect(),
            subnets: network.subnets.iter().map(subnet).collect(),
            switch: (network.forward == Forward::Bridge).then_some(match network.switch {
                Switch::Linux => "linux",
                Switch::Ovs => "ovs",
            }),
            uplinks: interfaces(&joined.uplink_of_network(network)),
            uuid: network.uuid.map(|uuid| uuid.to_string()),
            routes: network.routes.iter().map(route).collect(),
            vlans: &network.tags.own,
        })
        .collect()
}

impl Network<'_> {
    /// Returns whether it is this one.
    pub(super) fn is(&self, network: &network::Network) -> bool {
        self.name == network.name && self.file == network.origin.as_ref().map(|path| path.as_str())
    }
}

fn route(route: &network::Route) -> Route {
    Route {
        gateway: route.gateway,
        to: route.to,
    }
}

/// Returns a subnet in words, with what DHCP gives out.
pub(super) fn described(subnet: &network::Subnet) -> String {
    format!("{}  DHCP {}", subnet.address, dhcp(subnet, true))
}

fn subnet(subnet: &network::Subnet) -> Subnet<'_> {
    Subnet {
        address: subnet.address.addr(),
        dhcp: subnet.dhcp.as_ref().map(|dhcp| Dhcp {
            hosts: dhcp
                .hosts
                .iter()
                .map(|host| HostRow {
                    id: host.id.as_deref(),
                    ip: host.ip,
                    mac: host.mac.map(|mac| mac.to_string()),
                    name: host.name.as_deref(),
                })
                .collect(),
            ranges: dhcp
                .ranges
                .iter()
                .map(|range| Range {
                    first: range.first,
                    last: range.last,
                })
                .collect(),
        }),
        subnet: subnet.address.trunc(),
    }
}

/// Returns the table; on a terminal a network with several subnets has a line for each.
pub(super) fn table(host: &Host, joined: &Joined<'_>, width: Option<usize>) -> Vec<String> {
    let row = |network: &network::Network| {
        let device = match &network.bridge {
            Some(bridge) => Cell::text(bridge),
            None => Cell::list(network.device_names()),
        };
        let subnets = || network.subnets.iter();
        [
            Cell::text(name(joined, network)),
            Cell::text(network.forward.word()),
            device,
            Cell::lines_of(subnets().map(|subnet| subnet.address.trunc())),
            Cell::lines_of(subnets().map(|subnet| dhcp(subnet, width.is_none()))),
            Cell::yes_no(Some(network.autostart)),
            Cell::yes_no(host.shows_running.then_some(network.active)),
            Cell::text(guests(joined, network).len().to_string()),
        ]
    };
    let rows: Vec<_> = sorted(host).into_iter().map(row).collect();
    if rows.is_empty() {
        return vec!["There are no networks.".to_owned()];
    }
    let table = Table {
        heading: [
            "NAME",
            "MODE",
            "DEVICE",
            "SUBNET",
            "DHCP",
            "AUTOSTART",
            "UP",
            "GUESTS",
        ],
        rows,
        right: &[7],
        split: 4,
    };
    table.lines(width)
}

/// Returns the name of a network; of one that libvirt does not load beside another of its name, its file.
fn name(joined: &Joined<'_>, network: &network::Network) -> String {
    let other = joined
        .network(&network.name)
        .is_some_and(network::Network::is_loaded);
    let stray = other && !network.is_loaded();
    match network.origin.as_ref().filter(|_| stray) {
        Some(origin) => format!("({})", origin.name()),
        None => network.name.clone(),
    }
}

/// Returns the guests of a network; one that libvirt does not load has none beside the one of this name that it loads.
fn guests<'h>(joined: &'h Joined<'h>, network: &network::Network) -> &'h [&'h str] {
    let loaded = joined
        .network(&network.name)
        .is_some_and(network::Network::is_loaded);
    match loaded && !network.is_loaded() {
        true => &[],
        false => joined.guests_of(&network.name),
    }
}

/// Says of each network that libvirt does not load that it does not.
pub(super) fn strays(host: &Host) -> impl Iterator<Item = String> {
    let strays = host.networks().filter(|network| !network.is_loaded());
    strays.filter_map(|network| {
        Some(format!(
            "{} is not loaded by libvirt: the network in it is called `{}` (see kvmnet check --only network-file-name)",
            network.origin.as_ref()?,
            network.name
        ))
    })
}

fn sorted(host: &Host) -> Vec<&network::Network> {
    let mut networks: Vec<_> = host.networks().collect();
    networks.sort_by_cached_key(|network| natural(&network.name));
    networks
}

/// Returns what DHCP gives out, in short: `.2-.254`; several ranges are counted, or where they must be `whole`, listed.
fn dhcp(subnet: &network::Subnet, whole: bool) -> String {
    let Some(dhcp) = &subnet.dhcp else {
        return "off".to_owned();
    };
    let range = |range: &DhcpRange| {
        let end = |ip| in_short(&subnet.address, ip);
        format!("{}-{}", end(range.first), end(range.last))
    };
    match dhcp.ranges.as_slice() {
        [] => match dhcp.hosts.len() {
            0 => "off".to_owned(),
            hosts => format!("hosts:{hosts}"),
        },
        [only] => range(only),
        ranges if whole => ranges.iter().map(range).collect::<Vec<_>>().join("+"),
        [first, rest @ ..] => format!("{} +{}", range(first), rest.len()),
    }
}
