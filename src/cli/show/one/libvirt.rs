//! A network, and a guest, whole.

use super::{Around, One, Row, attached, autostart_link, numbers, object, said, said_list, yes_no};
use crate::cli::show::{guests, networks};
use crate::host::guest::GuestInterface;
use crate::host::joined::Uplink;
use crate::host::network::Network;

/// Returns all about a network.
pub(super) fn of_network(around: &Around<'_>, name: &str) -> Option<One> {
    let network = around.joined.network(name)?;
    let all = networks::all(around.host, around.joined);
    let shown = all.into_iter().find(|one| one.is(network))?;
    let object = object(&shown);
    let rows = about_network(around, network);
    let files = network.origin.iter().cloned();
    let link = network
        .origin
        .as_ref()
        .filter(|_| network.autostart)
        .map(autostart_link);
    let files = files.chain(link).collect();
    Some(One {
        kind: "network",
        object,
        rows,
        files,
    })
}

/// Returns the rows of a network.
fn about_network(around: &Around<'_>, network: &Network) -> Vec<Row> {
    let uplink = match around.joined.uplink_of_network(network) {
        Uplink::Interfaces(names) => {
            let chains = names.iter().map(|name| around.interfaces.chain(name).shown);
            chains.collect()
        }
        Uplink::Host(mode) => vec![format!("the host ({mode})")],
        Uplink::None => Vec::new(),
    };
    let routes = network.routes.iter();
    let running = around.host.shows_running.then_some(network.active);
    vec![
        said("mode", Some(network.forward.word())),
        said("bridge", network.bridge.clone()),
        (
            "devices",
            network
                .device_names()
                .into_iter()
                .map(str::to_owned)
                .collect(),
        ),
        ("uplinks", uplink),
        said("UUID", network.uuid.map(|uuid| uuid.to_string())),
        said("MAC", network.mac.map(|mac| mac.to_string())),
        said("domain", network.domain.clone()),
        (
            "subnets",
            network.subnets.iter().map(networks::described).collect(),
        ),
        ("reservations", reservations(network)),
        (
            "routes",
            routes
                .map(|route| format!("{} via {}", route.to, route.gateway))
                .collect(),
        ),
        ("VLANs", said_list(&numbers(&network.tags.own))),
        ("port groups", groups(network)),
        said("autostart", Some(yes_no(network.autostart))),
        said("active", running.map(yes_no)),
        (
            "guests",
            attached(around.host, |interface| {
                interface.source.network() == Some(&*network.name)
            }),
        ),
    ]
}

/// Returns what DHCP keeps for whom.
fn reservations(network: &Network) -> Vec<String> {
    let hosts = network
        .subnets
        .iter()
        .filter_map(|subnet| subnet.dhcp.as_ref());
    let hosts = hosts.flat_map(|dhcp| &dhcp.hosts).map(|host| {
        let mac = host.mac.map(|mac| mac.to_string());
        let words = [
            mac,
            host.id.clone(),
            host.ip.map(|ip| ip.to_string()),
            host.name.clone(),
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join("  ")
    });
    hosts.collect()
}

/// Returns the port groups of a network, with their VLANs.
fn groups(network: &Network) -> Vec<String> {
    let groups = network.portgroups.iter().zip(&network.tags.of_groups);
    let group = |(name, tags): (&String, &Vec<u32>)| match tags.is_empty() {
        true => name.clone(),
        false => format!("{name}  VLAN {}", numbers(tags).join(", ")),
    };
    groups.map(group).collect()
}

/// Returns all about a guest.
pub(super) fn of_guest(around: &Around<'_>, name: &str) -> Option<One> {
    let guest = around.host.guests().find(|guest| guest.name == name)?;
    let all = guests::all(around.host, around.joined);
    let shown = all.into_iter().find(|one| one.is(guest))?;
    let interfaces = guest.interfaces.iter().enumerate();
    let rows = vec![
        said("UUID", guest.uuid.map(|uuid| uuid.to_string())),
        said("state", around.host.state_of(guest)),
        said("autostart", Some(yes_no(guest.autostart))),
        (
            "interfaces",
            interfaces
                .map(|(index, one)| of_nic(around, index, one))
                .collect(),
        ),
    ];
    let files = std::iter::once(guest.origin.clone());
    let link = guest.autostart.then(|| autostart_link(&guest.origin));
    let files = files.chain(link).collect();
    Some(One {
        kind: "guest",
        object: object(&shown),
        rows,
        files,
    })
}

/// Returns an interface of a guest as a line.
fn of_nic(around: &Around<'_>, index: usize, one: &GuestInterface) -> String {
    let source = &one.source;
    let bridge = around
        .joined
        .bridge_of(one)
        .filter(|bridge| *bridge != source.name());
    let uplink = match around.joined.uplink_of(one) {
        Uplink::Interfaces(names) => {
            let chains = names.iter().map(|name| around.interfaces.chain(name).shown);
            Some(format!("by {}", chains.collect::<Vec<_>>().join(", ")))
        }
        Uplink::Host(mode) => Some(format!("by the host ({mode})")),
        Uplink::None => None,
    };
    let words = [
        Some((index + 1).to_string()),
        one.mac.map(|mac| mac.to_string()),
        one.model.clone(),
        Some(format!("{} {}", source.word(), source.name())),
        bridge.map(|bridge| format!("on {bridge}")),
        uplink,
        one.aside
            .target
            .as_ref()
            .map(|target| format!("device {target}")),
        (!one.aside.tags.is_empty())
            .then(|| format!("VLAN {}", numbers(&one.aside.tags).join(", "))),
        one.link_down.then(|| "link down".to_owned()),
    ];
    words
        .into_iter()
        .flatten()
        .map(|word| word.trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("  ")
}
