//! What a history may do to a tree: what commands do, and nothing that they do not.
//!
//! A journal lies in the tree, and who made the tree may have made it. So what it would have done is held to what kvmnet
//! writes: the files of its commands (no script, no hook, no other program's file), modes without set-id, owners that
//! are found there, and no capability.

use std::collections::{BTreeMap, BTreeSet};

use super::confirm;
use crate::change::{Change, Labels, Marks, Xattrs};
use crate::layout::{Commands, kind_of};
use crate::template::TEMPLATES;
use crate::tree::{Attrs, Entry, HostPath, Node, Tree};

/// A path that no command changes, or a file that gets what no command gives.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPermitted {
    /// A path.
    #[error("it would change {0}, which is not a file that any command edits")]
    Path(HostPath),
    /// What a file gets.
    #[error("it would give {0} {1}, which no command does")]
    Gains(HostPath, &'static str),
}

/// What is known of a tree to judge by.
#[derive(Debug)]
pub struct Permitted<'a> {
    tree: &'a Tree,
    state: HostPath,
    store: HostPath,
    /// Where links at listed paths end.
    ends: BTreeSet<HostPath>,
    owners: BTreeSet<(u32, u32)>,
}

/// A change that a history asks for, with the extended attributes of what is there now.
struct Deed<'a> {
    /// From what is there now to what would be there.
    change: &'a Change,
    /// The extended attributes of what is there now.
    found: &'a Xattrs,
}

impl<'a> Permitted<'a> {
    /// Returns what `tree` knows, with kvmnet's own folder at `state` and further `owners` that were found.
    #[must_use]
    pub fn of(
        tree: &'a Tree,
        state: &HostPath,
        owners: impl IntoIterator<Item = (u32, u32)>,
    ) -> Self {
        let owner_of = |entry: &Entry| match entry {
            Entry::File(file) => Some(owner(&file.attrs)),
            Entry::Link { .. } | Entry::Other(_) | Entry::Unread | Entry::Unreadable(_) => None,
        };
        let link = |entry: &Entry| matches!(entry, Entry::Link { .. });
        let of_tree = tree.entries().filter_map(|(_, entry)| owner_of(entry));
        Self {
            tree,
            state: state.clone(),
            store: state.join("backups"),
            ends: tree
                .entries()
                .filter(|(path, entry)| link(entry) && is_listed(path))
                .map(|(path, _)| tree.end_of(path))
                .collect(),
            owners: of_tree.chain(owners).collect(),
        }
    }

