//! A port of two controllers.

use crate::lint::{BOTH, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "port-of-two",
    severity: Severity::Error,
    readers: BOTH,
    finds: "An interface whose file attaches it to two controllers.",
    why: "Only one takes it: network-scripts leave at SLAVE before they see BRIDGE, NetworkManager takes the bridge and drops\nthe bond. The other one has a port less than it seems.",
    example: "
DEVICE=ens33
MASTER=bond0
SLAVE=yes
BRIDGE=br0",
    remedy: "Take one of them away. To bridge a bond, attach the bond: kvmnet bridge add-port br0 bond0",
    source: "ifup-eth of initscripts (SLAVE before BRIDGE), nms-ifcfg-rh-reader.c of NetworkManager (BRIDGE before MASTER)",
    check,
    fix: None,
};

const CONTROLLERS: &[&[&str]] = &[
    &["BRIDGE", "BRIDGE_UUID"],
    &["MASTER", "MASTER_UUID"],
    &["TEAM_MASTER", "TEAM_MASTER_UUID"],
    &["OVS_BRIDGE"],
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for script in sight.profiles() {
        let named = CONTROLLERS
            .iter()
            .filter_map(|keys| keys.iter().find(|key| script.value(key).is_some()));
        let named: Vec<&str> = named.copied().collect();
        let [first, second, ..] = named.as_slice() else {
            continue;
        };
        let value = |key: &str| script.value(key).unwrap_or("").to_owned();
        let device = script.device();
        let message = format!(
            "`{device}` is a port of `{}` and of `{}`",
            value(first),
            value(second)
        );
        found.push(
            RULE.finding(format!("interface {device}"), message)
                .at(script.place_of(first))
                .at(script.place_of(second).label("and here"))
                .help("take one of them away"),
        );
    }
    found
}
