//! A delay in seconds that network-scripts take for hundredths.

use super::script::Script;
use crate::doc::shell::Assignment;
use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "delay-unit",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "A bridge with a `DELAY` or `AGEING` in seconds, on a host whose network-scripts count in hundredths of a second.",
    why: "The delay is a hundredth of what is meant. With STP the kernel waits at least 2 s before it forwards, and a loop is found\ntoo late; addresses that age at once are flooded to all ports. network-scripts of RHEL 7 count in seconds.",
    example: "
TYPE=Bridge
STP=yes
DELAY=15",
    remedy: "Write hundredths of a second: DELAY=1500, AGEING=30000.",
    source: "ifup-eth of initscripts 10.00: `ip link … type bridge forward_delay ${DELAY} ageing_time ${AGEING}` (run);\nbr_stp_start() in the kernel's net/bridge/br_stp_if.c",
    check: Check::Files(check),
    fix: None,
};

/// Each key with the least value that can be meant in hundredths: what the kernel takes as a forward delay, and 10 s.
const KEYS: &[(&str, u32)] = &[("DELAY", 200), ("AGEING", 1000)];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let bridges = sight.profiles().filter(|script| {
        let bridge = script.value("TYPE") == Some("Bridge") && script.is_of_scripts();
        bridge && sight.readers.delay_in_hundredths(script.nm_controlled())
    });
    bridges.flat_map(findings).collect()
}

fn findings(script: &Script<'_>) -> Vec<Finding> {
    let stp = script.value("STP");
    let stp = stp.is_some_and(|word| script.reader.is_yes("STP", word));
    let found = KEYS.iter().filter_map(|(key, least)| {
        let assignment = script.get(key)?;
        let value = assignment.value.literal()?.parse::<u32>().ok()?;
        let read = *key != "DELAY" || stp;
        (read && value > 0 && value < *least).then(|| finding(script, assignment, value))
    });
    found.collect()
}

fn finding(script: &Script<'_>, assignment: &Assignment, value: u32) -> Finding {
    let (key, device) = (&assignment.name, script.device());
    let message = format!(
        "{key}={value} of the bridge `{device}` means {}.{:02} s: network-scripts of this host count in hundredths",
        value / 100,
        value % 100
    );
    RULE.finding(format!("bridge {device} {key}"), message)
        .at(script.place(assignment))
        .help(format!("write {key}={} for {value} s", value * 100))
}
