//! ZONE on the port of a bridge.

use crate::lint::{BOTH, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "port-zone",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "The port of a bridge with a firewall `ZONE` of its own.",
    why: "It does nothing: firewalld is told of the bridge only, and puts that into its default zone. The host may be more\nopen, or more closed, than the file says.",
    example: "
DEVICE=ens33
BRIDGE=br0
ZONE=internal",
    remedy: "Move the line to the file of the bridge.",
    source: "ifup-post of initscripts (run: only the bridge is ever sent to firewalld)",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let wrong = sight.profiles().filter_map(|script| {
        let bridge = script.value("BRIDGE")?;
        let zone = script.value("ZONE")?;
        let device = script.device();
        let message =
            format!("the zone `{zone}` of the port `{device}` is not in force: `{bridge}` decides");
        Some(
            RULE.finding(format!("interface {device}"), message)
                .at(script.place_of("ZONE"))
                .help(format!("move the line to the file of {bridge}")),
        )
    });
    wrong.collect()
}
