//! Which programs of the tree read its network configuration, and how they differ.
//!
//! Facts of the programs, each with its source: initscripts' `functions` holds its own list of ignored names; ifup-eth
//! of RHEL 7 calls brctl (DELAY in seconds), that of RHEL 8 `ip link` (DELAY in hundredths); NetworkManager reads
//! backups in both its folders (`utils_should_ignore_file()` in nms-ifcfg-rh-utils.c).

use crate::tree::{Entry, HostPath, Tree};

/// Where ifcfg files live.
pub const NETWORK_SCRIPTS: &str = "/etc/sysconfig/network-scripts";

/// The `network` service with its scripts (initscripts).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripts {
    /// Whether `FILE.old` is on its list of ignored names (since 9.49.40).
    pub ignores_old: bool,
    /// Whether ifup-eth makes bridges with brctl, as in RHEL 7 and before.
    pub needs_brctl: bool,
}

/// NetworkManager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkManager {
    /// Whether it is started at boot.
    pub enabled: bool,
    /// Whether its configuration leaves the ifcfg-rh plugin on.
    pub reads_ifcfg: bool,
}

/// The programs found in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readers {
    /// initscripts.
    pub scripts: Option<Scripts>,
    /// NetworkManager.
    pub network_manager: Option<NetworkManager>,
    /// Whether brctl is there.
    pub brctl: bool,
    /// Whether openvswitch's ifup scripts are there.
    pub ovs_scripts: bool,
    /// Names of the helper scripts `ifup-NAME`.
    pub helpers: Vec<String>,
    /// The daemons of libvirt.
    pub libvirt: Libvirt,
}

/// Which daemons serve networks and guests.
///
/// Source: libvirt's daemons page; both kinds read the same files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Libvirt {
    /// One for all: `libvirtd`.
    #[default]
    Monolithic,
    /// One for each driver: `virtnetworkd`, `virtqemud` (Fedora 35, RHEL 9 and later).
    Modular,
}

impl Libvirt {
    /// Returns the daemon of the networks.
    #[must_use]
    pub fn networks(self) -> &'static str {
        match self {
            Self::Monolithic => "libvirtd",
            Self::Modular => "virtnetworkd",
        }
    }

    /// Returns the daemon of the guests.
    #[must_use]
    pub fn guests(self) -> &'static str {
        match self {
            Self::Monolithic => "libvirtd",
            Self::Modular => "virtqemud",
        }
    }
}

const NM_PROGRAM: &[&str] = &[
    "/usr/sbin/NetworkManager",
    "/usr/lib/systemd/system/NetworkManager.service",
    "/lib/systemd/system/NetworkManager.service",
    "/etc/NetworkManager/NetworkManager.conf",
    "/etc/rc.d/init.d/NetworkManager",
];
const NM_ENABLED: &[&str] = &[
    "/etc/systemd/system/multi-user.target.wants/NetworkManager.service",
    "/etc/systemd/system/network-online.target.wants/NetworkManager-wait-online.service",
    "/etc/systemd/system/dbus-org.freedesktop.nm-dispatcher.service",
];
const NM_MASK: &str = "/etc/systemd/system/NetworkManager.service";
const BRCTL: &[&str] = &["/usr/sbin/brctl", "/sbin/brctl", "/usr/bin/brctl"];
const SERVICE: &[&str] = &["/etc/rc.d/init.d/network", "/etc/init.d/network"];
const FUNCTIONS: &[&str] = &["/etc/rc.d/init.d/functions", "/etc/init.d/functions"];
const RELEASE: &[&str] = &[
    "/etc/redhat-release",
    "/etc/centos-release",
    "/etc/system-release",
];

/// What shows libvirt's daemons, the surest first: what runs, what is started with the host, what is installed.
const LIBVIRT: &[(&str, Libvirt)] = &[
    ("/run/libvirtd.pid", Libvirt::Monolithic),
    ("/run/virtnetworkd.pid", Libvirt::Modular),
    (
        "/etc/systemd/system/multi-user.target.wants/libvirtd.service",
        Libvirt::Monolithic,
    ),
    (
        "/etc/systemd/system/sockets.target.wants/libvirtd.socket",
        Libvirt::Monolithic,
    ),
    (
        "/etc/systemd/system/sockets.target.wants/virtnetworkd.socket",
        Libvirt::Modular,
    ),
    (
        "/etc/systemd/system/multi-user.target.wants/virtnetworkd.service",
        Libvirt::Modular,
    ),
    ("/usr/sbin/libvirtd", Libvirt::Monolithic),
    ("/usr/sbin/virtnetworkd", Libvirt::Modular),
];

/// Returns the single paths of which the presence matters.
pub(crate) fn present() -> Vec<HostPath> {
    let libvirt: Vec<&str> = LIBVIRT.iter().map(|(path, _)| *path).collect();
    [NM_PROGRAM, NM_ENABLED, &[NM_MASK], BRCTL, SERVICE, &libvirt]
        .concat()
        .into_iter()
        .map(HostPath::literal)
        .collect()
}

/// Returns the files that are read to know the programs.
pub(crate) fn files() -> Vec<HostPath> {
    let mut paths: Vec<_> = [FUNCTIONS, RELEASE]
        .concat()
        .into_iter()
        .map(HostPath::literal)
        .collect();
    paths.push(HostPath::literal("/etc/NetworkManager/NetworkManager.conf"));
    paths
}

