//! A VLAN on a Linux bridge, on a host that does not tell the version of its libvirt.

use super::vlans;
use crate::lint::{Check, Finding, Meaning, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "vlan-libvirt-version",
    severity: Severity::Warning,
    readers: &[],
    finds: "A network or guest with `<vlan>` on a Linux bridge, where nothing tells the version of libvirt.",
    why: "With libvirt before 11.0 the guest does not start: `vlan tag not supported for this connection type`.",
    example: "
<interface type='bridge'>
  <source bridge='br0'/>
  <vlan><tag id='42'/></vlan>",
    remedy: "See which version it is: virsh version. Before 11.0 make a bridge over a VLAN of the card, and connect the guest to\nthat; or use Open vSwitch.",
    source: "virDomainActualNetDefValidate() in libvirt's conf/domain_validate.c, called when a guest starts; formatdomain page of\nlibvirt 11.0",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    match meaning.readers.libvirt_version {
        Some(_) => Vec::new(),
        None => vlans::find(&RULE, meaning),
    }
}
