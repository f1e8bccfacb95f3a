//! A TYPE of which NetworkManager makes no profile.

use super::script::Script;
use crate::backend::ifcfg;
use crate::lint::{Check, Finding, NM, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "type-unknown",
    severity: Severity::Error,
    readers: NM,
    finds: "A `TYPE` that NetworkManager does not know, where nothing else reads the file.",
    why: "The interface is not configured: NetworkManager creates no profile from the file, and reports nothing. network-scripts use\nother keys (VLAN, BONDING_OPTS, the ports of a bond), so that the same file works with them.",
    example: "
DEVICE=bond0
TYPE=bonding
BONDING_OPTS=\"mode=1 miimon=100\"",
    remedy: "Write the TYPE that NetworkManager has for it, such as Bond.",
    source: "connection_from_file_full() in NetworkManager's nms-ifcfg-rh-reader.c (run: no profile, no complaint)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // ifup takes what NetworkManager leaves
    let scripts = sight.readers.scripts.as_ref();
    if scripts.is_some_and(|scripts| !scripts.starts.never()) {
        return Vec::new();
    }
    let read = sight
        .profiles()
        .filter(|script| sight.readers.managed_by_nm(script.nm_controlled()));
    read.filter_map(finding).collect()
}

fn finding(script: &Script<'_>) -> Option<Finding> {
    // what belongs to Open vSwitch is other rules'
    let word = script.value("TYPE")?;
    if ifcfg::nm_knows(word) || word.starts_with("OVS") {
        return None;
    }
    let device = script.device();
    let message = format!(
        "NetworkManager creates no profile from the file of `{device}`: it does not know TYPE={word}"
    );
    let vlan = script
        .value("VLAN")
        .is_some_and(|word| word.eq_ignore_ascii_case("yes"));
    let bond = word.eq_ignore_ascii_case("bonding")
        || ["BONDING_OPTS", "BONDING_MASTER"]
            .iter()
            .any(|key| script.get(key).is_some());
    let help = match (vlan, bond) {
        (true, _) => "write TYPE=Vlan",
        (false, true) => "write TYPE=Bond",
        (false, false) => "write a TYPE that it knows: Ethernet, Bridge, Bond, Vlan or Team",
    };
    Some(
        RULE.finding(format!("interface {device}"), message)
            .at(script.place_of("TYPE"))
            .help(help),
    )
}
