//! What an interface is attached to, and what of it can come along.

use super::{Target, starts};
use crate::host::Host;
use crate::host::guest::{Ask, GuestInterface, Source};
use crate::host::network::{Forward, Network};
use crate::host::profile::Switch;
use crate::op::network::{host_bridge, missing};
use crate::op::{Force, Refusal, understood_network};

/// What the target is: the source that names it, and what its switch wants of an interface.
pub(super) struct Found {
    pub(super) source: Source,
    portgroups: Vec<String>,
    pub(super) switch: Switch,
    /// What the guest's interface is to the host.
    pub(super) card: Card,
    /// Whether the network gives its guests a virtual port.
    pub(super) port: bool,
    /// Whether it can keep bandwidth for one guest: libvirt does so on bridges of its own.
    pub(super) floor: bool,
    /// What the user should know of it.
    pub(super) note: Option<String>,
}

/// What the interface of a guest is to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    /// A tap device on a bridge.
    Tap,
    /// A macvtap device: modes `bridge`, `private` and `vepa` on interfaces.
    Macvtap,
    /// A macvtap device that has an interface of the host for itself: mode `passthrough`.
    Passthrough,
    /// A card of the host: mode `hostdev`.
    Hostdev,
    /// Not known: there is no such network or bridge, and the user wants it all the same.
    Unknown,
}

impl Card {
    fn of(network: &Network) -> Self {
        match &network.forward {
            Forward::Direct(mode) if mode == "hostdev" => Self::Hostdev,
            Forward::Direct(mode) if mode == "passthrough" => Self::Passthrough,
            Forward::Direct(_) => Self::Macvtap,
            Forward::Isolated | Forward::Nat | Forward::Route | Forward::Open | Forward::Bridge => {
                Self::Tap
            }
        }
    }

    /// Returns whether virtual ports of any kind are its business.
    fn takes_any_port(self) -> bool {
        self != Self::Tap
    }
}

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
                card: network.map_or(Card::Unknown, Card::of),
                port: network.is_some_and(|n| n.switch == Switch::Ovs || n.lines.port > 0),
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
            "the interface has no MAC address: libvirt makes up another one whenever it reads the file"
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
