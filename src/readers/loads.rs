//! Which files the programs take for configuration by their names alone, copies of originals among them.

use super::{KEYFILES, NETWORK_SCRIPTS, Readers, network_manager, scripts};
use crate::layout::Backend;
use crate::tree::HostPath;

/// What to do about two profiles with one UUID.
pub const UUID_TWICE: &str = "move the one that is not meant out of its folder, or if both are, give one another UUID: uuidgen";

impl Readers {
    /// Returns why `name` in the folder of ifcfg files would be taken for configuration, `None` if it is ignored.
    #[must_use]
    pub fn loads(&self, name: &str) -> Option<&'static str> {
        if name.contains(':') || name.contains("-range") {
            return None; // aliases and ranges belong to their base
        }
        // where it is not started the others alone read, if there are any
        let nm = self.network_manager.as_ref();
        let reads = nm.is_some_and(|nm| !nm.starts.never() || self.scripts.is_none());
        if reads && !network_manager::ignores(name) {
            return Some("NetworkManager");
        }
        let ignores_old = self
            .scripts
            .as_ref()
            .is_none_or(|scripts| scripts.ignores_old);
        let known = self.scripts.is_some() || self.network_manager.is_none();
        (known && !scripts::ignores(name, ignores_old)).then_some("network-scripts")
    }

    /// Returns whether NetworkManager takes `name` in the folder of ifcfg files for configuration once it is started, and nobody
    /// does so today.
    #[must_use]
    pub fn loads_later(&self, name: &str) -> bool {
        let belongs = name.contains(':') || name.contains("-range");
        let nm = self.network_manager.as_ref();
        let reads = nm.is_some_and(super::NetworkManager::reads_ifcfg);
        let taken = reads && !belongs && !network_manager::ignores(name);
        taken && self.loads(name).is_none()
    }

    /// Says which of two profiles with one UUID NetworkManager uses: each by the name and the format of its file.
    ///
    /// Source: `cmp_fcn()` in nms-ifcfg-rh-storage.c and nms-keyfile-storage.c; between the formats the order of the plugins.
    #[must_use]
    pub fn used_of(&self, first: (&str, Backend), second: (&str, Backend)) -> String {
        let nm = self.network_manager.as_ref();
        let preferred = match nm.is_some_and(super::NetworkManager::prefers_ifcfg) {
            true => Backend::Ifcfg,
            false => Backend::NmKeyfile,
        };
        match first.1 == second.1 {
            true => "NetworkManager uses the newer one alone".to_owned(),
            false if first.1 == preferred => format!("NetworkManager uses `{}` alone", first.0),
            false => format!("NetworkManager uses `{}` alone", second.0),
        }
    }

    /// Returns the program that would load `FILE.old` beside a file in `folder`.
    #[must_use]
    pub fn loads_backup_in(&self, folder: &HostPath) -> Option<&'static str> {
        match folder.as_str() {
            NETWORK_SCRIPTS => match (&self.network_manager, &self.scripts) {
                (Some(_), _) => Some("NetworkManager"),
                (None, Some(scripts)) if !scripts.ignores_old => {
                    Some("this version of network-scripts")
                }
                _ => None,
            },
            // nobody else has files there, be it that the tree holds no program
            KEYFILES => Some("NetworkManager"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NetworkManager, Scripts, Starts};
    use super::*;

    #[test]
    fn backups_that_a_reader_takes_for_configuration() {
        let scripts = |ignores_old| Readers {
            scripts: Some(Scripts {
                ignores_old,
                needs_brctl: true,
                ..Scripts::default()
            }),
            ..Readers::default()
        };
        let nm = Readers {
            network_manager: Some(NetworkManager::default()),
            ..Readers::default()
        };
        let folder = HostPath::literal(NETWORK_SCRIPTS);
        assert_eq!(scripts(true).loads("ifcfg-ens33.old"), None);
        assert_eq!(
            scripts(false).loads("ifcfg-ens33.old"),
            Some("network-scripts")
        );
        assert_eq!(nm.loads("ifcfg-ens33.old"), Some("NetworkManager"));
        assert_eq!(nm.loads("ifcfg-ens33.BAK"), None);
        assert_eq!(
            scripts(true).loads("ifcfg-ens33.20240101"),
            Some("network-scripts")
        );
        let mut not_started = NetworkManager::default();
        not_started.starts = Starts::No;
        let mut both = scripts(true);
        both.network_manager = Some(not_started);
        assert_eq!(both.loads("ifcfg-ens33.old"), None);
        assert_eq!(both.loads("ifcfg-ens33"), Some("network-scripts"));
        both.network_manager = Some(NetworkManager::default());
        assert_eq!(both.loads("ifcfg-ens33.old"), Some("NetworkManager"));
        assert_eq!(Readers::default().loads_backup_in(&folder), None);
        assert_eq!(nm.loads_backup_in(&folder), Some("NetworkManager"));
    }
}
