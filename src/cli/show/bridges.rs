//! The table of bridges: what `brctl show` tells, from files, with who hangs on them.

use std::collections::HashSet;

use serde::Serialize;

use std::net::IpAddr;

use crate::cli::table::{Cell, Table};
use crate::host::Host;
use crate::host::joined::Joined;
use crate::host::layer3::{Layer3, Method};
use crate::host::network;
use crate::host::profile::{Profile, Switch};
use crate::host::value::IpNet;
use crate::readers::Claim;
use crate::shown::natural;

/// A bridge; the keys are sorted. What was not read is `null`.
#[derive(Serialize)]
pub(super) struct Bridge<'h> {
    addresses: Option<Vec<IpNet>>,
    autostart: Option<bool>,
    dns: Option<Vec<String>>,
    file: Option<&'h str>,
    forward_delay_s: Option<u32>,
    gateways: Option<Vec<String>>,
    guests: Vec<&'h str>,
    method: Option<&'h str>,
    name: &'h str,
    networks: Vec<&'h str>,
    ports: Vec<&'h str>,
    stp: Option<bool>,
    switch: &'h str,
    /// What the table says of the addresses.
    #[serde(skip)]
    shown: Vec<String>,
}

impl Bridge<'_> {
    pub(super) fn name(&self) -> &str {
        self.name
    }

    pub(super) fn stp(&self) -> Option<bool> {
        self.stp
    }
}

/// Returns all bridges, each once: the host's, those that other programs make, and those that libvirt makes for its networks.
pub(super) fn all<'h>(host: &'h Host, joined: &Joined<'h>) -> Vec<Bridge<'h>> {
    let profiles = host.profiles().filter(|profile| profile.switch().is_some());
    let own = host
        .networks()
        .filter(|network| network.own_bridge().is_some());
    let foreign = host.foreign_bridges().into_iter();
    let mut bridges: Vec<Bridge<'h>> = profiles
        .map(|profile| of_profile(profile, joined))
        .chain(foreign.map(|(name, claim, switch)| of_claim(name, claim, switch, joined)))
        .chain(own.map(|network| of_network(network, joined)))
        .collect();
    let mut known = HashSet::new();
    bridges.retain(|bridge| known.insert(bridge.name));
    bridges.sort_by_cached_key(|bridge| natural(bridge.name));
    bridges
}

fn word(switch: Switch) -> &'static str {
    match switch {
        Switch::Ovs => "ovs",
        Switch::Linux => "linux",
    }
}

pub(super) fn texts(values: impl Iterator<Item = IpAddr>) -> Vec<String> {
    values.map(|value| value.to_string()).collect()
}

fn of_profile<'h>(profile: &'h Profile, joined: &Joined<'h>) -> Bridge<'h> {
    let layer3 = &profile.layer3;
    let bridge = profile.bridge();
    let name = profile.interface.as_str();
    let switch = profile.switch();
    Bridge {
        addresses: Some(layer3.addresses().collect()),
        autostart: Some(profile.autostart),
        dns: Some(texts(layer3.servers())),
        file: profile.home.file.as_ref().map(|origin| origin.as_str()),
        forward_delay_s: bridge.and_then(|bridge| bridge.forward_delay_s),
        gateways: Some(texts(layer3.gateways())),
        guests: joined.guests_on(name).to_vec(),
        method: method_of(layer3),
        name,
        networks: joined.networks_on(name).to_vec(),
        ports: joined.ports(name).to_vec(),
        stp: bridge.map(|bridge| bridge.stp.unwrap_or(false)),
        switch: word(switch.unwrap_or(Switch::Linux)),
        shown: described(layer3),
    }
}

/// Returns how an interface gets its addresses of IPv4, for JSON.
pub(super) fn method_of(layer3: &Layer3) -> Option<&str> {
    match &*layer3.v4.method {
        Method::Unread => None,
        Method::Dhcp => Some("dhcp"),
        Method::Manual | Method::Unsaid => Some("manual"),
        Method::Off => Some("off"),
        Method::Auto => Some("auto"),
        Method::Other(other) => Some(other),
    }
}

