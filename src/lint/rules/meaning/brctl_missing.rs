//! A bridge on a host without brctl.

use crate::host::profile::Profile;
use crate::lint::{Check, Finding, Meaning, Place, Rule, SCRIPTS, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "brctl-missing",
    severity: Severity::Warning,
    readers: SCRIPTS,
    finds: "A port of a bridge on a host whose network-scripts need brctl, which is not installed.",
    why: "ifup silently ignores BRIDGE=, and configures the port like any card: a port without an address leaves the host\nwithout one.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33          BRIDGE=br0
/usr/sbin/brctl                                     missing",
    remedy: "Install it: yum install bridge-utils",
    source: "ifup-eth of initscripts 9.49, `[ -x /usr/sbin/brctl ]` (run)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let readers = &meaning.readers;
    let needed = readers
        .scripts
        .as_ref()
        .is_some_and(|scripts| scripts.needs_brctl);
    if !needed || readers.brctl {
        return Vec::new();
    }
    let profiles = meaning.host.profiles();
    let ports = profiles
        .filter(|profile| !profile.wording.copy && !profile.is_for_network_manager(readers));
    ports.filter_map(finding).collect()
}

fn finding(port: &Profile) -> Option<Finding> {
    let (bridge, at) = port.wording.bridge_by_name()?;
    let name = &port.interface;
    let message = format!("`{name}` does not become a port of `{bridge}`: brctl is not installed");
    Some(
        RULE.finding(format!("interface {name}"), message)
            .at(Place::of(at))
            .help("yum install bridge-utils"),
    )
}
