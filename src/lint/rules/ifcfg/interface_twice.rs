//! One interface in two files.

use std::collections::HashMap;

use super::script::Script;
use crate::lint::{BOTH, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "interface-twice",
    severity: Severity::Error,
    readers: BOTH,
    finds: "Two ifcfg files for one interface, both brought up at boot.",
    why: "Both are brought up, one after the other, and what holds in the end is a mixture: two addresses, or the port of a\nbridge with the old address. NetworkManager keeps two profiles and picks one.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33          DEVICE=ens33
/etc/sysconfig/network-scripts/ifcfg-uplink         DEVICE=ens33",
    remedy: "Keep one; give the other ONBOOT=no, or move it out of the folder.",
    source: "init.d/network of initscripts (starts every file), nm-policy.c of NetworkManager",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<&str, &Script<'_>>::new(), Vec::new());
    let started = sight.profiles().filter(|script| sight.brings_up(script));
    for script in started.filter(|script| script.value("DEVICE").is_some()) {
        let device = script.device();
        match known.get(device) {
            Some(first) => found.push(finding(script, first)),
            None => {
                known.insert(device, script);
            }
        }
    }
    found
}

fn finding(script: &Script<'_>, first: &Script<'_>) -> Finding {
    let device = script.device();
    let message = format!("two files configure `{device}`, and both are brought up at boot");
    RULE.finding(
        format!("interface {device} in {}", script.path.name()),
        message,
    )
    .at(script.place_of("DEVICE"))
    .at(first.place_of("DEVICE").label("and here"))
    .help(format!(
        "keep one; set ONBOOT=no in {} if it is the other",
        script.path
    ))
}
