//! Which programs of the tree read its network configuration, and how they differ: a program a file.
//!
//! What cannot be told from files is said to be unknown, and each use says what that means there. To add a program: its file
//! here, and its lines in [`folders`], [`files`], [`present`] and [`Readers::of`].

mod claim;
mod glob;
mod ifupdown;
mod libvirt;
mod manager;
mod netplan;
mod network_manager;
mod networkd;
mod nm_conf;
mod ovs;
mod release;
mod scripts;
mod unit;
mod version;
mod wicked;
mod yaml;

pub use claim::{Claim, Kind, Other, Unparsed};
pub use libvirt::Libvirt;
pub use manager::{Manager, NotRead};
pub use network_manager::{NetworkManager, NoIfcfg};
pub use release::Release;
pub use scripts::Scripts;
pub use version::Version;

use std::collections::BTreeMap;

use claim::{Applies, Index, Spot};

use crate::tree::{HostPath, Picker, Tree};

/// Where ifcfg files live.
pub const NETWORK_SCRIPTS: &str = "/etc/sysconfig/network-scripts";

/// Where NetworkManager's keyfiles live that people edit.
pub const KEYFILES: &str = "/etc/NetworkManager/system-connections";

const SYSTEMD: &[&str] = &["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];
const BRCTL: &[&str] = &["/usr/sbin/brctl", "/sbin/brctl", "/usr/bin/brctl"];

/// A program that configures interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// The network service of Red Hat.
    NetworkScripts,
    /// NetworkManager.
    NetworkManager,
    /// netplan, whatever renders its files.
    Netplan,
    /// ifupdown or ifupdown2.
    Ifupdown,
    /// systemd-networkd.
    Networkd,
    /// wicked.
    Wicked,
    /// Open vSwitch, which keeps its own bridges.
    OpenVswitch,
}

impl Program {
    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NetworkScripts => "network-scripts",
            Self::NetworkManager => "NetworkManager",
            Self::Netplan => "netplan",
            Self::Ifupdown => "ifupdown",
            Self::Networkd => "systemd-networkd",
            Self::Wicked => "wicked",
            Self::OpenVswitch => "Open vSwitch",
        }
    }
}

/// A place that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The file or folder.
    pub path: HostPath,
    /// Its line, 0 for the whole.
    pub line: u32,
}

impl At {
    /// Returns the file as a whole.
    #[must_use]
    pub fn file(path: HostPath) -> Self {
        Self { path, line: 0 }
    }
}

/// Whether a program is started with the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Starts {
    /// It is enabled.
    Yes,
    /// It is installed, and not enabled.
    No,
    /// This masks its unit: it is not started, enabled or not.
    Masked(HostPath),
    /// Its configuration says so here: it starts, and does nothing.
    Idle(At),
    /// The tree does not tell.
    #[default]
    Unknown,
}

impl Starts {
    /// Returns whether it is known not to run.
    #[must_use]
    pub fn never(&self) -> bool {
        match self {
            Self::No | Self::Masked(_) | Self::Idle(_) => true,
            Self::Yes | Self::Unknown => false,
        }
    }
}

/// An interface that a program is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Device<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its hardware address, if a file tells.
    pub mac: Option<&'a str>,
    /// What it is, in NetworkManager's word, if that is known: `ethernet`, `bridge`.
    pub kind: Option<&'a str>,
}

/// The programs found in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readers {
    /// initscripts.
    pub scripts: Option<Scripts>,
    /// NetworkManager.
    pub network_manager: Option<NetworkManager>,
    /// Those whose files kvmnet does not edit.
    pub others: Vec<Other>,
    /// Which of what they configure is found by a name, of an interface or of a port.
    index: Index,
    /// Whether the tree is more than a copy of /etc: systemd is there.
    pub whole: bool,
    /// Whether brctl is there.
    pub brctl: bool,
    /// Whether openvswitch's ifup scripts are there.
    pub ovs_scripts: bool,
    /// Names of the helper scripts `ifup-NAME`.
    pub helpers: Vec<String>,
    /// The daemons of libvirt.
    pub libvirt: Libvirt,
    /// The release, if a file tells.
    pub release: Option<Release>,
    /// The version of libvirt, if the tree tells. Unknown means: any that is in use.
    pub libvirt_version: Option<Version>,
}

