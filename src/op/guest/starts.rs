//! What an interface asks for and cannot get where it is attached: libvirt then does not start the guest.
//!
//! Sources: `virDomainActualNetDefValidate()` and `virDomainNetDefValidatePortOptions()` in conf/domain_validate.c,
//! `qemuDomainValidateActualNetDef()` in qemu/qemu_domain.c; they run when the guest starts, never when its file is loaded.

use super::found::{Card, Found};
use crate::host::guest::{Ask, GuestInterface};
use crate::host::profile::Switch;

/// Returns a warning for each thing that keeps the guest from starting.
pub(super) fn faults(interface: &GuestInterface, found: &Found) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |asks: &str, giver: &str| {
        faults.push(format!(
            "the interface asks for {asks}, which {giver} cannot provide: the guest will not start"
        ));
    };
    if interface.floor && !found.floor {
        fault("guaranteed bandwidth (floor)", "this network");
    }
    if interface.virtualport.is_some() && is_plain(found) {
        fault("a virtual port", "a Linux bridge");
    }
    if interface.vlan
        && let Some(giver) = without_vlan(found)
    {
        fault("a VLAN of its own", giver);
    }
    for ask in &interface.asks {
        let (asks, giver) = match ask {
            Ask::Isolation => (
                "an isolated port (<port isolated='yes'/>)",
                no_plain_bridge(interface, found),
            ),
            Ask::Filter => (
                "a packet filter (<filterref>)",
                no_plain_bridge(interface, found),
            ),
            Ask::Bandwidth => ("a bandwidth limit", handed(found)),
            Ask::Queues => ("several queues", handed(found)),
            Ask::Tap => (
                "a tap device of its own (<backend tap=…>)",
                handed(found).or_else(|| macvtap(found)),
            ),
        };
        if let Some(giver) = giver {
            fault(asks, giver);
        }
    }
    faults
}

/// Returns whether it is a Linux bridge without virtual ports.
fn is_plain(found: &Found) -> bool {
    found.card == Card::Tap && found.switch == Switch::Linux && !found.port
}

/// Returns what cannot tag the frames of one guest.
fn without_vlan(found: &Found) -> Option<&'static str> {
    match (found.card, found.switch) {
        (Card::Tap, Switch::Linux) => Some("a Linux bridge"),
        (Card::Macvtap, _) => Some("macvtap"),
        (Card::Tap, Switch::Ovs) | (Card::Passthrough | Card::Hostdev | Card::Unknown, _) => None,
    }
}

fn handed(found: &Found) -> Option<&'static str> {
    (found.card == Card::Hostdev).then_some("a card of the host (hostdev)")
}

fn macvtap(found: &Found) -> Option<&'static str> {
    matches!(found.card, Card::Macvtap | Card::Passthrough).then_some("macvtap")
}

/// Returns what takes the place of a plain bridge of the kernel, which alone has isolated ports, and packets to filter.
fn no_plain_bridge(interface: &GuestInterface, found: &Found) -> Option<&'static str> {
    let own = interface.virtualport.as_deref();
    let port = own.is_some_and(|kind| !kind.is_empty()) || found.port;
    let by_card = handed(found).or_else(|| macvtap(found));
    by_card.or(match (found.card, found.switch) {
        (_, Switch::Ovs) => Some("Open vSwitch"),
        (_, Switch::Linux) if port => Some("a virtual port"),
        (_, Switch::Linux) => None,
    })
}
