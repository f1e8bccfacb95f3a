//! A file in libvirt's folder of networks from which libvirt makes no network.

use crate::host::Subject;
use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-refused",
    severity: Severity::Error,
    readers: &[],
    finds: "A network's file that libvirt refuses to load.",
    why: "The network is missing after the next start of the daemon. libvirt reports it only in its log, if at all, and\ncontinues with the others.",
    example: "
<forward mode='nat'/>
<bridge name='virbr2'/>                no <ip>",
    remedy: "Correct the file at the place that is shown. virsh net-edit refuses such files at once.",
    source: "virNetworkDefParseXML() in libvirt's conf/network_conf.c and what it calls, function by function (each case\nseen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = super::not_loaded(&RULE, sight, Subject::Network, "network");
    let says = |name: &str, why: &str| format!("libvirt does not load the network `{name}`: {why}");
    found.extend(super::by_verdict(
        &RULE,
        sight,
        Subject::Network,
        Verdict::Refused,
        says,
    ));
    found
}
