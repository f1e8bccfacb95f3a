//! Whether the frames of bridges go through the packet filter, and who may drop them there.
//!
//! Sources: systemd-sysctl(8) and sysctl.d(5) (order and precedence of files), modules-load.d(5); `br_netfilter_sysctl_default()`
//! in the kernel's net/bridge/br_netfilter_hooks.c: with the module loaded, frames are filtered unless a setting says otherwise;
//! 99-systemd.rules of systemd, which applies the settings when the module is loaded; dockerd, which loads it and sets the
//! policy DROP of the chain FORWARD (Docker's page "Packet filtering and firewalls").

use std::collections::BTreeSet;

use super::{At, Starts, glob, lookup, unit};
use crate::tree::{HostPath, Pick, Picker, Tree};

/// Folders of settings, the strongest first.
const SETTINGS: &[&str] = &[
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
];
/// The file of old; a link in the first folder makes it one of the others.
const MAIN: &str = "/etc/sysctl.conf";
const MAIN_LINK: &str = "99-sysctl.conf";
/// Folders of modules that are loaded at boot, the strongest first.
const MODULES: &[&str] = &[
    "/etc/modules-load.d",
    "/run/modules-load.d",
    "/usr/local/lib/modules-load.d",
    "/usr/lib/modules-load.d",
    "/lib/modules-load.d",
];
const MODULES_FILE: &str = "/etc/modules";
const DOCKER: &[&str] = &[
    "/usr/bin/dockerd",
    "/usr/bin/dockerd-current",
    "/usr/local/bin/dockerd",
    "/usr/sbin/dockerd",
];
const FIREWALLD: &[&str] = &["/usr/sbin/firewalld", "/usr/bin/firewalld"];
const DOCKER_CONFIG: &str = "/etc/docker/daemon.json";
/// Rules that are loaded at boot.
const RULES: &[&str] = &["/etc/iptables/rules.v4", "/etc/sysconfig/iptables"];

/// The setting, with slashes.
const CALL: &str = "net/bridge/bridge-nf-call-iptables";
const MODULE: &str = "br_netfilter";

/// Whether firewalld is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Firewalld {
    /// It may be.
    #[default]
    Unknown,
    /// It is installed, and not started with the host.
    NotStarted,
    /// The whole tree holds none.
    Missing,
}

/// What the files say of frames in the packet filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BridgeFilter {
    /// Whether the setting lets them through it, and where it is said; `None` where nothing is said.
    pub call: Option<(bool, At)>,
    /// Where the module is loaded that has the setting, which is on unless it is said.
    pub module: Option<At>,
    /// What shows Docker, where it is started, or may be, and drops what it does not know.
    pub docker: Option<At>,
    /// Whether firewalld is there.
    pub firewalld: Firewalld,
    /// The rule or policy by which a file drops what is forwarded.
    pub drops: Option<At>,
}

/// Returns the folders that are listed.
pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    let all = SETTINGS.iter().chain(MODULES);
    all.map(|folder| (HostPath::literal(folder), pick as Picker))
        .collect()
}

fn pick(name: &str) -> Pick {
    match name.ends_with(".conf") {
        true => Pick::Read,
        false => Pick::Skip,
    }
}

/// Returns the files that are read.
pub(super) fn files() -> Vec<HostPath> {
    let fixed = [MAIN, MODULES_FILE, DOCKER_CONFIG];
    let all = fixed.iter().chain(RULES);
    all.map(|path| HostPath::literal(path)).collect()
}

/// Returns the paths of which the presence matters.
pub(super) fn present() -> Vec<HostPath> {
    let all = DOCKER.iter().chain(FIREWALLD);
    all.map(|path| HostPath::literal(path)).collect()
}

/// Returns what the files of the tree say.
pub(super) fn find(tree: &Tree) -> BridgeFilter {
    BridgeFilter {
        call: call(tree),
        module: module(tree),
        docker: docker(tree),
        firewalld: firewalld(tree),
        drops: RULES.iter().find_map(|path| {
            let path = HostPath::literal(path);
            let file = tree.file(&path)?;
            drops(&path, &String::from_utf8_lossy(&file.bytes))
        }),
    }
}

