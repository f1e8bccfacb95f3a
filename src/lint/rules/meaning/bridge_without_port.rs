//! A bridge with an address, and with nothing to reach it by.

use crate::host::profile::Profile;
use crate::host::{Broken, Cause, Subject};
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-without-port",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A bridge with an address that has no port, and that no guest or network uses.",
    why: "The address cannot be reached. The bridge waits for a link that never comes; with DHCP that delays the boot.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0        TYPE=Bridge BOOTPROTO=dhcp
/etc/sysconfig/network-scripts/                 no file with BRIDGE=br0",
    remedy: "Attach a port: kvmnet bridge add-port BRIDGE IFACE. Or: kvmnet bridge remove BRIDGE",
    source: "ifup-eth of initscripts (run: a bridge without a port has no link)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    // a port may be in a file that could not be read
    let unknown =
        |broken: &Broken| broken.subject == Subject::Interface && broken.cause == Cause::Limit;
    if meaning.host.broken.iter().any(unknown) {
        return Vec::new();
    }
    let bridges = meaning.host.bridges().filter(|bridge| bridge.autostart);
    let lonely = bridges.filter(|bridge| is_lonely(meaning, bridge));
    lonely.filter_map(finding).collect()
}

fn is_lonely(meaning: &Meaning<'_>, bridge: &Profile) -> bool {
    let name = bridge.interface.as_str();
    let joined = &meaning.joined;
    let used = !joined.ports(name).is_empty()
        || !joined.networks_on(name).is_empty()
        || !joined.guests_on(name).is_empty();
    !used && !bridge.layer3.gives_no_address()
}

fn finding(bridge: &Profile) -> Option<Finding> {
    let name = &bridge.interface;
    let message = format!("the bridge `{name}` has an address, but no port");
    let place = Place::file(bridge.home.file.as_ref()?);
    let help = format!("kvmnet bridge add-port {name} IFACE");
    Some(
        RULE.finding(format!("bridge {name}"), message)
            .at(place)
            .help(help),
    )
}