/// Says how a bridge gets its addresses, a word for each.
pub(super) fn described(layer3: &Layer3) -> Vec<String> {
    let method = match &*layer3.v4.method {
        Method::Dhcp => Some("DHCP".to_owned()),
        Method::Other(_) if layer3.shell => None,
        Method::Other(other) => Some(format!("({other})")),
        Method::Manual | Method::Unsaid | Method::Unread | Method::Off | Method::Auto => None,
    };
    let shell = layer3.shell.then(|| "(shell)".to_owned());
    let addresses = layer3.addresses().map(|net| net.to_string());
    let not_valid = layer3.not_valid().map(|text| format!("(not-valid:{text})"));
    let all = method.into_iter().chain(addresses);
    all.chain(not_valid).chain(shell).collect()
}

fn of_claim<'h>(
    name: &'h str,
    claim: &'h Claim,
    switch: Switch,
    joined: &Joined<'h>,
) -> Bridge<'h> {
    Bridge {
        addresses: None,
        autostart: None,
        dns: None,
        file: Some(claim.at.path.as_str()),
        forward_delay_s: None,
        gateways: None,
        guests: joined.guests_on(name).to_vec(),
        method: None,
        name,
        networks: joined.networks_on(name).to_vec(),
        ports: joined.ports(name).to_vec(),
        stp: None,
        switch: word(switch),
        shown: Vec::new(),
    }
}

fn of_network<'h>(network: &'h network::Network, joined: &Joined<'h>) -> Bridge<'h> {
    let name = network.bridge.as_deref().unwrap_or("");
    let addresses: Vec<IpNet> = network
        .subnets
        .iter()
        .map(|subnet| subnet.address)
        .collect();
    Bridge {
        shown: addresses.iter().map(ToString::to_string).collect(),
        addresses: Some(addresses),
        autostart: Some(network.autostart),
        dns: Some(Vec::new()),
        file: network.origin.as_ref().map(|origin| origin.as_str()),
        forward_delay_s: None,
        gateways: Some(Vec::new()),
        guests: joined.guests_on(name).to_vec(),
        method: Some("manual"),
        name,
        networks: joined.networks_on(name).to_vec(),
        ports: Vec::new(),
        stp: Some(network.stp),
        switch: "linux",
    }
}

/// Returns the table.
pub(super) fn table(host: &Host, joined: &Joined<'_>, width: Option<usize>) -> Vec<String> {
    let row = |bridge: Bridge<'_>| {
        let stp = bridge.stp.map(|stp| if stp { "on" } else { "off" });
        [
            Cell::text(bridge.name),
            Cell::Lines(bridge.shown),
            Cell::maybe(stp),
            Cell::list(bridge.ports),
            Cell::list(bridge.networks),
            Cell::list(bridge.guests),
            Cell::maybe(bridge.file),
        ]
    };
    let rows: Vec<_> = all(host, joined).into_iter().map(row).collect();
    if rows.is_empty() {
        return vec!["There are no bridges.".to_owned()];
    }
    let [a, b, c, d, e, f, g] = [
        "BRIDGE",
        "ADDRESSES",
        "STP",
        "PORTS",
        "NETWORKS",
        "GUESTS",
        "FILE",
    ];
    let (right, split): (&[usize], _) = (&[], 4);
    if width.is_none() || !host.foreign_bridges().is_empty() {
        let heading = [a, b, c, d, e, f, g];
        return Table {
            heading,
            rows,
            right,
            split,
        }
        .lines(width);
    }
    // on a terminal files are where they always are
    let heading = [a, b, c, d, e, f];
    let rows = rows
        .into_iter()
        .map(|[a, b, c, d, e, f, _]| [a, b, c, d, e, f]);
    let rows = rows.collect();
    Table {
        heading,
        rows,
        right,
        split,
    }
    .lines(width)
}
