//! The `network` service with its scripts (initscripts, network-scripts).
//!
//! Facts of the programs, each with its source: initscripts' `functions` holds its own list of ignored names; ifup-eth
//! of RHEL 7 calls brctl (DELAY in seconds), that of RHEL 8 `ip link` (DELAY in hundredths); chkconfig(8) makes the links
//! `rcN.d/S10network` or `K90network` that systemd-sysv-generator(8) goes by.

use super::release::Release;
use super::{At, Starts, lookup, unit};
use crate::doc::shell::ShellDoc;
use crate::tree::{HostPath, Pick, Picker, Tree};

/// Where ifcfg files live.
pub const NETWORK_SCRIPTS: &str = "/etc/sysconfig/network-scripts";

const BRCTL: &[&str] = &["/usr/sbin/brctl", "/sbin/brctl", "/usr/bin/brctl"];
const NETWORK: &str = "/etc/sysconfig/network";
const SERVICE: &[&str] = &["/etc/rc.d/init.d/network", "/etc/init.d/network"];
const FUNCTIONS: &[&str] = &["/etc/rc.d/init.d/functions", "/etc/init.d/functions"];
/// The run levels that start the network, by their folders.
pub(crate) const LEVELS: &[&str] = &[
    "/etc/rc.d/rc2.d",
    "/etc/rc.d/rc3.d",
    "/etc/rc.d/rc4.d",
    "/etc/rc.d/rc5.d",
];

/// The `network` service with its scripts (initscripts).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scripts {
    /// Whether it is started with the host.
    pub starts: Starts,
    /// Whether `FILE.old` is on its list of ignored names (since 9.49.40).
    pub ignores_old: bool,
    /// Whether ifup-eth makes bridges with brctl, as in RHEL 7 and before.
    pub needs_brctl: bool,
}

pub(super) fn folders() -> Vec<(HostPath, Picker)> {
    let pick: Picker = |name| match is_link(name) {
        true => Pick::Point,
        false => Pick::Skip,
    };
    LEVELS
        .iter()
        .map(|folder| (HostPath::literal(folder), pick))
        .collect()
}

/// Whether a name is a link `S10network` or `K90network`.
fn is_link(name: &str) -> bool {
    let number = name
        .strip_suffix("network")
        .and_then(|start| start.strip_prefix(['S', 'K']));
    number.is_some_and(|number| number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()))
}

pub(super) fn files() -> Vec<HostPath> {
    let all = FUNCTIONS.iter().chain([&NETWORK]);
    all.map(|path| HostPath::literal(path)).collect()
}

pub(super) fn present() -> Vec<HostPath> {
    SERVICE.iter().map(|path| HostPath::literal(path)).collect()
}

/// Returns where brctl may lie, which older scripts make bridges with.
pub(super) fn brctl() -> Vec<HostPath> {
    BRCTL.iter().map(|path| HostPath::literal(path)).collect()
}

/// Returns the names of the helper scripts `ifup-NAME`.
pub(super) fn helpers(tree: &Tree) -> Vec<String> {
    let names = tree.names(&HostPath::literal(NETWORK_SCRIPTS));
    names
        .filter_map(|(name, _)| name.strip_prefix("ifup-"))
        .map(str::to_owned)
        .collect()
}

/// Returns whether a file of ifcfg's folder is passed over for its name. initscripts' list: `__sed_discard_ignored_files` in init.d/functions.
pub(super) fn ignores(name: &str, ignores_old: bool) -> bool {
    let tags = ["~", ".bak", ".orig", ".rpmnew", ".rpmorig", ".rpmsave"];
    tags.iter().any(|tag| name.ends_with(tag)) || (ignores_old && name.ends_with(".old"))
}

pub(super) fn find(tree: &Tree, helpers: &[String], release: Option<&Release>) -> Option<Scripts> {
    let service = present().iter().any(|path| tree.exists(path));
    if !service && !helpers.iter().any(|helper| helper == "eth") {
        return None;
    }
    let functions = lookup::text(tree, FUNCTIONS).unwrap_or_default();
    let list = functions
        .lines()
        .filter(|line| line.contains("__sed_discard_ignored_files=") || line.contains("*.orig"));
    let ignores_old = list.into_iter().any(|line| line.contains(".old"));
    let ifup = HostPath::literal(NETWORK_SCRIPTS).join("ifup-eth");
    let needs_brctl = match tree.file(&ifup) {
        Some(file) => String::from_utf8_lossy(&file.bytes).contains("brctl"),
        None => release.is_some_and(Release::is_before_rhel_8),
    };
    Some(Scripts {
        starts: starts(tree),
        ignores_old,
        needs_brctl,
    })
}

fn starts(tree: &Tree) -> Starts {
    let levels: Vec<HostPath> = LEVELS
        .iter()
        .map(|folder| HostPath::literal(folder))
        .collect();
    let links = levels.iter().flat_map(|folder| tree.names(folder));
    let mut started = links.filter(|(name, _)| name.starts_with('S') && is_link(name));
    let starts = match unit::NETWORK.starts(tree) {
        known @ (Starts::Yes | Starts::Masked(_) | Starts::Idle(_)) => known,
        Starts::No | Starts::Unknown => match started.next() {
            Some(_) => Starts::Yes,
            None if levels.iter().any(|folder| tree.has_folder(folder)) => Starts::No,
            None => Starts::Unknown,
        },
    };
    match idle(tree) {
        Some(at) if !starts.never() => Starts::Idle(at),
        Some(_) | None => starts,
    }
}

/// The service does nothing where `/etc/sysconfig/network` says `NETWORKING=no`: init.d/network exits with 6.
fn idle(tree: &Tree) -> Option<At> {
    let path = HostPath::literal(NETWORK);
    let file = tree.file(&path)?;
    let doc = ShellDoc::parse(&String::from_utf8_lossy(&file.bytes));
    let last = doc.get("NETWORKING")?;
    (last.value.literal() == Some("no")).then_some(At {
        path,
        line: Some(last.line),
    })
}