    /// Refuses changes that reach further than commands do; `found` are the marks of what is there now.
    ///
    /// # Errors
    /// The first change that does.
    pub fn check<'c>(
        &self,
        changes: impl IntoIterator<Item = &'c Change>,
        found: &BTreeMap<HostPath, Marks>,
    ) -> Result<(), NotPermitted> {
        let nothing = Marks::default();
        let marks = |path: &HostPath| found.get(path).unwrap_or(&nothing);
        let deeds = changes.into_iter().map(|change| Deed {
            change,
            found: &marks(&change.path).xattrs,
        });
        self.check_deeds(&deeds.collect::<Vec<_>>())
    }

    /// Refuses what reaches further than commands do; `all` are the deeds together.
    fn check_deeds(&self, all: &[Deed<'_>]) -> Result<(), NotPermitted> {
        for deed in all {
            let path = &deed.change.path;
            // whatever its record says, it only goes
            if confirm::ends_wait(deed.change, &self.tree.names_of(path), &self.state) {
                continue;
            }
            if !self.may_name(path) {
                return Err(NotPermitted::Path(path.clone()));
            }
            if let Some(Node::File(after)) = &deed.change.after
                && is_run(path)
                && !was_there(all, &after.bytes)
            {
                return Err(NotPermitted::Gains(path.clone(), "code that was not there"));
            }
            if let Some(target) = led(path)
                && !deed
                    .change
                    .after
                    .as_ref()
                    .is_none_or(|after| is_link_to(after, target))
            {
                return Err(NotPermitted::Gains(path.clone(), "another target"));
            }
            if let Some(what) = self.gains(deed) {
                return Err(NotPermitted::Gains(path.clone(), what));
            }
        }
        Ok(())
    }

    fn may_name(&self, path: &HostPath) -> bool {
        // taking back deletes the copies too
        let original = path
            .name()
            .strip_suffix(".old")
            .filter(|name| !name.is_empty());
        self.may_change(path)
            || original.is_some_and(|name| self.may_change(&path.folder().join(name)))
    }

    fn may_change(&self, path: &HostPath) -> bool {
        let listed = |path: &HostPath| is_listed(path);
        is_listed(path)
            || (path.is_beneath(&self.store) && *path != self.store)
            || self.tree.names_of(path).iter().any(listed)
            || self.ends.contains(path)
    }

    /// Returns what a file would get that kvmnet gives to none.
    fn gains(&self, deed: &Deed<'_>) -> Option<&'static str> {
        let Change {
            before,
            after,
            labels,
            ..
        } = deed.change;
        match after {
            None => None,
            // a link is where a file may be, and is shown with where it leads
            Some(Node::Link(_)) => {
                let owner = match labels {
                    Labels::Exact(marks) => marks.owner,
                    Labels::Like(_) => None,
                };
                owner
                    .is_some_and(|owner| !self.owners.contains(&owner))
                    .then_some("an owner who owns nothing else there")
            }
            Some(Node::File(after)) => {
                let before = match before {
                    Some(Node::File(before)) => Some(&before.attrs),
                    Some(Node::Link(_)) | None => None,
                };
                let had = before.map_or(0, |before| before.mode);
                let owned = before.is_some_and(|before| owner(before) == owner(&after.attrs))
                    || self.owners.contains(&owner(&after.attrs));
                let strange = match labels {
                    Labels::Exact(marks) => marks.xattrs.iter().any(|(name, value)| {
                        !is_usual(name) && deed.found.get(name) != Some(value)
                    }),
                    Labels::Like(_) => false,
                };
                // a mode is the original's: what is changed keeps its own
                if before.is_some() && after.attrs.mode & !had & OTHERS_WRITE != 0 {
                    return Some("a mode that is writable by others");
                }
                match (after.attrs.mode & !had & SET_ID, owned, strange) {
                    (0, true, false) => None,
                    (0, true, true) => Some("a capability or another attribute"),
                    (0, false, _) => Some("an owner who owns nothing else there"),
                    (_, _, _) => Some("a set-id bit"),
                }
            }
        }
    }
}

/// Returns whether one of the files that the deeds find has these bytes.
fn was_there(all: &[Deed<'_>], bytes: &[u8]) -> bool {
    all.iter().any(|deed| match &deed.change.before {
        Some(Node::File(before)) => before.bytes == bytes,
        Some(Node::Link(_)) | None => false,
    })
}

/// The bits of a mode by which a program runs as somebody else, and all that no mode has.
const SET_ID: u32 = !0o1777;

/// The bits of a mode by which others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// Returns whether an extended attribute gives no right beyond those that a plan shows.
fn is_usual(name: &str) -> bool {
    name == "security.selinux" || name == "system.posix_acl_access" || name.starts_with("user.")
}

fn owner(attrs: &Attrs) -> (u32, u32) {
    (attrs.uid, attrs.gid)
}

fn is_listed(path: &HostPath) -> bool {
    let template = path.name().strip_suffix(".hbs");
    kind_of(path.as_str()).is_some()
        || template.is_some_and(|name| TEMPLATES.iter().any(|known| known.name == name))
}

/// Returns where the link at `path` leads, where only a link to there may be.
fn led(path: &HostPath) -> Option<&'static str> {
    match kind_of(path.as_str())?.commands {
        Commands::Link(target) => Some(target),
        Commands::Write | Commands::Move => None,
    }
}

/// Returns whether `node` is a link to the file that `target` names, however it is written.
fn is_link_to(node: &Node, target: &str) -> bool {
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let folder = |path: &str| path.rsplit('/').nth(1).unwrap_or("").to_owned();
    match node {
        Node::Link(there) => name(there) == name(target) && folder(there) == folder(target),
        Node::File(_) => false,
    }
}

/// Returns whether a program runs the file at `path`, or what it is a copy of.
fn is_run(path: &HostPath) -> bool {
    let original = path.as_str().strip_suffix(".old").unwrap_or(path.as_str());
    let kinds = [kind_of(path.as_str()), kind_of(original)];
    kinds
        .into_iter()
        .flatten()
        .any(|kind| kind.commands == Commands::Move)
}
