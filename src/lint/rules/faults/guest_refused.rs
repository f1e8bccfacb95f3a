//! A file in libvirt's folder of guests from which libvirt makes no guest.

use crate::host::{Cause, Subject};
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-refused",
    severity: Severity::Error,
    readers: &[],
    finds: "A guest's file that libvirt refuses to load.",
    why: "The guest is missing after the next start of the daemon. libvirt reports it only in its log, if at all, and\ncontinues with the others.",
    example: "
/etc/libvirt/qemu/vm1.xml
  <interface type='network'>
  </interfaces>",
    remedy: "Correct the file at the place that is shown, or move it out of the folder.",
    source: "virDomainObjListLoadAllConfigs() in libvirt's conf/virdomainobjlist.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let broken = meaning
        .host
        .broken
        .iter()
        .filter(|broken| broken.subject == Subject::Guest && broken.cause == Cause::Fault);
    let unreadable = broken.map(|broken| {
        let message = format!("libvirt does not load this guest: {}", broken.why);
        RULE.finding(broken.path.as_str(), message)
            .at(Place::line(&broken.path, broken.line))
            .help(format!(
                "correct it, or put it where libvirt does not look: mv {0} {0}.broken",
                broken.path
            ))
    });
    unreadable.collect()
}