/// Returns the folders that are listed to know the programs.
pub(crate) fn folders() -> Vec<(HostPath, Picker)> {
    [
        scripts::folders(),
        network_manager::folders(),
        netplan::folders(),
        ifupdown::folders(),
        networkd::folders(),
        wicked::folders(),
        unit::folders(),
    ]
    .concat()
}

/// Returns the files that are read to know the programs.
pub(crate) fn files() -> Vec<HostPath> {
    [
        scripts::files(),
        network_manager::files(),
        ifupdown::files(),
        unit::files(),
        ovs::files(),
        release::files(),
    ]
    .concat()
}

/// Returns the single paths of which the presence matters.
pub(crate) fn present() -> Vec<HostPath> {
    let own = BRCTL.iter().chain(SYSTEMD);
    let own = own.map(|path| HostPath::literal(path)).collect();
    [
        own,
        scripts::present(),
        network_manager::present(),
        netplan::present(),
        ifupdown::present(),
        wicked::present(),
        libvirt::present(),
        unit::present(),
    ]
    .concat()
}

impl Readers {
    /// Returns the programs that `tree` shows.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let folder = HostPath::literal(NETWORK_SCRIPTS);
        let helpers: Vec<String> = tree
            .names(&folder)
            .filter_map(|(name, _)| name.strip_prefix("ifup-"))
            .map(str::to_owned)
            .collect();
        let found = release::find(tree);
        let release = found.as_ref();
        let others = [
            netplan::find(tree, release),
            ifupdown::find(tree, release),
            networkd::find(tree),
            wicked::find(tree),
            ovs::find(tree),
        ];
        let scripts = scripts::find(tree, &helpers, release);
        let network_manager = network_manager::find(tree, release);
        let libvirt_version = libvirt::version(tree, release);
        let mut others: Vec<Other> = others
            .into_iter()
            .filter(|other| other.at.is_some())
            .collect();
        Self {
            index: Index::of(&mut others),
            scripts,
            network_manager,
            others,
            whole: is_whole(tree),
            brctl: BRCTL
                .iter()
                .any(|path| tree.exists(&HostPath::literal(path))),
            ovs_scripts: helpers.iter().any(|helper| helper == "ovs"),
            helpers,
            libvirt: libvirt::daemons(tree),
            libvirt_version,
            release: found,
        }
    }

    /// Returns why `name` in the folder of ifcfg files would be taken for configuration, `None` if it is ignored.
    #[must_use]
    pub fn loads(&self, name: &str) -> Option<&'static str> {
        if name.contains(':') || name.contains("-range") {
            return None; // aliases and ranges belong to their base
        }
        if self.network_manager.is_some() && !nm_ignores(name) {
            return Some("NetworkManager");
        }
        let ignores_old = self
            .scripts
            .as_ref()
            .is_none_or(|scripts| scripts.ignores_old);
        let known = self.scripts.is_some() || self.network_manager.is_none();
        (known && !scripts_ignore(name, ignores_old)).then_some("network-scripts")
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
            KEYFILES if self.network_manager.is_some() => Some("NetworkManager"),
            _ => None,
        }
    }

    /// Returns the unit of DELAY= in seconds per 1, hundredths where ifup-eth hands it to the kernel as it is.
    #[must_use]
    pub fn delay_in_hundredths(&self, nm_controlled: bool) -> bool {
        self.scripts
            .as_ref()
            .is_some_and(|scripts| !scripts.needs_brctl)
            && !self.managed_by_nm(nm_controlled)
    }
}

