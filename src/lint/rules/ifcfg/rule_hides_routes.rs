//! Rules that hide routes from NetworkManager.

use crate::lint::{Check, Finding, NM, Place, Rule, Severity, Sight};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "rule-hides-routes",
    severity: Severity::Error,
    readers: NM,
    finds: "A rule- file beside a route- file of a profile that NetworkManager reads.",
    why: "NetworkManager reads neither: if there is a file of policy rules, it drops all routes of the profile. Only the\ndispatcher script of the package NetworkManager-dispatcher-routing-rules sets both.",
    example: "
/etc/sysconfig/network-scripts/rule-ens33
/etc/sysconfig/network-scripts/route-ens33",
    remedy: "Write the routes and rules as ROUTING_RULE_n= and in a keyfile, or install\nNetworkManager-dispatcher-routing-rules.",
    source: "connection_from_file_full() and utils_has_complex_routes() in NetworkManager's nms-ifcfg-rh-reader.c (run)",
    check: Check::Files(check),
    fix: None,
};

/// What the package NetworkManager-dispatcher-routing-rules puts there: it sets both.
const DISPATCHER: &str = "/usr/lib/NetworkManager/dispatcher.d/10-ifcfg-rh-routes.sh";

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let script = HostPath::literal(DISPATCHER);
    if sight.tree.exists(&script) {
        return Vec::new();
    }
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let read = sight
        .profiles()
        .filter(|script| sight.readers.managed_by_nm(script.nm_controlled()));
    let hidden = read.filter_map(|script| {
        let there = |prefix: &str| {
            let path = folder.join(&format!("{prefix}{}", script.suffix));
            sight.tree.exists(&path).then_some(path)
        };
        let rule = there("rule-").or_else(|| there("rule6-"))?;
        let route = there("route-").or_else(|| there("route6-"))?;
        let message = format!("NetworkManager reads no routes of `{}`: `{}` hides them", script.device(), rule.name());
        Some(
            RULE.finding(format!("interface {}", script.device()), message)
                .at(Place::line(&route, 1))
                .at(Place::line(&rule, 1).label("because this exists"))
                .help("install NetworkManager-dispatcher-routing-rules, or write the routes in a keyfile"),
        )
    });
    hidden.collect()
}
