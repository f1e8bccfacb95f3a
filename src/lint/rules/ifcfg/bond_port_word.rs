//! A port of a bond that network-scripts do not take for one.

use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bond-port-word",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "An ifcfg file with `MASTER` and without `SLAVE=yes`.",
    why: "The card does not become a port of the bond, and is configured like any other. network-scripts compare the word exactly, in\nsmall letters; NetworkManager asks for MASTER alone.",
    example: "
DEVICE=ens33
MASTER=bond0                and no SLAVE=yes",
    remedy: "Write SLAVE=yes, or delete MASTER.",
    source: "ifup-eth of initscripts: `[ \"${SLAVE}\" = yes … -a \"${MASTER}\" != \"\" ]` (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight.profiles().filter(|script| script.is_of_scripts());
    let ports = read.filter_map(|script| {
        let bond = script.value("MASTER")?;
        // what a shell says is not known
        let shell = script
            .get("SLAVE")
            .is_some_and(|a| a.value.literal().is_none());
        let word = script.value("SLAVE");
        if shell || word == Some("yes") {
            return None;
        }
        let device = script.device();
        let because = match word {
            Some(word) => format!("SLAVE={word} does not mean yes to them"),
            None => "it has no SLAVE=yes".to_owned(),
        };
        let message =
            format!("network-scripts do not make `{device}` a port of `{bond}`: {because}");
        let place = script.place_of(if word.is_some() { "SLAVE" } else { "MASTER" });
        let found = RULE
            .finding(format!("interface {device}"), message)
            .at(place);
        Some(found.help("write SLAVE=yes, or delete MASTER"))
    });
    ports.collect()
}
