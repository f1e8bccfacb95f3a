//! Fixes that put an element into a file of libvirt's, where libvirt would write it.

use super::Fix;
use crate::doc::xml::{Step, XmlDoc};
use crate::tree::{HostPath, Tree};

/// Returns the edit of the file `path` that makes the change which `step` finds to be needed.
pub(super) fn edit<'a>(
    tree: &Tree,
    path: &HostPath,
    step: impl FnOnce(&XmlDoc<'_>) -> Option<Step<'a>>,
) -> Option<Fix> {
    let old = std::str::from_utf8(&tree.file(path)?.bytes).ok()?;
    let doc = XmlDoc::parse(old).ok()?;
    let new = doc.change(&step(&doc)?);
    let same = |(a, b): &(u8, u8)| a == b;
    let start = old.bytes().zip(new.bytes()).take_while(same).count();
    let start = old
        .floor_char_boundary(start)
        .min(new.floor_char_boundary(start));
    let room = old.len().min(new.len()) - start;
    let tail = old.bytes().rev().zip(new.bytes().rev());
    let end = tail.take_while(same).count().min(room);
    let end = (0..=end)
        .rev()
        .find(|end| old.is_char_boundary(old.len() - end) && new.is_char_boundary(new.len() - end))
        .unwrap_or(0);
    let edit = (
        start..old.len() - end,
        new[start..new.len() - end].to_owned(),
    );
    Some(Fix::Edit {
        path: path.clone(),
        edits: vec![edit],
    })
}
