//! Originals: where it is known what a file was before it was bridged, and that says all that the file would say now,
//! its very bytes come back.
//!
//! Known from the history, from `FILE.old`, or from copies that others made (`.bak`, `_orig`, …). Nothing may be lost by it: every setting and comment of the new text must
//! be in the original, with the same addressing. Files that were found by the interface's name come back with it. Where it is
//! known that there was no file, there is none again.

mod companions;
mod fits;
mod known;

pub use known::EarlierTransaction;

use std::cmp::Reverse;

use crate::backend;
use crate::change::{Change, ChangeSet};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::{self, Future, Operation};
use crate::readers::Readers;
use crate::tree::{File, HostPath, Node, Tree};

use super::copies::Copies;
use fits::ProfileText;
use known::{Original, Was, candidates, moved_from, others, profile_of, texts, unowned};

/// What originals are looked up in.
pub(super) struct Sources<'a> {
    /// The tree as it is, with the copies of originals.
    pub(super) tree: &'a Tree,
    /// Its readers.
    pub(super) readers: &'a Readers,
    /// The host as it is.
    pub(super) before: &'a Host,
    /// The host as it will be.
    pub(super) after: &'a Host,
    /// The history.
    pub(super) earlier: &'a [EarlierTransaction],
    /// Where copies lie.
    pub(super) copies: &'a Copies,
}

/// Returns `set` with originals in the place of new texts that say no more, and what came back, in words.
pub(super) fn originals(
    sources: &Sources<'_>,
    set: ChangeSet,
    operation: &Operation,
) -> (ChangeSet, Restored) {
    let removes = matches!(operation, Operation::BridgeRemove { .. });
    if !removes && !matches!(operation, Operation::RemovePort { .. }) {
        return (set, Restored::default());
    }
    let (mut result, mut restored) = (set.clone(), Restored::default());
    for change in set.iter() {
        let Some(Node::File(new)) = &change.after else {
            continue;
        };
        match detached(sources, &change.path) {
            Some(port) => {
                let file = (port, change, new);
                profile(sources, &mut result, &mut restored, file, removes);
            }
            None => {
                let Sources {
                    before,
                    tree,
                    earlier,
                    copies,
                    ..
                } = sources;
                let mut known = texts(tree, &change.path, earlier, copies);
                let original = known.find(|(bytes, _)| followed(operation, before, change, bytes));
                let Some((bytes, source)) = original.filter(|(bytes, _)| *bytes != new.bytes)
                else {
                    continue;
                };
                let name = change.path.name();
                restored.said.push(format!("{name} as it was {source}"));
                restored.files.push(change.path.clone());
                result.put(with_bytes(change, new, bytes));
            }
        }
    }
    (result, restored)
}

/// Puts the original of a port's profile into `result`, if one fits, and says so.
fn profile(
    sources: &Sources<'_>,
    result: &mut ChangeSet,
    restored: &mut Restored,
    (port, change, new): (&Profile, &Change, &File),
    removes: bool,
) {
    let Some(original) = original_of(sources, (port, change, new), removes) else {
        return;
    };
    let (name, source) = (change.path.name(), &original.source);
    match original.was {
        Was::File(bytes) => {
            if bytes != new.bytes {
                restored.said.push(format!("{name} as it was {source}"));
                result.put(with_bytes(change, new, bytes));
            }
            let said = companions::come_back(sources, result, port, (bytes, &original));
            restored.said.extend(said);
        }
        Was::Nothing(_) => {
            let said = match &port.home.hides {
                Some(path) => {
                    format!("no {name}: there was none {source}, and {path} says the same")
                }
                None => format!("no {name}: there was none {source}"),
            };
            restored.said.push(said);
            if port.home.hides.is_none() {
                restored.gone.push(port.interface.clone());
            }
            result.put(Change {
                after: None,
                ..change.clone()
            });
        }
    }
}

/// Returns the original of a port's profile that fits: the latest that kvmnet knows, else of the copies that others made the one
/// that says the least more.
fn original_of<'a>(
    sources: &Sources<'a>,
    (port, change, new): (&Profile, &Change, &File),
    removes: bool,
) -> Option<Original<'a>> {
    let Sources {
        tree,
        before,
        after,
        earlier,
        copies,
        ..
    } = sources;
    let wanted = profile_of(tree, before, port, &new.bytes)?;
    let new = ProfileText {
        bytes: &new.bytes,
        profile: &wanted,
    };
    let moved = |earlier: &EarlierTransaction| moved_from(before, earlier, &port.interface);
    let known = candidates(tree, &change.path, earlier, copies, removes, &moved);
    let comes = after.profile(&port.interface);
    let comes = comes.is_some_and(|port| !port.layer3.further.is_empty());
    let fits = |original: &Original<'_>| match original.was {
        Was::File(bytes) => profile_of(tree, before, port, bytes).is_some_and(|old| {
            let profile = &old;
            fits::says_all(ProfileText { bytes, profile }, new, original, before)
        }),
        Was::Nothing(made) => {
            let of_image = of_image(sources, port, new, original);
            let nothing = || fits::says_nothing(new, made, &change.path, original.edited_since);
            !comes && of_image.unwrap_or_else(nothing)
        }
    };
    known.into_iter().find(fits).or_else(|| {
        let others = others(tree, (port, &change.path), copies, removes).into_iter();
        others
            .filter(fits)
            .min_by_key(|original| match original.was {
                Was::File(bytes) => fits::more(bytes, new),
                Was::Nothing(_) => (0, Reverse(0)),
            })
    })
}

/// Returns whether the file of the image, which the one in /etc comes before, says all that this would say: `None` where there is
/// no such file.
fn of_image(
    sources: &Sources<'_>,
    port: &Profile,
    new: ProfileText<'_>,
    original: &Original<'_>,
) -> Option<bool> {
    let bytes = &sources.tree.file(port.home.hides.as_ref()?)?.bytes;
    let profile = profile_of(sources.tree, sources.before, port, bytes)?;
    let old = ProfileText {
        bytes,
        profile: &profile,
    };
    Some(fits::says_all(old, new, original, sources.before))
}

/// Returns the change to a file that has these bytes afterwards.
fn with_bytes(change: &Change, new: &File, bytes: &[u8]) -> Change {
    Change {
        after: Some(Node::File(File {
            bytes: bytes.to_vec(),
            attrs: new.attrs,
        })),
        ..change.clone()
    }
}

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Restored {
    /// In words.
    pub(super) said: Vec<String>,
    /// Files of libvirt's.
    files: Vec<HostPath>,
    /// Interfaces that have no profile again.
    gone: Vec<InterfaceName>,
}

impl Restored {
    /// Returns whether a note is about a file that came back.
    pub(super) fn of(&self, note: &str) -> bool {
        self.files.iter().any(|file| note.contains(file.as_str()))
    }

    /// Takes the profiles that are gone out of the host as it will be.
    pub(super) fn leave(&self, future: &mut Future) {
        let gone = |interface: &InterfaceName| self.gone.contains(interface);
        future
            .host
            .profiles
            .retain(|profile| !gone(&profile.interface));
        future.moved.take_if(|moved| gone(&moved.to));
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

/// Returns the port whose file is at `path`.
fn detached<'a>(sources: &Sources<'a>, path: &HostPath) -> Option<&'a Profile> {
    let here = |origin: &HostPath| sources.tree.end_of(origin) == *path;
    let profiles = sources.before.profiles();
    let mut ports = profiles.filter(|port| port.controller.is_some());
    ports.find(|port| port.home.file.as_ref().is_some_and(here))
}
