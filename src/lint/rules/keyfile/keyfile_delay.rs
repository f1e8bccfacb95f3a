//! A forward delay that NetworkManager refuses, in a keyfile.

use super::document::{Keyfile, refused};
use crate::lint::{Check, Finding, Rule, Severity, Sight};
use crate::readers::refused::Fault;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-delay",
    severity: Severity::Error,
    readers: &[],
    finds: "A bridge in a keyfile with a forward delay that NetworkManager refuses.",
    why: "NetworkManager refuses the file: there is no bridge. STP is on unless the file says `stp=false`, and with STP the\ndelay must be 2 to 30 seconds.",
    example: "
[bridge]
forward-delay=0",
    remedy: "Add stp=false, or give a delay from 2 to 30.",
    source: "verify() in NetworkManager's nm-setting-bridge.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let wrong = refused(&sight.keyfiles);
    let wrong = wrong.filter(|(_, refusal)| refusal.fault == Fault::ForwardDelay);
    let finding = |(keyfile, refusal): (&Keyfile<'_>, _)| {
        let finding = keyfile.refused_by(&RULE, refusal);
        finding.help("add stp=false, or give a delay from 2 to 30")
    };
    wrong.map(finding).collect()
}
