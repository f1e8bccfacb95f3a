//! Open vSwitch's files on a host without its scripts.

use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "ovs-scripts-missing",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "A file for Open vSwitch on a host without Open vSwitch's scripts.",
    why: "Nothing reads it: ifup looks for ifup-ovs, and continues without it.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0            DEVICETYPE=ovs
/etc/sysconfig/network-scripts/ifup-ovs             missing",
    remedy: "Install openvswitch (on RHEL 8 with network-scripts-openvswitch).",
    source: "ifup of initscripts; README.RHEL of Open vSwitch",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    if sight.readers.ovs_scripts || sight.readers.scripts.is_none() {
        return Vec::new();
    }
    let ovs = sight
        .profiles()
        .filter(|script| script.value("DEVICETYPE") == Some("ovs"));
    ovs.map(|script| {
        let device = script.device();
        let message = format!("nothing reads the file of `{device}`: ifup-ovs is not installed");
        RULE.finding(format!("interface {device}"), message)
            .at(script.place_of("DEVICETYPE"))
            .help("install openvswitch (on RHEL 8 with network-scripts-openvswitch)")
    })
    .collect()
}
