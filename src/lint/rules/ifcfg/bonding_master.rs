//! A file that says that it is a bond, and that it is something else.

use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::lint::{Check, Finding, NM, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bonding-master",
    severity: Severity::Error,
    readers: NM,
    finds: "`BONDING_MASTER=yes` in a file whose `TYPE` is not Bond.",
    why: "NetworkManager refuses the whole file, and the interface has no profile. network-scripts do not read the key.",
    example: "
DEVICE=bond0.3021
TYPE=Vlan
BONDING_MASTER=yes",
    remedy: "Delete BONDING_MASTER: it belongs in the file of the bond.",
    source: "connection_from_file_full() in NetworkManager's nms-ifcfg-rh-reader.c: \"BONDING_MASTER=yes key only allowed in\nTYPE=bond connections\"",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight
        .profiles()
        .filter(|script| script.reader == Reader::NetworkManager);
    read.filter_map(finding).collect()
}

fn finding(script: &Script<'_>) -> Option<Finding> {
    let word = script.value("BONDING_MASTER")?;
    let kind = script.value("TYPE")?;
    let bond = kind.eq_ignore_ascii_case("Bond")
        || (kind == "Ethernet" && script.value("BONDING_OPTS").is_some());
    if bond || !script.reader.is_yes("BONDING_MASTER", word) {
        return None;
    }
    let device = script.device();
    let message = format!(
        "NetworkManager refuses the file of `{device}`: BONDING_MASTER={word} is for TYPE=Bond, and here is TYPE={kind}"
    );
    let found = RULE.finding(format!("interface {device}"), message);
    let found = found.at(script.place_of("BONDING_MASTER"));
    Some(
        found
            .at(script.place_of("TYPE").label("differs"))
            .help("delete BONDING_MASTER"),
    )
}
