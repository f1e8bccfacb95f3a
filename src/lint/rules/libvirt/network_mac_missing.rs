//! A network with a bridge of its own and without `<mac>`: libvirt makes one up, and writes the whole file anew.

use crate::doc::xml::{Fragment, place};
use crate::host::network::Network;
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-mac-missing",
    severity: Severity::Warning,
    readers: &[],
    finds: "A network whose bridge libvirt creates, and whose file has no MAC address for it.",
    why: "libvirt rewrites the file when it loads it. It generates a random address and writes the file in its own
form: comments, elements that it does not know and the admin's layout are gone.",
    example: "
<network>
  <name>lab</name>
  <uuid>6b1f0f5e-8c55-4c58-9d35-3f5ad7a7e9f1</uuid>
  <bridge name='virbr2'/>
  <ip address='192.168.67.1' netmask='255.255.255.0'/>",
    remedy: "Give the bridge a MAC address: kvmnet check --fix network-mac-missing",
    source: "virNetworkLoadConfig() and virNetworkSetBridgeMacAddr() in libvirt's conf/ (seen with libvirt 9.0: loaded,
and the file rewritten)",
    check: Check::Files(check),
    fix: Some(fix),
};

/// What libvirt writes before `<mac>`: `virNetworkDefFormatBuf()` in conf/network_conf.c.
const ORDER: &[&str] = &[
    "name",
    "uuid",
    "title",
    "description",
    "metadata",
    "forward",
    "bridge",
    "mtu",
    "mac",
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let networks = sight.host.networks();
    networks
        .filter(|network| network.forward.owns_bridge() && network.is_loaded())
        .filter(|network| network.mac.is_none())
        // what is not loaded is not rewritten
        .filter(|network| network.faults.refused().is_none())
        .filter_map(finding)
        .collect()
}

fn finding(network: &Network) -> Option<Finding> {
    let (origin, name) = (network.origin.as_ref()?, &network.name);
    let line = network.lines.bridge.or(network.lines.name);
    let finding = RULE.finding(
        name,
        format!("the bridge of the network `{name}` has no MAC address"),
    );
    Some(
        finding
            .at(Place::line(origin, line).label("no `<mac>` follows"))
            .help("kvmnet check --fix network-mac-missing"),
    )
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let what = format!("network/{}", finding.subject);
    let mac = mender.inventor.borrow_mut().mac(&what);
    mender.edit(&finding.places.first()?.path, |doc, _, editing| {
        match doc.child(0, "mac") {
            // there, without an address
            Some((index, _)) => editing.set(index, "address", &mac.to_string()),
            None => {
                let element = Fragment::new("mac").with("address", mac);
                editing.insert(place(doc, 0, ORDER, "mac"), &element);
            }
        }
        Some(())
    })
}
