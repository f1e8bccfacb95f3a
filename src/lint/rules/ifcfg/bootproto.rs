//! A BOOTPROTO that NetworkManager refuses.

use crate::lint::{Check, Finding, NM, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bootproto",
    severity: Severity::Error,
    readers: NM,
    finds: "A `BOOTPROTO` that NetworkManager does not know.",
    why: "NetworkManager refuses the whole file: the interface has no profile. network-scripts treat any word except dhcp and\nbootp as static.",
    example: "
BOOTPROTO=manual",
    remedy: "Write BOOTPROTO=none for static addresses, or dhcp.",
    source: "make_ip4_setting() in NetworkManager's nms-ifcfg-rh-reader.c: `Unknown BOOTPROTO` (run)",
    check: Check::Files(check),
    fix: None,
};

const KNOWN: &[&str] = &[
    "", "none", "static", "dhcp", "bootp", "autoip", "shared", "ibft",
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = sight
        .profiles()
        .filter(|script| sight.readers.managed_by_nm(!script.is_no("NM_CONTROLLED")));
    let wrong = read.filter_map(|script| {
        let word = script.value("BOOTPROTO")?;
        let known = KNOWN.contains(&word.to_ascii_lowercase().as_str());
        let device = script.device();
        let message = format!(
            "NetworkManager refuses the file of `{device}`: it does not know BOOTPROTO={word}"
        );
        let finding = RULE.finding(format!("interface {device}"), message);
        (!known).then(|| {
            finding
                .at(script.place_of("BOOTPROTO"))
                .help("write BOOTPROTO=none, or dhcp")
        })
    });
    wrong.collect()
}