impl Readers {
    /// Returns the programs that `tree` shows.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let any = |paths: &[&'static str]| {
            paths
                .iter()
                .any(|path| tree.exists(&HostPath::literal(path)))
        };
        let folder = HostPath::literal(NETWORK_SCRIPTS);
        let helpers: Vec<String> = tree
            .names(&folder)
            .filter_map(|(name, _)| name.strip_prefix("ifup-"))
            .map(str::to_owned)
            .collect();
        Self {
            scripts: scripts(
                tree,
                any(SERVICE) || helpers.iter().any(|helper| helper == "eth"),
            ),
            network_manager: (any(NM_PROGRAM) && !nm_masked(tree)).then(|| NetworkManager {
                enabled: any(NM_ENABLED),
                reads_ifcfg: nm_reads_ifcfg(tree),
            }),
            brctl: any(BRCTL),
            ovs_scripts: helpers.iter().any(|helper| helper == "ovs"),
            helpers,
            libvirt: LIBVIRT
                .iter()
                .find(|(path, _)| tree.exists(&HostPath::literal(path)))
                .map_or(Libvirt::default(), |(_, kind)| *kind),
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

    /// Returns whether NetworkManager, not the network service, brings up a profile that it may have.
    #[must_use]
    pub fn managed_by_nm(&self, nm_controlled: bool) -> bool {
        let nm = self.network_manager.as_ref();
        let active = nm.is_some_and(|nm| nm.reads_ifcfg && (nm.enabled || self.scripts.is_none()));
        active && nm_controlled
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

fn scripts(tree: &Tree, installed: bool) -> Option<Scripts> {
    if !installed {
        return None;
    }
    let functions = text(tree, FUNCTIONS).unwrap_or_default();
    let list = functions
        .lines()
        .filter(|line| line.contains("__sed_discard_ignored_files=") || line.contains("*.orig"));
    let ignores_old = list.into_iter().any(|line| line.contains(".old"));
    let ifup = format!("{NETWORK_SCRIPTS}/ifup-eth");
    let old_release = || text(tree, RELEASE).is_some_and(|text| release_before_8(&text));
    let needs_brctl = match HostPath::parse(&ifup)
        .ok()
        .and_then(|path| tree.file(&path))
    {
        Some(file) => String::from_utf8_lossy(&file.bytes).contains("brctl"),
        None => old_release(),
    };
    Some(Scripts {
        ignores_old,
        needs_brctl,
    })
}

fn text(tree: &Tree, paths: &[&'static str]) -> Option<String> {
    let file = paths
        .iter()
        .find_map(|path| tree.file(&HostPath::literal(path)))?;
    Some(String::from_utf8_lossy(&file.bytes).into_owned())
}

fn release_before_8(text: &str) -> bool {
    let version = text.split("release ").nth(1).unwrap_or("");
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    !text.contains("Fedora") && major.parse::<u32>().is_ok_and(|major| major < 8)
}

fn nm_masked(tree: &Tree) -> bool {
    matches!(tree.get(&HostPath::literal(NM_MASK)), Some(Entry::Link { target, .. }) if target == "/dev/null")
}

/// RHEL 8 and before read ifcfg by default; `plugins=` in `[main]` decides where it is set.
fn nm_reads_ifcfg(tree: &Tree) -> bool {
    let Some(conf) = text(tree, &["/etc/NetworkManager/NetworkManager.conf"]) else {
        return true;
    };
    let Ok(conf) = ini::Ini::load_from_str_noescape(&conf) else {
        return true;
    };
    match conf.get_from(Some("main"), "plugins") {
        Some(plugins) => plugins
            .split([',', ';'])
            .any(|plugin| plugin.trim() == "ifcfg-rh"),
        None => true,
    }
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
            }),
            ..Readers::default()
        };
        let nm = Readers {
            network_manager: Some(NetworkManager {
                enabled: true,
                reads_ifcfg: true,
            }),
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

    /// Whatever is asked for was read.
    #[test]
    fn every_path_that_is_asked_for_is_read() {
        let source = include_str!("readers.rs");
        let source = source.split("#[cfg(test)]").next().unwrap();
        let read: Vec<HostPath> = present().into_iter().chain(files()).collect();
        let folders = [NETWORK_SCRIPTS, "/etc/NetworkManager/system-connections"];
        let mut asked = 0;
        for literal in source.split('"').skip(1).step_by(2) {
            let is_path = literal.starts_with('/') && !literal.contains(['{', ' ']);
            if is_path && !folders.contains(&literal) && literal != "/dev/null" {
                asked += 1;
                let found = read.iter().any(|path| path.as_str() == literal);
                assert!(found, "{literal} is asked for, and never read");
            }
        }
        assert!(asked > 15, "{asked}");
    }

    #[test]
    fn knows_releases() {
        assert!(release_before_8("CentOS Linux release 7.9.2009 (Core)"));
        assert!(!release_before_8(
            "Red Hat Enterprise Linux release 8.5 (Ootpa)"
        ));
        assert!(!release_before_8("Fedora release 6 (Zod)"));
    }
}
