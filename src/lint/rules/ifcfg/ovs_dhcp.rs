//! DHCP on an Open vSwitch bridge by the wrong key.

use super::script::Script;
use crate::host::layer3::Method;
use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "ovs-dhcp",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "DHCP on an Open vSwitch bridge or internal port that never asks: by BOOTPROTO alone, with a BOOTPROTO beside OVSBOOTPROTO, or behind no port.",
    why: "It gets no address. With BOOTPROTO alone ifup asks the DHCP server before a port is in the bridge; OVSBOOTPROTO asks once a\nport is there that OVSDHCPINTERFACES names. ifup-ovs hands OVSBOOTPROTO to ifup-eth as BOOTPROTO in the environment, and\nifup-eth reads the file again: a BOOTPROTO in it holds.",
    example: "
DEVICETYPE=ovs
TYPE=OVSBridge
BOOTPROTO=none
OVSBOOTPROTO=dhcp",
    remedy: "Write OVSBOOTPROTO=dhcp and OVSDHCPINTERFACES=IFACE, and delete BOOTPROTO.",
    source: "ifup-ovs and README.RHEL of Open vSwitch (run with a userspace datapath)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight.profiles().filter(|script| script.is_of_scripts());
    read.filter_map(|script| finding(sight, script)).collect()
}

fn finding(sight: &Sight<'_>, script: &Script<'_>) -> Option<Finding> {
    let kind = script.value("TYPE").unwrap_or("");
    let is_bridge = kind == "OVSBridge";
    if !is_bridge && kind != "OVSIntPort" {
        return None;
    }
    let device = script.device();
    let found = |key: &str, message: String, help: String| {
        let what = if is_bridge { "bridge" } else { "interface" };
        let found = RULE.finding(format!("{what} {device}"), message);
        Some(found.at(script.place_of(key)).help(help))
    };
    let own = script.value("BOOTPROTO").unwrap_or("");
    let asks = script.reader.method(own, false) == Method::Dhcp;
    let Some(word) = script.value("OVSBOOTPROTO") else {
        let message = format!("the bridge `{device}` asks for its address before it has a port");
        let help = "write OVSBOOTPROTO=dhcp and OVSDHCPINTERFACES=IFACE in its place";
        return (asks && is_bridge).then(|| found("BOOTPROTO", message, help.to_owned()))?;
    };
    let wants = script.reader.method(word, false) == Method::Dhcp;
    if wants && !asks && script.get("BOOTPROTO").is_some() {
        let message = format!(
            "`{device}` asks no DHCP server: its own BOOTPROTO={own} holds, whatever OVSBOOTPROTO says"
        );
        let help = "delete the line with BOOTPROTO".to_owned();
        let finding = found("BOOTPROTO", message, help)?;
        return Some(
            finding.at(script
                .place_of("OVSBOOTPROTO")
                .label("is handed on in the environment")),
        );
    }
    if !wants || !is_bridge {
        return None;
    }
    unlisted(sight, script, device).map(|(key, message, help)| found(key, message, help))?
}

/// Returns what is wrong where no port is listed that has the bridge ask for its address.
fn unlisted(
    sight: &Sight<'_>,
    script: &Script<'_>,
    device: &str,
) -> Option<(&'static str, String, String)> {
    let key = "OVSDHCPINTERFACES";
    // what a shell says is not known
    let listed = match script.get(key) {
        Some(assignment) => assignment.value.literal()?,
        None => "",
    };
    let ports = sight.joined.ports(device);
    let first = ports.first()?;
    if listed
        .split_ascii_whitespace()
        .any(|name| ports.contains(&name))
    {
        return None;
    }
    let (at, message) = match listed {
        "" => (
            "OVSBOOTPROTO",
            format!("`{device}` asks no DHCP server: no {key} says behind which port"),
        ),
        listed => (
            key,
            format!(
                "`{device}` asks no DHCP server: {key} names `{listed}`, and none of its ports"
            ),
        ),
    };
    Some((at, message, format!("write {key}={first}")))
}
