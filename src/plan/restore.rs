//! Originals: where it is known what a file was before it was bridged, and that says all that the file would say now,
//! its very bytes come back.
//!
//! Known from the history, or from `FILE.old`. Nothing may be lost by it: every setting and comment of the new text must
//! be in the original, with the same addressing. Files that were found by the interface's name come back with it.

use crate::backend::{self};
use crate::backend::{Companion, Setting, Text};
use crate::change::{Change, ChangeSet, Labels};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::{self, Operation};
use crate::readers::Readers;
use crate::tree::{Attrs, Entry, File, HostPath, Node, Tree};

use super::backup::{Copies, Place};

/// An earlier transaction.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its number.
    pub id: u64,
    /// The command line, without the program's name.
    pub command: String,
    /// What it changed.
    pub set: ChangeSet,
}

/// What became of the files after the original was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    /// All are as they were left: nothing was said since that could be lost.
    Untouched,
    /// Something was edited: the original comes back only if it says just what the files say.
    Edited,
    /// Nobody knows: the original comes back if it says all that the files say.
    Unknown,
}

/// A text that the file once had.
struct Original<'a> {
    bytes: &'a [u8],
    source: String,
    /// Whether it may give back addressing that the file would not have otherwise.
    own: bool,
    /// What became of the files since.
    since: Since,
    /// Files that went together with it, or of which a copy lies beside its copy.
    gone: Vec<(HostPath, File)>,
}

/// Returns `set` with originals in the place of new texts that say no more, and what came back, in words.
pub(super) fn originals(
    tree: &Tree,
    readers: &Readers,
    set: ChangeSet,
    operation: &Operation,
    before: &Host,
    past: &[Past],
    copies: &Copies,
) -> (ChangeSet, Restored) {
    let removes = matches!(operation, Operation::BridgeRemove { .. });
    if !removes && !matches!(operation, Operation::RemovePort { .. }) {
        return (set, Restored::default());
    }
    let mut result = set.clone();
    let (mut notes, mut files) = (Vec::new(), Vec::new());
    for change in set.iter() {
        let Some(Node::File(new)) = &change.after else {
            continue;
        };
        let Some(port) = detached(tree, before, &change.path) else {
            let mut known = texts(tree, &change.path, past, copies);
            let original = known.find(|(bytes, _)| followed(operation, before, change, bytes));
            if let Some((bytes, source)) = original.filter(|(bytes, _)| *bytes != new.bytes) {
                notes.push(format!("{} as it was {source}", change.path.name()));
                files.push(change.path.clone());
                result.put(Change {
                    after: Some(Node::File(File {
                        bytes: bytes.to_vec(),
                        attrs: new.attrs,
                    })),
                    ..change.clone()
                });
            }
            continue;
        };
        let Some(wanted) = profile_of(readers, port, &new.bytes) else {
            continue;
        };
        let fits = |original: &Original<'_>| {
            let old = profile_of(readers, port, original.bytes);
            old.is_some_and(|old| says_all(&old, &wanted, original, before))
        };
        let moved = |earlier: &Past| moved_from(readers, earlier, &port.interface);
        let known = candidates(tree, &change.path, past, copies, removes, &moved);
        if let Some(original) = known
            .into_iter()
            .find(fits)
            .filter(|original| original.bytes != new.bytes)
        {
            notes.push(format!(
                "{} as it was {}",
                change.path.name(),
                original.source
            ));
            let file = File {
                bytes: original.bytes.to_vec(),
                attrs: new.attrs,
            };
            for (path, file) in lost_companions(tree, readers, before, port, &original) {
                if result.get(&path).is_none() {
                    let source = &original.source;
                    notes.push(format!("{path} is there again as it was: {source}"));
                    result.put(Change {
                        labels: Labels::Like(path.folder()),
                        path,
                        before: None,
                        after: Some(Node::File(file)),
                    });
                }
            }
            result.put(Change {
                after: Some(Node::File(file)),
                ..change.clone()
            });
        }
    }
    let said = notes;
    (result, Restored { said, files })
}

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Restored {
    /// In words.
    pub(super) said: Vec<String>,
    /// Files of libvirt's.
    files: Vec<HostPath>,
}

impl Restored {
    /// Returns whether a note is about a file that came back.
    pub(super) fn of(&self, note: &str) -> bool {
        self.files.iter().any(|file| note.contains(file.as_str()))
    }
}

