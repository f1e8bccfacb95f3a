//! A policy rule in a keyfile that names the port of a bridge.

use super::document::{Keyfile, taken};
use super::known::SPELLINGS;
use crate::doc::keyfile::Pair;
use crate::lint::rules::meaning::device;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use std::collections::HashMap;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-rule-port",
    severity: Severity::Warning,
    readers: &[],
    finds: "A policy rule of a keyfile with `iif` or `oif` of an interface that is the port of a bridge.",
    why: "The rule matches nothing: what comes in through a port comes in through its bridge, as the kernel's routing sees it. It\nis left over where an interface was made a port by hand.",
    example: "
[ipv4]
routing-rule1=priority 100 iif ens33 table 100        ens33 is a port of br0",
    remedy: "Name the bridge in the rule.",
    source: "ip-rule(8); br_handle_frame_finish() and br_pass_frame_up() in net/bridge/br_input.c of Linux (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let bridges = device::bridges(sight);
    let is_port = |keyfile: &&Keyfile<'_>| {
        let mut spellings = SPELLINGS[0].iter();
        spellings.any(|key| keyfile.get("connection", key).is_some())
    };
    // what a port says of rules is dropped as a whole
    let others = taken(&sight.keyfiles).filter(|keyfile| !is_port(keyfile));
    let found = others.flat_map(|keyfile| {
        let rules = keyfile.doc.in_force().filter(|pair| is_rule(pair));
        rules
            .filter_map(|rule| finding(keyfile, rule, &bridges))
            .collect::<Vec<_>>()
    });
    found.collect()
}

fn is_rule(pair: &Pair) -> bool {
    let number = pair.key.strip_prefix("routing-rule");
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    ["ipv4", "ipv6"].contains(&pair.group.as_str()) && number.is_some_and(is_number)
}

fn finding(keyfile: &Keyfile<'_>, rule: &Pair, bridges: &HashMap<&str, &str>) -> Option<Finding> {
    let words: Vec<&str> = keyfile.doc.raw(rule).split_ascii_whitespace().collect();
    let mut named = words.windows(2).filter_map(|words| match words {
        ["iif" | "oif" | "dev", name] => Some((*name, *bridges.get(name)?)),
        _ => None,
    });
    let (name, bridge) = named.next()?;
    let key = &rule.key;
    let message = format!("`{key}` names `{name}`, a port of `{bridge}`: the rule matches nothing");
    let finding = RULE
        .finding(format!("{} {key}", keyfile.path), message)
        .at(Place::word(keyfile.path, rule.line, name));
    Some(finding.help(format!("name the bridge instead: `{bridge}`")))
}
