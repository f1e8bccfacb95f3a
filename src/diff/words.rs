//! Which words changed in lines that were replaced.
//!
//! Each removed line is paired with the added line that shares most with it, in order; words that are not in both are
//! emphasised. This is for the eye only: the bytes of a line never depend on it.

use std::cmp::Reverse;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

use super::Piece;

/// Lines of one replaced region beyond which pairs are not looked for, and bytes of a line: a screen cannot show them
/// anyway, and the search is quadratic in both.
const MOST_LINES: usize = 24;
const MOST_BYTES: usize = 400;

type Pieces<'a> = Vec<Piece<'a>>;

/// The pieces of a line, and the number of the pair that it belongs to.
pub(super) type Paired<'a> = (Option<usize>, Pieces<'a>);

/// Returns the pieces of the removed and of the added lines.
pub(super) fn emphasise<'a>(
    old: &[&'a [u8]],
    new: &[&'a [u8]],
) -> (Vec<Paired<'a>>, Vec<Paired<'a>>) {
    let plain = |line: &&'a [u8]| (None, vec![Piece::plain(*line)]);
    let mut removed: Vec<_> = old.iter().map(plain).collect();
    let mut added: Vec<_> = new.iter().map(plain).collect();
    if old.len() > MOST_LINES || new.len() > MOST_LINES {
        return (removed, added);
    }
    let (mut next, mut count) = (0, 0);
    for (at, line) in old.iter().enumerate() {
        let pairs = (next..new.len()).filter_map(|to| Some((to, Pair::new(line, new[to])?)));
        // Among equals `min_by_key` takes the first line, `max_by_key` would take the last.
        let Some((to, pair)) = pairs.min_by_key(|(_, pair)| Reverse(pair.likeness)) else {
            continue;
        };
        let (from, into) = pair.pieces();
        (removed[at], added[to]) = ((Some(count), from), (Some(count), into));
        (next, count) = (to + 1, count + 1);
    }
    (removed, added)
}

/// Two lines that are much the same.
struct Pair<'a> {
    old: Vec<&'a [u8]>,
    new: Vec<&'a [u8]>,
    ops: Vec<DiffOp>,
    /// Thousandths of their bytes that are in both.
    likeness: usize,
}

impl<'a> Pair<'a> {
    /// Returns the pair, if at least half of the bytes of both lines are in both.
    fn new(old: &'a [u8], new: &'a [u8]) -> Option<Self> {
        if old.len() > MOST_BYTES || new.len() > MOST_BYTES {
            return None;
        }
        let (old, new) = (split(old), split(new));
        let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
        let equal = ops
            .iter()
            .filter(|op| op.tag() == DiffTag::Equal)
            .flat_map(DiffOp::old_range);
        let kept: usize = equal.map(|at| weight(old[at])).sum();
        let all: usize = old.iter().chain(&new).map(|word| weight(word)).sum();
        let likeness = (2000 * kept).checked_div(all)?;
        (likeness >= 500).then_some(Self {
            old,
            new,
            ops,
            likeness,
        })
    }

    fn pieces(&self) -> (Pieces<'a>, Pieces<'a>) {
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for op in &self.ops {
            let changed = op.tag() != DiffTag::Equal;
            self.old[op.old_range()]
                .iter()
                .for_each(|word| extend(&mut removed, word, changed));
            self.new[op.new_range()]
                .iter()
                .for_each(|word| extend(&mut added, word, changed));
        }
        (removed, added)
    }
}

/// Returns runs of letters and digits, runs of blanks, and every other byte on its own; the newline too.
fn split(line: &[u8]) -> Vec<&[u8]> {
    let joined = |one: &u8, other: &u8| class(*one) == class(*other) && class(*one) != Class::Sign;
    line.chunk_by(joined).collect()
}

#[derive(PartialEq, Eq)]
enum Class {
    Word,
    Blank,
    Sign,
}

/// Bytes beyond ASCII are letters, so that no character is torn apart.
fn class(byte: u8) -> Class {
    match byte {
        b' ' | b'\t' => Class::Blank,
        b'_' | 0x80.. => Class::Word,
        _ if byte.is_ascii_alphanumeric() => Class::Word,
        _ => Class::Sign,
    }
}

/// Every line has a newline and most have blanks: sharing those says nothing.
fn weight(word: &[u8]) -> usize {
    if word.iter().all(u8::is_ascii_whitespace) {
        0
    } else {
        word.len()
    }
}

/// Adds a word to the last piece, or as a new one; line ends are never emphasised.
fn extend<'a>(pieces: &mut Pieces<'a>, word: &'a [u8], changed: bool) {
    let emphasised = changed && word != b"\n" && word != b"\r";
    match pieces.last_mut() {
        Some(last) if last.emphasised == emphasised => last.text.to_mut().extend_from_slice(word),
        _ => pieces.push(Piece {
            text: word.into(),
            emphasised,
        }),
    }
}
