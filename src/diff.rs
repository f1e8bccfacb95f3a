//! A change set as a patch in git's extended diff format.
//!
//! The laws, tested with git itself on random change sets: `git apply` of [`patch`] in a copy of the tree before gives the
//! tree after, byte for byte, and the lines of [`lines`] joined are the patch. It must not know what the files mean, nor
//! how a terminal shows colour.
//!
//! Not preserved, since the format has no place for it: owners, labels, and all of the mode but the owner's executable bit.
//! The patch can be taken back with `git apply -R`, but git 2.47 then forgets the mode of files and links that were
//! deleted, with patches of its own making too; [`ChangeSet::inverse`] forgets nothing.

mod hunks;
mod moved;
mod quote;
mod words;

pub use moved::{Place, moved};

use std::borrow::Cow;
use std::collections::HashMap;

use crate::change::{Change, ChangeSet};
use crate::tree::{HostPath, Node};

/// What a line of a patch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Names, modes and renames, such as `diff --git a/etc/hosts b/etc/hosts`.
    Header,
    /// The head of a hunk, such as `@@ -1,4 +1,5 @@`.
    Hunk,
    /// A line of both files, after a blank.
    Context,
    /// A line of the old file, after `-`.
    Removed,
    /// A line of the new file, after `+`.
    Added,
    /// `\ No newline at end of file`, about the line before.
    NoNewline,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes as they are in the patch; those of a file may be control bytes and no UTF-8.
    pub text: Cow<'a, [u8]>,
    /// Whether these words are what changed in a line that is otherwise much the same.
    pub emphasised: bool,
}

/// One line of a patch, from its sign to its newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What the line is.
    pub kind: Kind,
    /// Of a line that another one of its region replaces or is replaced by, the number of the pair in that region.
    pub pair: Option<usize>,
    /// Its bytes, with the sign in front and the newline at the end.
    pub pieces: Vec<Piece<'a>>,
}

/// What a patch says of one file: from its `diff --git` to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// Where the file is before, if it is there.
    pub from: Option<&'a HostPath>,
    /// Where the file is afterwards, if it is there.
    pub to: Option<&'a HostPath>,
    /// Its lines.
    pub lines: Vec<Line<'a>>,
}

/// Returns the whole set as one patch, sorted by path; it is empty where the format cannot tell a difference.
#[must_use]
pub fn patch(set: &ChangeSet) -> Vec<u8> {
    join(&lines(set))
}

/// Returns the patch of one change on its own: a renamed file is deleted at one path and created at the other.
#[must_use]
pub fn patch_of(change: &Change) -> Vec<u8> {
    join(&render(parts(change)))
}

/// Returns the lines of [`patch`], with the changed words of replaced lines emphasised.
#[must_use]
pub fn lines(set: &ChangeSet) -> Vec<Line<'_>> {
    let sections = sections(set).into_iter();
    sections.flat_map(|section| section.lines).collect()
}

/// Returns [`lines`] by the files that they are about.
#[must_use]
pub fn sections(set: &ChangeSet) -> Vec<Section<'_>> {
    let moves = set.moves();
    let parts = set.iter().flat_map(|change| parts_in(set, &moves, change));
    let sections = parts.map(|part| {
        let (from, to) = match part {
            Part::Create(path, _) => (None, Some(path)),
            Part::Delete(path, _) => (Some(path), None),
            Part::Modify([(from, _), (to, _)]) => (Some(from), Some(to)),
        };
        let lines = render([part]);
        Section { from, to, lines }
    });
    sections.filter(|part| !part.lines.is_empty()).collect()
}

impl<'a> Piece<'a> {
    fn plain(text: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            text: text.into(),
            emphasised: false,
        }
    }
}

impl Line<'_> {
    fn header(text: String) -> Self {
        Self::whole(Kind::Header, text)
    }

    fn whole(kind: Kind, mut text: String) -> Self {
        text.push('\n');
        Self {
            kind,
            pair: None,
            pieces: vec![Piece::plain(text.into_bytes())],
        }
    }
}

fn join(lines: &[Line<'_>]) -> Vec<u8> {
    let pieces = lines.iter().flat_map(|line| &line.pieces);
    pieces
        .flat_map(|piece| piece.text.iter().copied())
        .collect()
}

/// What one `diff --git` section tells.
#[derive(Clone, Copy)]
enum Part<'a> {
    Create(&'a HostPath, &'a Node),
    Delete(&'a HostPath, &'a Node),
    /// The same kind of node before and after; a rename where the paths differ.
    Modify([(&'a HostPath, &'a Node); 2]),
}

/// Where files went, by their old paths.
type Moves<'a> = HashMap<&'a HostPath, &'a HostPath>;

