//! A part of a guest's interface that libvirt takes no notice of.

use crate::host::Subject;
use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-ignored-settings",
    severity: Severity::Warning,
    readers: &[],
    finds: "A part of a guest's interface that libvirt passes over: a misspelt or misplaced element or attribute.",
    why: "It has no effect, whatever it seems to say: libvirt loads the file without a word. It is gone as soon as\nlibvirt writes the file anew.",
    example: "
<interface type='network'>
  <source network='default'/>
  <modle type='virtio'/>",
    remedy: "Correct the name, or put the part where it belongs, as the message says.",
    source: "virDomainNetDefParseXML() in libvirt's conf/domain_conf.c, which looks for the elements that it knows; the\nnames are those of libvirt's schema, domaincommon.rng (seen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let says = |name: &str, why: &str| format!("libvirt ignores this in the guest `{name}`: {why}");
    super::by_verdict(&RULE, sight, Subject::Guest, Verdict::Ignored, says)
}
