//! Which files are read, by what a command wants to know.

use std::collections::BTreeSet;

use super::{Interest, MACHINE_ID, dnsmasq, libvirt, references};
use crate::layout::{About, FILES, kinds_in};
use crate::readers::{self, KEYFILES, NETWORK_SCRIPTS};
use crate::template;
use crate::tree::{HostPath, Pick, Picker, Scope};

/// Returns what must be read for `interest`.
#[must_use]
pub fn scope(interest: Interest<'_>) -> Scope {
    if interest == Interest::Leases {
        return dnsmasq::scope();
    }
    let mut folders: Vec<(HostPath, Picker)> = vec![
        (HostPath::literal(NETWORK_SCRIPTS), pick_network_script),
        (HostPath::literal(references::ZONES), libvirt::pick_xml),
        // NetworkManager asks for no suffix here
        (HostPath::literal(KEYFILES), |_| Pick::Read),
        (HostPath::literal(template::FOLDER), |name| {
            if name.ends_with(".hbs") {
                Pick::Read
            } else {
                Pick::Skip
            }
        }),
        (HostPath::literal("/sys/class/net"), |_| Pick::Note),
    ];
    let of_clients = FILES.iter().filter(|kind| kind.about == About::Dhcp);
    let of_clients: BTreeSet<&str> = of_clients.map(|kind| kind.folder).collect();
    let of_clients = of_clients.into_iter().map(HostPath::literal);
    folders.extend(of_clients.map(|folder| (folder, pick_dhclient as Picker)));
    folders.extend(readers::folders());
    folders.extend(libvirt::network_folders());
    folders.extend(
        references::MENTIONING_FOLDERS
            .iter()
            .map(|f| (HostPath::literal(f), pick_conf as Picker)),
    );
    if interest != Interest::Networks {
        folders.extend(libvirt::guest_folders(matches!(
            interest,
            Interest::Bridge { .. }
        )));
    }
    let mut files = readers::files();
    let of_host = FILES.iter().filter(|kind| kind.about == About::Host);
    files.extend(of_host.filter_map(|kind| HostPath::parse(&kind.path("")).ok()));
    let fixed = [MACHINE_ID].iter().chain(references::MENTIONING);
    files.extend(fixed.map(|path| HostPath::literal(path)));
    Scope {
        folders,
        files,
        present: readers::present(),
    }
}

fn pick_network_script(name: &str) -> Pick {
    let mut kinds = kinds_in(NETWORK_SCRIPTS).filter(|kind| kind.about != About::Secrets);
    match kinds.any(|kind| kind.is_named(name)) || name == "ifup-eth" {
        true => Pick::Read,
        false => Pick::Note,
    }
}

fn pick_conf(name: &str) -> Pick {
    if name.ends_with(".conf") {
        Pick::Read
    } else {
        Pick::Skip
    }
}

fn pick_dhclient(name: &str) -> Pick {
    let mut kinds = FILES.iter().filter(|kind| kind.about == About::Dhcp);
    match kinds.any(|kind| kind.is_named(name)) {
        true => Pick::Read,
        false => Pick::Skip,
    }
}
