//! A file in libvirt's folder of networks from which libvirt makes no network.

use crate::host::Subject;
use crate::host::network::Verdict;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "network-refused",
    severity: Severity::Error,
    readers: &[],
    finds: "A network's file that libvirt refuses to load, or a network that it cannot start.",
    why: "The network is missing after the next start of the daemon, or never starts. libvirt reports it only in its log,\nif at all, and continues with the others.",
    example: "
<forward mode='nat'/>
<bridge name='virbr2'/>                no <ip>",
    remedy: "Correct the file at the place that is shown. kvmnet network set and virsh net-edit refuse such files at once.",
    source: "virNetworkDefParseXML() in libvirt's conf/network_conf.c, networkStartNetworkVirtual() in\nnetwork/bridge_driver.c (each case seen with libvirt 9.0)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let unreadable = super::not_loaded(&RULE, meaning, Subject::Network, "network");
    unreadable.chain(faulty(meaning)).collect()
}

/// Files that can be read, with a part that libvirt does not take.
fn faulty<'t>(meaning: &'t Meaning<'_>) -> impl Iterator<Item = Finding> + 't {
    let networks = meaning
        .host
        .networks()
        .filter(|network| network.is_loaded());
    networks.flat_map(|network| {
        let faults = network.faults.0.iter();
        faults.filter_map(move |fault| {
            let what = match fault.verdict {
                Verdict::Refused => "does not load",
                Verdict::FailsToStart => "cannot start",
                Verdict::Ignored => return None,
            };
            let origin = network.origin.as_ref()?;
            let name = &network.name;
            let message = format!("libvirt {what} the network `{name}`: {}", fault.why);
            let finding = RULE.finding(format!("{name}: {}", fault.why), message);
            Some(
                finding
                    .at(Place::line(origin, fault.line))
                    .help("correct or delete this line"),
            )
        })
    })
}
