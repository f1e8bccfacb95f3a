//! A value that its reader passes over.

use super::bad_value;
use super::values::{self, Effect};
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "value-ignored",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A value that is not what its key must be, and that its reader passes over.",
    why: "The setting is not in effect, and another one is in its place. The two readers know different words for yes and no, and\nneither reports one that it does not know where an administrator looks.",
    example: "
BONDING_OPTS=\"mode=lacp\"      the bond has the mode balance-rr
MTU=9k",
    remedy: "Write a value of the form that is named.",
    source: "svParseBoolean() and svGetValueInt64() in NetworkManager's shvar.c, `PARSE_WARNING` in nms-ifcfg-rh-reader.c; is_true() and\nis_false() in init.d/functions, ifup-eth and ifup-ipv6 of initscripts (each row of src/lint/rules/ifcfg/values.rs has its own)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let wrong = values::wrong(sight).into_iter();
    let light = wrong.filter_map(|wrong| match wrong.effect {
        Effect::Passed(effect) => Some(bad_value::finding(&RULE, &wrong, effect)),
        Effect::Fatal(_) | Effect::NotRead => None,
    });
    light.collect()
}
