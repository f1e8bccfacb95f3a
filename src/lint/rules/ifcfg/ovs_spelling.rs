//! Open vSwitch keys that its scripts do not know.

use super::script::Script;
use crate::lint::{Check, Finding, Place, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "ovs-spelling",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "A file for Open vSwitch that its scripts do not recognize.",
    why: "network-scripts pass it to no helper, and configure the interface like any card: there is no switch. The words are\ncompared exactly, and DEVICETYPE=ovs is what chooses the helper.",
    example: "
DEVICE=br0
TYPE=OvsBridge",
    remedy: "Write DEVICETYPE=ovs and TYPE=OVSBridge, OVSPort, OVSIntPort, OVSBond, OVSTunnel or OVSPatchPort.",
    source: "ifup-ovs and README.RHEL of Open vSwitch; ifup of initscripts (ifup-${DEVICETYPE})",
    check: Check::Files(check),
    fix: None,
};

const TYPES: &[&str] = &[
    "OVSBridge",
    "OVSPort",
    "OVSIntPort",
    "OVSBond",
    "OVSTunnel",
    "OVSPatchPort",
    "OVSDPDKBond",
    "OVSDPDKPort",
    "OVSDPDKVhostUserPort",
    "OVSUserBridge",
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight.profiles().filter(|script| script.is_of_scripts());
    read.filter_map(finding).collect()
}

fn finding(script: &Script<'_>) -> Option<Finding> {
    let (kind, device) = (script.value("TYPE"), script.device());
    let by_ovs = script.value("DEVICETYPE");
    let looks = kind.is_some_and(|word| word.to_ascii_lowercase().starts_with("ovs"));
    let shell = ["TYPE", "DEVICETYPE"]
        .iter()
        .any(|key| script.get(key).is_some_and(|a| a.value.literal().is_none()));
    if shell || !(looks || by_ovs.is_some_and(|word| word.eq_ignore_ascii_case("ovs"))) {
        return None;
    }
    let found = |why: String, place: Place, help: &str| {
        let message = format!("Open vSwitch's scripts do not recognize `{device}`: {why}");
        Some(
            RULE.finding(format!("interface {device}"), message)
                .at(place)
                .help(help),
        )
    };
    match (by_ovs, kind) {
        (Some("ovs"), Some(kind)) if TYPES.contains(&kind) => None,
        (Some("ovs"), Some(kind)) => {
            let meant = TYPES.iter().find(|known| known.eq_ignore_ascii_case(kind));
            let help = format!("write TYPE={}", meant.unwrap_or(&"OVSBridge"));
            found(
                format!("TYPE={kind} is not one of theirs"),
                script.place_of("TYPE"),
                &help,
            )
        }
        (Some("ovs"), None) => found(
            "it has no TYPE".to_owned(),
            script.place_of("DEVICETYPE"),
            "add TYPE=OVSBridge, or OVSPort",
        ),
        (Some(word), _) => found(
            format!("DEVICETYPE={word} is not `ovs`"),
            script.place_of("DEVICETYPE"),
            "write DEVICETYPE=ovs",
        ),
        (None, _) => found(
            "it has no DEVICETYPE=ovs".to_owned(),
            script.place_of("TYPE"),
            "add DEVICETYPE=ovs",
        ),
    }
}
