//! Which keyfiles are in force: those that NetworkManager reads, and of several for one interface the one that it starts.
//!
//! Source: `nms_keyfile_utils_check_file_permissions_stat()`, the tombstones `UUID.nmmeta` of nms-keyfile-utils.c, and
//! `autoconnect-priority` in nm-settings(5) (each run).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::readers::{At, KEYFILES, NotRead};
use crate::tree::{Entry, HostPath, Tree};

/// Says why NetworkManager takes no notice of the file at `path`, of the profile `uuid`.
pub(super) fn ignored(tree: &Tree, path: &HostPath, uuid: &str, owner: u32) -> Option<NotRead> {
    let attrs = tree.file(path)?.attrs;
    let not_read = |why: String, at: &HostPath, help: String| NotRead {
        message: format!("NetworkManager ignores {path}: {why}"),
        at: Some(At::file(at.clone())),
        help,
        may_be_meant: false,
    };
    if attrs.mode & 0o077 != 0 {
        let why = format!("its mode is {:04o}", attrs.mode);
        return Some(not_read(why, path, format!("chmod 600 {}", path.word())));
    }
    if attrs.uid != owner {
        let why = format!("it is owned by the user {}, not by root", attrs.uid);
        return Some(not_read(why, path, format!("chown root {}", path.word())));
    }
    let tombstone = hiding(tree, uuid)?;
    let why = format!("{tombstone} hides it");
    Some(not_read(
        why,
        &tombstone,
        format!("rm {}", tombstone.word()),
    ))
}

/// Where a tombstone points to.
pub(super) const NOWHERE: &str = "/dev/null";

/// Returns the path of what hides the profile `uuid` for good.
pub(super) fn tombstone(uuid: &str) -> HostPath {
    HostPath::literal(KEYFILES).join(&format!("{uuid}.nmmeta"))
}

/// Returns what hides the profile `uuid`, if something does.
pub(super) fn hiding(tree: &Tree, uuid: &str) -> Option<HostPath> {
    // what is no UUID may be no name of a file either
    let uuid = Uuid::try_parse(uuid).ok()?;
    let path = tombstone(&uuid.to_string());
    match tree.get(&path)? {
        Entry::Link { target, .. } => (target == NOWHERE).then_some(path),
        Entry::File(_) | Entry::Unread | Entry::Other(_) | Entry::Unreadable(_) => None,
    }
}

/// Says that another file of the same UUID comes before the one at `path`.
pub(super) fn hidden(path: &HostPath, first: &HostPath, uuid: &str) -> NotRead {
    NotRead {
        message: format!(
            "NetworkManager ignores {path}: {first} has the same UUID, and was changed later"
        ),
        at: Some(At::file(first.clone())),
        help: format!("give one of them another UUID than {uuid}, such as one of uuidgen(1)"),
        may_be_meant: false,
    }
}

/// Says that cloud-init writes a file, and writes it again for a new instance: its `[user]` group says where it comes from.
///
/// Source: cloud-init's renderer for NetworkManager.
pub(super) fn written_by_cloud_init(path: &HostPath, interface: &str, at: At) -> NotRead {
    NotRead {
        message: format!(
            "`{interface}` is configured by cloud-init, which writes {path} again for a new instance"
        ),
        at: Some(at),
        help: "change the network configuration of its datasource, or turn that off with network: {config: disabled} in /etc/cloud/cloud.cfg.d"
            .to_owned(),
        may_be_meant: true,
    }
}

/// Parts the profiles that count from those that others of the same interface come before: ones that are read, start by
/// themselves and have the higher priority. Those of equal claim all count. What is `hidden` by another file of its UUID counts
/// only where nothing else is the profile of its interface.
pub(super) fn part(
    mut profiles: Vec<(Arc<Profile>, i32)>,
    hidden: Vec<(Arc<Profile>, i32)>,
) -> (Vec<Arc<Profile>>, Vec<Profile>) {
    let rank = |(profile, priority): &(Arc<Profile>, i32)| {
        let is_read = profile.is_read();
        (is_read, profile.autostart, *priority)
    };
    let interfaces = profiles
        .iter()
        .map(|(profile, _)| profile.interface.clone());
    let taken: HashSet<InterfaceName> = interfaces.collect();
    let is_taken = |(profile, _): &(Arc<Profile>, i32)| taken.contains(&profile.interface);
    let (idle, alone): (Vec<_>, Vec<_>) = hidden.into_iter().partition(is_taken);
    profiles.extend(alone);
    let mut best: HashMap<InterfaceName, _> = HashMap::new();
    for one in &profiles {
        let found = best
            .entry(one.0.interface.clone())
            .or_insert_with(|| rank(one));
        *found = rank(one).max(*found);
    }
    let counts = |one: &(Arc<Profile>, i32)| best.get(&one.0.interface) == Some(&rank(one));
    let (first, others): (Vec<_>, Vec<_>) = profiles.into_iter().partition(counts);
    let bare = |profiles: Vec<(Arc<Profile>, i32)>| {
        let mut bare: Vec<Arc<Profile>> =
            profiles.into_iter().map(|(profile, _)| profile).collect();
        bare.sort_by(|a, b| a.home.file.cmp(&b.home.file));
        bare
    };
    let idle = bare(others.into_iter().chain(idle).collect());
    let idle = idle.into_iter().map(Arc::unwrap_or_clone);
    (bare(first), idle.collect())
}
