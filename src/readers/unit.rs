//! Whether systemd starts a service with the host, told from the links that `systemctl enable` makes.
//!
//! Source: systemctl(1) and systemd.unit(5): `WANTEDBY.wants/UNIT`, aliases, and a link to /dev/null for what is masked.

use super::Starts;
use crate::tree::{Entry, HostPath, Pick, Picker, Tree};

/// Where units, their links and their masks lie, by precedence.
const FOLDERS: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

const SYSTEMD: &[&str] = &["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

/// The targets that start services of the network.
const TARGETS: &[&str] = &[
    "multi-user",
    "graphical",
    "network",
    "network-online",
    "sockets",
    "sysinit",
];

/// A service, and what is enabled along with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// Its name.
    pub(super) name: &'static str,
    /// Units that are enabled with it, and start it.
    pub(super) with: &'static [&'static str],
    /// Other names that it gets when it is enabled.
    pub(super) aliases: &'static [&'static str],
}

pub(super) const NETWORK_MANAGER: Unit = Unit {
    name: "NetworkManager.service",
    with: &["NetworkManager-wait-online.service"],
    aliases: &["dbus-org.freedesktop.nm-dispatcher.service"],
};
pub(super) const NETWORKD: Unit = Unit {
    name: "systemd-networkd.service",
    with: &[
        "systemd-networkd-wait-online.service",
        "systemd-networkd.socket",
    ],
    aliases: &["dbus-org.freedesktop.network1.service"],
};
pub(super) const NETWORKING: Unit = Unit {
    name: "networking.service",
    with: &[],
    aliases: &[],
};
pub(super) const WICKED: Unit = Unit {
    name: "wicked.service",
    with: &[],
    aliases: &[],
};
/// The init script of network-scripts, should it have a unit.
pub(super) const NETWORK: Unit = Unit {
    name: "network.service",
    with: &[],
    aliases: &[],
};

/// Docker, whose socket starts it as well.
pub(super) const DOCKER: Unit = Unit {
    name: "docker.service",
    with: &["docker.socket"],
    aliases: &[],
};

/// firewalld.
pub(super) const FIREWALLD: Unit = Unit {
    name: "firewalld.service",
    with: &[],
    aliases: &["dbus-org.fedoraproject.FirewallD1.service"],
};

const UNITS: &[Unit] = &[
    NETWORK_MANAGER,
    NETWORKD,
    NETWORKING,
    WICKED,
    NETWORK,
    DOCKER,
    FIREWALLD,
];

fn path(folder: &str, name: &str) -> HostPath {
    HostPath::parse(&format!("{folder}/{name}")).expect("a name of a unit in a folder of units")
}

/// The folders of links that let a target start units.
fn wants(folder: &str, target: &str) -> [HostPath; 2] {
    ["wants", "requires"].map(|kind| path(folder, &format!("{target}.target.{kind}")))
}

/// Returns the folders of links that are listed.
pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    let all = FOLDERS.iter().flat_map(|folder| {
        let targets = TARGETS.iter();
        targets.flat_map(move |target| wants(folder, target))
    });
    all.map(|folder| (folder, pick as Picker)).collect()
}

/// Returns the files that are read: what may mask a unit.
pub(super) fn files() -> Vec<HostPath> {
    let masks = FOLDERS[..2].iter();
    masks
        .flat_map(|folder| UNITS.iter().map(move |unit| path(folder, unit.name)))
        .collect()
}

fn pick(name: &str) -> Pick {
    let known = |unit: &Unit| unit.name == name || unit.with.contains(&name);
    match UNITS.iter().any(known) {
        true => Pick::Point,
        false => Pick::Skip,
    }
}

/// Returns the single paths that tell of masks and aliases, and whether a unit is installed.
pub(super) fn present() -> Vec<HostPath> {
    let names =
        |unit: &'static Unit| std::iter::once(unit.name).chain(unit.aliases.iter().copied());
    let all = UNITS.iter().flat_map(names);
    let all = all.flat_map(|name| FOLDERS.iter().map(move |folder| path(folder, name)));
    all.collect()
}

/// Returns where systemd itself may lie.
pub(super) fn systemd() -> Vec<HostPath> {
    SYSTEMD.iter().map(|path| HostPath::literal(path)).collect()
}

/// Returns whether the tree holds more than /etc: where programs are, they would have been found.
pub(super) fn is_whole(tree: &Tree) -> bool {
    systemd().iter().any(|path| tree.exists(path))
}

/// Whether a link is to /dev/null, however it is written.
fn is_null(target: &str) -> bool {
    let start = target.strip_suffix("dev/null");
    start.is_some_and(|start| start.split('/').all(|part| matches!(part, "" | "." | "..")))
}

impl Unit {
    /// Returns whether the unit is there; a link of its name alone is none.
    pub(super) fn is_installed(&self, tree: &Tree) -> bool {
        FOLDERS.iter().any(|folder| {
            let entry = tree.get(&path(folder, self.name));
            match entry {
                Some(Entry::Unread) => true,
                Some(Entry::File(file)) => !file.bytes.is_empty(),
                _ => false,
            }
        })
    }

    /// Returns what masks the unit, so that nothing starts it: a link to /dev/null, or an empty file.
    fn mask(&self, tree: &Tree) -> Option<HostPath> {
        let mut places = FOLDERS[..2].iter().map(|folder| path(folder, self.name));
        places.find(|path| match tree.get(path) {
            Some(Entry::Link { target, .. }) => is_null(target),
            Some(Entry::File(file)) => file.bytes.is_empty(),
            _ => false,
        })
    }

    /// Returns whether the unit is started with the host.
    pub(super) fn starts(&self, tree: &Tree) -> Starts {
        if let Some(path) = self.mask(tree) {
            return Starts::Masked(path);
        }
        let started = |name: &str, folders: &[&str]| {
            let folders = folders.iter().flat_map(|folder| {
                let targets = TARGETS.iter();
                targets.flat_map(move |target| wants(folder, target))
            });
            let mut links = folders.map(|folder| folder.join(name));
            links.any(|path| tree.exists(&path))
        };
        // packages bring links to what waits for a service along, whether that is enabled or not
        let along = self.with.iter().any(|name| started(name, &FOLDERS[..2]));
        let wanted = started(self.name, FOLDERS) || along;
        let aliased = self
            .aliases
            .iter()
            .any(|alias| match tree.get(&path(FOLDERS[0], alias)) {
                Some(Entry::Link { target, .. }) => !is_null(target),
                Some(_) => true,
                None => false,
            });
        let [listed, _] = wants(FOLDERS[0], "multi-user");
        match wanted || aliased {
            true => Starts::Yes,
            // where nothing at all is enabled, nobody knows
            false if tree.has_folder(&listed) => Starts::No,
            false => Starts::Unknown,
        }
    }
}
