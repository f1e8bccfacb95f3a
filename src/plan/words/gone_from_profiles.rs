//! What of a profile is in no file any more: settings, comments and lines that neither the port nor the bridge has after a
//! change. It is found in the texts, not in the model: the model does not know all that a file says.

use std::collections::{HashMap, HashSet};

use crate::backend::Piece;
use crate::backend::lens::Lens;
use crate::backend::lenses;
use crate::change::{Change, ChangeSet};
use crate::host::Host;
use crate::layout::{About, kind_anywhere};
use crate::op::{Future, Operation};
use crate::secret;
use crate::tree::{HostPath, Node, Tree};

/// As many are named; of more the rest is counted, and shown by the diff.
const MOST: usize = 100;

/// One of the two sides of a change.
type Side = fn(&Change) -> Option<&Node>;

/// The names of the interface that had a configuration, and of the one that gets it.
type Names<'a> = (&'a str, &'a str);

/// The files as they are, what they mean, and what they are to mean.
type Known<'a> = (&'a Tree, &'a Host, &'a Future);

/// Returns what goes, as file, line and text.
pub(in crate::plan) fn lines(
    set: &ChangeSet,
    operation: &Operation,
    (tree, before, future): Known<'_>,
) -> Vec<String> {
    let [first, second]: [Side; 2] = [|change| change.before.as_ref(), |c| c.after.as_ref()];
    if operation.bridge().is_none() {
        return Vec::new();
    }
    // what a file in /etc comes before is in force where that goes
    let is_deleted = |path: &HostPath| set.get(path).is_some_and(|change| change.after.is_none());
    let uncovered = before.profiles().filter_map(|profile| {
        let own = profile.home.file.as_ref()?;
        profile.home.hides.as_ref().filter(|_| is_deleted(own))
    });
    let beneath = of_image(tree, uncovered);
    only(set, [first, second], &beneath, operation, names(future))
}

/// Returns what comes with an original and is in none of the files now, as file, line and text: nobody sees by "as it was"
/// what that is, and a history or a copy may say what never was.
pub(in crate::plan) fn back(
    set: &ChangeSet,
    operation: &Operation,
    (tree, before, future): Known<'_>,
) -> Vec<String> {
    let [first, second]: [Side; 2] = [|change| change.after.as_ref(), |c| c.before.as_ref()];
    match operation {
        Operation::BridgeRemove { .. } | Operation::RemovePort { .. } => {
            let covered = before.profiles().filter(|profile| {
                let wanted = future.host.profile(&profile.interface);
                wanted.is_none_or(|wanted| !wanted.is_same(profile))
            });
            let covered = covered.filter(|profile| profile.home.is_of_image());
            let beneath = of_image(
                tree,
                covered.filter_map(|profile| profile.home.file.as_ref()),
            );
            let moved = names(future).map(|(from, to)| (to, from));
            only(set, [first, second], &beneath, operation, moved)
        }
        Operation::BridgeAdd(_)
        | Operation::AddPort { .. }
        | Operation::Network(_)
        | Operation::Guest(_) => Vec::new(),
    }
}

/// Returns what files of the image say.
fn of_image<'a>(tree: &Tree, files: impl Iterator<Item = &'a HostPath>) -> Vec<Piece> {
    let nodes = files.filter_map(|path| Some((path, Node::File(tree.file(path)?.clone()))));
    let pieces = nodes.filter_map(|(path, node)| pieces_of(path, Some(&node)));
    pieces
        .flat_map(|(_, pieces)| pieces)
        .map(|(_, piece)| piece)
        .collect()
}

/// Returns what the first side has, and the second one not; files of the image say what is `beneath` the second one.
fn only(
    set: &ChangeSet,
    [first, second]: [Side; 2],
    beneath: &[Piece],
    operation: &Operation,
    moved: Option<Names<'_>>,
) -> Vec<String> {
    let mut left: HashMap<Piece, usize> = HashMap::new();
    for change in set.iter() {
        let pieces = pieces_of(&change.path, second(change));
        count(&mut left, pieces);
    }
    for piece in beneath {
        *left.entry(piece.clone()).or_default() += 1;
    }
    let anywhere: HashSet<Piece> = left.keys().cloned().collect();
    let mut rest = Vec::new();
    for change in set.iter() {
        let Some((lens, pieces)) = pieces_of(&change.path, first(change)) else {
            continue;
        };
        let mut own = HashMap::new();
        count(&mut own, pieces_of(&change.path, second(change)));
        for (line, piece) in pieces {
            // what a file still says itself is not told by another one
            match take(&mut own, &piece) {
                true => drop(take(&mut left, &piece)),
                false => rest.push((change, lens, line, piece)),
            }
        }
    }
    let bridge_goes = matches!(operation, Operation::BridgeRemove { .. });
    let mut found = Vec::new();
    for (change, lens, line, piece) in rest {
        // the file of a bridge that goes has a copy of what it shared with its port
        let goes = bridge_goes && second(change).is_none();
        let is_copy = goes && matches!(piece, Piece::Setting(..));
        let known = take(&mut left, &piece)
            || take(&mut left, &renamed(&piece, moved))
            || (is_copy && anywhere.contains(&piece));
        if !known && !(lens.is_told)(&piece, bridge_goes) {
            found.push((&change.path, first(change), line));
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
