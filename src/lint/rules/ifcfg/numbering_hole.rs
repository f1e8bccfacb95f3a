//! Numbered keys with a hole.

use std::collections::BTreeMap;

use crate::doc::shell::{Assignment, ShellDoc};
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "numbering-hole",
    severity: Severity::Error,
    readers: BOTH,
    finds: "Numbered keys with a gap: IPADDR1 and IPADDR3, DNS1 and DNS3, ADDRESS0 and ADDRESS2.",
    why: "What comes after the gap is silently ignored. The readers count up and stop at the first number that is\nmissing; IPADDR, IPADDR0 and IPADDR1 may be missing, routes must begin with ADDRESS0.",
    example: "
IPADDR=192.168.50.20
IPADDR2=192.168.50.21
IPADDR4=192.168.50.22",
    remedy: "Number them without a gap.",
    source: "expand_config() in network-functions of initscripts, ifup-routes (run); make_ip4_setting() in\nnms-ifcfg-rh-reader.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for script in &sight.scripts {
        found.extend(lost(script.path, &script.doc, "IPADDR", 2));
        if sight.readers.managed_by_nm(script.nm_controlled()) {
            found.extend(lost(script.path, &script.doc, "DNS", 1));
        }
    }
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let routes = ["route-", "route6-"]
        .into_iter()
        .flat_map(|prefix| sight.tree.names_with(&folder, prefix));
    for (_, path) in routes {
        let Some(file) = sight.tree.file(path) else {
            continue;
        };
        if let Ok(text) = std::str::from_utf8(&file.bytes) {
            found.extend(lost(path, &ShellDoc::parse(text), "ADDRESS", 0));
        }
    }
    found
}

/// Returns the first assignment behind a hole; numbers below `first` may be missing.
fn lost(path: &HostPath, doc: &ShellDoc, key: &str, first: u32) -> Option<Finding> {
    let numbered: BTreeMap<u32, &Assignment> = doc
        .assignments()
        .filter_map(|a| Some((a.name.strip_prefix(key)?.parse().ok()?, a)))
        .filter(|(_, a)| a.value.literal() != Some(""))
        .collect();
    let mut next = first;
    for (number, assignment) in numbered {
        if number > next {
            let name = &assignment.name;
            let message = format!("`{name}` is not read: there is no {key}{next} before it");
            let place = Place::span(path, assignment.span.clone());
            let help = format!("number them without a gap: {key}{next}=…");
            return Some(
                RULE.finding(format!("{path} {name}"), message)
                    .at(place)
                    .help(help),
            );
        }
        next = next.max(number + 1);
    }
    None
}
