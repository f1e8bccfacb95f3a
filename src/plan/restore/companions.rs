//! Files that were found by the name of a profile come back with it, under the names that they had.

use super::Sources;
use super::known::Original;
use super::past::unowned;
use crate::backend::Beside;
use crate::backend::lenses;
use crate::change::{Change, ChangeSet, Labels};
use crate::host::profile::Profile;
use crate::layout::{Commands, kind_of};
use crate::tree::{Entry, File, HostPath, Node, Tree};

/// Puts into `result` the files that belonged to `port` as it was, and says which: those that come to it now get their old
/// names, and those that nobody has are there again.
pub(super) fn come_back(
    sources: &Sources<'_>,
    result: &mut ChangeSet,
    port: &Profile,
    (bytes, original): (&[u8], &Original<'_>),
) -> Vec<String> {
    let Some(origin) = &port.home.file else {
        return Vec::new();
    };
    if original.gone.is_empty() {
        return Vec::new();
    }
    let tree = sources.tree;
    let profile = (origin.clone(), unowned(bytes));
    let gone = original.gone.iter();
    let once = beside(tree, &profile, gone.map(|(path, file)| (path, file)));
    let old = of(sources, &once, origin);
    if old.is_empty() {
        return Vec::new();
    }
    let written = result.iter().filter_map(|change| match &change.after {
        Some(Node::File(file)) => Some((&change.path, file)),
        Some(Node::Link(_)) | None => None,
    });
    let now = beside(tree, &profile, written);
    let now = of(sources, &now, origin);
    let mut said = Vec::new();
    for old in old {
        let path = tree.real(&old.at);
        let Some(file) = once.file(&old.at) else {
            continue;
        };
        if tree.exists(&old.at) || result.get(&path).is_some() {
            continue;
        }
        let source = &original.source;
        if let Some(moved) = now.iter().find(|moved| moved.says == old.says) {
            if rename(result, &tree.real(&moved.at), &path, file) {
                said.push(format!("{} as it was {source}", path.name()));
            }
        } else if original.own
            && !is_kept(sources, port, &old)
            && !is_new_code(sources, &path, file)
        {
            said.push(format!("{} as it was {source}", path.name()));
            result.put(Change {
                labels: Labels::Like(path.folder()),
                path,
                before: None,
                after: Some(Node::File(file.clone())),
            });
        }
    }
    said
}

/// Returns the tree of a profile and of files beside it, by the names that programs know.
fn beside<'f>(
    tree: &Tree,
    (origin, profile): &(HostPath, Entry),
    files: impl Iterator<Item = (&'f HostPath, &'f File)>,
) -> Tree {
    let mut part = Tree::default();
    for (path, file) in files {
        for name in tree.names_of(path) {
            part.insert(name, Entry::File(file.clone()));
        }
    }
    part.insert(origin.clone(), profile.clone());
    part
}

/// Returns the files that are found by the name of the profile at `origin`.
fn of(sources: &Sources<'_>, part: &Tree, origin: &HostPath) -> Vec<Beside> {
    let profiles = lenses::profiles(part, sources.readers).into_iter();
    let mut own = profiles.filter(|profile| profile.home.file.as_ref() == Some(origin));
    let own = own.next();
    own.map_or_else(Vec::new, |own| lenses::beside(part, sources.readers, &own))
}

/// Gives the file that `result` makes at `from` the path `to`, and the bytes that it had there.
fn rename(result: &mut ChangeSet, from: &HostPath, to: &HostPath, original: &File) -> bool {
    let Some(Change {
        before: None,
        after: Some(Node::File(file)),
        labels,
        ..
    }) = result.get(from).cloned()
    else {
        return false;
    };
    let origin = result.renamed_from(from).cloned();
    let nothing = |path: &HostPath, after| Change {
        path: path.clone(),
        before: None,
        after,
        labels: labels.clone(),
    };
    result.put(nothing(from, None));
    let bytes = original.bytes.clone();
    result.put(nothing(to, Some(Node::File(File { bytes, ..file }))));
    if let Some(origin) = origin {
        result.note_rename(origin, to.clone());
    }
    true
}

/// Returns whether a program would run the file, and no file has its text now: a history may say what never was, and what it
/// says is run as root.
fn is_new_code(sources: &Sources<'_>, path: &HostPath, file: &File) -> bool {
    let kind = kind_of(path.as_str());
    let is_run = kind.is_some_and(|kind| kind.commands == Commands::Move);
    let same = |(_, entry): (&HostPath, &Entry)| match entry {
        Entry::File(found) => found.bytes == file.bytes,
        Entry::Link { .. } | Entry::Other(_) | Entry::Unread | Entry::Unreadable(_) => false,
    };
    is_run && !sources.tree.entries().any(same)
}

/// Returns whether another profile has what the file said, or an address of it.
fn is_kept(sources: &Sources<'_>, port: &Profile, old: &Beside) -> bool {
    let of_all = sources
        .before
        .profiles()
        .flat_map(|profile| lenses::beside(sources.tree, sources.readers, profile));
    if of_all.into_iter().any(|other| other.says == old.says) {
        return true;
    }
    let of = |profile: &Profile| {
        let mut addresses = profile.layer3.addresses();
        let other = profile.interface != port.interface;
        other && addresses.any(|net| old.addresses.contains(&net.addr()))
    };
    sources.before.profiles().any(of)
}
