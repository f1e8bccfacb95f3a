//! Keys that no program reads, and that are near to none.

use super::script::Script;
use super::unknown_key::{MOST_SOUGHT, strange};
use crate::backend::ifcfg::known;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "unread-key",
    severity: Severity::Note,
    readers: BOTH,
    finds: "Keys of an ifcfg file that no program is known to read, and that are near to none that one reads.",
    why: "They do nothing, unless a script of this site asks for them. kvmnet keeps them where they are.",
    example: "
RACK=4
TICKET=NET-1123",
    remedy: "Nothing, or write them as comments.",
    source: "every variable in the network-scripts of initscripts, and doc/sysconfig.txt; nms_ifcfg_well_known_keys[] in\nNetworkManager's nms-ifcfg-rh-utils.c; ifup-ovs of Open vSwitch",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    scripts.filter_map(finding).collect()
}

/// The most names that a message lists.
const MOST_NAMED: usize = 5;

fn finding(script: &Script<'_>) -> Option<Finding> {
    let strange = strange(script).into_iter().enumerate();
    let unread = strange.filter(|(n, a)| *n >= MOST_SOUGHT || known::meant(&a.name).is_none());
    let unread: Vec<_> = unread.map(|(_, assignment)| assignment).collect();
    let first = unread.first()?;
    let names = unread.iter().take(MOST_NAMED);
    let names: Vec<String> = names.map(|a| format!("`{}`", a.name)).collect();
    let more = match unread.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("no program is known to read {}{more}", names.join(", "));
    let found = RULE.finding(script.path.as_str(), message);
    Some(
        found
            .at(script.place(first))
            .help("none needed if a script of this site reads it; else write it as a comment"),
    )
}
