//! What runs against what the files say, as far as the kernel and libvirt show it in files of their own.
//!
//! Where nothing is shown nothing is told: a difference is one that both sides have said.

use std::collections::{BTreeMap, BTreeSet};

use super::Host;
use super::guest::{Guest, GuestInterface, Source};
use super::network::{Dhcp, Network};
use super::profile::{Link, Manager, Profile, Switch};
use super::value::MacAddress;
use crate::tree::HostPath;

/// What runs; what the tree does not show is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// The interfaces of the kernel, by name.
    pub interfaces: Option<BTreeMap<String, Attached>>,
    /// The active networks by name; of one whose file does not tell, just that.
    pub networks: Option<BTreeMap<String, Option<Network>>>,
    /// The running guests by name; of one whose file does not tell, just that.
    pub guests: Option<BTreeMap<String, Option<Guest>>>,
    /// When the host was booted, in seconds since 1970.
    pub booted: Option<i64>,
}

/// An interface of the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// The interface that it is a port of.
    pub controller: Option<String>,
    /// Whether it is a bridge of the kernel.
    pub is_bridge: bool,
}

/// Something that the files say, and the running host does not do, or the reverse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unused {
    /// What it is about: `interface`, `network` or `guest`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What differs, as a sentence without its full stop.
    pub message: String,
    /// The file that says otherwise, if there is one.
    pub file: Option<HostPath>,
}

/// What the ports of Open vSwitch are ports of in the kernel (`netdev_master` of its datapath; run).
const OVS: &str = "ovs-system";

/// Returns what is not in use, or in use and not in the files.
#[must_use]
pub fn unused(host: &Host, live: &Live) -> Vec<Unused> {
    let mut found = Vec::new();
    if let Some(there) = &live.interfaces {
        let profiles = started(host);
        found.extend(profiles.filter_map(|profile| interface(profile, there)));
    }
    if let Some(active) = &live.networks {
        networks(host, active, &mut found);
    }
    if let Some(running) = &live.guests {
        for guest in &host.guests {
            if let Some(Some(running)) = running.get(&guest.name) {
                interfaces_of(guest, running, &mut found);
            }
        }
    }
    found
}

/// Returns the files of profiles of which neither kernel nor libvirt shows whether they are in use.
pub fn untold<'h>(host: &'h Host, live: &'h Live) -> impl Iterator<Item = &'h HostPath> {
    let there = live.interfaces.as_ref();
    let told = move |profile: &Profile| {
        let attached = there.and_then(|there| there.get(profile.interface.as_str()));
        match &profile.controller {
            Some(_) => attached.is_some(),
            None => profile.bridge().is_some(),
        }
    };
    let profiles = started(host).filter(move |profile| !told(profile));
    profiles.filter_map(|profile| profile.home.file.as_ref())
}

/// Returns the profiles that are started with the host.
fn started(host: &Host) -> impl Iterator<Item = &Profile> {
    let profiles = host.profiles.iter().map(AsRef::as_ref);
    profiles.filter(|profile| profile.autostart && !matches!(profile.manager, Manager::Nobody(_)))
}

fn interface(profile: &Profile, there: &BTreeMap<String, Attached>) -> Option<Unused> {
    let name = profile.interface.as_str();
    let unused = |message: String| Unused {
        kind: "interface",
        name: name.to_owned(),
        message,
        file: profile.home.file.clone(),
    };
    let made = match &profile.link {
        Link::Bridge(_) => Some("bridge"),
        Link::Bond => Some("bond"),
        Link::Vlan(_) => Some("VLAN"),
        Link::Ethernet => None,
        Link::Foreign(_) => return None,
    };
    let Some(attached) = there.get(name) else {
        let word = made?;
        return Some(unused(format!(
            "{word} {name} is in the files, not on the running host"
        )));
    };
    let running = attached.controller.as_deref();
    match &profile.controller {
        Some(bridge) => {
            let bridge = bridge.as_str();
            let is_port = running.is_some_and(|running| running == bridge || running == OVS);
            // a bridge that is not there is told already
            if is_port || !there.contains_key(bridge) {
                return None;
            }
            let now = running.unwrap_or("no bridge");
            Some(unused(format!(
                "{name} is a port of {bridge} in the files, and of {now} on the running host"
            )))
        }
        None => {
            let bridge = running.filter(|name| there.get(*name).is_some_and(|at| at.is_bridge))?;
            Some(unused(format!(
                "{name} is a port of {bridge} on the running host, and of no bridge in the files"
            )))
        }
    }
}

