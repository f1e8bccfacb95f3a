//! A value without which the interface does not come up as it is meant to.

use super::values::{self, Effect};
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bad-value",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A value that is not what its key must be, and without which the interface is not configured, or has no address or default route.",
    why: "The interface is not as its file says. NetworkManager refuses the whole file for a hardware address that is none;\nnetwork-scripts hand the value to ip(8), which fails, or compare it and leave the card alone.",
    example: "
HWADDR=52-54-00-12-34-56      network-scripts
METRIC=low",
    remedy: "Write a value of the form that is named.",
    source: "make_wired_setting() and others in NetworkManager's nms-ifcfg-rh-reader.c, verify() of nm-setting-wired.c; ifup-eth,\nifup-aliases and network-functions of initscripts (each row of src/lint/rules/ifcfg/values.rs has its own)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let wrong = values::wrong(sight).into_iter();
    let grave = wrong.filter_map(|wrong| match wrong.effect {
        Effect::Fatal(effect) => Some(finding(&RULE, &wrong, effect)),
        Effect::Passed(_) | Effect::NotRead => None,
    });
    grave.collect()
}

/// Returns the finding of `rule` about a value, with what becomes of it.
pub(super) fn finding(rule: &'static Rule, wrong: &values::Wrong<'_>, effect: &str) -> Finding {
    let (script, assignment) = (wrong.script, wrong.assignment);
    let message = format!("{}; {effect}", wrong.fault.message);
    rule.finding(format!("{} {}", script.path, assignment.name), message)
        .at(script.place(assignment))
        .help(wrong.fault.help.clone())
}
