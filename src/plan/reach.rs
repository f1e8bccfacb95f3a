//! What a saved plan may change: the files of the command that it was made for, and nothing that their diff would not show.
//!
//! A plan is a file that others may have written. It is applied as root, so that it is held to what kvmnet itself would
//! have put into it: names (no script, no hook, no other program's file), owners, set-id bits and links.

use super::saved::SavedPlanError;
use super::{Backup, Plan, backup};
use crate::change::Change;
use crate::tree::{Attrs, Entry, HostPath, Node, Tree};

/// Files of interfaces and what names them, `*` within a name.
const INTERFACES: &[&str] = &[
    "/etc/sysconfig/network-scripts/ifcfg-*",
    "/etc/sysconfig/network-scripts/keys-*",
    "/etc/sysconfig/network-scripts/route-*",
    "/etc/sysconfig/network-scripts/route6-*",
    "/etc/sysconfig/network-scripts/rule-*",
    "/etc/sysconfig/network-scripts/rule6-*",
    "/etc/sysconfig/network-scripts/*.route",
    "/etc/sysconfig/network",
    "/etc/sysconfig/static-routes",
    "/etc/sysconfig/static-routes-ipv6",
    "/etc/firewalld/zones/*.xml",
    "/etc/dhcp/dhclient*",
    "/etc/dhclient*",
];
const NETWORKS: &[&str] = &[
    "/etc/libvirt/qemu/networks/*.xml",
    "/etc/libvirt/qemu/networks/autostart/*.xml",
];
const GUESTS: &[&str] = &["/etc/libvirt/qemu/*.xml"];
/// What `check --fix` moves or links beside those.
const OTHERS: &[&str] = &[
    "/etc/NetworkManager/system-connections/*",
    "/etc/libvirt/qemu/autostart/*.xml",
];
const TEMPLATES: &[&str] = &["/etc/kvmnet/templates/*.hbs"];

/// Folders of links, which lead to files in the folder above.
const LINKS: &[&str] = &[
    "/etc/libvirt/qemu/networks/autostart",
    "/etc/libvirt/qemu/autostart",
];

/// Returns the patterns of the files that `command` may change.
fn files_of(command: &str) -> Vec<&'static [&'static str]> {
    match command.split(' ').next().unwrap_or_default() {
        "bridge" => vec![INTERFACES],
        "network" => vec![NETWORKS],
        "guest" => vec![GUESTS],
        "templates" => vec![TEMPLATES],
        "check" => vec![INTERFACES, NETWORKS, GUESTS, OTHERS],
        // takes back any of them
        "rollback" => vec![INTERFACES, NETWORKS, GUESTS, OTHERS, TEMPLATES],
        _ => Vec::new(),
    }
}

/// Refuses a plan that reaches further than its command. `tree` tells where linked folders lead and who owns files,
/// `state` where kvmnet's own folder is.
///
/// # Errors
/// The first change that does.
pub fn check(
    plan: &Plan,
    command: &str,
    tree: &Tree,
    state: &HostPath,
) -> Result<(), SavedPlanError> {
    let reach = Reach {
        plan,
        files: files_of(command),
        takes_back: command.split(' ').next() == Some("rollback"),
        tree,
        state,
    };
    for change in plan.full.iter() {
        let path = change.path.clone();
        if !reach.may_name(&path) {
            return Err(SavedPlanError::Path(path));
        }
        if let Some(what) = reach.gains(change) {
            return Err(SavedPlanError::Gains(path, what));
        }
    }
    Ok(())
}

struct Reach<'a> {
    plan: &'a Plan,
    files: Vec<&'static [&'static str]>,
    takes_back: bool,
    tree: &'a Tree,
    state: &'a HostPath,
}

impl Reach<'_> {
    fn may_name(&self, path: &HostPath) -> bool {
        // taking back deletes the copies too
        let original = path.name().strip_suffix(".old");
        if let Some(name) = original.filter(|name| self.takes_back && !name.is_empty()) {
            return self.may_change(path) || self.may_change(&path.folder().join(name));
        }
        let own = |backup: &&Backup| backup.at == *path && backup.at == backup::beside(&backup.of);
        let mut copies = self.plan.backups.iter().filter(own);
        self.may_change(path) || copies.any(|backup| self.may_change(&backup.of))
    }

    fn may_change(&self, path: &HostPath) -> bool {
        let mut ends = self
            .tree
            .entries()
            .filter(|(name, _)| self.is_listed(name) && self.tree.end_of(name) == *path);
        self.is_listed(path)
            || path.is_beneath(&self.state.join("backups"))
            || self
                .tree
                .names_of(path)
                .iter()
                .any(|name| self.is_listed(name))
            || ends.next().is_some()
    }

    fn is_listed(&self, path: &HostPath) -> bool {
        let patterns = self.files.iter().copied().flatten();
        patterns.into_iter().any(|pattern| matches(pattern, path))
    }

    /// Returns what a file would get that kvmnet gives to none.
    fn gains(&self, change: &Change) -> Option<&'static str> {
        match (&change.before, &change.after) {
            (_, None) => None,
            (before, Some(Node::Link(target))) => {
                let same = |node: &Option<Node>| *node == Some(Node::Link(target.clone()));
                let known = same(before) || self.plan.full.iter().any(|other| same(&other.before));
                (!known && !is_autostart(&change.path, target, self.tree))
                    .then_some("a link that leads elsewhere")
            }
            (before, Some(Node::File(after))) => {
                let before = match before {
                    Some(Node::File(before)) => Some(&before.attrs),
                    Some(Node::Link(_)) | None => None,
                };
                let had = before.map_or(0, |before| before.mode);
                let owned = before.map_or_else(
                    || self.is_owner(&after.attrs),
                    |before| owner(before) == owner(&after.attrs) || self.is_owner(&after.attrs),
                );
                match (after.attrs.mode & !had & SET_ID, owned) {
                    (0, true) => None,
                    (0, false) => Some("an owner who owns nothing there"),
                    (_, _) => Some("a set-id bit"),
                }
            }
        }
    }

    /// Returns whether a file that was read, or that the plan changes, has this owner, or it is root.
    fn is_owner(&self, attrs: &Attrs) -> bool {
        let of_entry = |entry: &Entry| match entry {
            Entry::File(file) => owner(&file.attrs) == owner(attrs),
            Entry::Link { .. } | Entry::Other(_) | Entry::Unread | Entry::Unreadable(_) => false,
        };
        owner(attrs) == (0, 0) || self.tree.entries().any(|(_, entry)| of_entry(entry))
    }
}

/// The bits of a mode by which a program runs as somebody else.
const SET_ID: u32 = 0o6000;

fn owner(attrs: &Attrs) -> (u32, u32) {
    (attrs.uid, attrs.gid)
}

fn matches(pattern: &str, path: &HostPath) -> bool {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let named = match name.split_once('*') {
        None => path.name() == name,
        Some((start, end)) => {
            let rest = path.name().strip_prefix(start);
            rest.is_some_and(|rest| rest.ends_with(end))
        }
    };
    named && path.folder().as_str() == folder
}

/// Returns whether a link marks a file in the folder above its own for the start.
fn is_autostart(link: &HostPath, target: &str, tree: &Tree) -> bool {
    let names = tree.names_of(link);
    let mut names = names.iter().chain([link]);
    let Ok(target) = HostPath::parse(target) else {
        return false;
    };
    names.any(|name| {
        let folder = name.folder();
        LINKS.contains(&folder.as_str())
            && target.folder() == folder.folder()
            && target.name().ends_with(".xml")
    })
}