fn texts<'t>(tree: &'t Tree, folders: &'static [&str]) -> Vec<(&'t HostPath, String)> {
    let folders = folders.iter().map(|folder| HostPath::literal(folder));
    let found = lookup::strongest(tree, folders).into_values();
    let texts = found.filter(|path| path.name().ends_with(".conf"));
    let texts = texts.filter_map(|path| {
        let file = tree.file(path)?;
        Some((path, String::from_utf8_lossy(&file.bytes).into_owned()))
    });
    texts.collect()
}

/// Returns the last value that is set: files in the order of their names, whatever their folders.
fn call(tree: &Tree) -> Option<(bool, At)> {
    let mut found = None;
    let mut excluded = false;
    for (path, text) in texts(tree, SETTINGS) {
        settings(path, &text, &mut found, &mut excluded);
    }
    let main = HostPath::literal(MAIN);
    let link = HostPath::literal(SETTINGS[0]).join(MAIN_LINK);
    if !tree.exists(&link)
        && let Some(file) = tree.file(&main)
    {
        let text = String::from_utf8_lossy(&file.bytes);
        settings(&main, &text, &mut found, &mut excluded);
    }
    found
}

/// Takes the settings of a text over those before; one for many keys is weaker than one for the key itself.
fn settings(path: &HostPath, text: &str, found: &mut Option<(bool, At)>, exact: &mut bool) {
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        if line.starts_with(['#', ';']) {
            continue;
        }
        let key = key.trim().trim_start_matches('-');
        // the first separator tells which of the two is meant
        let slashes = match key.find(['.', '/']) {
            Some(at) if key.as_bytes()[at] == b'.' => dots_as_slashes(key),
            Some(_) | None => key.to_owned(),
        };
        let is_exact = slashes == CALL;
        if !is_exact && (*exact || !slashes.contains('*') || !glob::fits(&slashes, CALL)) {
            continue;
        }
        *exact |= is_exact;
        let at = At {
            path: path.clone(),
            line: Some(number),
        };
        *found = Some((value.trim() != "0", at));
    }
}

fn dots_as_slashes(key: &str) -> String {
    key.chars()
        .map(|c| if c == '.' { '/' } else { c })
        .collect()
}

fn module(tree: &Tree) -> Option<At> {
    let mut texts = texts(tree, MODULES);
    let file = HostPath::literal(MODULES_FILE);
    let found = tree.file(&file);
    let found = found.map(|found| String::from_utf8_lossy(&found.bytes).into_owned());
    texts.extend(found.map(|text| (&file, text)));
    texts.iter().find_map(|(path, text)| {
        let mut lines = text.lines().zip(1..);
        let (_, number) = lines.find(|(line, _)| line.trim().replace('-', "_") == MODULE)?;
        Some(At {
            path: (*path).clone(),
            line: Some(number),
        })
    })
}

fn firewalld(tree: &Tree) -> Firewalld {
    let mut programs = FIREWALLD.iter().map(|path| HostPath::literal(path));
    let installed = programs.any(|path| tree.exists(&path)) || unit::FIREWALLD.is_installed(tree);
    match unit::FIREWALLD.starts(tree) {
        Starts::Masked(_) => Firewalld::NotStarted,
        Starts::No if installed => Firewalld::NotStarted,
        Starts::No | Starts::Unknown if !installed && unit::is_whole(tree) => Firewalld::Missing,
        Starts::Yes | Starts::No | Starts::Idle(_) | Starts::Unknown => Firewalld::Unknown,
    }
}

/// Returns what shows Docker, unless it is never started, or told to leave the packet filter alone.
fn docker(tree: &Tree) -> Option<At> {
    let mut paths = DOCKER.iter().map(|path| HostPath::literal(path));
    let path = paths.find(|path| tree.exists(path))?;
    if unit::DOCKER.starts(tree).never() {
        return None;
    }
    let config = tree.file(&HostPath::literal(DOCKER_CONFIG));
    let config =
        config.and_then(|file| serde_json::from_slice::<serde_json::Value>(&file.bytes).ok());
    let says = |key: &str, value: bool| {
        let said = config.as_ref().and_then(|config| config.get(key));
        said.and_then(serde_json::Value::as_bool) == Some(value)
    };
    let lets = says("iptables", false) || says("ip-forward", false);
    (!lets && !says("ip-forward-no-drop", true)).then(|| At::file(path))
}

