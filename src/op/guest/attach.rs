//! What an interface is attached to, and what of it can come along.

use super::Target;
use crate::host::Host;
use crate::host::guest::{GuestInterface, Source};
use crate::host::network::Forward;
use crate::host::profile::Switch;
use crate::op::network::{host_bridge, missing};
use crate::op::{Force, Refusal, understood_network};

/// What the target is: the source that names it, and what its switch wants of an interface.
pub(super) struct Found {
    pub(super) source: Source,
    portgroups: Vec<String>,
    pub(super) switch: Switch,
    /// Whether virtual ports and VLANs of any kind are its business: a network that hands interfaces of the host to guests, or
    /// one that is not known.
    any_port: bool,
    /// Whether it can keep bandwidth for one guest: libvirt does so on bridges of its own.
    floor: bool,
    /// What the user should know of it.
    pub(super) note: Option<String>,
}

/// Returns what the target is.
pub(super) fn find(host: &Host, target: &Target, force: Force) -> Result<Found, Refusal> {
    match target {
        Target::Bridge(bridge) => {
            let found = host_bridge(host, bridge, None, force)?;
            Ok(Found {
                switch: found.switch,
                source: Source::Bridge(bridge.to_string()),
                portgroups: Vec::new(),
                any_port: false,
                floor: false,
                note: found.note,
            })
        }
        Target::Network(name) => {
            understood_network(host, name)?;
            let network = host.network(name);
            if network.is_none() {
                missing(host, name).unless(force)?;
            }
            Ok(Found {
                source: Source::Network {
                    name: name.clone(),
                    portgroup: None,
                },
                portgroups: network.map(|n| n.portgroups.clone()).unwrap_or_default(),
                switch: network.map_or(Switch::Linux, |network| network.switch),
                any_port: network.is_none_or(|n| matches!(n.forward, Forward::Direct(_))),
                floor: network.is_none_or(|n| n.forward.owns_bridge()),
                note: None,
            })
        }
    }
}

/// Returns the interface at its new place, and what the user should know.
pub(super) fn attached(
    host: &Host,
    old: &GuestInterface,
    found: &Found,
) -> (GuestInterface, Vec<String>) {
    let mut notes = Vec::new();
    let new = GuestInterface {
        source: new_source(&old.source, found, &mut notes),
        virtualport: new_virtualport(old.virtualport.as_deref(), found, &mut notes),
        floor: old.floor && found.floor,
        mode: None,
        ..old.clone()
    };
    if old.floor && !new.floor {
        notes.push(format!(
            "the floor of its bandwidth goes: libvirt keeps one on bridges of its own only, not on {}",
            found.source.name()
        ));
    }
    if old.vlan && found.switch == Switch::Linux && !found.any_port {
        notes.push("the interface asks for a VLAN of its own, which a bridge of the kernel cannot give: it will not start".to_owned());
    }
    if old.model.is_none() && is_of_host(host, &old.source) {
        notes.push("the interface names no model: libvirt gives the guest its default card (rtl8139 on x86)".to_owned());
    }
    if old.mac.is_none() {
        notes.push(
            "the interface has no MAC address: libvirt makes up another one whenever it reads the file"
                .to_owned(),
        );
    }
    (new, notes)
}

/// Returns the source, with its port group if there is one of that name.
fn new_source(old: &Source, found: &Found, notes: &mut Vec<String>) -> Source {
    let (Source::Network { portgroup, .. }, Source::Network { name, .. }) = (old, &found.source)
    else {
        return found.source.clone();
    };
    let known = |group: &&String| found.portgroups.contains(group);
    let kept = portgroup.as_ref().filter(known);
    if let (Some(group), None) = (portgroup, kept) {
        notes.push(format!(
            "the port group `{group}` goes: the network `{name}` has none of that name"
        ));
    }
    Source::Network {
        name: name.clone(),
        portgroup: kept.cloned(),
    }
}

/// Returns the type of the virtual port that the switch wants; that of a network may tell the type itself.
fn new_virtualport(old: Option<&str>, found: &Found, notes: &mut Vec<String>) -> Option<String> {
    const OVS: &str = "openvswitch";
    let old_port = || old.map(str::to_owned);
    match (old, found.switch, &found.source) {
        (Some("" | OVS), Switch::Ovs, Source::Network { .. }) => old_port(),
        (_, Switch::Ovs, Source::Bridge(_)) => Some(OVS.to_owned()),
        (_, _, _) if found.any_port => old_port(),
        (Some(port), _, _) => {
            let kind = match port {
                "" => String::new(),
                kind => format!(" ({kind})"),
            };
            notes.push(format!(
                "its virtual port{kind} goes: there is no switch of that kind behind {}",
                found.source.name()
            ));
            None
        }
        (None, _, _) => None,
    }
}

/// Returns whether the guest has a card of the host's by this source.
fn is_of_host(host: &Host, source: &Source) -> bool {
    let hands_out = |name| {
        let network = host.network(name);
        network.is_some_and(|network| network.forward == Forward::Direct("hostdev".to_owned()))
    };
    source.word() == "hostdev" || source.network().is_some_and(hands_out)
}
