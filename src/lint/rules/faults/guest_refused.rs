//! A file in libvirt's folder of guests from which libvirt makes no guest.

use crate::host::Subject;
use crate::lint::{Check, Finding, Meaning, Rule, Severity};

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
    let unreadable = super::not_loaded(&RULE, meaning, Subject::Guest, "guest");
    unreadable.collect()
}
