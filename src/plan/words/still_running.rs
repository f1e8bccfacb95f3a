//! What libvirt keeps running with its old definition although its file is another.

use crate::host::Host;
use crate::plan::libvirt::LibvirtChanges;
use crate::plan::live::Texts;

/// Says what keeps its old definition although its file is another.
///
/// What libvirt takes as it runs interrupts nobody, and is none of it.
pub(in crate::plan) fn warnings(texts: Texts<'_>, before: &Host, after: &Host) -> Vec<String> {
    let difference = LibvirtChanges::of(before, after);
    let mut warnings = Vec::new();
    for (old, new) in difference.edited.iter().filter(|(old, _)| old.active) {
        let name = &new.name;
        if texts.network(new).is_some() {
            warnings.push(format!(
                "the network `{name}` is active, and remains unchanged until the next steps are run; no guest loses its link"
            ));
            continue;
        }
        let guests = running_on(after, name);
        let lose = match guests.is_empty() {
            true => String::new(),
            false => format!(
                "; meanwhile its guests ({}) lose their link",
                guests.join(", ")
            ),
        };
        let was = old.forward.word();
        warnings.push(format!(
            "the network `{name}` is active, and remains unchanged (mode {was}) until it is destroyed and started{lose}"
        ));
    }
    for network in difference.removed.iter().filter(|network| network.active) {
        let name = &network.name;
        warnings.push(format!(
            "the network `{name}` is active, and keeps running without its file until it is destroyed"
        ));
    }
    for (old, guest) in difference.guests.iter().filter(|(_, guest)| guest.running) {
        let live = old.and_then(|old| texts.guest((old, guest), (before, after)));
        if live.is_some() {
            warnings.push(format!(
                "the guest `{}` is running, and keeps its current interfaces until the next steps are run; it need not be shut down",
                guest.name
            ));
            continue;
        }
        warnings.push(format!(
            "the guest `{}` is running, and keeps its current interfaces until it is shut down and started; a reboot from inside the guest is not enough",
            guest.name
        ));
    }
    warnings
}

fn running_on(host: &Host, network: &str) -> Vec<String> {
    let guests = host.guests_of(network).map(|(guest, _)| guest);
    let mut names: Vec<String> = guests
        .filter(|guest| guest.running)
        .map(|guest| format!("`{}`", guest.name))
        .collect();
    names.dedup();
    names
}
