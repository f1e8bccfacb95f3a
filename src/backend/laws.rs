//! The laws of the lenses, each a function of what the lenses wrote, so that a test can spoil that first: `emit` holds
//! PutGet and conservation against every plan, tests hold all of them against every fixture, fuzz bodies against any bytes.
//!
//! - *GetPut*: what was read, written again past every shortcut, changes no byte.
//! - *PutGet*: what was written is read as it was meant, all that the model holds.
//! - *Conservation*: comments and unknown parts of every file that a change touches are in what it wrote, or the model gave
//!   them up.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::lenses::LENSES;
use super::{EmitError, Extent, libvirt, references, write};
use crate::change::{Change, ChangeSet, Labels};
use crate::host::Host;
use crate::tree::{HostPath, Node, Tree};

pub use super::violation::{Law, Violation};

/// Returns what the lenses write for a host that is equal to `host`, and shares nothing with it: every file of a profile,
/// network or guest, and all that goes with them, be its text another one or not.
///
/// # Errors
/// Whatever keeps a lens from writing.
pub fn rewritten(tree: &Tree, host: &Host) -> Result<Vec<Change>, EmitError> {
    let again = distinct(host);
    let emitter = write(tree, host, &again, Extent::All)?;
    let paths: BTreeSet<HostPath> = emitter.rewritten.iter().map(|p| tree.end_of(p)).collect();
    let set = emitter.editor.finish();
    let unchanged = paths.into_iter().filter(|path| set.get(path).is_none());
    let as_it_was = |path: HostPath| {
        let node = tree.file(&path).cloned().map(Node::File);
        Change {
            before: node.clone(),
            after: node,
            labels: Labels::Like(path.clone()),
            path,
        }
    };
    let mut changes: Vec<Change> = unchanged.map(as_it_was).collect();
    changes.extend(set.iter().cloned());
    Ok(changes)
}

/// Returns an equal host, of which no part is shared.
fn distinct(host: &Host) -> Host {
    fn each<T: Clone>(items: &[Arc<T>]) -> Vec<Arc<T>> {
        items.iter().map(|item| Arc::new(T::clone(item))).collect()
    }
    Host {
        profiles: each(&host.profiles),
        networks: each(&host.networks),
        guests: each(&host.guests),
        ..host.clone()
    }
}

/// Returns the changes that [`super::emit`] would return, with no law held against them.
///
/// # Errors
/// Two files that would have one name, or a template that fails.
pub fn written(tree: &Tree, before: &Host, meant: &Host) -> Result<ChangeSet, EmitError> {
    Ok(write(tree, before, meant, Extent::Changed)?.editor.finish())
}

/// The law GetPut, held against what [`rewritten`] returned.
///
/// # Errors
/// The first file that is another afterwards.
pub fn get_put(changes: &[Change]) -> Result<(), Violation> {
    match changes.iter().find(|change| change.before != change.after) {
        Some(change) => Err(Violation {
            law: Law::GetPut,
            path: change.path.clone(),
            line: None,
            about: change.path.to_string(),
        }),
        None => Ok(()),
    }
}

/// The law PutGet: profiles, networks and guests that changed are read again.
///
/// # Errors
/// The first that does not say what was meant.
pub fn put_get(tree: &Tree, set: &ChangeSet, before: &Host, meant: &Host) -> Result<(), Violation> {
    for writer in LENSES.iter().filter_map(|lens| lens.writer.as_ref()) {
        (writer.read_back)(tree, set, before, meant)?;
    }
    libvirt::read_back(tree, set, before, meant)
}

/// The law of conservation.
///
/// # Errors
/// The first thing that is lost.
pub fn conservation(
    tree: &Tree,
    set: &ChangeSet,
    before: &Host,
    meant: &Host,
) -> Result<(), Violation> {
    for writer in LENSES.iter().filter_map(|lens| lens.writer.as_ref()) {
        (writer.conserves)(tree, set, before, meant)?;
    }
    references::conserves(set)?;
    libvirt::conserves(tree, set, before, meant)
}
