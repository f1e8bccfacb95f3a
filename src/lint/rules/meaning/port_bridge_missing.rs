//! A port of a bridge that there is not.

use std::collections::HashMap;

use super::card_name::looks_like_card;
use crate::host::Unnamed;
use crate::host::profile::{Link, Profile};
use crate::host::spot::Said;
use crate::host::value::InterfaceName;
use crate::host::wording::ControllerKind;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "port-bridge-missing",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A port of a bridge that no connection profile creates, or of an interface that is not a bridge.",
    why: "The interface has no address of its own, and the bridge that should have it is not configured: NetworkManager\ndoes not bring the port up, and network-scripts create a bridge without an address.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33      BRIDGE=br1
/etc/sysconfig/network-scripts/                 no ifcfg-br1",
    remedy: "Correct BRIDGE=, or create the bridge (kvmnet bridge add BRIDGE --port PORT --dhcp), or detach the port (kvmnet bridge\nremove-port BRIDGE PORT).",
    source: "ifup-eth of initscripts (makes the bridge and does not configure it; run), find_master() in NetworkManager's\nnm-policy.c (`Master connection not found`)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let mut profiles: HashMap<&InterfaceName, &Profile> = HashMap::new();
    for profile in meaning.host.profiles() {
        let known = profiles.entry(&profile.interface).or_insert(profile);
        if is_bridge(profile) {
            *known = profile;
        }
    }
    let ports = meaning.host.profiles().filter(|port| port.autostart);
    let lost = ports.filter_map(|port| {
        let bridge = port.controller.as_ref()?;
        let found = profiles.get(bridge).copied();
        match found {
            None if is_elsewhere(meaning, bridge.as_str()) => None,
            Some(profile) if is_bridge(profile) || may_be_bridge(meaning, bridge) => None,
            Some(profile) if says_otherwise(profile, port) => None,
            found => finding(port, bridge, found),
        }
    });
    let unnamed = meaning.host.unnamed.iter().filter_map(|port| {
        let bridge = port.controller.as_ref()?;
        let mut known = profiles.keys().map(|name| name.as_str());
        let is_there = known.any(|name| name == bridge.value);
        if is_there || is_elsewhere(meaning, bridge) {
            return None;
        }
        Some(unnamed(port, bridge))
    });
    lost.chain(unnamed).collect()
}

/// Returns whether a bridge may be there that no profile makes.
fn is_elsewhere(meaning: &Meaning<'_>, bridge: &str) -> bool {
    let host = meaning.host;
    let present = || host.present.iter().any(|name| name.as_str() == bridge);
    let broken = || host.broken.iter().any(|broken| broken.about == bridge);
    let networks = || meaning.joined.networks_on(bridge).iter();
    present() || broken() || networks().any(|name| owns(meaning, name))
}

/// Says it of a port whose file names no interface that is known.
fn unnamed(port: &Unnamed, bridge: &Said<String>) -> Finding {
    let (shown, name) = (port.shown(), &bridge.value);
    let message = format!("the card `{shown}` is a port of `{name}`, which no file creates");
    let place = bridge.at.as_ref().map(Place::of);
    RULE.finding(format!("interface {shown}"), message)
        .at(place.unwrap_or_else(|| Place::file(&port.file)))
        .help("write interface-name=NAME of its card in the group [connection]; then bridge it, or detach it")
}

fn owns(meaning: &Meaning<'_>, network: &str) -> bool {
    meaning
        .joined
        .network(network)
        .is_some_and(|network| network.forward.owns_bridge())
}

fn is_bridge(profile: &Profile) -> bool {
    profile.switch().is_some()
}

/// A bridge whose file does not say what kind of interface it is, is another rule's.
fn may_be_bridge(meaning: &Meaning<'_>, name: &InterfaceName) -> bool {
    let mut profiles = meaning.host.profiles();
    profiles.any(|profile| {
        let unsaid = profile.wording.kind.is_none();
        profile.interface == *name && unsaid && !profile.wording.copy
    })
}

/// Returns whether the file of the bridge says in a word of its own that it is a card, which another rule finds and mends.
fn says_otherwise(bridge: &Profile, port: &Profile) -> bool {
    let by_word = |profile: &Profile| !profile.home.backend.is_of_network_manager();
    let attachment = port.wording.controller.as_ref();
    let linux = attachment.is_some_and(|attachment| attachment.kind == ControllerKind::Bridge);
    let card = bridge.mac.is_some() || looks_like_card(bridge.interface.as_str());
    linux && !card && bridge.link == Link::Ethernet && by_word(bridge) && by_word(port)
}

fn finding(port: &Profile, bridge: &InterfaceName, found: Option<&Profile>) -> Option<Finding> {
    let name = &port.interface;
    let message = match found {
        None => format!("`{name}` is a port of `{bridge}`, which no file creates"),
        Some(_) => format!("`{name}` is a port of `{bridge}`, which is not a bridge"),
    };
    let attachment = port.wording.controller.as_ref()?;
    let finding = RULE
        .finding(format!("interface {name}"), message)
        .at(Place::of(&attachment.at));
    let switch = match attachment.kind {
        ControllerKind::OvsBridge => " --switch ovs",
        ControllerKind::Bridge | ControllerKind::Bond | ControllerKind::Team => "",
    };
    let detach = match port.link {
        // it has a master of another kind, which stays
        Link::Foreign(_) => format!("remove {}= from its file", attachment.word),
        Link::Ethernet | Link::Bridge(_) | Link::Bond | Link::Vlan(_) => {
            format!("kvmnet bridge remove-port {bridge} {name}")
        }
    };
    let can_be = matches!(port.link, Link::Ethernet | Link::Bond | Link::Vlan(_));
    let help = match found {
        None if can_be => format!(
            "kvmnet bridge add {bridge} --port {name}{switch} --dhcp   # creates it (or with --address ADDRESS/PREFIX, or --no-address); or detach the port: {detach}"
        ),
        None | Some(_) => detach,
    };
    Some(
        match found.and_then(|profile| profile.home.file.as_ref()) {
            Some(origin) => finding.at(Place::file(origin).label("configures it")),
            None => finding,
        }
        .help(help),
    )
}
