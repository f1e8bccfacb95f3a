//! Which programs of the tree read its network configuration, and how they differ: a program a file.
//!
//! What cannot be told from files is said to be unknown, and each use says what that means there. To add a program: its file
//! here, and its lines in [`folders`], [`files`], [`present`] and [`Readers::of`].

mod glob;
mod ifupdown;
mod libvirt;
mod manager;
mod netplan;
mod network_manager;
mod networkd;
mod ovs;
mod release;
mod scripts;
mod unit;
mod version;
mod wicked;
mod yaml;

pub use libvirt::Libvirt;
pub use manager::{Manager, NotRead};
pub use network_manager::{NetworkManager, NoIfcfg};
pub use release::Release;
pub use scripts::Scripts;
pub use version::Version;

use std::collections::BTreeMap;

use crate::tree::{HostPath, Picker, Tree};

/// Where ifcfg files live.
pub const NETWORK_SCRIPTS: &str = "/etc/sysconfig/network-scripts";

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Starts {
    /// It is enabled.
    Yes,
    /// It is installed, and not enabled, or masked.
    No,
    /// The tree does not tell.
    #[default]
    Unknown,
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

/// Which interfaces something in a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Applies {
    /// The one of this name.
    Name(String),
    /// Those whose name fits one of these, and none with `!` before it.
    Patterns(Vec<String>),
    /// The cards with these hardware addresses.
    Mac(Vec<String>),
    /// Every card.
    Cards,
}

impl Applies {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Patterns(_) | Self::Mac(_) | Self::Cards => None,
        }
    }

    fn fits(&self, device: &Device<'_>) -> bool {
        match self {
            Self::Name(name) => name == device.name,
            Self::Patterns(patterns) => {
                let no = patterns
                    .iter()
                    .filter_map(|pattern| pattern.strip_prefix('!'));
                let mut yes = patterns.iter().filter(|pattern| !pattern.starts_with('!'));
                let only_no = !patterns.is_empty() && yes.clone().next().is_none();
                !no.into_iter()
                    .any(|pattern| glob::fits(pattern, device.name))
                    && (only_no || yes.any(|pattern| glob::fits(pattern, device.name)))
            }
            Self::Mac(all) => device
                .mac
                .is_some_and(|own| all.iter().any(|mac| mac.eq_ignore_ascii_case(own))),
            Self::Cards => device.kind == Some("ethernet"),
        }
    }
}

/// What a program's bridge switches with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The kernel's bridge.
    Linux,
    /// Open vSwitch.
    OpenVswitch,
}

/// Something that a file of another program configures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub(crate) applies: Applies,
    /// The program.
    pub program: Program,
    /// Where.
    pub at: At,
    /// What it is, if it is a bridge.
    pub bridge: Option<Kind>,
    /// The ports of a bridge, as far as files name them.
    pub ports: Vec<String>,
    /// Whether the program configures the interface, or leaves it alone expressly.
    manages: bool,
    /// The bridge that it is a port of.
    controller: Option<String>,
}

impl Claim {
    fn new(applies: Applies, program: Program, at: At) -> Self {
        Self {
            applies,
            program,
            at,
            bridge: None,
            ports: Vec::new(),
            manages: true,
            controller: None,
        }
    }

    /// Returns the interface's name, if one is given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.applies.name()
    }
}

/// A file that could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsed {
    /// The file.
    pub path: HostPath,
    /// What is wrong.
    pub why: String,
}

/// A program whose files kvmnet does not edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Which.
    pub program: Program,
    /// Whether it is started with the host.
    pub starts: Starts,
    /// What shows that it is there; nothing, if it is not.
    pub at: Option<At>,
    /// Its files, which are read for names alone.
    pub files: Vec<HostPath>,
    /// Those that cannot be read as what they are.
    pub unparsed: Vec<Unparsed>,
    /// What they configure.
    pub claims: Vec<Claim>,
}

impl Other {
    fn new(program: Program) -> Self {
        Self {
            program,
            starts: Starts::Unknown,
            at: None,
            files: Vec::new(),
            unparsed: Vec::new(),
            claims: Vec::new(),
        }
    }
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
    /// Whether brctl is there.
    pub brctl: bool,
    /// Whether openvswitch's ifup scripts are there.
    pub ovs_scripts: bool,
    /// Names of the helper scripts `ifup-NAME`.
    pub helpers: Vec<String>,
    /// The daemons of libvirt.
    pub libvirt: Libvirt,
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
        ovs::files(),
        release::files(),
    ]
    .concat()
}

/// Returns the single paths of which the presence matters.
pub(crate) fn present() -> Vec<HostPath> {
    let brctl = BRCTL.iter().map(|path| HostPath::literal(path)).collect();
    [
        brctl,
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
        let release = release::find(tree);
        let release = release.as_ref();
        let others = [
            netplan::find(tree),
            ifupdown::find(tree, release),
            networkd::find(tree),
            wicked::find(tree),
            ovs::find(tree),
        ];
        Self {
            scripts: scripts::find(tree, &helpers, release),
            network_manager: network_manager::find(tree, release),
            others: others
                .into_iter()
                .filter(|other| other.at.is_some())
                .collect(),
            brctl: BRCTL
                .iter()
                .any(|path| tree.exists(&HostPath::literal(path))),
            ovs_scripts: helpers.iter().any(|helper| helper == "ovs"),
            helpers,
            libvirt: libvirt::daemons(tree),
            libvirt_version: libvirt::version(tree, release),
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
            "/etc/NetworkManager/system-connections" if self.network_manager.is_some() => {
                Some("NetworkManager")
            }
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
fn strongest<'t>(tree: &'t Tree, folders: &[&'static str]) -> BTreeMap<&'t str, &'t HostPath> {
    let mut found = BTreeMap::new();
    for folder in folders {
        for (name, path) in tree.names(&HostPath::literal(folder)) {
            found.entry(name).or_insert(path);
        }
    }
    found
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
            include_str!("ifupdown.rs"),
            include_str!("libvirt.rs"),
            include_str!("manager.rs"),
            include_str!("netplan.rs"),
            include_str!("network_manager.rs"),
            include_str!("networkd.rs"),
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
        listed.push(HostPath::literal("/etc/NetworkManager/system-connections"));
        let known = |path: &str| {
            single.iter().any(|known| known.as_str() == path)
                || listed.iter().any(|folder| folder.as_str() == path)
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
