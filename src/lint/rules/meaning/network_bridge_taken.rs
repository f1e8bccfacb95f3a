//! The bridge device of a network under the name of an interface of the host.

use std::collections::HashMap;

use crate::host::invent::Inventor;
use crate::host::network::Network;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-bridge-taken",
    severity: Severity::Error,
    readers: &[],
    finds: "A bridge device that libvirt should create with the name of an interface that the host already has.",
    why: "The network does not start: `File exists`. libvirt creates the device itself, even if the host has a bridge of\nthat name and that one was meant.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0:
    TYPE=Bridge
/etc/libvirt/qemu/networks/lab.xml:
    <bridge name='br0'/>, without <forward mode='bridge'/>",
    remedy: "Where the host's file is a left-over, without port or address: kvmnet bridge remove BRIDGE. Where the host's bridge is\nmeant, and the network has no addresses: kvmnet network set NAME --mode bridge --bridge BRIDGE. Otherwise give the network's\nbridge another name: kvmnet network set NAME --device DEVICE.",
    source: "virNetDevBridgeCreate() in libvirt's util/virnetdevbridge.c (seen with libvirt 9.0)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let profiles: HashMap<&str, &Profile> = meaning
        .host
        .profiles()
        .map(|profile| (profile.interface.as_str(), profile))
        .collect();
    let networks = meaning
        .host
        .networks()
        .filter(|network| network.is_loaded() && !network.is_refused());
    let taken = networks.filter_map(|network| {
        let profile = profiles.get(network.own_bridge()?)?;
        Some((network, *profile))
    });
    let mut inventor = Inventor::of(meaning.host);
    taken
        .filter_map(|(network, profile)| finding(meaning, network, profile, &mut inventor))
        .collect()
}

/// Returns what to do, so that nothing goes which somebody wrote on purpose: neither the addresses of the network, nor those
/// or the ports of the bridge.
fn help(
    meaning: &Meaning<'_>,
    network: &Network,
    profile: &Profile,
    inventor: &mut Inventor<'_>,
) -> String {
    let (name, bridge) = (&network.name, &profile.interface);
    let ours = profile.bridge().is_some();
    let serves = !network.subnets.is_empty() || !network.routes.is_empty();
    let idle =
        profile.layer3.gives_no_address() && meaning.joined.ports(bridge.as_str()).is_empty();
    if ours && serves && idle {
        return format!("kvmnet bridge remove {bridge}   # libvirt creates it, for `{name}`");
    }
    if (ours || profile.switch().is_some()) && !serves {
        return format!(
            "kvmnet network set {} --mode bridge --bridge {bridge}",
            word_of(name)
        );
    }
    let device = inventor.device();
    let device = device.as_ref().map_or("DEVICE", InterfaceName::as_str);
    format!(
        "kvmnet network set {} --device {device}   # gives its bridge another name",
        word_of(name)
    )
}

fn finding(
    meaning: &Meaning<'_>,
    network: &Network,
    profile: &Profile,
    inventor: &mut Inventor<'_>,
) -> Option<Finding> {
    let (name, bridge) = (&network.name, &profile.interface);
    let message =
        format!("the network `{name}` does not start: the host has an interface `{bridge}`");
    let finding = RULE.finding(name, message);
    let place = Place::word(
        network.origin.as_ref()?,
        network.lines.bridge,
        bridge.as_str(),
    );
    let help = help(meaning, network, profile, inventor);
    let own = Place::file(profile.home.file.as_ref()?).label("configures the interface");
    Some(finding.at(place).at(own).help(help))
}
