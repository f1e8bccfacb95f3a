//! Which files are read, by what a command wants to know.

use std::collections::HashSet;

use super::lenses::LENSES;
use super::{Interest, MACHINE_ID, dnsmasq, kernel, libvirt, references};
use crate::layout::{About, FILES};
use crate::readers;
use crate::template;
use crate::tree::{HostPath, Pick, Picker, Scope};

/// Returns what must be read for `interest`.
#[must_use]
pub fn scope(interest: Interest<'_>) -> Scope {
    of(interest, matches!(interest, Interest::Bridge { .. }))
}

/// The same, and how guests run, whom a change of any interface may interrupt.
#[must_use]
pub fn scope_with_running(interest: Interest<'_>) -> Scope {
    of(interest, true)
}

/// Returns what must be read for everything, and for what runs: also what has no file beneath /etc.
#[must_use]
pub fn scope_to_show() -> Scope {
    let mut scope = of(Interest::All, true);
    for (folder, pick) in &mut scope.folders {
        if folder.as_str() == libvirt::ACTIVE {
            *pick = libvirt::pick_xml;
        }
    }
    scope
}

/// Returns what must be read to know which guests there are, and what they are connected to.
#[must_use]
pub fn scope_of_guests() -> Scope {
    alone(libvirt::GUESTS)
}

/// Returns what must be read to know which networks there are.
#[must_use]
pub fn scope_of_networks() -> Scope {
    alone(libvirt::NETWORKS)
}

fn alone(folder: &'static str) -> Scope {
    Scope {
        folders: vec![(HostPath::literal(folder), libvirt::pick_xml)],
        ..Scope::default()
    }
}

/// Returns what must be read to know the profiles, and nothing of libvirt.
#[must_use]
pub fn scope_of_profiles() -> Scope {
    let mut scope = scope(Interest::Networks);
    let networks = libvirt::network_folders();
    let is_network = |folder: &HostPath| networks.iter().any(|(network, _)| network == folder);
    scope.folders.retain(|(folder, _)| !is_network(folder));
    scope
}

fn of(interest: Interest<'_>, running: bool) -> Scope {
    if interest == Interest::Leases {
        return dnsmasq::scope();
    }
    let mut folders: Vec<(HostPath, Picker)> = vec![
        (HostPath::literal(references::ZONES), libvirt::pick_xml),
        (HostPath::literal(template::FOLDER), |name| {
            if name.ends_with(".hbs") {
                Pick::Read
            } else {
                Pick::Skip
            }
        }),
        (HostPath::literal(kernel::INTERFACES), kernel::pick),
    ];
    let of_profiles = LENSES.iter().flat_map(|lens| lens.folders);
    folders.extend(of_profiles.map(|(folder, pick)| (HostPath::literal(folder), *pick)));
    folders.extend(readers::folders());
    folders.extend(libvirt::network_folders());
    let listed: HashSet<HostPath> = folders.iter().map(|(folder, _)| folder.clone()).collect();
    let mentioning = references::MENTIONING_FOLDERS.iter();
    let mentioning = mentioning.map(|folder| HostPath::literal(folder));
    let mentioning = mentioning.filter(|folder| !listed.contains(folder));
    folders.extend(mentioning.map(|folder| (folder, pick_conf as Picker)));
    if interest != Interest::Networks {
        folders.extend(libvirt::guest_folders(running));
    }
    let mut files = readers::files();
    let of_host = FILES.iter().filter(|kind| kind.about == About::Host);
    files.extend(of_host.filter_map(|kind| HostPath::parse(&kind.path("")).ok()));
    let fixed = [MACHINE_ID].iter().chain(references::MENTIONING);
    files.extend(fixed.map(|path| HostPath::literal(path)));
    files.sort();
    files.dedup();
    Scope {
        folders,
        files,
        present: readers::present(),
    }
}

fn pick_conf(name: &str) -> Pick {
    if name.ends_with(".conf") {
        Pick::Read
    } else {
        Pick::Skip
    }
}
