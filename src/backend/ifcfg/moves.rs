//! Files that are found by an interface's name go where their new owner's are found.

use std::collections::BTreeMap;

use super::companion;
use super::difference::Difference;
use crate::backend::{EmitError, Emitter};
use crate::host::Host;
use crate::host::profile::Profile;
use crate::tree::{Entry, HostPath};

/// The owner of each file that is found by name.
fn owners(host: &Host) -> BTreeMap<&HostPath, &Profile> {
    let all = host.profiles().flat_map(|profile: &Profile| {
        profile
            .layer3
            .further
            .iter()
            .map(move |part| (&part.at, profile))
    });
    all.collect()
}

/// Moves the files whose owner changed, and deletes those that have none any more.
pub(super) fn write(
    emitter: &mut Emitter<'_>,
    difference: &Difference<'_>,
) -> Result<(), EmitError> {
    let (old, new) = (owners(difference.before), owners(difference.after));
    for origin in old.keys().filter(|origin| !new.contains_key(*origin)) {
        emitter.editor.delete(origin);
    }
    let mut taken = BTreeMap::new();
    for (origin, owner) in new {
        let held = old.get(origin);
        let text = held.and_then(|held| difference.text(held));
        let mut companions = text.into_iter().flat_map(|text| &text.companions);
        let companion = companions.find(|companion| companion.origin == *origin);
        if held.is_some_and(|held| held.interface == owner.interface) {
            if let Some(companion) = companion.filter(|_| emitter.writes_all()) {
                let content = companion::content(companion, owner, emitter.readers);
                emitter.rewrite(origin, content);
            }
            continue;
        }
        let Some(companion) = companion else {
            continue;
        };
        let own = difference
            .text(owner)
            .map(|text| text.companions.as_slice());
        if own.is_some_and(|own| own.iter().any(|own| own.says_the_same(companion))) {
            // two that say the same are one
            emitter.editor.delete(origin);
            continue;
        }
        let path = companion::path(&companion.role, owner, emitter.readers);
        if let Some(first) = taken.insert(path.clone(), origin) {
            return Err(both([first, origin], &path, held));
        }
        if path != *origin && emitter.tree.exists(&path) {
            let message = format!("{origin} would become {path}, which already exists");
            let help = format!("merge the two, or move {path} away");
            return Err(EmitError::InTheWay {
                path,
                message,
                help,
            });
        }
        if let Some(Entry::File(_) | Entry::Link { .. }) = emitter.tree.get(origin) {
            let content = companion::content(companion, owner, emitter.readers).into_bytes();
            emitter.editor.rename(origin, &path, content);
        }
    }
    Ok(())
}

/// Refuses two files that would become one: a profile that is not named after its interface has those of both names.
///
/// Source: ifup-routes reads `route-DEVICE`, then the one named after the profile.
fn both(mut files: [&HostPath; 2], path: &HostPath, owner: Option<&&Profile>) -> EmitError {
    let names = files.map(HostPath::name);
    let message = format!("{} and {} would both become {path}", names[0], names[1]);
    let device = owner.map_or("", |owner| owner.interface.as_str());
    files.sort_by_key(|file| !file.name().ends_with(device));
    let [first, second] = files.map(HostPath::name);
    EmitError::InTheWay {
        path: files[1].clone(),
        message,
        help: format!(
            "write what both say into {second}, that of {first} first, and remove {first}"
        ),
    }
}
