//! The file of an interface that its readers cannot use.

use super::at;
use crate::backend::references::is_zone;
use crate::host::{Broken, Cause, Subject};
use crate::lint::{Check, Finding, Meaning, Rule, Severity};
use crate::readers::KEYFILES;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "ifcfg-syntax",
    severity: Severity::Error,
    readers: &[],
    finds: "An ifcfg file that its readers cannot use: an unclosed quote, a folder, a NUL byte.",
    why: "The interface does not come up, or not as it should. bash reports a syntax error and takes none of what
follows; NetworkManager treats the broken line as empty.",
    example: "
DEVICE=\"ens33
BOOTPROTO=dhcp",
    remedy: "Correct the place that is shown.",
    source: "bash(1), QUOTING; svOpenFile() in NetworkManager's shvar.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let broken = meaning
        .host
        .broken
        .iter()
        .filter(|broken| broken.subject == Subject::Interface && broken.cause == Cause::Fault);
    // what NetworkManager and firewalld refuse other rules say
    let is_shell =
        |broken: &&Broken| broken.path.folder().as_str() != KEYFILES && !is_zone(&broken.path);
    broken
        .filter(is_shell)
        .map(|broken| {
            let message = format!("`{}` cannot be used: {}", broken.path.name(), broken.why);
            at(RULE.finding(broken.path.as_str(), message), broken).help("correct this place")
        })
        .collect()
}
