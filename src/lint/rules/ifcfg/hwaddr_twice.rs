//! One HWADDR in two files.

use std::collections::HashMap;

use super::script::Script;
use crate::host::value::MacAddress;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "hwaddr-twice",
    severity: Severity::Error,
    readers: BOTH,
    finds: "The same `HWADDR` in the files of two interfaces; files with `VLAN=yes` do not name a card.",
    why: "udev names cards by HWADDR, and the file that sorts last names this one: the card may get the name\nof the other interface, and the intended one does not come up.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33          HWADDR=52:54:00:12:34:56
/etc/sysconfig/network-scripts/ifcfg-ens34          HWADDR=52:54:00:12:34:56",
    remedy: "Keep it in the file of the card that has this address, and delete the other line.",
    source: "60-net.rules and rename_device of initscripts (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<MacAddress, &Script<'_>>::new(), Vec::new());
    let bridges = |script: &Script<'_>| {
        script
            .value("TYPE")
            .is_some_and(|word| word.eq_ignore_ascii_case("Bridge"))
    };
    let cards = sight.profiles();
    for script in cards.filter(|script| !bridges(script) && !is_vlan(script)) {
        let Some(mac) = script.value("HWADDR").and_then(MacAddress::parse) else {
            continue;
        };
        match known.get(&mac) {
            Some(first) if first.device() != script.device() => {
                found.push(finding(mac, script, first))
            }
            Some(_) => {}
            None => {
                known.insert(mac, script);
            }
        }
    }
    found
}

/// rename_device passes a file by of which a line begins with `VLAN=yes`, without quotes; it does not ask for TYPE.
fn is_vlan(script: &Script<'_>) -> bool {
    let mut lines = script.doc.source().lines();
    lines.any(|line| line.starts_with("VLAN=yes"))
}

fn finding(mac: MacAddress, script: &Script<'_>, first: &Script<'_>) -> Finding {
    let (name, other) = (script.device(), first.device());
    let message = format!("the files of `{other}` and `{name}` claim the same card, {mac}");
    RULE.finding(format!("{name} and {other}: {mac}"), message)
        .at(script.place_of("HWADDR"))
        .at(first.place_of("HWADDR").label("and here"))
        .help("delete the line in the file of the card that has another address")
}
