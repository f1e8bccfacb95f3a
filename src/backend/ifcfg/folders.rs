//! The folders in which files of this format lie, and what of them is read.

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
    match kinds.any(|kind| kind.is_named(name)) || name == "ifup-eth" {
        true => Pick::Read,
        false => Pick::Note,
    }
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
