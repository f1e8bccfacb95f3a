//! What libvirt keeps running with its old definition although its file is another.

use crate::host::Host;
use crate::plan::libvirt::LibvirtChanges;

/// Says what keeps its old definition although its file is another.
pub(in crate::plan) fn warnings(before: &Host, after: &Host) -> Vec<String> {
    let difference = LibvirtChanges::of(before, after);
    let mut warnings = Vec::new();
    for (old, new) in difference.edited.iter().filter(|(old, _)| old.active) {
        let name = &new.name;
        let guests = running_on(after, name);
        let lose = match guests.is_empty() {
            true => String::new(),
            false => format!(
                "; its guests ({}) lose their link meanwhile",
                guests.join(", ")
            ),
        };
        let was = old.forward.word();
        warnings.push(format!(
            "the network `{name}` is active, and stays as it is (mode {was}) until it is destroyed and started{lose}"
        ));
    }
    for network in difference.removed.iter().filter(|network| network.active) {
        let name = &network.name;
        warnings.push(format!(
            "the network `{name}` is active, and goes on without its file until it is destroyed"
        ));
    }
    for (_, guest) in difference.guests.iter().filter(|(_, guest)| guest.running) {
        warnings.push(format!(
            "the guest `{}` runs, and keeps its interfaces as they are until it is shut down and started; a reboot from within is not enough",
            guest.name
        ));
    }
    warnings
}

fn running_on<'h>(host: &'h Host, network: &'h str) -> Vec<&'h str> {
    let guests = host.guests_of(network).map(|(guest, _)| guest);
    let mut names: Vec<&str> = guests
        .filter(|guest| guest.running)
        .map(|guest| guest.name.as_str())
        .collect();
    names.dedup();
    names
}
