//! A zone of the firewall on the port of a bridge.

use crate::host::profile::Profile;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "port-zone",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "The port of a bridge with a firewall `ZONE` of its own.",
    why: "It has no effect: firewalld knows only of the bridge, and puts that in its default zone. The host may be more\nopen, or more restricted, than the file says.",
    example: "
DEVICE=ens33
BRIDGE=br0
ZONE=internal",
    remedy: "Move the line to the file of the bridge.",
    source: "ifup-post of initscripts (run: only the bridge is ever sent to firewalld)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let profiles = meaning.host.profiles();
    let own = profiles.filter(|profile| !profile.wording.copy);
    own.filter_map(finding).collect()
}

fn finding(port: &Profile) -> Option<Finding> {
    let dropped = port.wording.dropped.as_deref();
    let bridge = match dropped {
        Some(_) => port.controller.as_ref()?.as_str(),
        None => port.wording.bridge_by_name()?.0,
    };
    let zone = dropped.unwrap_or(&port.layer3).zone.as_ref()?;
    let name = &port.interface;
    let message =
        format!("the zone `{zone}` of the port `{name}` has no effect: that of `{bridge}` applies");
    Some(
        RULE.finding(format!("interface {name}"), message)
            .at(Place::of(port.wording.zone.as_ref()?))
            .help(format!("move the line to the file of `{bridge}`")),
    )
}
