//! What an interface is attached to, and what of it can come along.

use super::found::{Card, Found};
use super::{Target, starts};
use crate::host::Host;
use crate::host::guest::{Ask, GuestInterface, Source};
use crate::host::network::Forward;
use crate::host::profile::Switch;
use crate::op::network::{host_bridge, missing};
use crate::op::{Force, Refusal, ensure_network_understood};

/// Returns what the target is.
pub(super) fn find(host: &Host, target: &Target, force: Force) -> Result<Found, Refusal> {
    match target {
        Target::Bridge(bridge) => {
            let found = host_bridge(host, bridge, None, force)?;
            Ok(Found {
                switch: found.switch.unwrap_or(Switch::Linux),
                source: Source::Bridge(bridge.to_string()),
                portgroups: Vec::new(),
                card: match found.switch {
                    Some(_) => Card::Tap,
                    None => Card::Unknown,
                },
                port: false,
                floor: false,
                note: found.note,
            })
        }
        Target::Network(name) => {
            ensure_network_understood(host, name)?;
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
                card: network.map_or(Card::Unknown, Card::of),
                port: network.is_some_and(|n| n.switch == Switch::Ovs || n.lines.port.is_some()),
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
        source: new_source(&old.source, found),
        virtualport: new_virtualport(old.virtualport.as_deref(), found),
        floor: old.floor && found.floor,
        mode: None,
        asks: kept(old, found),
        ..old.clone()
    };
    notes.extend(starts::faults(&new, found));
    if old.model.is_none() && is_of_host(host, &old.source) {
        notes.push("the interface names no model: libvirt gives the guest its default card (rtl8139 on x86)".to_owned());
    }
    if old.mac.is_none() {
        notes.push(
            "the interface has no MAC address: libvirt generates a new one each time it reads the file"
                .to_owned(),
        );
    }
    (new, notes)
}

/// Returns the source, with its port group if there is one of that name.
fn new_source(old: &Source, found: &Found) -> Source {
    let (Source::Network { portgroup, .. }, Source::Network { name, .. }) = (old, &found.source)
    else {
        return found.source.clone();
    };
    let known = |group: &&String| found.portgroups.contains(group);
    Source::Network {
        name: name.clone(),
        portgroup: portgroup.as_ref().filter(known).cloned(),
    }
}

/// Returns the type of the virtual port that the switch wants; that of a network may tell the type itself.
fn new_virtualport(old: Option<&str>, found: &Found) -> Option<String> {
    const OVS: &str = "openvswitch";
    let kept = || old.map(str::to_owned);
    match (old, found.switch, &found.source) {
        (Some("" | OVS), Switch::Ovs, Source::Network { .. }) => kept(),
        (_, Switch::Ovs, Source::Bridge(_)) => Some(OVS.to_owned()),
        // macvtap has other ones than bridges
        (Some(OVS | "midonet"), _, Source::Bridge(_)) if found.card == Card::Unknown => kept(),
        (_, _, Source::Network { .. }) if found.card.takes_any_port() => kept(),
        (_, _, _) => None,
    }
}

/// Returns what the interface asks for still: what only its old type has, goes with it.
fn kept(old: &GuestInterface, found: &Found) -> Vec<Ask> {
    let retyped = old.source.word() != found.source.word();
    let goes = |ask: &Ask| match (ask, old.source.word()) {
        (Ask::Queues, "hostdev") | (Ask::Tap, "user" | "vhostuser") => retyped,
        (_, _) => false,
    };
    let asks = old.asks.iter().copied();
    asks.filter(|ask| !goes(ask)).collect()
}

/// Returns whether the guest has a card of the host's by this source.
fn is_of_host(host: &Host, source: &Source) -> bool {
    let hands_out = |name| {
        let network = host.network(name);
        network.is_some_and(|network| network.forward == Forward::Direct("hostdev".to_owned()))
    };
    source.word() == "hostdev" || source.network().is_some_and(hands_out)
}
