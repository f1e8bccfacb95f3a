//! Files that are found by an interface's name go where their new owner's are found.

use std::collections::BTreeMap;

use super::companion;
use crate::backend::{EmitError, Emitter};
use crate::host::Host;
use crate::host::profile::{Companion, Profile};
use crate::tree::{Entry, HostPath};

/// The owner of each file that is found by name.
fn owners(host: &Host) -> BTreeMap<&HostPath, (&Profile, &Companion)> {
    let of = |profile| move |companion| (profile, companion);
    let all = host
        .profiles()
        .flat_map(|profile| profile.layer3.companions.iter().map(of(profile)));
    all.map(|(profile, companion): (&Profile, &Companion)| {
        (&companion.origin, (profile, companion))
    })
    .collect()
}

/// Moves the files whose owner changed, and deletes those that have none any more.
pub(super) fn write(
    emitter: &mut Emitter<'_>,
    before: &Host,
    after: &Host,
) -> Result<(), EmitError> {
    let (old, new) = (owners(before), owners(after));
    for origin in old.keys().filter(|origin| !new.contains_key(*origin)) {
        emitter.editor.delete(origin);
    }
    let mut taken = Vec::new();
    for (origin, (owner, companion)) in new {
        if old
            .get(origin)
            .is_some_and(|(held, _)| held.interface == owner.interface)
        {
            continue;
        }
        let path = companion::path(&companion.role, owner, emitter.readers);
        if (path != *origin && emitter.tree.exists(&path)) || taken.contains(&path) {
            let message = format!("{origin} would become {path}, which is there already");
            let help = format!("merge the two, or move {path} away");
            return Err(EmitError::InTheWay {
                path,
                message,
                help,
            });
        }
        if let Some(Entry::File(_) | Entry::Link { .. }) = emitter.tree.get(origin) {
            let content = companion.content.named(&owner.interface).into_bytes();
            emitter.editor.rename(origin, &path, content);
        }
        taken.push(path);
    }
    Ok(())
}