/// Returns the line by which rules in the form of iptables-save(8) drop what is forwarded, whatever it is.
fn drops(path: &HostPath, text: &str) -> Option<At> {
    let is_drop = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            [":FORWARD", "DROP", ..] => true,
            ["-A", "FORWARD", "-j", target, ..] => matches!(*target, "DROP" | "REJECT"),
            _ => false,
        }
    };
    let own: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.contains("--physdev-is-bridged") && line.contains("ACCEPT"))
        .collect();
    if !own.is_empty() {
        return None;
    }
    let mut lines = text.lines().zip(1..);
    let (_, number) = lines.find(|(line, _)| is_drop(line))?;
    Some(At {
        path: path.clone(),
        line: Some(number),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Attrs, Entry, File};

    fn tree(files: &[(&'static str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            let attrs = Attrs {
                mode: 0o644,
                uid: 0,
                gid: 0,
            };
            let bytes = text.as_bytes().to_vec();
            tree.insert(HostPath::literal(path), Entry::File(File { bytes, attrs }));
        }
        tree
    }

    fn said(files: &[(&'static str, &str)]) -> Option<bool> {
        call(&tree(files)).map(|(on, _)| on)
    }

    const ON: &str = "net.bridge.bridge-nf-call-iptables = 1\n";
    const OFF: &str = "# off\nnet.bridge.bridge-nf-call-iptables=0\n";

    #[test]
    fn the_last_file_by_name_counts_and_of_one_name_that_in_etc() {
        let (etc, lib) = ("/etc/sysctl.d/50-a.conf", "/usr/lib/sysctl.d/50-a.conf");
        assert_eq!(said(&[(etc, ON), (lib, OFF)]), Some(true));
        assert_eq!(
            said(&[(etc, ON), ("/usr/lib/sysctl.d/60-b.conf", OFF)]),
            Some(false)
        );
        assert_eq!(
            said(&[(etc, OFF), ("/run/sysctl.d/40-b.conf", ON)]),
            Some(false)
        );
        assert_eq!(said(&[(etc, OFF), ("/etc/sysctl.conf", ON)]), Some(true));
        let linked = [
            (etc, ON),
            ("/etc/sysctl.d/99-sysctl.conf", OFF),
            ("/etc/sysctl.conf", ON),
        ];
        assert_eq!(said(&linked), Some(false));
        assert_eq!(said(&[("/etc/sysctl.d/x", ON)]), None);
    }

    #[test]
    fn keys_have_dots_or_slashes_and_stars_are_weaker() {
        let of = |text: &str| said(&[("/etc/sysctl.d/a.conf", text)]);
        assert_eq!(of("-net/bridge/bridge-nf-call-iptables=1"), Some(true));
        assert_eq!(of("net.bridge.bridge-nf-call-*=1"), Some(true));
        assert_eq!(
            of("net.bridge.bridge-nf-call-iptables=0\nnet.bridge.*=1"),
            Some(false)
        );
        assert_eq!(of("net.bridge.bridge-nf-call-ip6tables=1"), None);
        assert_eq!(of(";net.bridge.bridge-nf-call-iptables=1"), None);
        assert_eq!(of("net.bridge.bridge-nf-call-iptables"), None);
    }

    #[test]
    fn modules_rules_and_docker_are_found() {
        let modules = [("/etc/modules-load.d/k8s.conf", "overlay\nbr_netfilter\n")];
        assert_eq!(module(&tree(&modules)).and_then(|at| at.line), Some(2));
        assert_eq!(module(&tree(&[("/etc/modules", "#br_netfilter\n")])), None);
        assert!(module(&tree(&[("/etc/modules", "br-netfilter\n")])).is_some());
        let rules = |text: &str| drops(&HostPath::literal("/x"), text).is_some();
        assert!(rules(":FORWARD DROP [0:0]\n"));
        assert!(rules(
            "-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n"
        ));
        assert!(!rules(
            ":FORWARD ACCEPT [0:0]\n-A FORWARD -i eth0 -j DROP\n"
        ));
        assert!(!rules(
            "-A FORWARD -m physdev --physdev-is-bridged -j ACCEPT\n-A FORWARD -j REJECT\n"
        ));
        let daemon = ("/usr/bin/dockerd", "");
        assert!(docker(&tree(&[daemon])).is_some());
        let told = (DOCKER_CONFIG, "{\"iptables\": false}");
        assert_eq!(docker(&tree(&[daemon, told])), None);
        assert_eq!(docker(&tree(&[told])), None);
    }
}
