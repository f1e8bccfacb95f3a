//! What is known of a file as it was: from the history, and from copies.

use crate::backend::{kernel, lenses};
use crate::change::{Change, ChangeSet};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::layout::{About, kind_anywhere};
use crate::plan::copies::{Copies, CopyPlace, OLD, Other};
use crate::tree::{Attrs, Entry, File, HostPath, Node, Tree};

/// An earlier transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierTransaction {
    /// Its number.
    pub id: u64,
    /// The command line, without the program's name.
    pub command: String,
    /// What it changed.
    pub set: ChangeSet,
    /// What was wrong before it and not after it: rule and subject.
    pub repaired: Vec<(String, String)>,
}

/// What became of the files after the original was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EditedSince {
    /// All are as they were left: nothing was said since that could be lost.
    No,
    /// Something was edited: the original comes back only if it says just what the files say.
    Yes,
    /// Nobody knows: the original comes back if it says all that the files say.
    Unknown,
}

/// What was at a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Was<'a> {
    /// A file with these bytes.
    File(&'a [u8]),
    /// Nothing, before this change made the file.
    Nothing(&'a ChangeSet),
}

/// What a file once was.
pub(super) struct Original<'a> {
    pub(super) was: Was<'a>,
    pub(super) source: String,
    /// Whether it may give back addressing that the file would not have otherwise.
    pub(super) own: bool,
    /// What became of the files since.
    pub(super) edited_since: EditedSince,
    /// Files that went together with it, or of which a copy lies beside its copy.
    pub(super) gone: Vec<(HostPath, File)>,
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

/// Returns whether a change took away files of profiles in another format than that at `path`: it wrote what they said anew.
fn came_from_another(set: &ChangeSet, path: &HostPath) -> bool {
    let format = |path: &HostPath| {
        let kind = kind_anywhere(path.as_str());
        kind.filter(|kind| kind.about == About::Profile)?.format
    };
    let own = format(path);
    let mut gone = set.iter().filter(|change| change.after.is_none());
    gone.any(|change| format(&change.path).is_some_and(|other| Some(other) != own))
}

/// Returns what the file of a profile at `path` was, the latest first.
pub(super) fn candidates<'a>(
    tree: &'a Tree,
    path: &HostPath,
    history: &'a [EarlierTransaction],
    copies: &Copies,
    removes: bool,
    moved: &dyn Fn(&EarlierTransaction) -> bool,
) -> Vec<Original<'a>> {
    let mut found = Vec::new();
    // what is there now came from elsewhere, if it went in between
    let mut went = false;
    for earlier in history.iter().rev() {
        let Some(change) = earlier.set.get(path) else {
            continue;
        };
        went |= change.after.is_none();
        let was = match &change.before {
            Some(Node::File(file)) => Was::File(&file.bytes),
            None if !went && !came_from_another(&earlier.set, path) => Was::Nothing(&earlier.set),
            None => continue,
            Some(Node::Link(_)) => continue,
        };
        // a transaction that made files moved this one's addressing into them
        let made = earlier
            .set
            .iter()
            .any(|change| change.before.is_none() && !change.path.name().ends_with(".old"));
        let source = format!("before transaction {}", earlier.id);
        found.push(Original {
            was,
            source,
            own: removes || !made || !moved(earlier),
            edited_since: edited_since(tree, &earlier.set),
            gone: earlier.set.iter().filter_map(gone).collect(),
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
                gone: copies.found(tree, place, OLD),
            });
        }
    }
    found
}

/// Returns the copies that others made of the file of `port`, which is really at `path`.
pub(super) fn others<'a>(
    tree: &'a Tree,
    (port, path): (&Profile, &HostPath),
    copies: &Copies,
    removes: bool,
) -> Vec<Original<'a>> {
    let paths = port.home.file.iter().chain([path]).collect();
    let others = copies.others(tree, &paths).into_iter();
    let original = |copy: Other<'a>| Original {
        was: Was::File(copy.bytes),
        source: format!("in {}", copy.at.name()),
        own: removes,
        edited_since: EditedSince::Unknown,
        gone: copies.found(tree, copy.place, &copy.mark),
    };
    others.map(original).collect()
}

/// Returns whether a transaction that made a bridge gave it the addressing of `port`: that of the first port that has some, in
/// the order of the command.
pub(super) fn moved_from(host: &Host, earlier: &EarlierTransaction, port: &InterfaceName) -> bool {
    let words = earlier.command.split([' ', ',', '=']);
    let mut tree = Tree::default();
    kernel::show(&mut tree, &host.macs);
    for change in earlier.set.iter() {
        if let Some(Node::File(file)) = &change.before {
            tree.insert(change.path.clone(), unowned(&file.bytes));
        }
    }
    let profiles = lenses::profiles(&tree, &host.readers);
    let addressed = |word: &str| {
        let named = |profile: &&Profile| profile.interface.as_str() == word;
        let mut profiles = profiles.iter().filter(named);
        profiles.any(|profile| !profile.layer3.gives_no_address())
    };
    let mut words = words.map(|word| word.trim_matches(['\'', '"']));
    match words.find(|word| addressed(word)) {
        Some(first) => first == port.as_str(),
        None => true,
    }
}

/// Returns the file that a change took away.
fn gone(change: &Change) -> Option<(HostPath, File)> {
    match (&change.before, &change.after) {
        (Some(Node::File(file)), None) => Some((change.path.clone(), file.clone())),
        _ => None,
    }
}

/// Returns what became of the files that `set` left; copies of originals do not matter.
fn edited_since(tree: &Tree, set: &ChangeSet) -> EditedSince {
    let copy = |change: &&Change| change.path.name().ends_with(".old");
    let untouched = |change: &Change| match (&change.after, tree.get(&change.path)) {
        (Some(Node::File(left)), Some(Entry::File(found))) => left.bytes == found.bytes,
        (Some(Node::Link(left)), Some(Entry::Link { target, .. })) => left == target,
        (None, None) => true,
        _ => false,
    };
    match set.iter().filter(|change| !copy(change)).all(untouched) {
        true => EditedSince::No,
        false => EditedSince::Yes,
    }
}

/// Returns the profile that the file of `port` in `tree` would be with these bytes, beside the bridges of `host`: it may name one
/// by what only the file of that says.
pub(super) fn profile_of(
    tree: &Tree,
    host: &Host,
    port: &Profile,
    bytes: &[u8],
) -> Option<Profile> {
    let origin = port.home.file.clone()?;
    let bridges = host.bridges().filter_map(|bridge| bridge.home.file.clone());
    let mut part = tree.only(&bridges.collect::<Vec<_>>());
    kernel::show(&mut part, &host.macs);
    part.insert(origin.clone(), unowned(bytes));
    let mut profiles = lenses::profiles(&part, &host.readers).into_iter();
    profiles.find(|profile| profile.home.file.as_ref() == Some(&origin))
}

/// Returns a file of which only the bytes matter.
pub(super) fn unowned(bytes: &[u8]) -> Entry {
    let attrs = Attrs {
        mode: 0,
        uid: 0,
        gid: 0,
    };
    Entry::File(File {
        bytes: bytes.to_vec(),
        attrs,
    })
}
