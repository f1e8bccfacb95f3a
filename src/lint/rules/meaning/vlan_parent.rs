//! A VLAN on top of an interface that there is not.

use std::collections::HashSet;

use super::card_name::looks_like_card;
use crate::host::profile::{Link, Profile};
use crate::host::value::InterfaceName;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "vlan-parent",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A VLAN on top of an interface that no file creates, or that is not brought up at boot.",
    why: "The VLAN does not come up: network-scripts wait for the interface below it and give up, and NetworkManager waits until it\nis there.",
    example: "
DEVICE=infra0
VLAN=yes
VLAN_ID=7
PHYSDEV=infra               and no file creates `infra`",
    remedy: "Correct the name of the interface below the VLAN (PHYSDEV, in keyfiles parent), create that interface, or let it be brought\nup at boot.",
    source: "ifup of initscripts (is_available_wait ${PHYSDEV}), nm_device_vlan's create_and_realize() in NetworkManager's\nnm-device-vlan.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let Some(made) = meaning.made() else {
        return Vec::new();
    };
    let host = meaning.host;
    let up = host.profiles().filter(|profile| profile.autostart);
    let mut there: HashSet<&str> = up.map(|profile| profile.interface.as_str()).collect();
    there.extend(host.present.iter().map(InterfaceName::as_str));
    let around = Around {
        made,
        there,
        shows_cards: host.present.iter().any(|name| name.as_str() != "lo"),
    };
    let vlans = host.profiles();
    let vlans = vlans.filter(|vlan| vlan.autostart && vlan.is_read() && !vlan.wording.copy);
    let wrong = vlans.filter_map(|vlan| {
        let Link::Vlan(Some(parent)) = &vlan.link else {
            return None;
        };
        finding(meaning, &around, vlan, parent)
    });
    wrong.collect()
}

/// What interfaces there are.
struct Around<'m> {
    /// Those that something makes.
    made: HashSet<&'m str>,
    /// Those that are there, or are brought up at boot.
    there: HashSet<&'m str>,
    /// Whether the tree shows the cards of the host.
    shows_cards: bool,
}

fn finding(
    meaning: &Meaning<'_>,
    around: &Around<'_>,
    vlan: &Profile,
    parent: &str,
) -> Option<Finding> {
    let name = &vlan.interface;
    let below = meaning.joined.profile(parent);
    let found = |message: String| RULE.finding(format!("interface {name}"), message);
    let place = Place::file(vlan.home.file.as_ref()?);
    if let Some(below) = below {
        // a card is there whether it is brought up or not
        let is_made = !matches!(below.link, Link::Ethernet);
        if !is_made || around.there.contains(parent) {
            return None;
        }
        let message =
            format!("`{name}` is a VLAN on top of `{parent}`, which is not brought up at boot");
        let word = below.home.backend.start(true);
        let finding = found(message).at(place);
        return Some(
            match Place::said(below, |wording| wording.autostart.as_ref()) {
                Some(place) => finding
                    .at(place.label("not at boot"))
                    .help(format!("write {word} there")),
                None => finding.help(format!("write {word} into the profile of {parent}")),
            },
        );
    }
    // a UUID is no name of an interface
    let is_name = parent.len() <= 15;
    let is_card = looks_like_card(parent) && !around.shows_cards;
    if !is_name || around.made.contains(parent) || is_card {
        return None;
    }
    let message = format!("`{name}` is a VLAN on top of `{parent}`, which no file creates");
    Some(
        found(message)
            .at(place)
            .help("correct the name of the interface below it, or create that one"),
    )
}
