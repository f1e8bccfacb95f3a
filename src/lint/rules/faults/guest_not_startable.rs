//! A guest that libvirt loads, and neither starts nor defines again.

use crate::host::Subject;
use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-not-startable",
    severity: Severity::Error,
    readers: &[],
    finds: "A guest that libvirt loads from its file, and cannot start because of an interface.",
    why: "The guest is listed, and `virsh start` fails. What libvirt validates at start it also refuses in a definition:\nthe next `virsh edit` fails, whatever is changed.",
    example: "
<interface type='bridge'>
  <source bridge='br0'/>
  <target dev='tap0' managed='no'/>       of type='ethernet' only",
    remedy: "Correct the interface at the place that is shown.",
    source: "virDomainNetDefValidate() and virDomainActualNetDefValidate() in libvirt's conf/domain_validate.c, called at\nstart and by define, never at load; virDomainDefBootOrderPostParse() in conf/domain_postparse.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let both = |name: &str, why: &str| {
        format!(
            "libvirt loads the guest `{name}`, and neither starts it nor defines it again: {why}"
        )
    };
    let start = |name: &str, why: &str| format!("libvirt cannot start the guest `{name}`: {why}");
    let mut found = super::by_verdict(&RULE, sight, Subject::Guest, Verdict::Undefinable, both);
    let late = super::by_verdict(&RULE, sight, Subject::Guest, Verdict::FailsToStart, start);
    found.extend(late);
    found
}
