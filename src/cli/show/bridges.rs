//! The table of bridges: what `brctl show` tells, from files, with who hangs on them.

use serde::Serialize;

use super::list;
use crate::cli::table;
use crate::host::Host;
use crate::host::joined::Joined;
use crate::host::network;
use crate::host::profile::{Method, Profile, Switch};
use crate::host::value::IpNet;
use crate::op;

/// A bridge; the keys are sorted.
#[derive(Serialize)]
pub(super) struct Bridge<'h> {
    addresses: Vec<IpNet>,
    autostart: bool,
    dns: Vec<String>,
    file: Option<&'h str>,
    forward_delay_s: Option<u32>,
    gateways: Vec<String>,
    guests: Vec<&'h str>,
    method: &'h str,
    name: &'h str,
    networks: Vec<&'h str>,
    ports: Vec<&'h str>,
    stp: bool,
    switch: &'h str,
}

/// Returns all bridges: the host's, then those that libvirt makes for its networks.
pub(super) fn all<'h>(host: &'h Host, joined: &Joined<'h>) -> Vec<Bridge<'h>> {
    let own = host
        .networks()
        .filter(|network| network.own_bridge().is_some());
    of_host(host)
        .map(|profile| of_profile(profile, joined))
        .chain(own.map(|network| of_network(network, joined)))
        .collect()
}

fn of_host(host: &Host) -> impl Iterator<Item = &Profile> {
    host.profiles()
        .filter(|profile| profile.bridge().is_some() || profile.foreign_bridge.is_some())
}

fn of_profile<'h>(profile: &'h Profile, joined: &Joined<'h>) -> Bridge<'h> {
    let addressing = &profile.layer3.addressing;
    let bridge = profile.bridge();
    let name = profile.interface.as_str();
    let switch = bridge
        .map(|bridge| bridge.switch)
        .or(profile.foreign_bridge);
    Bridge {
        addresses: addressing.addresses.clone(),
        autostart: profile.autostart,
        dns: addressing.dns.iter().map(ToString::to_string).collect(),
        file: profile.origin.as_ref().map(|origin| origin.as_str()),
        forward_delay_s: bridge.and_then(|bridge| bridge.forward_delay_s),
        gateways: addressing
            .gateways
            .iter()
            .map(ToString::to_string)
            .collect(),
        guests: joined.guests_on(name).to_vec(),
        method: match &addressing.method {
            Method::Dhcp => "dhcp",
            Method::Manual => "manual",
            Method::Other(other) => other,
        },
        name,
        networks: joined.networks_on(name).to_vec(),
        ports: joined.ports(name).to_vec(),
        stp: bridge.and_then(|bridge| bridge.stp).unwrap_or(false),
        switch: match switch {
            Some(Switch::Ovs) => "ovs",
            Some(Switch::Linux) | None => "linux",
        },
    }
}

fn of_network<'h>(network: &'h network::Network, joined: &Joined<'h>) -> Bridge<'h> {
    let name = network.bridge.as_deref().unwrap_or("");
    Bridge {
        addresses: network
            .subnets
            .iter()
            .map(|subnet| subnet.address)
            .collect(),
        autostart: network.autostart,
        dns: Vec::new(),
        file: network.origin.as_ref().map(|origin| origin.as_str()),
        forward_delay_s: None,
        gateways: Vec::new(),
        guests: joined.guests_on(name).to_vec(),
        method: "manual",
        name,
        networks: joined.networks_on(name).to_vec(),
        ports: Vec::new(),
        stp: network.stp,
        switch: "linux",
    }
}

/// Returns the table.
pub(super) fn table(host: &Host, joined: &Joined<'_>) -> Vec<String> {
    let mut rows =
        vec![["BRIDGE", "ADDRESSES", "STP", "PORTS", "NETWORKS", "GUESTS"].map(str::to_owned)];
    let profiles: Vec<&Profile> = of_host(host).collect();
    for (index, bridge) in all(host, joined).iter().enumerate() {
        let addresses = match profiles.get(index) {
            Some(profile) => match op::describe(&profile.layer3.addressing).as_str() {
                "no address" => "-".to_owned(),
                addresses => addresses.replace(", ", " "),
            },
            None => {
                let addresses: Vec<String> =
                    bridge.addresses.iter().map(ToString::to_string).collect();
                let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
                list(&addresses, 18)
            }
        };
        rows.push([
            bridge.name.to_owned(),
            addresses,
            if bridge.stp { "on" } else { "off" }.to_owned(),
            list(&bridge.ports, 16),
            list(&bridge.networks, 16),
            list(&bridge.guests, 24),
        ]);
    }
    table::folded(&rows, &[], 4)
}
