//! A file in libvirt's folder of guests from which libvirt makes no guest.

use crate::host::Subject;
use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-refused",
    severity: Severity::Error,
    readers: &[],
    finds: "A guest's file that libvirt refuses to load, as far as its name and its interfaces tell.",
    why: "The guest is missing after the next start of the daemon. libvirt reports it only in its log, if at all, and\ncontinues with the others.",
    example: "
/etc/libvirt/qemu/vm1.xml
  <interface type='network'>
  </interfaces>",
    remedy: "Correct the file at the place that is shown, or move it out of the folder.",
    source: "virDomainObjListLoadAllConfigs() in libvirt's conf/virdomainobjlist.c, virDomainNetDefParseXML() in\nconf/domain_conf.c and what it calls (each case seen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = super::not_loaded(&RULE, sight, Subject::Guest, "guest");
    let says = |name: &str, why: &str| format!("libvirt does not load the guest `{name}`: {why}");
    found.extend(super::by_verdict(
        &RULE,
        sight,
        Subject::Guest,
        Verdict::Refused,
        says,
    ));
    found
}
