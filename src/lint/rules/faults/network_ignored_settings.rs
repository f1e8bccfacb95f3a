//! A part of a network's file that libvirt takes no notice of.

use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-ignored-settings",
    severity: Severity::Warning,
    readers: &[],
    finds: "A part of a network's file that libvirt ignores, and would refuse in a definition.",
    why: "It has no effect, whatever it seems to say. The next `virsh net-edit` of the network is refused because of it.",
    example: "
<forward mode='bridge'/>
<bridge name='br0'/>
<ip address='192.168.67.1' netmask='255.255.255.0'/>",
    remedy: "Delete the part, or give the network a mode that supports it: kvmnet network set NAME --mode nat",
    source: "networkValidate() in libvirt's network/bridge_driver.c: called by define and create, never at load (seen with\nlibvirt 9.0)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let networks = meaning
        .host
        .networks()
        .filter(|network| network.is_loaded());
    let ignored = networks.flat_map(|network| {
        let faults = network.faults.0.iter();
        faults.filter_map(move |fault| {
            let origin = network.origin.as_ref()?;
            let name = &network.name;
            let message = format!(
                "libvirt ignores this in the network `{name}`: {}",
                fault.why
            );
            let finding = RULE.finding(format!("{name}: {}", fault.why), message);
            let place = Place::line(origin, fault.line);
            (fault.verdict == Verdict::Ignored).then(|| finding.at(place).help("delete it"))
        })
    });
    ignored.collect()
}
