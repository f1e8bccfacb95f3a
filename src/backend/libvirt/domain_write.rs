//! Writes the interfaces of guests: what changed, and nothing else of the file.

use super::draft::{Draft, by_ordinal, place};
use super::interface_write::Change;
use super::{domain, interface_write, mismatch, pairs};
use crate::backend::violation::Violation;
use crate::backend::{EmitError, Emitter};
use crate::doc::xml::{Fragment, Place};
use crate::host::Host;
use crate::host::guest::{Guest, GuestInterface};
use crate::tree::{HostPath, Tree};

/// What libvirt writes before the interfaces of a guest (`virDomainDefFormatInternalSetRootName()`).
const BEFORE_INTERFACES: &[&str] = &[
    "emulator",
    "disk",
    "controller",
    "lease",
    "filesystem",
    "interface",
];

/// Writes all guests in which `after` differs from `before`.
pub(super) fn all(emitter: &mut Emitter<'_>, before: &Host, after: &Host) -> Result<(), EmitError> {
    for (old, new) in changed(before, after, emitter.writes_all()) {
        let fault = || EmitError::Fault {
            about: format!("the guest `{}`", new.name),
        };
        let old = old.ok_or_else(fault)?;
        let file = emitter.tree.file(&new.origin).ok_or_else(fault)?;
        let text = std::str::from_utf8(&file.bytes).map_err(|_| fault())?;
        let written = edited(text, old, new).ok_or_else(fault)?;
        emitter.rewrite(&new.origin, written);
    }
    Ok(())
}

/// Returns the guests that changed, or with `all` each of them, with what they were.
pub(super) fn changed<'h>(
    before: &'h Host,
    after: &'h Host,
    all: bool,
) -> Vec<(Option<&'h Guest>, &'h Guest)> {
    let same_origin = |old: &Guest, new: &Guest| old.origin == new.origin;
    let is_same = if all {
        |_: &Guest, _: &Guest| false
    } else {
        Guest::is_same
    };
    pairs(before.guests(), &after.guests, is_same, same_origin)
}

fn edited(text: &str, old: &Guest, new: &Guest) -> Option<String> {
    let mut draft = Draft::new(text);
    let known = by_ordinal(&new.interfaces, old.interfaces.len(), |i| i.spot.ordinal);
    let kept = old.interfaces.iter().zip(&known).enumerate();
    let changes: Vec<Change<'_>> = kept
        .filter_map(|(ordinal, (old, new))| Some((ordinal, old, (*new)?)))
        .filter(|(_, old, new)| old != new)
        .collect();
    if !changes.is_empty() {
        interface_write::connect(&mut draft, &changes);
    }
    draft.change(|doc, editing| {
        let elements = domain::elements(doc, 0).zip(&known);
        for ((index, _), _) in elements.filter(|(_, new)| new.is_none()) {
            editing.remove(index);
        }
    });
    let is_new = |interface: &&GuestInterface| interface.spot.ordinal.is_none();
    let added: Vec<Fragment> = new.interfaces.iter().filter(is_new).map(whole).collect();
    if !added.is_empty() {
        add(&mut draft, &added);
    }
    draft.finish().ok()
}

fn whole(interface: &GuestInterface) -> Fragment {
    let mut fragment = Fragment::new("interface").with("type", interface.source.word());
    if let Some(mac) = interface.mac {
        fragment = fragment.child(Fragment::new("mac").with("address", mac));
    }
    fragment = fragment.child(interface_write::source(&interface.source));
    if let Some(kind) = &interface.virtualport {
        fragment = fragment.child(Fragment::new("virtualport").with("type", kind));
    }
    if let Some(model) = &interface.model {
        fragment = fragment.child(Fragment::new("model").with("type", model));
    }
    fragment
}

fn add(draft: &mut Draft, added: &[Fragment]) {
    draft.change(|doc, editing| {
        let Some((index, _)) = doc.child(0, "devices") else {
            let devices = Fragment::new("devices").children(added.iter().cloned());
            return editing.insert(Place::In(0), &devices);
        };
        let place = match domain::elements(doc, 0).last() {
            Some((last, _)) => Place::After(last),
            None => place(doc, index, BEFORE_INTERFACES, "interface"),
        };
        editing.insert_all(place, added);
    });
}

/// Reads the guests that changed again, and returns the first that does not say what was meant.
pub(super) fn read_back(
    written: &dyn Fn(&HostPath) -> Tree,
    before: &Host,
    after: &Host,
) -> Result<(), Violation> {
    for (_, meant) in changed(before, after, false) {
        let (tree, path) = (written(&meant.origin), &meant.origin);
        let found = super::one(
            &tree,
            path,
            tree.get(path),
            &meant.name,
            (domain::read, super::judge::guest),
        );
        let same = found.is_ok_and(|found| {
            let meant = Guest {
                // links and run-time folders are no part of the file
                autostart: found.autostart,
                running: found.running,
                ..meant.clone()
            };
            found == meant
        });
        if !same {
            let about = format!("the guest `{}`", meant.name);
            return Err(mismatch(meant.origin.clone(), about));
        }
    }
    Ok(())
}
