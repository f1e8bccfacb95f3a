//! A network that asks for a zone of firewalld, on a host without it.

use super::texts;
use crate::host::network::Forward;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::Firewalld;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-zone",
    severity: Severity::Note,
    readers: &[],
    finds: "A network whose bridge is to be in a zone of firewalld (`zone=`), on a host where firewalld is not started.",
    why: "The network does not start: `zone public requested for network lab but firewalld is not active`.",
    example: "
<bridge name='virbr1' zone='public'/>     and firewalld is not installed",
    remedy: "Delete zone= from the network's file, or install firewalld and start it with the host.",
    source: "networkAddFirewallRules() in libvirt's network/bridge_driver_linux.c (seen with libvirt 9.0; of mode open it is not\ncalled, and an empty zone is none)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let why = match sight.readers.bridge_filter.firewalld {
        Firewalld::Missing => "is not installed",
        Firewalld::NotStarted => "is not started with the host",
        Firewalld::Unknown => return found,
    };
    texts::each(sight, "zone", |network, path, doc| {
        let filters = network.forward.owns_bridge() && network.forward != Forward::Open;
        let zone = doc
            .child(0, "bridge")
            .and_then(|(_, bridge)| bridge.attribute("zone"))
            .filter(|zone| filters && !zone.value.is_empty());
        let Some(zone) = zone else {
            return;
        };
        let name = &network.name;
        let message = format!(
            "the network `{name}` does not start: it asks for the zone `{}`, and firewalld {why}",
            zone.value
        );
        let finding = RULE.finding(format!("network {name}"), message);
        let place = Place::span(path, zone.whole.clone());
        found.push(
            finding
                .at(place)
                .help("delete zone= here, or have firewalld started with the host"),
        );
    });
    found
}
