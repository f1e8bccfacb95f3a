//! An alias or range without its base.

use std::collections::HashSet;

use super::script::Role;
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "alias-orphan",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A file of further addresses (ifcfg-ens33:0, ifcfg-ens33-range0) whose interface has no file.",
    why: "The addresses are silently gone: network-scripts find such files by the name of the interface only.\nNetworkManager treats an alias without its base file as a separate profile, for any network card.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33:0
/etc/sysconfig/network-scripts/ifcfg-ens33         missing",
    remedy: "Rename it to the interface that now has the address (its DEVICE as well), or remove it.",
    source: "ifup-aliases of initscripts (run), utils_detect_ifcfg_path() in NetworkManager's nms-ifcfg-rh-utils.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut known: HashSet<&str> = sight.profiles().map(|script| script.suffix).collect();
    known.extend(sight.profiles().map(|script| script.device()));
    let further = sight.scripts.iter().filter_map(|script| match script.role {
        Role::Alias(base) | Role::Range(base) => Some((script, base)),
        // brought up by itself: not lost
        Role::Profile | Role::OwnAlias => None,
    });
    let orphans = further.filter(|(_, base)| !known.contains(base));
    orphans
        .map(|(script, base)| {
            let message = format!(
                "the addresses of `{}` are lost: there is no ifcfg-{base}",
                script.path.name()
            );
            RULE.finding(script.path.as_str(), message)
                .at(Place::line(script.path, 1))
                .help(format!(
                    "rename it to the interface that replaced `{base}`, or: rm {}",
                    script.path
                ))
        })
        .collect()
}
