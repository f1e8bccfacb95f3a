//! What of a profile is in no file any more: settings, comments and lines that neither the port nor the bridge has after a
//! change. It is found in the texts, not in the model: the model does not know all that a file says.

use std::collections::HashMap;

use crate::backend::Piece;
use crate::backend::lens::Lens;
use crate::backend::lenses;
use crate::change::{Change, ChangeSet};
use crate::layout::{About, kind_by_name};
use crate::op::{Future, Operation};
use crate::secret;
use crate::tree::{HostPath, Node};

/// As many are named; of more the rest is counted, and shown by the diff.
const MOST: usize = 100;

/// One of the two sides of a change.
type Side = fn(&Change) -> Option<&Node>;

/// The names of the interface that had a configuration, and of the one that gets it.
type Names<'a> = (&'a str, &'a str);

/// Returns what goes, as file, line and text.
pub(in crate::plan) fn lines(
    set: &ChangeSet,
    operation: &Operation,
    future: &Future,
) -> Vec<String> {
    let [before, after]: [Side; 2] = [|change| change.before.as_ref(), |c| c.after.as_ref()];
    match operation.bridge() {
        Some(_) => only(set, [before, after], operation, names(future)),
        None => Vec::new(),
    }
}

/// Returns what comes with an original and is in none of the files now, as file, line and text: nobody sees by "as it was"
/// what that is, and a history or a copy may say what never was.
pub(in crate::plan) fn back(
    set: &ChangeSet,
    operation: &Operation,
    future: &Future,
) -> Vec<String> {
    let [before, after]: [Side; 2] = [|change| change.before.as_ref(), |c| c.after.as_ref()];
    match operation {
        Operation::BridgeRemove { .. } | Operation::RemovePort { .. } => only(
            set,
            [after, before],
            operation,
            names(future).map(|(from, to)| (to, from)),
        ),
        Operation::BridgeAdd(_)
        | Operation::AddPort { .. }
        | Operation::Network(_)
        | Operation::Guest(_) => Vec::new(),
    }
}

/// Returns what the first side has, and the second one not.
fn only(
    set: &ChangeSet,
    [first, second]: [Side; 2],
    operation: &Operation,
    moved: Option<Names<'_>>,
) -> Vec<String> {
    let mut left: HashMap<Piece, usize> = HashMap::new();
    for change in set.iter() {
        let pieces = pieces_of(&change.path, second(change));
        for (_, piece) in pieces.into_iter().flat_map(|(_, pieces)| pieces) {
            *left.entry(piece).or_default() += 1;
        }
    }
    let mut found = Vec::new();
    let bridge_goes = matches!(operation, Operation::BridgeRemove { .. });
    for change in set.iter() {
        let Some((lens, pieces)) = pieces_of(&change.path, first(change)) else {
            continue;
        };
        for (line, piece) in pieces {
            let names = [piece.clone(), renamed(&piece, moved)];
            let known = names
                .iter()
                .find(|name| left.get(name).is_some_and(|n| *n > 0));
            match known.and_then(|name| left.get_mut(name)) {
                Some(count) => *count -= 1,
                None if (lens.is_told)(&piece, bridge_goes) => {}
                None => found.push((&change.path, first(change), line)),
            }
        }
    }
    said(found)
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
    let kind = kind_by_name(path.name())?;
    let said = matches!(kind.about, About::Profile | About::Routes | About::Rules);
    let lens = lenses::of(kind.format.filter(|_| said)?);
    Some((lens, (lens.pieces)(&file.bytes)))
}
