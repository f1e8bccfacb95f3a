//! A guest on a libvirt network that there is not.

use std::collections::HashSet;

use super::autostart::Kind;
use crate::host::Subject;
use crate::host::guest::{Guest, GuestInterface};
use crate::host::network::LibvirtName;
use crate::host::network::Network;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::{HostPath, word_of};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "guest-network-missing",
    severity: Severity::Error,
    readers: &[],
    finds: "A guest with an interface on a libvirt network that no file defines.",
    why: "The guest does not start: `Network not found`. Its file is loaded nevertheless, so nobody notices
until it is started.",
    example: "
<interface type='network'>
  <source network='labb'/>",
    remedy: "Connect it to an existing network (kvmnet guest connect), or create the one that it names (kvmnet
network add).",
    source: "networkAllocatePort() in libvirt's network/bridge_driver.c (seen with libvirt 9.0: loads, start fails)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let interfaces = sight.host.guests().flat_map(|guest| {
        let interfaces = guest.interfaces.iter();
        interfaces.map(move |interface| (guest, interface))
    });
    let broken = sight.host.broken.iter();
    // what a file that cannot be understood would say is unknown; that it cannot is another rule's
    let unknown: HashSet<&str> = broken
        .filter(|broken| broken.subject == Subject::Network)
        .map(|broken| broken.about.as_str())
        .collect();
    interfaces
        .filter_map(|(guest, interface)| finding(sight, &unknown, guest, interface))
        .collect()
}

fn finding(
    sight: &Sight<'_>,
    unknown: &HashSet<&str>,
    guest: &Guest,
    interface: &GuestInterface,
) -> Option<Finding> {
    let name = interface.source.network()?;
    let network = sight.joined.network(name);
    if network.is_some_and(Network::is_loaded) || unknown.contains(name) {
        return None;
    }
    let message = format!(
        "the guest `{}` uses the network `{name}`, which does not exist",
        guest.name
    );
    let connect = format!(
        "kvmnet guest connect {} --network NAME",
        word_of(&guest.name)
    );
    let file = HostPath::parse(&format!("{}/{name}.xml", Kind::Network.folder()));
    let help = match network {
        Some(_) => format!(
            "{connect}, or see what is wrong with that file: kvmnet check --only network-file-name"
        ),
        // the network in it has another name
        None if file.is_ok_and(|file| sight.tree.exists(&file)) => {
            format!("kvmnet check --only network-file-name, or {connect}")
        }
        None if LibvirtName::parse(name).is_err() => connect,
        None => format!(
            "{connect}, or kvmnet network add {} --mode nat",
            word_of(name)
        ),
    };
    let place = Place::word(&guest.origin, interface.spot.line, name);
    let finding = RULE
        .finding(format!("{} network {name}", guest.origin), message)
        .at(place)
        .help(help);
    let misnamed = network.and_then(|network| Some((network.origin.as_ref()?, network)));
    Some(match misnamed {
        Some((origin, network)) => finding.at(Place::word(origin, network.lines.name, name)
            .label("libvirt does not load this file because of its name")),
        None => finding,
    })
}
