//! One address in two places.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::host::profile::Profile;
use crate::host::spot::Said;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "address-twice",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "The same IP address on two interfaces, or twice on one.",
    why: "network-scripts check whether the address is in use before they assign it, and find it on the other interface: the\nsecond one gets none. Otherwise replies leave through either interface.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33          IPADDR=192.168.50.20
/etc/sysconfig/network-scripts/ifcfg-ens34          IPADDR=192.168.50.20",
    remedy: "Give one of them another address.",
    source: "ifup-eth of initscripts: arping -D, `some other host already uses address`",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let mut known = HashMap::<IpAddr, (&Profile, Said<IpAddr>)>::new();
    let mut found = Vec::new();
    let ports = |profile: &&Profile| profile.controller.is_some() || !profile.autostart;
    for profile in meaning.host.profiles().filter(|profile| !ports(profile)) {
        for said in profile.layer3.everywhere() {
            // of a link each, or of a host that routes it: nobody is asked for it
            if is_shared(profile, said.value) {
                continue;
            }
            match known.get(&said.value) {
                Some((first, at)) if profile.interface != first.interface => {
                    found.extend(finding([(profile, &said), (first, at)]));
                }
                Some(_) => {}
                None => {
                    known.insert(said.value, (profile, said));
                }
            }
        }
    }
    found
}

/// Returns whether other interfaces may have the address as well: it is link-local, or the whole of its subnet.
fn is_shared(profile: &Profile, address: IpAddr) -> bool {
    let mut whole = profile
        .layer3
        .addresses()
        .filter(|net| net.prefix_len() == net.max_prefix_len());
    let link_local = match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    link_local || whole.any(|net| net.addr() == address)
}

/// Returns the finding of two profiles, each with the address as it says it.
fn finding([second, first]: [(&Profile, &Said<IpAddr>); 2]) -> Option<Finding> {
    let (name, other, address) = (&second.0.interface, &first.0.interface, second.1.value);
    let message = format!("`{other}` and `{name}` have the same address {address}");
    let finding = RULE.finding(format!("{name} and {other}: {address}"), message);
    let place = |said: &Said<IpAddr>| said.at.as_ref().map(Place::of);
    Some(
        finding
            .at(place(second.1)?)
            .at(place(first.1)?.label("and here"))
            .help("give one of them another address"),
    )
}