fn text(tree: &Tree, paths: &[&'static str]) -> Option<String> {
    let file = paths
        .iter()
        .find_map(|path| tree.file(&HostPath::literal(path)))?;
    Some(String::from_utf8_lossy(&file.bytes).into_owned())
}

/// Returns the files of several folders, sorted by name; of those with one name that of the first folder.
fn strongest(tree: &Tree, folders: impl Iterator<Item = HostPath>) -> BTreeMap<&str, &HostPath> {
    let mut found = BTreeMap::new();
    for folder in folders {
        for (name, path) in tree.names(&folder) {
            found.entry(name).or_insert(path);
        }
    }
    found
}

/// Returns whether NetworkManager takes the file of this name in its folder in /etc for a profile, if it holds one.
///
/// Source: `nm_keyfile_utils_ignore_filename()` in nm-keyfile.c: no suffix is asked for.
#[must_use]
pub fn loads_keyfile(name: &str) -> bool {
    let temporary = name.rsplit_once('.').is_some_and(|(_, end)| {
        end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let endings = ["~", ".pem", ".der"];
    !name.starts_with('.') && !temporary && !endings.iter().any(|end| name.ends_with(end))
}

/// Whether the tree holds more than /etc: where programs are, they would have been found.
fn is_whole(tree: &Tree) -> bool {
    SYSTEMD
        .iter()
        .any(|path| tree.exists(&HostPath::literal(path)))
}

/// NetworkManager's list: `utils_should_ignore_file()` in nms-ifcfg-rh-utils.c, tags in nms-ifcfg-rh-common.h.
fn nm_ignores(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let rpm_temporary = name.rsplit_once(';').is_some_and(|(_, hex)| hex.len() == 8);
    let tags = [
        "~", ".bak", ".orig", ".rej", ".rpmnew", ".augnew", ".augtmp",
    ];
    rpm_temporary || tags.iter().any(|tag| name.ends_with(tag))
}

/// initscripts' list: `__sed_discard_ignored_files` in init.d/functions.
fn scripts_ignore(name: &str, ignores_old: bool) -> bool {
    let tags = ["~", ".bak", ".orig", ".rpmnew", ".rpmorig", ".rpmsave"];
    tags.iter().any(|tag| name.ends_with(tag)) || (ignores_old && name.ends_with(".old"))
}

#[cfg(test)]
mod tests {
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
        assert_eq!(Readers::default().loads_backup_in(&folder), None);
        assert_eq!(nm.loads_backup_in(&folder), Some("NetworkManager"));
    }

    /// Whatever is asked for was read: a file, a presence, or a name in a folder that is listed.
    #[test]
    fn every_path_that_is_asked_for_is_read() {
        let sources = [
            include_str!("mod.rs"),
            include_str!("claim.rs"),
            include_str!("ifupdown.rs"),
            include_str!("libvirt.rs"),
            include_str!("manager.rs"),
            include_str!("netplan.rs"),
            include_str!("network_manager.rs"),
            include_str!("networkd.rs"),
            include_str!("nm_conf.rs"),
            include_str!("ovs.rs"),
            include_str!("release.rs"),
            include_str!("scripts.rs"),
            include_str!("unit.rs"),
            include_str!("wicked.rs"),
        ];
        let single: Vec<HostPath> = present().into_iter().chain(files()).collect();
        let mut listed: Vec<HostPath> = folders().into_iter().map(|(folder, _)| folder).collect();
        // these two the whole program reads
        listed.push(HostPath::literal(NETWORK_SCRIPTS));
        listed.push(HostPath::literal(KEYFILES));
        let known = |path: &str| {
            single.iter().any(|known| known.as_str() == path)
                || listed.iter().any(|folder| folder.as_str() == path)
                // what is in a folder that is listed with those in it
                || listed.iter().any(|folder| folder.as_str() == "/etc/network" && path.starts_with("/etc/network/"))
                // the folders of units, each of which has listed ones
                || listed.iter().any(|folder| folder.folder().as_str() == path)
        };
        let mut asked = 0;
        for source in sources {
            let source = source.split("#[cfg(test)]").next().unwrap();
            for literal in source.split('"').skip(1).step_by(2) {
                let is_path = literal.starts_with('/') && !literal.contains(['{', ' ', '\n']);
                if is_path && literal != "/dev/null" {
                    asked += 1;
                    assert!(known(literal), "{literal} is asked for, and never read");
                }
            }
        }
        assert!(asked > 60, "{asked}");
        // and each unit is asked for by its name
        assert!(
            single
                .iter()
                .any(|path| path.name() == "NetworkManager.service")
        );
    }
}
