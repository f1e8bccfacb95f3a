//! A part of a network's file that libvirt takes no notice of.

use crate::host::Subject;
use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-ignored-settings",
    severity: Severity::Warning,
    readers: &[],
    finds: "A part of a network's file that libvirt passes over: a misspelt or misplaced element, a value without effect.",
    why: "It has no effect, whatever it seems to say: libvirt loads the file without a word. It is gone as soon as\nlibvirt writes the file anew.",
    example: "
<forward mode='nat'/>
<nat><port start='1024' end='65535'/></nat>       not in <forward>",
    remedy: "Correct the name, or put the part where it belongs, as the message says.",
    source: "virNetworkDefParseXML() in libvirt's conf/network_conf.c, which looks for the elements that it knows; the names\nare those of libvirt's schemas, network.rng and networkcommon.rng (seen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let says =
        |name: &str, why: &str| format!("libvirt ignores this in the network `{name}`: {why}");
    super::by_verdict(&RULE, sight, Subject::Network, Verdict::Ignored, says)
}
