//! A network that libvirt loads, and cannot start.

use crate::host::Subject;
use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-not-startable",
    severity: Severity::Error,
    readers: &[],
    finds: "A network that libvirt loads from its file, and cannot start.",
    why: "The network is there, and never becomes active. Guests on it do not start, and a network that is to start with\nthe host is only missed then.",
    example: "
<bridge name='virbr2'/>
<mac address='00:00:00:00:00:00'/>",
    remedy: "Correct the file at the place that is shown.",
    source: "networkStartNetworkVirtual(), networkAddAddrToBridge() and networkDnsmasqConfContents() in libvirt's\nnetwork/bridge_driver.c (each case seen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let says = |name: &str, why: &str| format!("libvirt cannot start the network `{name}`: {why}");
    super::by_verdict(&RULE, sight, Subject::Network, Verdict::FailsToStart, says)
}
