//! Routes or rules without their interface.

use std::collections::HashSet;

use super::script::Script;
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "route-orphan",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A file of routes or rules that is named after an interface that has no file.",
    why: "The routes are silently not set: NetworkManager finds such files by the name of the file of the interface, and\nnetwork-scripts by that of the interface, too. When a NIC becomes a port they are easily left behind under its name.",
    example: "
/etc/sysconfig/network-scripts/route-ens33
/etc/sysconfig/network-scripts/ifcfg-ens33         missing",
    remedy: "Rename it to the interface that now has the routes, or remove it.",
    source: "ifup-routes of initscripts (run), utils_get_route_path() in NetworkManager's nms-ifcfg-rh-utils.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let names = |script| Script::names_of_routes(script);
    let mut known: HashSet<&str> = sight.profiles().flat_map(names).collect();
    known.extend(sight.host.broken.iter().map(|broken| broken.about.as_str()));
    let files = sight.tree.names(&HostPath::literal(NETWORK_SCRIPTS));
    let orphans = files.filter_map(|(name, path)| {
        let prefixes = ["route-", "route6-", "rule-", "rule6-"];
        let own = prefixes
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))?;
        let copy = is_copy(own)
            || own.contains(['~', '.']) && known.iter().any(|name| own.starts_with(name));
        (!known.contains(own) && !copy).then_some((name, path, own))
    });
    orphans
        .map(|(name, path, own)| {
            let message = format!("nothing reads `{name}`: there is no ifcfg-{own}");
            RULE.finding(path.as_str(), message)
                .at(Place::line(path, 1))
                .help(format!(
                    "rename it to the interface that now has the routes, or: rm {}",
                    path.word()
                ))
        })
        .collect()
}

/// Returns whether a name ends like that of a copy, be its original there or not: such a one was put aside.
fn is_copy(name: &str) -> bool {
    let marks = [
        ".old", ".bak", ".orig", ".rpmorig", ".rpmsave", ".rpmnew", "~",
    ];
    marks.iter().any(|mark| name.ends_with(mark))
}
