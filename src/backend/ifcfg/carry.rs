//! The text that a profile is to have: taken, facet by facet, from the file that says its layer 3 already.

use super::addressing;
use super::owned::OwnedText;
use super::text::{Companion, CompanionRole, Role, Setting, Text};
use crate::host::layer3::{About, Facet};
use crate::host::profile::Profile;

/// A profile and its text.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// What it means.
    pub(super) profile: &'a Profile,
    /// How it says so.
    pub(super) text: &'a Text,
    /// Whether its own file goes away, and all that is in it would with it.
    pub(super) goes: bool,
}

/// Returns the text that `wanted` is to have, whose file has the text `own` now; `from` is the profile that says its layer 3.
pub(super) fn carried(wanted: &Profile, own: &Text, from: Option<Source<'_>>) -> Text {
    let Some(from) = from else {
        return Text {
            rest: own.rest.clone(),
            shared: own.shared.clone(),
            ..Text::default()
        };
    };
    let differs = from.profile.layer3.differs(&wanted.layer3).into_iter();
    let gone: Vec<Role> = differs.map(role).collect();
    let is_same_file = from.profile.home.file == wanted.home.file;
    let mut rest = own.rest.clone();
    let mut helpers = from.text.helpers.clone();
    if from.goes && !is_same_file {
        // definitions travel with the rest of the file; what both files say is said once, but for lines of code, which only
        // mean something together
        let known: Vec<&OwnedText> = own.rest.iter().map(|setting| &setting.text).collect();
        let new = |setting: &&Setting| setting.is_code() || !known.contains(&&setting.text);
        rest.extend(from.text.rest.iter().filter(new).cloned());
        helpers.clear();
    }
    let stays = |setting: &&Setting| !gone.contains(&setting.role);
    let [before, now] = [from.profile, wanted].map(|profile| addressing::identity(&profile.layer3));
    let other: Vec<(&str, Option<&str>)> = before
        .into_iter()
        .zip(now)
        .filter_map(|(before, now)| (before != now).then_some(now))
        .collect();
    let kept = |setting: &Setting| {
        let other = other.iter().find(|(key, _)| *key == setting.key);
        match other {
            None => Some(setting.clone()),
            Some((key, value)) => value.map(|value| setting.with_value(key, value)),
        }
    };
    let settings = from.text.settings.iter().filter(stays).filter_map(kept);
    let further = &wanted.layer3.further;
    let listed = |companion: &&Companion| further.iter().any(|part| part.at == companion.origin);
    let companions = from.text.companions.iter().filter(listed);
    let beside = own.companions.iter().filter(listed);
    let beside: Vec<Companion> = beside.filter(|_| !is_same_file).cloned().collect();
    let companions =
        companions.filter(|companion| !beside.iter().any(|own| own.says_the_same(companion)));
    Text {
        settings: settings.collect(),
        helpers,
        shared: match wanted.home.file {
            Some(_) => own.shared.clone(),
            None => from.text.shared.clone(),
        },
        rest,
        companions: companions.chain(&beside).cloned().collect(),
    }
}

/// Returns the settings that say a facet.
fn role(facet: Facet) -> Role {
    match facet {
        Facet::Addresses => Role::Address,
        Facet::V6 => Role::Ipv6,
        Facet::Dns => Role::Dns,
    }
}

/// Returns what a companion is about.
pub(super) fn about(role: &CompanionRole) -> About {
    match role {
        CompanionRole::Alias(_) | CompanionRole::Range(_) => About::Addresses,
        CompanionRole::Route(_) => About::Routes,
        CompanionRole::Rule(_) => About::Rules,
        CompanionRole::Dhclient(_) => About::Dhcp,
    }
}