fn parts_in<'a>(set: &'a ChangeSet, moves: &Moves<'a>, change: &'a Change) -> Vec<Part<'a>> {
    let old_half = moves.get(&change.path).and_then(|to| set.get(to));
    if old_half.is_some_and(|new| renamed(set, moves, new).is_some()) {
        return Vec::new();
    }
    renamed(set, moves, change).map_or_else(|| parts(change), |rename| vec![rename])
}

/// Returns the rename that ends at this change: of one file to one other, as git can say no more.
fn renamed<'a>(set: &'a ChangeSet, moves: &Moves<'a>, new: &'a Change) -> Option<Part<'a>> {
    let old = set.get(set.renamed_from(&new.path)?)?;
    let (before, after) = (old.before.as_ref()?, new.after.as_ref()?);
    let only = moves.get(&old.path) == Some(&&new.path);
    (only && same_kind(before, after))
        .then_some(Part::Modify([(&old.path, before), (&new.path, after)]))
}

fn parts(change: &Change) -> Vec<Part<'_>> {
    let path = &change.path;
    match (&change.before, &change.after) {
        (None, None) => Vec::new(),
        (None, Some(after)) => vec![Part::Create(path, after)],
        (Some(before), None) => vec![Part::Delete(path, before)],
        (Some(before), Some(after)) if same_kind(before, after) => {
            vec![Part::Modify([(path, before), (path, after)])]
        }
        (Some(before), Some(after)) => vec![Part::Delete(path, before), Part::Create(path, after)],
    }
}

fn same_kind(one: &Node, other: &Node) -> bool {
    matches!(one, Node::File(_)) == matches!(other, Node::File(_))
}

fn render<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Vec<Line<'a>> {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Part::Create(path, node) => create(path, node, &mut out),
            Part::Delete(path, node) => delete(path, node, &mut out),
            Part::Modify([old, new]) => modify(old, new, &mut out),
        }
    }
    out
}

fn create<'a>(path: &HostPath, node: &'a Node, out: &mut Vec<Line<'a>>) {
    out.push(first(path, path));
    out.push(Line::header(format!("new file mode {}", mode(node))));
    content(None, Some(path), b"", bytes(node), out);
}

fn delete<'a>(path: &HostPath, node: &'a Node, out: &mut Vec<Line<'a>>) {
    out.push(first(path, path));
    out.push(Line::header(format!("deleted file mode {}", mode(node))));
    content(Some(path), None, bytes(node), b"", out);
}

fn modify<'a>(
    (from, before): (&HostPath, &'a Node),
    (to, after): (&HostPath, &'a Node),
    out: &mut Vec<Line<'a>>,
) {
    let (old, new) = (bytes(before), bytes(after));
    if from == to && old == new && mode(before) == mode(after) {
        return; // git takes a section that tells nothing for garbage
    }
    out.push(first(from, to));
    if mode(before) != mode(after) {
        out.push(Line::header(format!("old mode {}", mode(before))));
        out.push(Line::header(format!("new mode {}", mode(after))));
    }
    if from != to {
        let percent = hunks::similarity(old, new);
        out.push(Line::header(format!("similarity index {percent}%")));
        let (from, to) = (quote::bare(from.relative()), quote::bare(to.relative()));
        out.push(Line::header(format!("rename from {from}")));
        out.push(Line::header(format!("rename to {to}")));
    }
    content(Some(from), Some(to), old, new, out);
}

fn first(from: &HostPath, to: &HostPath) -> Line<'static> {
    let (from, to) = (
        quote::prefixed("a/", from.relative()),
        quote::prefixed("b/", to.relative()),
    );
    Line::header(format!("diff --git {from} {to}"))
}

/// Adds the two file names and the hunks, unless the content is the same.
fn content<'a>(
    from: Option<&HostPath>,
    to: Option<&HostPath>,
    old: &'a [u8],
    new: &'a [u8],
    out: &mut Vec<Line<'a>>,
) {
    if old == new {
        return;
    }
    out.push(Line::header(format!("--- {}", side("a/", from))));
    out.push(Line::header(format!("+++ {}", side("b/", to))));
    hunks::push(old, new, out);
}

fn side(prefix: &str, path: Option<&HostPath>) -> String {
    let Some(path) = path else {
        return "/dev/null".to_owned();
    };
    let name = quote::prefixed(prefix, path.relative());
    // GNU patch ends a name at its first blank, unless a tab ends it: git's diff.c adds one.
    let end = if name.contains(' ') { "\t" } else { "" };
    format!("{name}{end}")
}

fn mode(node: &Node) -> &'static str {
    match node {
        Node::File(file) if file.attrs.mode & 0o100 != 0 => "100755",
        Node::File(_) => "100644",
        Node::Link(_) => "120000",
    }
}

fn bytes(node: &Node) -> &[u8] {
    match node {
        Node::File(file) => &file.bytes,
        Node::Link(target) => target.as_bytes(),
    }
}

#[cfg(test)]
mod tests;
