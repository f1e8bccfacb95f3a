//! A VLAN on a Linux bridge, on a host whose libvirt cannot give it.

use super::vlans;
use crate::lint::{Check, Finding, Meaning, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "vlan-linux-bridge",
    severity: Severity::Error,
    readers: &[],
    finds: "A network or guest with `<vlan>` on a Linux bridge, on a host whose libvirt is older than 11.0.",
    why: "The guest does not start: `vlan tag not supported for this connection type`. Before libvirt 11.0 only Open vSwitch and
functions of an SR-IOV card tag the frames of one guest.",
    example: "
<interface type='bridge'>
  <source bridge='br0'/>
  <vlan><tag id='42'/></vlan>            and libvirt is 10.0",
    remedy: "Make a bridge over a VLAN of the card, and connect the guest to that; or use Open vSwitch.",
    source: "virDomainActualNetDefValidate() in libvirt's conf/domain_validate.c, called when a guest starts; formatdomain page of\nlibvirt 11.0",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    match meaning.readers.libvirt_version.as_ref() {
        Some(version) if !vlans::on_linux_bridges(version) => vlans::find(&RULE, meaning),
        Some(_) | None => Vec::new(),
    }
}
