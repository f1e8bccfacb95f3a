//! A file that kvmnet does not understand, though the programs that it is for may.

use super::at;
use crate::host::value::InterfaceName;
use crate::host::{Broken, Cause, Cure};
use crate::lint::{Check, Finding, Meaning, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "not-understood",
    severity: Severity::Note,
    readers: &[],
    finds: "A file that goes beyond what kvmnet reads, and to which no other rule is applied.",
    why: "What it says is not checked. It may be in order: a DOCTYPE in an XML file, an encoding other than UTF-8, a value\nthat only a shell knows, a file that only root may read.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33
  DEVICE=$(cat /run/first-nic)",
    remedy: "Express the same without it where that is possible; run kvmnet as root.",
    source: "kvmnet's own limits (README)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let broken = meaning.host.broken.iter();
    let beyond = broken.filter(|broken| broken.cause == Cause::Limit && !is_no_name(broken));
    beyond
        .map(|broken| {
            let message = format!(
                "kvmnet cannot tell what `{}` says: {}",
                broken.path.name(),
                broken.why
            );
            at(RULE.finding(broken.path.as_str(), message), broken).help(match broken.cure {
                Cure::Convert => broken.help(),
                Cure::Correct | Cure::MendLink | Cure::ReplaceByFile | Cure::WriteValue => {
                    "look at this file yourself".to_owned()
                }
            })
        })
        .collect()
}

/// Returns whether all that is wrong is a DEVICE that is no name: the rule interface-name says so.
fn is_no_name(broken: &Broken) -> bool {
    let device = broken.excerpt.trim().strip_prefix("DEVICE=");
    let name = device.map(|name| name.trim_matches(['"', '\'']));
    let error = name.and_then(|name| InterfaceName::parse(name).err());
    error.is_some_and(|error| error.to_string() == broken.why)
}
