//! What is known of a file as it was: from the history, and from copies.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::past::{EarlierTransaction, EditedSince, Gone, Past, missing, unowned};
use crate::backend::{kernel, lenses};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::plan::copies::{Copies, CopyPlace, OLD, Other};
use crate::readers::Readers;
use crate::tree::{Entry, HostPath, Node, Tree};

/// What was at a path.
#[derive(Clone, Copy)]
pub(super) enum Was<'a> {
    /// A file with these bytes.
    File(&'a [u8]),
    /// Nothing, before this transaction made the file.
    Nothing(&'a Past<'a>),
}

/// What a file once was.
pub(super) struct Original<'a> {
    pub(super) was: Was<'a>,
    pub(super) source: String,
    /// Whether it may give back addressing that the file would not have otherwise.
    pub(super) own: bool,
    /// What became of the files since.
    pub(super) edited_since: EditedSince,
    /// Files that went together with it, or of which a copy lies beside its copy, and that are not there.
    pub(super) gone: Gone,
}

/// Returns the texts that the file at `path` had, the latest first, and where they are known from.
pub(super) fn texts<'a>(
    tree: &'a Tree,
    path: &'a HostPath,
    history: &'a [EarlierTransaction],
    copies: &'a Copies,
) -> impl Iterator<Item = (&'a [u8], String)> {
    let earlier = history.iter().rev().filter_map(|earlier| {
        let Some(Node::File(file)) = &earlier.set.get(path)?.before else {
            return None;
        };
        Some((
            file.bytes.as_slice(),
            format!("before transaction {}", earlier.id),
        ))
    });
    let beside = [CopyPlace::Beside, CopyPlace::Store].into_iter();
    let beside = beside.filter_map(|place| {
        let copy = copies.path(place, path);
        let file = tree.file(&copy)?;
        Some((file.bytes.as_slice(), format!("in {}", copy.name())))
    });
    earlier.chain(beside)
}

/// The files of which copies lie beside each other, by where they lie and what stands behind their names: looked for once.
pub(super) struct Copied<'a> {
    tree: &'a Tree,
    copies: &'a Copies,
    by_mark: RefCell<HashMap<(CopyPlace, String), Gone>>,
}

impl<'a> Copied<'a> {
    pub(super) fn of(tree: &'a Tree, copies: &'a Copies) -> Self {
        Self {
            tree,
            copies,
            by_mark: RefCell::default(),
        }
    }

    /// Returns the files with a copy of this mark that are not there.
    fn gone(&self, place: CopyPlace, mark: &str) -> Gone {
        let mut by_mark = self.by_mark.borrow_mut();
        let gone = by_mark.entry((place, mark.to_owned())).or_insert_with(|| {
            let found = self.copies.found(self.tree, place, mark);
            missing(self.tree, found.into_iter())
        });
        Rc::clone(gone)
    }
}

/// Returns what the file of a profile at `path` was, the latest first.
pub(super) fn candidates<'a>(
    copied: &Copied<'a>,
    path: &HostPath,
    history: &'a [Past<'a>],
    removes: bool,
    moved: &dyn Fn(&Past<'a>) -> bool,
) -> Vec<Original<'a>> {
    let (tree, copies) = (copied.tree, copied.copies);
    let mut found = Vec::new();
    // what is there now came from elsewhere, if it went in between
    let mut went = false;
    for past in history.iter().rev() {
        let Some(change) = past.earlier.set.get(path) else {
            continue;
        };
        went |= change.after.is_none();
        let told = past.told(tree);
        let was = match &change.before {
            Some(Node::File(file)) => Was::File(&file.bytes),
            None if !went && !told.came_from_another(path) => Was::Nothing(past),
            None => continue,
            Some(Node::Link(_)) => continue,
        };
        found.push(Original {
            was,
            source: format!("before transaction {}", past.earlier.id),
            own: removes || !told.made || !moved(past),
            edited_since: told.edited_since,
            gone: Rc::clone(&told.gone),
        });
        if matches!(was, Was::Nothing(_)) {
            break;
        }
    }
    for place in [CopyPlace::Beside, CopyPlace::Store] {
        let copy = copies.path(place, path);
        if let Some(Entry::File(file)) = tree.get(&copy) {
            let source = format!("in {}", copy.name());
            found.push(Original {
                was: Was::File(&file.bytes),
                source,
                own: removes,
                edited_since: EditedSince::Unknown,
                gone: copied.gone(place, OLD),
            });
        }
    }
    found
}

/// Returns the copies that others made of the file of `port`, which is really at `path`.
pub(super) fn others<'a>(
    copied: &Copied<'a>,
    (port, path): (&Profile, &HostPath),
    removes: bool,
) -> Vec<Original<'a>> {
    let paths = port.home.file.iter().chain([path]).collect();
    let others = copied.copies.others(copied.tree, &paths).into_iter();
    let original = |copy: Other<'a>| Original {
        was: Was::File(copy.bytes),
        source: format!("in {}", copy.at.name()),
        own: removes,
        edited_since: EditedSince::Unknown,
        gone: copied.gone(copy.place, &copy.mark),
    };
    others.map(original).collect()
}

/// Returns the bridges of `host` as NetworkManager and the kernel know them: what a port names may be told by their files alone.
pub(super) fn bridges(tree: &Tree, host: &Host) -> Tree {
    let bridges = host.bridges().filter_map(|bridge| bridge.home.file.clone());
    let mut part = tree.only(&bridges.collect::<Vec<_>>());
    kernel::show(&mut part, &host.macs);
    part
}

/// Returns the profile that the file of `port` would be with these bytes, beside these bridges: it may name one by what only the
/// file of that says.
pub(super) fn profile_of(
    bridges: &Tree,
    readers: &Readers,
    port: &Profile,
    bytes: &[u8],
) -> Option<Profile> {
    let origin = port.home.file.clone()?;
    let mut part = bridges.clone();
    part.insert(origin.clone(), unowned(bytes));
    let mut profiles = lenses::profiles(&part, readers).into_iter();
    profiles.find(|profile| profile.home.file.as_ref() == Some(&origin))
}
