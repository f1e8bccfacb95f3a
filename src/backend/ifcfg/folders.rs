//! The folders in which files of this format lie, and what of them is read.

use crate::host::value::InterfaceName;
use crate::layout::{About, FILES, kinds_in};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::{Pick, Picker};

/// The folders, and what of them is read.
pub(super) const FOLDERS: &[(&str, Picker)] = &[
    (NETWORK_SCRIPTS, pick_network_script),
    ("/etc/dhcp", pick_dhclient),
    ("/etc", pick_dhclient),
];

fn pick_network_script(name: &str) -> Pick {
    let mut kinds = kinds_in(NETWORK_SCRIPTS).filter(|kind| kind.about != About::Secrets);
    match kinds.any(|kind| kind.is_named(name)) || name == "ifup-eth" || may_be_misnamed(name) {
        true => Pick::Read,
        false => Pick::Note,
    }
}

/// Returns whether a file that no program reads may be meant for a profile, by its name: it is that of an interface, or nearly
/// begins as it should.
pub(crate) fn may_be_misnamed(name: &str) -> bool {
    let of_scripts = [
        "ifup",
        "ifdown",
        "network-functions",
        "init.ipv6",
        "keys",
        "README",
    ];
    let is_script = of_scripts.iter().any(|begin| name.starts_with(begin));
    let known = kinds_in(NETWORK_SCRIPTS).any(|kind| kind.is_named(name));
    let lower = name.to_ascii_lowercase();
    let begins = [
        "ifcfg", "icfg", "ifcg", "ifconfig", "if-cfg", "ifcf", "cfg", "ifcgf",
    ];
    let nearly = begins.iter().any(|begin| lower.starts_with(begin));
    !is_script && !known && (nearly || InterfaceName::parse(name).is_ok())
}

/// Picks what the folder of network-scripts holds, and the secrets, which no command but a migration needs.
pub(in crate::backend) fn pick_with_secrets(name: &str) -> Pick {
    match kinds_in(NETWORK_SCRIPTS).any(|kind| kind.is_named(name)) {
        true => Pick::Read,
        false => pick_network_script(name),
    }
}

fn pick_dhclient(name: &str) -> Pick {
    let mut kinds = FILES.iter().filter(|kind| kind.about == About::Dhcp);
    match kinds.any(|kind| kind.is_named(name)) {
        true => Pick::Read,
        false => Pick::Skip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Backend;

    #[test]
    fn every_kind_of_file_of_the_format_is_looked_for() {
        for kind in FILES {
            let known = FOLDERS.iter().any(|(folder, _)| *folder == kind.folder);
            assert_eq!(
                kind.format == Some(Backend::Ifcfg),
                known && kind.format.is_some(),
                "{}",
                kind.name
            );
        }
    }
}
