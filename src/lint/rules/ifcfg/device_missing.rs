//! An ifcfg file that names no interface.

use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "device-missing",
    severity: Severity::Error,
    readers: BOTH,
    finds: "An ifcfg file with neither DEVICE nor HWADDR.",
    why: "The interface does not come up: `ifup` of RHEL 7 fails, that of RHEL 8 creates a bridge `bridge0`, and NetworkManager ignores
the file, but for one with TYPE=Ethernet, which it takes for a profile of any card. Only the service `network` takes the name from the file name, and passes
it to ifup.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0:
    TYPE=Bridge
    IPADDR=192.0.2.10
    PREFIX=24                   and no DEVICE=br0",
    remedy: "Write DEVICE= with the name of the interface into it.",
    source: "ifup and init.d/network of initscripts 9.49 and 10.00 (run); connection_from_file_full() in NetworkManager's\nnms-ifcfg-rh-reader.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let nameless = sight.profiles().filter(|script| {
        let keys = ["DEVICE", "HWADDR"];
        let mut found = keys.iter().filter_map(|key| script.doc.get(key));
        // what a shell says is not known
        found.all(|assignment| script.doc.literal(&assignment.name) == Some(""))
    });
    // with a TYPE of cards NetworkManager takes it for a profile of any card
    let any_card = |script: &&Script<'_>| {
        let kind = script.value("TYPE").unwrap_or("").to_ascii_lowercase();
        let port = script
            .value("DEVICETYPE")
            .is_some_and(|word| word.eq_ignore_ascii_case("TeamPort"));
        let card = ["ethernet", "wireless", "infiniband"].contains(&kind.as_str())
            || (kind.is_empty() && port);
        // of a VLAN its number and what it is on top of are enough
        let said = ["VLAN_ID", "PHYSDEV"]
            .iter()
            .all(|key| script.value(key).is_some());
        let vlan = kind == "vlan" && said;
        script.reader == Reader::NetworkManager && (card || vlan)
    };
    nameless
        .filter(|script| !any_card(script))
        .map(|script| {
            let name = script.path.name();
            let message = format!("`{name}` does not say which interface it is for");
            RULE.finding(script.path.as_str(), message)
                .at(Place::file(script.path))
                .help(format!("write into it: DEVICE={}", script.suffix))
        })
        .collect()
}
