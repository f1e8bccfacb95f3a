//! A network that libvirt loads from its file, and refuses when the same is defined again.

use crate::host::Subject;
use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-not-definable",
    severity: Severity::Error,
    readers: &[],
    finds: "A network that libvirt loads from its file, and that `virsh net-define` and `virsh net-edit` refuse.",
    why: "The next `virsh net-edit` of the network fails, whatever is changed, and a copy of the file cannot be\ndefined on another host. Until then the part has no effect, whatever it seems to say.",
    example: "
<forward mode='bridge'/>
<bridge name='br0'/>
<ip address='192.168.67.1' netmask='255.255.255.0'/>",
    remedy: "Delete the part, or give the network a mode that supports it: kvmnet network set NAME --mode nat",
    source: "networkValidate() in libvirt's network/bridge_driver.c: called by define and create, never at load (each case\nseen with libvirt 9.0)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let says = |name: &str, why: &str| {
        format!("libvirt loads the network `{name}`, and `virsh net-edit` refuses it: {why}")
    };
    super::by_verdict(&RULE, sight, Subject::Network, Verdict::Undefinable, says)
}