/// Returns whether a file of libvirt's is the original with nothing but the bridge in the place of its ports.
fn followed(operation: &Operation, before: &Host, change: &Change, original: &[u8]) -> bool {
    let (Operation::BridgeRemove { bridge, .. }, Some(Node::File(now))) =
        (operation, &change.before)
    else {
        return false;
    };
    let mut tree = Tree::default();
    tree.insert(change.path.clone(), unowned(original));
    let old = backend::libvirt_host(&tree);
    let mut new = old.clone();
    for port in before.ports_of(bridge) {
        op::follow_devices(&mut new, &port.interface, bridge);
    }
    let mut without = old.clone();
    if let Some(port) = before.ports_of(bridge).next() {
        op::follow_devices(&mut without, bridge, &port.interface);
    }
    if without != old {
        // it names the bridge that goes
        return false;
    }
    let set = backend::emit(&tree, &old, &new).ok();
    let again = set.and_then(|set| set.get(&change.path)?.after.clone());
    matches!(again, Some(Node::File(file)) if file.bytes == now.bytes)
}

/// Returns the files that belonged to `port` as it was, and that nobody has now.
fn lost_companions(
    tree: &Tree,
    readers: &Readers,
    before: &Host,
    port: &Profile,
    original: &Original<'_>,
) -> Vec<(HostPath, File)> {
    let Some(origin) = port.origin.as_ref().filter(|_| original.own) else {
        return Vec::new();
    };
    let mut past = Tree::default();
    past.insert(origin.clone(), unowned(original.bytes));
    for (path, file) in &original.gone {
        past.insert(path.clone(), Entry::File(file.clone()));
    }
    let texts = backend::ifcfg_texts(&past, readers);
    let is_it = |(profile, _): &&(Profile, Text)| profile.origin.as_ref() == Some(origin);
    let old = texts.iter().find(is_it);
    let now = backend::texts(tree, before);
    let kept = |companion: &Companion| {
        let mut known = now.iter().flat_map(|(_, text)| &text.companions);
        known.any(|other| other.role == companion.role && other.content == companion.content)
    };
    let lost = old
        .into_iter()
        .flat_map(|(_, text)| &text.companions)
        .filter(|companion| !tree.exists(&companion.origin) && !kept(companion));
    lost.filter_map(|companion| {
        Some((
            companion.origin.clone(),
            past.file(&companion.origin)?.clone(),
        ))
    })
    .collect()
}

/// Returns the port whose file is at `path`.
fn detached<'a>(tree: &Tree, before: &'a Host, path: &HostPath) -> Option<&'a Profile> {
    let here = |origin: &HostPath| tree.end_of(origin) == *path;
    let mut ports = before.profiles().filter(|port| port.controller.is_some());
    ports.find(|port| port.origin.as_ref().is_some_and(here))
}

/// Returns the texts that the file at `path` had, the latest first, and where they are known from.
fn texts<'a>(
    tree: &'a Tree,
    path: &'a HostPath,
    past: &'a [Past],
    copies: &'a Copies,
) -> impl Iterator<Item = (&'a [u8], String)> {
    let earlier = past.iter().rev().filter_map(|earlier| {
        let Some(Node::File(file)) = &earlier.set.get(path)?.before else {
            return None;
        };
        Some((
            file.bytes.as_slice(),
            format!("before transaction {}", earlier.id),
        ))
    });
    let beside = [Place::Beside, Place::Store].into_iter();
    let beside = beside.filter_map(|place| {
        let copy = copies.path(place, path);
        let file = tree.file(&copy)?;
        Some((file.bytes.as_slice(), format!("in {}", copy.name())))
    });
    earlier.chain(beside)
}

/// Returns the texts that the file of a profile at `path` had, the latest first.
fn candidates<'a>(
    tree: &'a Tree,
    path: &HostPath,
    past: &'a [Past],
    copies: &Copies,
    removes: bool,
    moved: &dyn Fn(&Past) -> bool,
) -> Vec<Original<'a>> {
    let mut found = Vec::new();
    for earlier in past.iter().rev() {
        let Some(Change {
            before: Some(Node::File(file)),
            ..
        }) = earlier.set.get(path)
        else {
            continue;
        };
        // a transaction that made files moved this one's addressing into them
        let made = earlier
            .set
            .iter()
            .any(|change| change.before.is_none() && !change.path.name().ends_with(".old"));
        let source = format!("before transaction {}", earlier.id);
        found.push(Original {
            bytes: &file.bytes,
            source,
            own: removes || !made || !moved(earlier),
            since: since(tree, &earlier.set),
            gone: earlier.set.iter().filter_map(gone).collect(),
        });
    }
    for place in [Place::Beside, Place::Store] {
        let copy = copies.path(place, path);
        if let Some(Entry::File(file)) = tree.get(&copy) {
            let source = format!("in {}", copy.name());
            found.push(Original {
                bytes: &file.bytes,
                source,
                own: removes,
                since: Since::Unknown,
                gone: copies.found(tree, place),
            });
        }
    }
    found
}

