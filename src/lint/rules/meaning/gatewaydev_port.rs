//! GATEWAYDEV that names a port.

use crate::host::ReferenceKind;
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "gatewaydev-port",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A `GATEWAYDEV` that names the port of a bridge.",
    why: "The host has no default route. Every interface except the named one leaves the default route alone, and the named one\nno longer has an address.",
    example: "
/etc/sysconfig/network                              GATEWAYDEV=ens33
/etc/sysconfig/network-scripts/ifcfg-ens33          BRIDGE=br0",
    remedy: "Name the bridge: GATEWAYDEV=br0",
    source: "ifup-eth of initscripts (run), read_defroute() in NetworkManager's nms-ifcfg-rh-reader.c",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let references = meaning.host.references.iter();
    let default = references.filter(|reference| reference.kind == ReferenceKind::DefaultRoute);
    let wrong = default.filter_map(|reference| {
        let port = meaning.joined.profile(reference.interface.as_str())?;
        let (name, bridge) = (&port.interface, port.controller.as_ref()?);
        let message = format!(
            "the default route goes through `{name}`, which is a port of `{bridge}` and has no address"
        );
        let place = Place::word(&reference.at, reference.line, name.as_str());
        let finding = RULE
            .finding(format!("{} names {name}", reference.at), message)
            .at(place);
        Some(finding.help(format!("name the bridge instead: `{bridge}`")))
    });
    wrong.collect()
}
