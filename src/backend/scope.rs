//! Which files are read, by what a command wants to know.

use super::{Interest, MACHINE_ID, dnsmasq, libvirt, references};
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
        (HostPath::literal("/etc/dhcp"), pick_dhclient),
        (HostPath::literal("/etc"), pick_dhclient),
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
    let fixed = [
        MACHINE_ID,
        references::NETWORK,
        references::STATIC_ROUTES,
        references::STATIC_ROUTES_V6,
    ];
    files.extend(
        fixed
            .iter()
            .chain(references::MENTIONING)
            .map(|path| HostPath::literal(path)),
    );
    Scope {
        folders,
        files,
        present: readers::present(),
    }
}

fn pick_network_script(name: &str) -> Pick {
    let read = ["ifcfg-", "route-", "route6-", "rule-", "rule6-"]
        .iter()
        .any(|prefix| name.starts_with(prefix));
    match read || name.ends_with(".route") || name == "ifup-eth" {
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
    let ours = name.starts_with("dhclient-") || name.starts_with("dhclient6-");
    if ours && (name.ends_with(".conf") || name.ends_with("-hooks")) {
        Pick::Read
    } else {
        Pick::Skip
    }
}
