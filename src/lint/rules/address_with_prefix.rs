//! An address with its prefix length where only the address belongs.

use crate::lint::{Finding, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "address-with-prefix",
    severity: Severity::Error,
    finds: "An `IPADDR` that has a prefix length in it.",
    why: "NetworkManager refuses the file, and network-scripts add the mask once more: the interface has no address.",
    example: "
IPADDR=192.168.50.20/24",
    remedy: "Write IPADDR=192.168.50.20 and PREFIX=24.",
    source: "read_ip4_address() in NetworkManager's nms-ifcfg-rh-reader.c (run), ifup-eth of initscripts",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for script in &sight.scripts {
        for assignment in script.doc.assignments() {
            let index = assignment.name.strip_prefix("IPADDR");
            let numbered =
                index.is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()));
            let value = assignment.value.literal().unwrap_or("");
            if let Some((address, prefix)) = value.split_once('/').filter(|_| numbered) {
                let (name, index) = (&assignment.name, index.unwrap_or(""));
                let message =
                    format!("`{name}` has a prefix length in it, which belongs into PREFIX{index}");
                found.push(
                    RULE.finding(format!("{} {name}", script.path), message)
                        .at(script.place(assignment))
                        .help(format!("write {name}={address} and PREFIX{index}={prefix}")),
                );
            }
        }
    }
    found
}
