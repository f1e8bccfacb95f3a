//! What of a profile is in no file any more: settings, comments and lines that neither the port nor the bridge has after a
//! change. It is found in the texts, not in the model: the model does not know all that a file says.

use std::collections::{HashMap, HashSet};

use crate::backend::Piece;
use crate::backend::lens::Lens;
use crate::backend::lenses;
use crate::change::ChangeSet;
use crate::host::Host;
use crate::layout::{About, kind_anywhere};
use crate::op::{Future, Operation};
use crate::secret;
use crate::tree::{HostPath, Node, Tree};

/// As many are named; of more the rest is counted, and shown by the diff.
const MOST: usize = 100;

/// The names of the interface that had a configuration, and of the one that gets it.
type Names<'a> = (&'a str, &'a str);

/// The files as they are, what they mean, and what they are to mean.
type Known<'a> = (&'a Tree, &'a Host, &'a Future);

/// A file as it was, and as it becomes; nothing on a side where it is not in force.
struct Text<'a> {
    path: &'a HostPath,
    first: Option<&'a Node>,
    second: Option<&'a Node>,
}

impl Text<'_> {
    fn reversed(self) -> Self {
        Self {
            first: self.second,
            second: self.first,
            ..self
        }
    }
}

/// Returns what goes, as file, line and text.
pub(in crate::plan) fn lines(
    set: &ChangeSet,
    operation: &Operation,
    known @ (_, _, future): Known<'_>,
) -> Vec<String> {
    if operation.bridge().is_none() {
        return Vec::new();
    }
    let images = of_image(set, known);
    only(&texts(set, &images), operation, names(future))
}

/// Returns what comes with an original and is in none of the files now, as file, line and text: nobody sees by "as it was"
/// what that is, and a history or a copy may say what never was.
pub(in crate::plan) fn back(
    set: &ChangeSet,
    operation: &Operation,
    known @ (_, _, future): Known<'_>,
) -> Vec<String> {
    match operation {
        Operation::BridgeRemove { .. } | Operation::RemovePort { .. } => {
            let images = of_image(set, known);
            let texts = texts(set, &images).into_iter();
            let texts: Vec<Text<'_>> = texts.map(Text::reversed).collect();
            let moved = names(future).map(|(from, to)| (to, from));
            only(&texts, operation, moved)
        }
        Operation::BridgeAdd(_)
        | Operation::AddPort { .. }
        | Operation::Network(_)
        | Operation::Guest(_) => Vec::new(),
    }
}

/// A file of the image, and whether it is in force before or after.
type OfImage<'a> = (&'a HostPath, Node, bool);

/// Returns the files of the image that something in /etc comes before from now on, and those of which nothing does any more.
fn of_image<'a>(set: &ChangeSet, (tree, before, future): Known<'a>) -> Vec<OfImage<'a>> {
    let is_deleted = |path: &HostPath| set.get(path).is_some_and(|change| change.after.is_none());
    let images = before.profiles().filter_map(|profile| {
        let own = profile.home.file.as_ref()?;
        // a search for each profile would take the square of their number
        let changes = || {
            let wanted = future.host.profile(&profile.interface);
            wanted.is_none_or(|wanted| !wanted.is_same(profile))
        };
        let (path, is_now) = match &profile.home.hides {
            Some(hidden) if is_deleted(own) => (hidden, false),
            None if profile.home.is_of_image() && changes() => (own, true),
            Some(_) | None => return None,
        };
        Some((path, Node::File(tree.file(path)?.clone()), is_now))
    });
    images.collect()
}

fn texts<'a>(set: &'a ChangeSet, images: &'a [OfImage<'a>]) -> Vec<Text<'a>> {
    let changes = set.iter().map(|change| Text {
        path: &change.path,
        first: change.before.as_ref(),
        second: change.after.as_ref(),
    });
    let images = images.iter().map(|(path, node, is_now)| Text {
        path,
        first: Some(node).filter(|_| *is_now),
        second: Some(node).filter(|_| !is_now),
    });
    changes.chain(images).collect()
}

