//! What a history would do, held to what commands do, before it is done.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{CliError, WAY_OUT};
use crate::backend::{self, Interest};
use crate::change::{Change, Labels, Marks};
use crate::plan::permitted::{NotPermitted, Permitted};
use crate::root::Root;
use crate::transaction::Store;
use crate::tree::{HostPath, Node, Tree};

/// Refuses a set that a history asks for, where it reaches further than commands do. `found` are the marks of what is
/// there now.
pub(super) fn check(
    root: &Root,
    tree: &Tree,
    set: &[&Change],
    found: &BTreeMap<HostPath, Marks>,
) -> Result<(), CliError> {
    let state = Store::new(root).path()?;
    let owners = owners(set, found, |path| Ok(root.owner_above(path)?))?;
    let permitted = Permitted::of(tree, &state, owners);
    let checked = permitted.check(set.iter().copied(), found);
    checked.map_err(|found| refused(&found))
}

/// Returns who owns what is there, and the folders that it is in; `above` tells who owns the folder of a path.
pub(super) fn owners(
    set: &[&Change],
    found: &BTreeMap<HostPath, Marks>,
    above: impl Fn(&HostPath) -> Result<(u32, u32), CliError>,
) -> Result<BTreeSet<(u32, u32)>, CliError> {
    let mut owners = BTreeSet::new();
    for change in set {
        match &change.before {
            Some(Node::File(file)) => drop(owners.insert((file.attrs.uid, file.attrs.gid))),
            Some(Node::Link(_)) => owners.extend(found.get(&change.path).and_then(|m| m.owner)),
            None => {}
        }
        owners.insert(above(&change.path)?);
    }
    Ok(owners)
}

/// Returns what rules and readers look at.
pub(super) fn tree(root: &Root) -> Result<Tree, CliError> {
    Ok(root.read_tree(&backend::scope(Interest::All))?)
}

/// Returns the error of a history that would do more than commands do.
pub(super) fn refused(found: &NotPermitted) -> CliError {
    let (NotPermitted::Path(path) | NotPermitted::Gains(path, _)) = found;
    CliError::refused(format!("the history cannot be trusted: {found}"))
        .at(path, None)
        .help(format!("set it aside and continue without it: {WAY_OUT}"))
}

/// Says which extended attributes change, and the owners of links: a patch does not show them.
pub(super) fn marks(set: &[&Change], found: &BTreeMap<HostPath, Marks>) -> Vec<String> {
    let mut said = Vec::new();
    let nothing = Marks::default();
    for change in set {
        let (Labels::Exact(new), Some(_)) = (&change.labels, &change.after) else {
            continue;
        };
        let old = found.get(&change.path).unwrap_or(&nothing);
        let path = &change.path;
        let names: BTreeSet<&String> = old.xattrs.keys().chain(new.xattrs.keys()).collect();
        for name in names {
            let (old, new) = (old.xattrs.get(name), new.xattrs.get(name));
            if old != new {
                let shown = |most| {
                    let show = |value: Option<&Vec<u8>>| {
                        value.map_or("none".to_owned(), |value| text(value, most))
                    };
                    [show(old), show(new)]
                };
                let [mut old, mut new] = shown(64);
                if old == new {
                    [old, new] = shown(usize::MAX);
                }
                said.push(format!("{path}: {name} {old} → {new}"));
            }
        }
        let owned = |marks: &Marks| marks.owner.map(|(uid, gid)| format!("{uid}:{gid}"));
        if let (Some(old), Some(new)) = (owned(old), owned(new))
            && old != new
        {
            said.push(format!("{path}: owner {old} → {new}"));
        }
    }
    said
}

/// Returns the value of an extended attribute as text, its first bytes if it has more than `most`.
fn text(value: &[u8], most: usize) -> String {
    let value = value.strip_suffix(&[0]).unwrap_or(value);
    let shown = value[..value.len().min(most)].escape_ascii().to_string();
    match value.len() > most {
        true => format!("{shown}…"),
        false => shown,
    }
}
