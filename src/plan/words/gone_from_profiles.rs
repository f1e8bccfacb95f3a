//! What of a profile is in no file any more: settings, comments and lines that neither the port nor the bridge has after a
//! change. It is found in the texts, not in the model: the model does not know all that a file says.

use std::collections::HashMap;

use crate::backend::Piece;
use crate::backend::lens::Lens;
use crate::backend::lenses;
use crate::change::ChangeSet;
use crate::layout::{About, kind_by_name};
use crate::op::{Future, Operation};
use crate::secret;
use crate::tree::{HostPath, Node};

/// As many are named; of more the rest is counted, and shown by the diff.
const MOST: usize = 100;

/// Returns what goes, as file, line and text.
pub(in crate::plan) fn lines(
    set: &ChangeSet,
    operation: &Operation,
    future: &Future,
) -> Vec<String> {
    if operation.bridge().is_none() {
        return Vec::new();
    }
    let mut left: HashMap<Piece, usize> = HashMap::new();
    for change in set.iter() {
        let pieces = pieces_of(&change.path, change.after.as_ref());
        for (_, piece) in pieces.into_iter().flat_map(|(_, pieces)| pieces) {
            *left.entry(piece).or_default() += 1;
        }
    }
    let mut gone = Vec::new();
    let bridge_goes = matches!(operation, Operation::BridgeRemove { .. });
    for change in set.iter() {
        let Some((lens, pieces)) = pieces_of(&change.path, change.before.as_ref()) else {
            continue;
        };
        for (line, piece) in pieces {
            let names = [piece.clone(), renamed(&piece, future)];
            let known = names
                .iter()
                .find(|name| left.get(name).is_some_and(|n| *n > 0));
            match known.and_then(|name| left.get_mut(name)) {
                Some(count) => *count -= 1,
                None if (lens.is_told)(&piece, bridge_goes) => {}
                None => gone.push((&change.path, change.before.as_ref(), line)),
            }
        }
    }
    let more = gone.len().saturating_sub(MOST);
    gone.truncate(MOST);
    let mut said = Vec::new();
    let mut last: Option<(&HostPath, Vec<String>)> = None;
    for (path, before, line) in gone {
        if last.as_ref().is_none_or(|(known, _)| *known != path) {
            let Some(Node::File(file)) = before else {
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

/// Returns what says the same of the interface to which the configuration moved.
fn renamed(piece: &Piece, future: &Future) -> Piece {
    let Some(moved) = &future.moved else {
        return piece.clone();
    };
    let (from, to) = (moved.from.as_str(), moved.to.as_str());
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