fn networks(host: &Host, active: &BTreeMap<String, Option<Network>>, found: &mut Vec<Unused>) {
    let unused = |name: &str, message: String, file: Option<&HostPath>| Unused {
        kind: "network",
        name: name.to_owned(),
        message,
        file: file.cloned(),
    };
    let loaded = host.networks.iter().filter(|network| network.is_loaded());
    let loaded: BTreeMap<&str, &Network> = loaded
        .map(|network| (network.name.as_str(), network.as_ref()))
        .collect();
    for (name, network) in &loaded {
        let message = match active.get(*name) {
            None if network.autostart => {
                format!("network {name} is started with the host, and is not active")
            }
            Some(Some(running)) => match differing(network, running).as_slice() {
                [] => continue,
                parts => format!(
                    "network {name} is active as it was before: its file has another {}",
                    parts.join(", another ")
                ),
            },
            Some(None) | None => continue,
        };
        found.push(unused(name, message, network.origin.as_ref()));
    }
    // of a file that cannot be read nobody knows what it defines
    let broken = host.broken.iter().map(|broken| broken.about.as_str());
    let broken: BTreeSet<&str> = broken.collect();
    for name in active.keys().map(String::as_str) {
        if !loaded.contains_key(name) && !broken.contains(name) {
            let message = format!("network {name} is active, and in no file");
            found.push(unused(name, message, None));
        }
    }
}

/// Returns the parts in which a network differs from its active self; what libvirt adds to a file is no difference.
fn differing(file: &Network, active: &Network) -> Vec<&'static str> {
    let other = |left: &Option<_>, right: &Option<_>| {
        let (left, right): (&Option<String>, &Option<String>) = (left, right);
        left.is_some() && left != right
    };
    let switches = |network: &Network| network.host_bridge().map(|_| network.switch == Switch::Ovs);
    let devices = |network: &Network| match network.forward.owns_bridge() {
        true => network
            .device_names()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        false => BTreeSet::new(),
    };
    let addresses = |network: &Network| -> Vec<_> {
        network
            .subnets
            .iter()
            .map(|subnet| subnet.address)
            .collect()
    };
    let parts = [
        ("mode", file.forward != active.forward),
        (
            "bridge",
            other(&file.bridge, &active.bridge) || switches(file) != switches(active),
        ),
        ("device", devices(file) != devices(active)),
        ("subnet", addresses(file) != addresses(active)),
        ("range of DHCP", ranges(file) != ranges(active)),
        ("list of hosts", hosts(file) != hosts(active)),
        ("domain", file.domain != active.domain),
        ("list of routes", file.routes != active.routes),
        ("MAC address", file.mac.is_some() && file.mac != active.mac),
    ];
    let differ = parts.into_iter().filter(|(_, differ)| *differ);
    differ.map(|(part, _)| part).collect()
}

fn dhcp(network: &Network) -> impl Iterator<Item = &Dhcp> {
    network
        .subnets
        .iter()
        .filter_map(|subnet| subnet.dhcp.as_ref())
}

fn ranges(network: &Network) -> BTreeSet<String> {
    let ranges = dhcp(network).flat_map(|dhcp| &dhcp.ranges);
    ranges
        .map(|range| format!("{}-{}", range.first, range.last))
        .collect()
}

/// They are a set: what is added while the network is active comes last there.
fn hosts(network: &Network) -> BTreeSet<String> {
    let hosts = dhcp(network).flat_map(|dhcp| &dhcp.hosts);
    hosts
        .map(|host| format!("{:?} {:?} {:?} {:?}", host.mac, host.id, host.name, host.ip))
        .collect()
}

/// Adds the interfaces in which a guest differs from its running self, by their hardware addresses.
fn interfaces_of(guest: &Guest, running: &Guest, found: &mut Vec<Unused>) {
    let by_mac = |guest: &'_ Guest| -> BTreeMap<MacAddress, Source> {
        let known = guest.interfaces.iter();
        let known = known.filter_map(|nic: &GuestInterface| Some((nic.mac?, nic.source.clone())));
        known.collect()
    };
    let (file, now) = (by_mac(guest), by_mac(running));
    let mut unused = |message: String| {
        found.push(Unused {
            kind: "guest",
            name: guest.name.clone(),
            message,
            file: Some(guest.origin.clone()),
        });
    };
    let name = &guest.name;
    for (mac, source) in &file {
        match now.get(mac) {
            None => unused(format!(
                "guest {name} runs without {mac}, which is on {} in its file",
                named(source)
            )),
            Some(now) if now != source => unused(format!(
                "guest {name} runs with {mac} on {}, and on {} in its file",
                named(now),
                named(source)
            )),
            Some(_) => {}
        }
    }
    // one without a hardware address gets another at each start
    if file.len() < guest.interfaces.len() {
        return;
    }
    for (mac, source) in now.iter().filter(|(mac, _)| !file.contains_key(mac)) {
        unused(format!(
            "guest {name} runs with {mac} on {}, which is not in its file",
            named(source)
        ));
    }
}

fn named(source: &Source) -> String {
    match source {
        Source::Network {
            name,
            portgroup: Some(group),
        } => format!("network {name}, port group {group}"),
        Source::Network { name, .. } => format!("network {name}"),
        Source::Bridge(name) => format!("bridge {name}"),
        Source::Device(name) => format!("device {name}"),
        Source::Other(kind) => kind.clone(),
    }
}
