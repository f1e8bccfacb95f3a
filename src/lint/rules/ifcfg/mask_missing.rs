//! An address without a mask.

use std::net::Ipv4Addr;

use super::script::{Role, Script};
use super::values::class_of;
use crate::doc::shell::Assignment;
use crate::host::layer3::Method;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "mask-missing",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "An `IPADDR` without `PREFIX` or `NETMASK`, where that of the address class is not /24.",
    why: "The prefix length is that of the class of the address, which was given up in 1993: /8 for 10.0.0.2, /16 for 172.16.0.2. The\nhost takes addresses behind its router for neighbours, and does not reach them.",
    example: "
IPADDR=10.1.2.3               and neither PREFIX nor NETMASK: 10.0.0.0/8",
    remedy: "Write PREFIX.",
    source: "expand_config() in network-functions of initscripts (`ipcalc --netmask`, run); read_full_ip4_address() in NetworkManager's\nnms-ifcfg-rh-reader.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // an alias inherits that of its interface
    let own = sight
        .profiles()
        .filter(|script| script.role == Role::Profile);
    own.flat_map(of_script).collect()
}

fn of_script(script: &Script<'_>) -> Vec<Finding> {
    let method = script.value("BOOTPROTO").unwrap_or("");
    if script.reader.method(method, true) != Method::Manual {
        return Vec::new();
    }
    let assignments = script.doc.assignments();
    assignments
        .filter_map(|found| finding(script, found))
        .collect()
}

fn finding(script: &Script<'_>, assignment: &Assignment) -> Option<Finding> {
    let number = assignment.name.strip_prefix("IPADDR")?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let address: Ipv4Addr = assignment.value.literal()?.parse().ok()?;
    let keys = [format!("PREFIX{number}"), format!("NETMASK{number}")];
    let empty = |key: &String| {
        script
            .get(key)
            .is_none_or(|a| a.value.literal() == Some(""))
    };
    // what stands behind a hole is not read
    let index: u32 = number.parse().unwrap_or(0);
    let hole = index > 2 && script.get(&format!("IPADDR{}", index - 1)).is_none();
    let class = class_of(address);
    if hole || class == 24 || !keys.iter().all(empty) {
        return None;
    }
    let device = script.device();
    let message = format!("`{device}` has {address} without a mask, and so {address}/{class}");
    let found = RULE.finding(format!("interface {device} {address}"), message);
    Some(
        found
            .at(script.place(assignment))
            .help(format!("write PREFIX{number}=LENGTH")),
    )
}