/// Returns what the first side has, and the second one not.
fn only(texts: &[Text<'_>], operation: &Operation, moved: Option<Names<'_>>) -> Vec<String> {
    let mut left: HashMap<Piece, usize> = HashMap::new();
    for text in texts {
        count(&mut left, pieces_of(text.path, text.second));
    }
    let anywhere: HashSet<Piece> = left.keys().cloned().collect();
    let mut rest = Vec::new();
    for text in texts {
        let Some((lens, pieces)) = pieces_of(text.path, text.first) else {
            continue;
        };
        let mut own = HashMap::new();
        count(&mut own, pieces_of(text.path, text.second));
        for (line, piece) in pieces {
            // what a file still says itself is not told by another one
            match take(&mut own, &piece) {
                true => drop(take(&mut left, &piece)),
                false => rest.push((text, lens, line, piece)),
            }
        }
    }
    let bridge_goes = matches!(operation, Operation::BridgeRemove { .. });
    let mut found = Vec::new();
    for (text, lens, line, piece) in rest {
        // the file of a bridge that goes has a copy of what it shared with its port
        let goes = bridge_goes && text.second.is_none();
        let is_copy = goes && matches!(piece, Piece::Setting(..));
        let known = take(&mut left, &piece)
            || take(&mut left, &renamed(&piece, moved))
            || (is_copy && anywhere.contains(&piece));
        if !known && !(lens.is_told)(&piece, bridge_goes) {
            found.push((text.path, text.first, line));
        }
    }
    said(found)
}

/// Counts what a file says.
fn count(left: &mut HashMap<Piece, usize>, said: Option<(&Lens, Vec<Placed>)>) {
    for (_, piece) in said.into_iter().flat_map(|(_, pieces)| pieces) {
        *left.entry(piece).or_default() += 1;
    }
}

/// Takes one piece; returns whether there was one.
fn take(left: &mut HashMap<Piece, usize>, piece: &Piece) -> bool {
    let count = left.get_mut(piece).filter(|count| **count > 0);
    count.map(|count| *count -= 1).is_some()
}

/// Returns lines, each of a file and with its number counted from 0, in words.
fn said(mut found: Vec<(&HostPath, Option<&Node>, usize)>) -> Vec<String> {
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    let mut said = Vec::new();
    let mut last: Option<(&HostPath, Vec<String>)> = None;
    for (path, node, line) in found {
        if last.as_ref().is_none_or(|(known, _)| *known != path) {
            let Some(Node::File(file)) = node else {
                continue;
            };
            let text = String::from_utf8_lossy(&file.bytes);
            let shown = secret::line(path, &text);
            last = Some((path, shown.lines().map(str::to_owned).collect()));
        }
        let text = last.as_ref().and_then(|(_, lines)| lines.get(line));
        let text = text.map_or("", |text| text.trim());
        said.push(format!("{}:{} {text}", path.name(), line + 1));
    }
    said.dedup();
    if more > 0 {
        said.push(format!("and {more} more, as the diff shows"));
    }
    said
}

fn names(future: &Future) -> Option<Names<'_>> {
    let moved = future.moved.as_ref()?;
    Some((moved.from.as_str(), moved.to.as_str()))
}

/// Returns what says the same of the interface to which the configuration moved.
fn renamed(piece: &Piece, moved: Option<Names<'_>>) -> Piece {
    let Some((from, to)) = moved else {
        return piece.clone();
    };
    match piece {
        Piece::Setting(key, value) => Piece::Setting(key.clone(), value.replace(from, to)),
        Piece::Comment(text) => Piece::Comment(text.clone()),
        Piece::Line(text) => Piece::Line(text.replace(from, to)),
    }
}

/// A piece, and the line that has it, counted from 0.
type Placed = (usize, Piece);

/// Returns the format of a file, and what it says; nothing of a file that is no profile, nor beside one.
fn pieces_of(path: &HostPath, node: Option<&Node>) -> Option<(&'static Lens, Vec<Placed>)> {
    let Some(Node::File(file)) = node else {
        return None;
    };
    let kind = kind_anywhere(path.as_str())?;
    let said = matches!(kind.about, About::Profile | About::Routes | About::Rules);
    let lens = lenses::of(kind.format.filter(|_| said)?);
    Some((lens, (lens.pieces)(&file.bytes)))
}
