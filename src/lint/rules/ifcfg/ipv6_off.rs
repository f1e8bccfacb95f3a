//! An address of IPv6 in a file that switches IPv6 off.

use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "ipv6-off",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "An `IPV6ADDR` or `IPV6_DEFAULTGW` in a file that does not switch IPv6 on.",
    why: "It has no effect. With IPV6INIT=no network-scripts do not look at IPv6; NetworkManager passes addresses over where IPV6INIT is\nnot yes.",
    example: "
IPV6INIT=no
IPV6ADDR=2001:db8::20/64",
    remedy: "Write IPV6INIT=yes, or delete the address.",
    source: "ifup-ipv6 of initscripts; make_ip6_setting() in NetworkManager's nms-ifcfg-rh-reader.c: \"ignore IPv6 addresses with method\ndisabled/ignore\" (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    sight.profiles().filter_map(finding).collect()
}

fn finding(script: &Script<'_>) -> Option<Finding> {
    let keys = ["IPV6ADDR", "IPV6ADDR_SECONDARIES", "IPV6_DEFAULTGW"];
    let key = keys.iter().find(|key| script.value(key).is_some())?;
    // what a shell says is not known, and what is said for all interfaces counts to network-scripts
    let init = match script.get("IPV6INIT") {
        Some(assignment) => assignment.value.literal()?,
        None => "",
    };
    let off = match script.reader {
        Reader::NetworkManager => !script.reader.is_yes("IPV6INIT", init),
        Reader::NetworkScripts => script.reader.is_no("IPV6INIT", init),
        Reader::Unknown => return None,
    };
    let port = ["BRIDGE", "MASTER", "TEAM_MASTER"]
        .iter()
        .any(|key| script.value(key).is_some());
    if !off || port {
        return None;
    }
    let device = script.device();
    let said = match init {
        "" => "it does not say IPV6INIT=yes".to_owned(),
        word => format!("it says IPV6INIT={word}"),
    };
    let message = format!("{key} of `{device}` has no effect: {said}");
    let found = RULE.finding(format!("interface {device}"), message);
    Some(
        found
            .at(script.place_of(key))
            .help("write IPV6INIT=yes, or delete the address"),
    )
}
