//! A network without `<uuid>`: libvirt makes one up, and writes the whole file anew.

use crate::doc::xml::{Fragment, Place as Spot};
use crate::host::network::Network;
use crate::lint::{Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-uuid-missing",
    severity: Severity::Warning,
    readers: &[],
    finds: "A network whose file has no UUID.",
    why: "libvirt rewrites the file when it loads it. It generates a random UUID and writes the file in its own
form: comments, elements that it does not know and the admin's layout are gone, and two hosts made from
one image get different UUIDs.",
    example: "
<network>
  <name>lab</name>
  <bridge name='virbr2'/>",
    remedy: "Give it a UUID: kvmnet check --fix network-uuid-missing",
    source: "virNetworkLoadConfig() in libvirt's conf/virnetworkobj.c (seen with libvirt 9.0: loaded, and the file
rewritten)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let networks = sight.host.networks();
    networks
        .filter(|network| network.uuid.is_none() && network.is_loaded())
        // what is not loaded is not rewritten
        .filter(|network| network.faults.refused().is_none())
        .filter_map(finding)
        .collect()
}

fn finding(network: &Network) -> Option<Finding> {
    let (origin, name) = (network.origin.as_ref()?, &network.name);
    let finding = RULE.finding(name, format!("the network `{name}` has no UUID"));
    Some(
        finding
            .at(Place::line(origin, network.lines.name).label("no `<uuid>` follows"))
            .help("kvmnet check --fix network-uuid-missing"),
    )
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    mender.edit(&finding.places.first()?.path, |doc, _, editing| {
        let (name, _) = doc.child(0, "name")?;
        let uuid = mender
            .inventor
            .borrow_mut()
            .uuid_of_network(&finding.subject);
        let element = Fragment::new("uuid").text(&uuid.to_string());
        editing.insert(Spot::After(name), &element);
        Some(())
    })
}
