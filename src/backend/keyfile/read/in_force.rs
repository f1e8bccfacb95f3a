//! Which file of several of one UUID is the profile: NetworkManager has one profile of a UUID.
//!
//! Source: `cmp_fcn` in nms-keyfile-storage.c: /etc before the image, then the file that was changed last, then the greater
//! name (run).

use std::collections::{BTreeMap, HashSet};

use super::parsed::{Parsed, SUFFIX};
use crate::backend::keyfile::force;
use crate::readers::IMAGE_KEYFILES;
use crate::tree::{HostPath, Time, Tree};

/// Takes out of `parsed` the files of the image that others in /etc come before, and marks those in /etc that one of the same
/// UUID comes before; a stray copy that does so is left beside the profile, since nobody meant it.
pub(super) fn mark(tree: &Tree, parsed: &mut Vec<Parsed>, owner: u32) {
    // somebody deleted these
    parsed.retain(|file| !(is_of_image(&file.path) && force::hiding(tree, &file.uuid()).is_some()));
    let mut by_uuid: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, file) in parsed.iter().enumerate() {
        by_uuid.entry(file.uuid()).or_default().push(at);
    }
    let mut gone = HashSet::new();
    for (uuid, mut files) in by_uuid.into_iter().filter(|(_, files)| files.len() > 1) {
        files.retain(|at| {
            let is_profile = parsed[*at].refusal.is_none();
            is_profile && force::ignored(tree, &parsed[*at].path, &uuid, owner).is_none()
        });
        let first = files
            .iter()
            .copied()
            .max_by(|a, b| rank(tree, &parsed[*a].path).cmp(&rank(tree, &parsed[*b].path)));
        let Some(first) = first else { continue };
        for other in files.into_iter().filter(|at| *at != first) {
            let hidden = parsed[other].path.clone();
            if is_of_image(&hidden) {
                parsed[first].hides = Some(hidden);
                gone.insert(other);
            } else if parsed[first].path.name().ends_with(SUFFIX) {
                parsed[other].hidden_by = Some(parsed[first].path.clone());
            }
        }
    }
    let mut at = 0..;
    parsed.retain(|_| at.next().is_none_or(|at| !gone.contains(&at)));
}

fn is_of_image(path: &HostPath) -> bool {
    path.folder().as_str() == IMAGE_KEYFILES
}

/// A file of which nobody knows when it was changed is yet to be written: it is the newest.
fn rank<'t>(tree: &Tree, path: &'t HostPath) -> (bool, bool, Option<Time>, &'t str) {
    let time = tree.changed_at(path);
    (!is_of_image(path), time.is_none(), time, path.name())
}
