//! A bridge whose name picks another script.

use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-helper",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "A bridge whose name makes network-scripts run another helper.",
    why: "ifup of RHEL 7 chooses its helper by the name of the device without its digits: for a bridge named tunnel0 it runs\nifup-tunnel, and the bridge is not created.",
    example: "
TYPE=Bridge
DEVICE=tunnel0",
    remedy: "Choose another name, such as br0.",
    source: "ifup of initscripts 9.49 (run); since 10.00.5 TYPE=Bridge decides",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let readers = &sight.readers;
    if !readers
        .scripts
        .as_ref()
        .is_some_and(|scripts| scripts.needs_brctl)
    {
        return Vec::new();
    }
    let bridges = sight
        .profiles()
        .filter(|script| script.value("TYPE") == Some("Bridge"))
        .filter(|script| !readers.managed_by_nm(script.nm_controlled()));
    let wrong = bridges.filter_map(|script| {
        let device = script.device();
        let stem = device.trim_end_matches(|c: char| c.is_ascii_digit());
        let helper = readers
            .helpers
            .iter()
            .find(|helper| *helper == stem && stem != "eth")?;
        let message = format!("ifup runs ifup-{helper} for the bridge `{device}`");
        Some(
            RULE.finding(format!("bridge {device}"), message)
                .at(script.place_of("DEVICE"))
                .help("choose another name, such as br0"),
        )
    });
    wrong.collect()
}
