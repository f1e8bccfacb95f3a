//! One address in two places.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::host::profile::Profile;
use crate::lint::{Finding, Place, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "address-twice",
    severity: Severity::Warning,
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
            .companions
            .iter()
            .flat_map(|c| c.addresses.iter().copied());
        for address in own.chain(further) {
            match known.get(&address) {
                Some(first) if profile.interface != first.interface => {
                    found.extend(finding(sight, address, profile, first));
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

fn finding(
    sight: &Sight<'_>,
    address: IpAddr,
    profile: &Profile,
    first: &Profile,
) -> Option<Finding> {
    let (name, other) = (&profile.interface, &first.interface);
    let message = format!("`{other}` and `{name}` have the same address {address}");
    let place = |profile: &Profile| {
        let path = profile.origin.as_ref()?;
        let text = address.to_string();
        let file = sight.tree.file(path)?;
        let lines = String::from_utf8_lossy(&file.bytes).into_owned();
        let line = lines
            .lines()
            .zip(1..)
            .find(|(line, _)| line.contains(&text));
        Some(Place::word(
            path,
            line.map_or(0, |(_, number)| number),
            &text,
        ))
    };
    let finding = RULE.finding(format!("{name} and {other}: {address}"), message);
    Some(
        finding
            .at(place(profile)?)
            .at(place(first)?.label("and here"))
            .help("give one of them another address"),
    )
}
