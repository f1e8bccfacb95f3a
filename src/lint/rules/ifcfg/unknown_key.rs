//! A key that no program reads, and that is nearly one that they read.

use std::collections::HashMap;

use super::letters::used;
use super::script::Script;
use super::unquoted_value::Cut;
use crate::backend::ifcfg::known;
use crate::doc::shell::{Assignment, LineKind};
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "unknown-key",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A misspelt key of an ifcfg file: `GATWAY`, `NETMAKS`, `BOOTPRO`, `VLANID`, `DNS`.",
    why: "Nothing reads it, and nothing says so: it is as if the setting were missing. To bash it is a variable like any other, and\nNetworkManager passes over keys that it does not know.",
    example: "
IPADDR=192.168.222.101
NETMAKS=255.255.255.0
GATWAY=192.168.222.2",
    remedy: "Write the key that is meant.",
    source: "every variable in the network-scripts of initscripts, and doc/sysconfig.txt; nms_ifcfg_well_known_keys[] in\nNetworkManager's nms-ifcfg-rh-utils.c; ifup-ovs of Open vSwitch",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    scripts.flat_map(of_script).collect()
}

fn of_script(script: &Script<'_>) -> Vec<Finding> {
    let strange = strange(script);
    let sought = strange.iter().take(MOST_SOUGHT);
    let found = sought.filter_map(|assignment| finding(script, assignment));
    found.collect()
}

/// For as many keys of one file a near one is sought at most: each is compared with all that are known.
pub(super) const MOST_SOUGHT: usize = 64;

/// Returns the assignments to keys that no program asks for, each key once, where it is assigned last; those are left out
/// that the file itself uses, that are nothing but another key in small letters, and what stands behind a value that has blanks.
pub(super) fn strange<'s>(script: &'s Script<'_>) -> Vec<&'s Assignment> {
    let lines = script.doc.lines().iter();
    let plain = lines.filter(|line| line.kind == LineKind::Assignments);
    let unknown = plain.flat_map(|line| {
        let whole = line.assignments.len() == 1 || Cut::of(script, line).is_none();
        let most = if whole { usize::MAX } else { 1 };
        line.assignments.iter().take(most)
    });
    let unknown: Vec<&Assignment> = unknown.filter(|a| !known::is_key(&a.name)).collect();
    if unknown.is_empty() {
        return unknown;
    }
    let used = used(script.doc.source());
    let mut last: HashMap<&str, usize> = HashMap::new();
    let mut found: Vec<&Assignment> = Vec::new();
    for assignment in unknown {
        let name = assignment.name.as_str();
        if used.contains(name) || known::is_common(&name.to_ascii_uppercase()) {
            continue;
        }
        match last.get(name) {
            Some(at) => found[*at] = assignment,
            None => {
                last.insert(name, found.len());
                found.push(assignment);
            }
        }
    }
    found
}

fn finding(script: &Script<'_>, assignment: &Assignment) -> Option<Finding> {
    let name = &assignment.name;
    let meant = known::meant(name)?;
    let message = format!("nothing reads `{name}`: `{meant}` may be meant");
    let found = RULE
        .finding(format!("{} {name}", script.path), message)
        .at(script.place(assignment));
    Some(match script.get(&meant) {
        Some(holds) => found
            .at(script.place(holds).label("this one is in effect"))
            .help(format!("delete the line with {name}, or correct its name")),
        None => found.help(format!("write {meant} for {name}")),
    })
}
