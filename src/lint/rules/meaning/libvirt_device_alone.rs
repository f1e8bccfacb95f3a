//! A device that a guest gets for itself, and that the host needs.

use std::collections::HashSet;

use super::device::{self, How, Named};
use crate::host::By;
use crate::lint::{Check, Finding, Meaning, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "libvirt-device-alone",
    severity: Severity::Error,
    readers: &[],
    finds: "A macvtap in passthrough mode on a bridge, or on an interface that has an address of the host.",
    why: "The guest uses the device exclusively: once it runs, the host no longer receives anything through it, and on a bridge
neither do the other guests. It may be the interface by which the admin is connected.",
    example: "
<source dev='br0' mode='passthrough'/>     and br0 has the host's address",
    remedy: "Name a device that the host does not use, or another mode (bridge, on a device that is not a port).",
    source: "macvlan_port_create() and macvlan_handle_frame() in the kernel's drivers/net/macvlan.c: what comes in by the lower\ndevice goes to the one macvtap of mode passthru",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let named = device::all(meaning.host);
    let named = named.iter().filter(|named| named.how == How::Alone);
    let named: Vec<&Named<'_>> = named.collect();
    if named.is_empty() {
        return Vec::new();
    }
    let host = meaning.host;
    let own = host.networks().filter_map(|network| network.own_bridge());
    let foreign = host.foreign_bridges();
    let foreign = foreign.iter().map(|(name, ..)| *name);
    let profiles = host.bridges().map(|profile| profile.interface.as_str());
    let bridges: HashSet<&str> = profiles.chain(foreign).chain(own).collect();
    let up = host.profiles().filter(|profile| {
        profile.autostart && profile.controller.is_none() && !profile.layer3.gives_no_address()
    });
    let up = up.map(|profile| profile.interface.as_str());
    let by_others = host.routed.iter().filter(|routed| routed.by == By::Address);
    let down: HashSet<&str> = host
        .profiles()
        .map(|profile| profile.interface.as_str())
        .collect();
    let by_others = by_others.map(|routed| routed.interface.as_str());
    let addressed: HashSet<&str> = up
        .chain(by_others.filter(|name| !down.contains(name)))
        .collect();
    let found = named.into_iter().filter_map(|named| {
        let is_bridge = bridges.contains(named.device);
        let is_used = is_bridge || addressed.contains(named.device);
        is_used.then(|| finding(meaning, named, is_bridge))
    });
    found.collect()
}

fn finding(meaning: &Meaning<'_>, named: &Named<'_>, is_bridge: bool) -> Finding {
    let what = match is_bridge {
        true => "a bridge of the host",
        false => "which has an address of the host",
    };
    let Named {
        device, who, name, ..
    } = named;
    let message = format!("{who} uses `{device}`, {what}, exclusively");
    let word = if named.guest { "guest" } else { "network" };
    let finding = RULE.finding(format!("{word} {name}"), message);
    device::at(finding, named).help(match is_bridge {
        true => device::beside(meaning, named, device),
        false => "name a device there that the host does not use".to_owned(),
    })
}
