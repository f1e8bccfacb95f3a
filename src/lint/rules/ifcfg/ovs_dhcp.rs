//! DHCP on an Open vSwitch bridge by the wrong key.

use crate::host::layer3::Method;
use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "ovs-dhcp",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "An Open vSwitch bridge with `BOOTPROTO=dhcp`.",
    why: "The bridge gets no address: ifup asks the DHCP server before a port is in the bridge. OVSBOOTPROTO asks once the\nports that OVSDHCPINTERFACES names are there.",
    example: "
DEVICETYPE=ovs
TYPE=OVSBridge
BOOTPROTO=dhcp",
    remedy: "Write OVSBOOTPROTO=dhcp and OVSDHCPINTERFACES=IFACE, and delete BOOTPROTO.",
    source: "ifup-ovs and README.RHEL of Open vSwitch (run with a userspace datapath)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let bridges = sight
        .profiles()
        .filter(|script| script.value("TYPE") == Some("OVSBridge"));
    let read = bridges.filter(|script| script.is_of_scripts());
    let wrong = read.filter(|script| {
        let word = script.value("BOOTPROTO").unwrap_or("");
        let asks = script.reader.method(word, false) == Method::Dhcp;
        asks && script.value("OVSBOOTPROTO").is_none()
    });
    wrong
        .map(|script| {
            let device = script.device();
            let message =
                format!("the bridge `{device}` asks for its address before it has a port");
            RULE.finding(format!("bridge {device}"), message)
                .at(script.place_of("BOOTPROTO"))
                .help("write OVSBOOTPROTO=dhcp and OVSDHCPINTERFACES=IFACE in its place")
        })
        .collect()
}
