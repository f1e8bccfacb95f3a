//! An address on the port of an Open vSwitch bridge.

use crate::host::layer3::Method;
use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "ovs-port-addresses",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "A port of an Open vSwitch bridge with its own address or DHCP.",
    why: "The address is on the port and on the bridge: ifup-ovs configures the port like any card first. Replies leave through\nthe one that the switch does not forward.",
    example: "
DEVICETYPE=ovs
TYPE=OVSPort
OVS_BRIDGE=br0
IPADDR=192.168.50.20",
    remedy: "Delete the lines; the address belongs to the bridge.",
    source: "ifup-ovs of Open vSwitch, `${OTHERSCRIPT} ${CONFIG}` before ovs-vsctl (run)",
    check: Check::Files(check),
    fix: None,
};

const KEYS: &[&str] = &["IPADDR", "IPADDR0", "IPADDR1", "IPV6ADDR", "BOOTPROTO"];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let ports = sight
        .profiles()
        .filter(|script| script.value("TYPE") == Some("OVSPort"));
    let read = ports.filter(|script| script.is_of_scripts());
    let wrong = read.filter_map(|script| {
        let is_address = |key: &&&str| {
            let value = script.value(key).unwrap_or("");
            match **key {
                "BOOTPROTO" => script.reader.method(value, false) == Method::Dhcp,
                _ => !value.is_empty(),
            }
        };
        let key = KEYS.iter().find(is_address)?;
        let device = script.device();
        let message =
            format!("`{device}` is a port of an Open vSwitch bridge, and gets its own address");
        Some(
            RULE.finding(format!("interface {device}"), message)
                .at(script.place_of(key))
                .help("delete the line; the address belongs to the bridge"),
        )
    });
    wrong.collect()
}