/// Returns whether a transaction that made a bridge gave it the addressing of `port`: that of the first port that has some, in
/// the order of the command.
fn moved_from(readers: &Readers, earlier: &Past, port: &InterfaceName) -> bool {
    let words = earlier.command.split([' ', ',', '=']);
    let mut tree = Tree::default();
    for change in earlier.set.iter() {
        if let Some(Node::File(file)) = &change.before {
            tree.insert(change.path.clone(), unowned(&file.bytes));
        }
    }
    let profiles = backend::ifcfg_profiles(&tree, readers);
    let addressed = |word: &str| {
        let named = |profile: &&Profile| profile.interface.as_str() == word;
        let mut profiles = profiles.iter().filter(named);
        profiles.any(|profile| !profile.layer3.addressing.is_empty())
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
fn since(tree: &Tree, set: &ChangeSet) -> Since {
    let copy = |change: &&Change| change.path.name().ends_with(".old");
    let untouched = |change: &Change| match (&change.after, tree.get(&change.path)) {
        (Some(Node::File(left)), Some(Entry::File(found))) => left.bytes == found.bytes,
        (Some(Node::Link(left)), Some(Entry::Link { target, .. })) => left == target,
        (None, None) => true,
        _ => false,
    };
    match set.iter().filter(|change| !copy(change)).all(untouched) {
        true => Since::Untouched,
        false => Since::Edited,
    }
}

/// Returns the profile that the file of `port` would be with these bytes.
fn profile_of(readers: &Readers, port: &Profile, bytes: &[u8]) -> Option<(Profile, Text)> {
    let origin = port.origin.clone()?;
    let mut tree = Tree::default();
    tree.insert(origin, unowned(bytes));
    backend::ifcfg_texts(&tree, readers).into_iter().next()
}

/// Returns a file of which only the bytes matter.
fn unowned(bytes: &[u8]) -> Entry {
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

/// Returns whether `old` says all that `new` says, and configures the same.
fn says_all(
    (old, old_text): &(Profile, Text),
    (new, new_text): &(Profile, Text),
    original: &Original<'_>,
    before: &Host,
) -> bool {
    let nothing = original.own && new.layer3.addressing.is_empty() && new_text.settings.is_empty();
    let same_addressing = old.layer3.addressing == new.layer3.addressing;
    let boots_alike = old.autostart == new.autostart && old.nm_controlled == new.nm_controlled;
    let said = match original.since {
        Since::Untouched => true,
        Since::Edited => says(old_text, new_text) && (nothing || says(new_text, old_text)),
        Since::Unknown => says(old_text, new_text),
    };
    old.interface == new.interface
        && old.kind == new.kind
        && old.controller == new.controller
        && (same_addressing || (nothing && !taken(old, before)))
        && (boots_alike || original.own)
        && said
}

/// Returns whether every setting and comment of `said` is in `by`.
fn says(by: &Text, said: &Text) -> bool {
    let texts: Vec<&Setting> = by
        .rest
        .iter()
        .chain(&by.settings)
        .chain(&by.shared)
        .collect();
    let has = |setting: &Setting| {
        texts.iter().any(|known| match setting.key.as_str() {
            "" => known.text.raw().contains(setting.text.raw().trim()),
            // the lens for Open vSwitch writes and removes it
            "HOTPLUG" => true,
            key => known.key == key && known.value == setting.value,
        })
    };
    let mut settings = said.settings.iter().chain(&said.shared).chain(&said.rest);
    let comments = comments_of(by);
    settings.all(has)
        && comments_of(said)
            .iter()
            .all(|comment| comments.contains(comment))
}

/// Returns whether an address of `old` belongs to another interface by now.
fn taken(old: &Profile, before: &Host) -> bool {
    let addresses = &old.layer3.addressing.addresses;
    before
        .profiles()
        .filter(|profile| profile.interface != old.interface)
        .any(|profile| {
            profile
                .layer3
                .addressing
                .addresses
                .iter()
                .any(|address| addresses.contains(address))
        })
}

/// Returns the comment lines that settings carry above or behind them.
fn comments_of(text: &Text) -> Vec<String> {
    let settings = text.settings.iter().chain(&text.rest).chain(&text.shared);
    let lines = settings.flat_map(|setting| {
        setting
            .text
            .raw()
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let comment = |line: String| {
        let at = if line.trim_start().starts_with('#') {
            line.find('#')
        } else {
            line.find(" #").map(|at| at + 1)
        };
        at.map(|at| line[at..].trim().to_owned())
    };
    lines.filter_map(comment).collect()
}
