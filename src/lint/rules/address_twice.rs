//! One address in two places.

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::Range;

use crate::doc::shell::ShellDoc;
use crate::host::profile::Profile;
use crate::lint::{BOTH, Finding, Place, Rule, Severity, Sight};
use crate::tree::HostPath;

pub(super) static RULE: Rule = Rule {
    name: "address-twice",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "An IP address that two interfaces have, or one interface twice.",
    why: "network-scripts look for the address in the network before they take it, and find it at the other interface: the\nsecond one stays without. Otherwise answers leave by either interface.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33          IPADDR=192.168.50.20
/etc/sysconfig/network-scripts/ifcfg-ens34          IPADDR=192.168.50.20",
    remedy: "Give one of them another address.",
    source: "ifup-eth of initscripts: arping -D, `some other host already uses address`",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<IpAddr, &Profile>::new(), Vec::new());
    let mut spots = Spots::default();
    let ports = |profile: &&Profile| profile.controller.is_some() || !profile.autostart;
    for profile in sight.host.profiles().filter(|profile| !ports(profile)) {
        let own = profile
            .layer3
            .addressing
            .addresses
            .iter()
            .map(|net| net.addr());
        let further = profile
            .layer3
            .further
            .iter()
            .flat_map(|part| part.addresses.iter().copied());
        for address in own.chain(further) {
            match known.get(&address) {
                Some(first) if profile.interface != first.interface => {
                    found.extend(finding(sight, &mut spots, address, [profile, first]));
                }
                Some(_) => {}
                None => {
                    known.insert(address, profile);
                }
            }
        }
    }
    found
}

fn finding<'s>(
    sight: &'s Sight<'_>,
    spots: &mut Spots<'s>,
    address: IpAddr,
    [profile, first]: [&'s Profile; 2],
) -> Option<Finding> {
    let (name, other) = (&profile.interface, &first.interface);
    let message = format!("`{other}` and `{name}` have the same address {address}");
    let mut place = |profile: &'s Profile| spots.of(sight, profile, address);
    let finding = RULE.finding(format!("{name} and {other}: {address}"), message);
    Some(
        finding
            .at(place(profile)?)
            .at(place(first)?.label("and here"))
            .help("give one of them another address"),
    )
}

/// Where the addresses of profiles are assigned, of each profile found once.
#[derive(Default)]
struct Spots<'s> {
    profiles: HashMap<&'s HostPath, HashMap<IpAddr, Place>>,
}

impl<'s> Spots<'s> {
    /// Returns where the file of `profile`, or one of its files of further addresses, assigns `address`; the profile's file as
    /// a whole where none spells it.
    fn of(&mut self, sight: &'s Sight<'_>, profile: &'s Profile, address: IpAddr) -> Option<Place> {
        let own = profile.origin.as_ref()?;
        let known = self
            .profiles
            .entry(own)
            .or_insert_with(|| spots(sight, profile, own));
        Some(
            known
                .get(&address)
                .map_or_else(|| Place::file(own), Place::clone),
        )
    }
}

/// Returns where the addresses of a profile are assigned: in its own file first.
fn spots(sight: &Sight<'_>, profile: &Profile, own: &HostPath) -> HashMap<IpAddr, Place> {
    let mut found = HashMap::new();
    let companions = profile.layer3.further.iter();
    let companions = companions.filter(|companion| !companion.addresses.is_empty());
    let further = companions.map(|companion| (&companion.at, companion.addresses.as_slice()));
    for (path, addresses) in [(own, [].as_slice())].into_iter().chain(further) {
        let Some(script) = sight.script(path) else {
            continue;
        };
        for (address, span) in assigned(&script.doc) {
            found
                .entry(address)
                .or_insert_with(|| Place::span(path, span));
        }
        // those within a range
        for address in addresses {
            found
                .entry(*address)
                .or_insert_with(|| script.place_of("IPADDR_START"));
        }
    }
    found
}

/// Returns the addresses that a file assigns to its interface, each with its bytes: of several the last one holds.
fn assigned(doc: &ShellDoc) -> HashMap<IpAddr, Range<usize>> {
    let mut found = HashMap::new();
    let keys = ["IPADDR", "IPV6ADDR"];
    let named = |name: &str| keys.iter().any(|key| name.starts_with(key));
    for assignment in doc.assignments().filter(|a| named(&a.name)) {
        let raw = &doc.source()[assignment.word.clone()];
        for word in raw.split(|c: char| !(c.is_ascii_hexdigit() || ".:".contains(c))) {
            let start = assignment.word.start + (word.as_ptr() as usize - raw.as_ptr() as usize);
            if let Ok(address) = word.parse() {
                found.insert(address, start..start + word.len());
            }
        }
    }
    found
}
