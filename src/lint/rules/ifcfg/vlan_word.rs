//! A VLAN that its reader does not take for one.

use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "vlan-word",
    severity: Severity::Error,
    readers: BOTH,
    finds: "The file of a VLAN without `VLAN=yes`, or with another word that its reader does not know.",
    why: "The VLAN is not created, and the interface does not come up. network-scripts take exactly `yes`, in small letters, and do\nnot read TYPE=Vlan; NetworkManager does, and knows yes, true, y, t and 1 in any case.",
    example: "
DEVICE=ens33.100
VLAN=YES",
    remedy: "Write VLAN=yes.",
    source: "ifup of initscripts: `[ \"${VLAN}\" = \"yes\" ]`; svParseBoolean() in NetworkManager's shvar.c,\nconnection_from_file_full() in nms-ifcfg-rh-reader.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let vlans = sight.profiles().filter(|script| is_meant(script));
    vlans.filter_map(finding).collect()
}

fn says_vlan(script: &Script<'_>) -> bool {
    let kind = script.value("TYPE").unwrap_or("");
    kind.eq_ignore_ascii_case("Vlan")
}

/// Returns whether the file is meant for a VLAN, whoever reads it.
fn is_meant(script: &Script<'_>) -> bool {
    let word = script.value("VLAN");
    says_vlan(script) || word.is_some_and(|word| Reader::Unknown.is_yes("VLAN", word))
}

fn finding(script: &Script<'_>) -> Option<Finding> {
    let device = script.device();
    let word = script.value("VLAN");
    let known = word.is_some_and(|word| script.reader.is_yes("VLAN", word));
    let written = script.get("VLAN").filter(|_| word.is_some());
    let message = match script.reader {
        Reader::NetworkScripts if !known => {
            let word = word.map_or("TYPE=Vlan".to_owned(), |word| format!("VLAN={word}"));
            format!(
                "network-scripts do not create the VLAN `{device}`: they know VLAN=yes, not {word}"
            )
        }
        Reader::NetworkManager if !known && !says_vlan(script) => format!(
            "NetworkManager does not create the VLAN `{device}`: to it, VLAN={} does not mean yes",
            word?
        ),
        Reader::NetworkScripts | Reader::NetworkManager | Reader::Unknown => return None,
    };
    let place = script.place_of(if written.is_some() { "VLAN" } else { "TYPE" });
    let finding = RULE.finding(format!("interface {device}"), message);
    Some(finding.at(place).help("write VLAN=yes"))
}
