//! One interface in two files.

use std::collections::HashMap;

use crate::host::profile::Profile;
use crate::host::spot::Spot;
use crate::host::value::InterfaceName;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "interface-twice",
    severity: Severity::Error,
    readers: BOTH,
    finds: "Two ifcfg files or keyfiles for one interface, both brought up at boot.",
    why: "network-scripts bring both up, one after the other, and the result is a mixture: two addresses, or the port of a\nbridge with the old address; NetworkManager keeps two profiles and picks one.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33          DEVICE=ens33
/etc/sysconfig/network-scripts/ifcfg-uplink         DEVICE=ens33",
    remedy: "Keep one; give the other ONBOOT=no (in a keyfile autoconnect=false), or move it out of the folder.",
    source: "init.d/network of initscripts (starts every file), nm-policy.c of NetworkManager",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<&InterfaceName, &Spot>::new(), Vec::new());
    let started = meaning
        .host
        .profiles()
        .filter(|profile| profile.autostart && !profile.wording.copy)
        // a bridge of Open vSwitch, its port and the interface of that may have one name
        .filter(|profile| !profile.is_part_of_ovs());
    for profile in started {
        // a file that names no interface is another rule's
        let Some(named) = &profile.wording.interface else {
            continue;
        };
        match known.get(&profile.interface) {
            Some(first) => found.push(finding(profile, named, first)),
            None => {
                known.insert(&profile.interface, named);
            }
        }
    }
    found
}

/// Returns the finding of an interface that two files name, the second for `profile`.
fn finding(profile: &Profile, second: &Spot, first: &Spot) -> Finding {
    let (interface, off) = (&profile.interface, profile.home.backend.start(false));
    let message = format!("two files configure `{interface}`, and both are brought up at boot");
    RULE.finding(
        format!("interface {interface} in {}", second.file.name()),
        message,
    )
    .at(Place::of(second))
    .at(Place::of(first).label("and here"))
    .help(format!(
        "keep one; write {off} in {} if it is the other",
        second.file
    ))
}
