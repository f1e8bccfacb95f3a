//! Originals: where it is known what a file was before it was bridged, and that says all that the file would say now,
//! its very bytes come back.
//!
//! Known from the history, from `FILE.old`, or from copies that others made (`.bak`, `_orig`, …). Nothing may be lost by it: every setting and comment of the new text must
//! be in the original, with the same addressing. Files that were found by the interface's name come back with it. Where it is
//! known that there was no file, there is none again.

mod companions;
mod fits;
mod known;
mod past;

pub use past::EarlierTransaction;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::backend;
use crate::change::{Change, ChangeSet};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::host::value::InterfaceName;
use crate::op::{self, Future, Operation};
use crate::readers::Readers;
use crate::tree::{File, HostPath, Node, Tree};

use super::copies::Copies;
use fits::{Others, ProfileText};
use known::{Copied, Original, Was, candidates, others, profile_of, texts};
use past::{Past, unowned};

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
    let past: Vec<Past<'_>> = sources.earlier.iter().map(Past::of).collect();
    let asked = Asked::of(sources, &past);
    for change in set.iter() {
        let Some(Node::File(new)) = &change.after else {
            continue;
        };
        match asked.ports.get(&change.path).copied() {
            Some(port) => {
                let file = (port, change, new);
                profile(&asked, &mut result, &mut restored, file, removes);
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

/// What is asked for each port, told once.
struct Asked<'a> {
    sources: &'a Sources<'a>,
    past: &'a [Past<'a>],
    copied: Copied<'a>,
    /// The ports, by where their files really are.
    ports: HashMap<HostPath, &'a Profile>,
    /// The bridges, with what the kernel shows.
    bridges: Tree,
    others: Others<'a>,
    /// The profiles as they will be.
    after: HashMap<&'a InterfaceName, &'a Profile>,
}

impl<'a> Asked<'a> {
    fn of(sources: &'a Sources<'a>, past: &'a [Past<'a>]) -> Self {
        Self {
            sources,
            past,
            copied: Copied::of(sources.tree, sources.copies),
            ports: ports(sources),
            bridges: known::bridges(sources.tree, sources.before),
            others: Others::of(sources.before),
            after: sources.after.by_interface(),
        }
    }

    /// Returns the profile that the file of `port` would be with these bytes.
    fn profile_of(&self, port: &Profile, bytes: &[u8]) -> Option<Profile> {
        profile_of(&self.bridges, &self.sources.before.readers, port, bytes)
    }
}

/// Puts the original of a port's profile into `result`, if one fits, and says so.
fn profile(
    asked: &Asked<'_>,
    result: &mut ChangeSet,
    restored: &mut Restored,
    (port, change, new): (&Profile, &Change, &File),
    removes: bool,
) {
    let Some(original) = original_of(asked, (port, change, new), removes) else {
        return;
    };
    let (name, source) = (change.path.name(), &original.source);
    match original.was {
        Was::File(bytes) => {
            if bytes != new.bytes {
                restored.said.push(format!("{name} as it was {source}"));
                result.put(with_bytes(change, new, bytes));
            }
            let said = companions::come_back(asked.sources, result, port, (bytes, &original));
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
                restored.gone.insert(port.interface.clone());
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
    asked: &'a Asked<'a>,
    (port, change, new): (&Profile, &Change, &File),
    removes: bool,
) -> Option<Original<'a>> {
    let Asked { copied, past, .. } = asked;
    let before = asked.sources.before;
    let wanted = asked.profile_of(port, &new.bytes)?;
    let new = ProfileText {
        bytes: &new.bytes,
        profile: &wanted,
    };
    let moved = |past: &Past<'_>| past.moved(before, &port.interface);
    let known = candidates(copied, &change.path, past, removes, &moved);
    let comes = asked.after.get(&port.interface);
    let comes = comes.is_some_and(|port| !port.layer3.further.is_empty());
    let fits = |original: &Original<'_>| match original.was {
        Was::File(bytes) => asked.profile_of(port, bytes).is_some_and(|old| {
            let profile = &old;
            fits::says_all(ProfileText { bytes, profile }, new, original, &asked.others)
        }),
        Was::Nothing(made) => {
            let of_image = of_image(asked, port, new, original);
            let nothing = || fits::says_nothing(new, made, &change.path, original.edited_since);
            !comes && of_image.unwrap_or_else(nothing)
        }
    };
    known.into_iter().find(fits).or_else(|| {
        let others = others(copied, (port, &change.path), removes).into_iter();
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
    asked: &Asked<'_>,
    port: &Profile,
    new: ProfileText<'_>,
    original: &Original<'_>,
) -> Option<bool> {
    let bytes = &asked.sources.tree.file(port.home.hides.as_ref()?)?.bytes;
    let profile = asked.profile_of(port, bytes)?;
    let old = ProfileText {
        bytes,
        profile: &profile,
    };
    Some(fits::says_all(old, new, original, &asked.others))
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
    gone: HashSet<InterfaceName>,
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

/// Returns the ports, by where their files really are.
fn ports<'a>(sources: &Sources<'a>) -> HashMap<HostPath, &'a Profile> {
    let profiles = sources.before.profiles();
    let mut found = HashMap::new();
    for port in profiles.filter(|port| port.controller.is_some()) {
        if let Some(file) = &port.home.file {
            found.entry(sources.tree.end_of(file)).or_insert(port);
        }
    }
    found
}
