//! A gateway that NetworkManager does not read.

use crate::host::layer3::Method;
use crate::lint::{Check, Finding, NM, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "gateway-index",
    severity: Severity::Error,
    readers: NM,
    finds: "A `GATEWAY` without the `IPADDR` of the same number, in a file that NetworkManager reads.",
    why: "There is no default route. NetworkManager reads a gateway only together with the address of its number: IPADDR with\nGATEWAY, IPADDR0 with GATEWAY0.",
    example: "
IPADDR0=192.168.50.20
PREFIX0=24
GATEWAY=192.168.50.1",
    remedy: "Give both the same number.",
    source: "make_ip4_setting() in NetworkManager's nms-ifcfg-rh-reader.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight.profiles().filter(|script| {
        sight.readers.managed_by_nm(script.nm_controlled()) && script.value("BRIDGE").is_none()
    });
    let mut found = Vec::new();
    for script in read {
        let word = script.value("BOOTPROTO").unwrap_or("");
        let dhcp = script.reader.method(word, false) == Method::Dhcp;
        let gateways = script.doc.assignments().filter_map(|assignment| {
            let index = assignment.name.strip_prefix("GATEWAY")?;
            index
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some((index, assignment))
        });
        for (index, assignment) in gateways {
            let address = format!("IPADDR{index}");
            let addressed = ["IPADDR", "IPADDR0", "IPADDR1", "IPADDR2"]
                .iter()
                .any(|key| script.value(key).is_some());
            let literal = assignment
                .value
                .literal()
                .is_some_and(|value| !value.is_empty());
            if dhcp || script.get(&address).is_some() || !addressed || !literal {
                continue;
            }
            let (name, device) = (&assignment.name, script.device());
            let message = format!(
                "NetworkManager does not read `{name}` of `{device}`: there is no {address}"
            );
            found.push(
                RULE.finding(format!("interface {device} {name}"), message)
                    .at(script.place(assignment))
                    .help(format!(
                        "give the gateway the number of its address, or write {address}"
                    )),
            );
        }
    }
    found
}
