//! The hunks between two contents, with three lines of context.
//!
//! A line ends at `\n` only, as in git: a lone carriage return belongs to its line. It must not know of names and modes.

use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use super::words::{self, Paired};
use super::{Kind, Line, Piece};
use crate::work::{self, Work};

const CONTEXT: usize = 3;

/// The most pairs of lines, one of each content, between which a shortest way is looked for: 32,000 lines on each side.
/// The search may look at each pair.
const MOST_PAIRS: usize = 1 << 30;

/// Adds the hunks that lead from `old` to `new`.
pub(super) fn push<'a>(old: &'a [u8], new: &'a [u8], out: &mut Vec<Line<'a>>) {
    let (old, new) = (split(old), split(new));
    let ops = ops(&old, &new);
    for group in group_diff_ops(ops, CONTEXT) {
        let Some(head) = head(&group) else { continue };
        out.push(Line::whole(Kind::Hunk, head));
        for op in &group {
            push_op(op, &old[op.old_range()], &new[op.new_range()], out);
        }
    }
}

/// Returns how much of the longer content is in the other one too, in percent; 100 for equal ones only.
pub(super) fn similarity(old: &[u8], new: &[u8]) -> usize {
    if old == new {
        return 100;
    }
    let longest = old.len().max(new.len()).max(1);
    let lines = split(old);
    let ops = ops(&lines, &split(new));
    let kept = ops
        .iter()
        .filter(|op| op.tag() == DiffTag::Equal)
        .flat_map(DiffOp::old_range);
    let bytes: usize = kept.map(|at| lines[at].len()).sum();
    (bytes * 100 / longest).min(99)
}

/// Returns what leads from `old` to `new`: a shortest way, or where that would take too long, all that lies between the
/// first and the last difference is replaced. This is counted, not timed: the same contents have the same patch.
fn ops(old: &[&[u8]], new: &[&[u8]]) -> Vec<DiffOp> {
    let first = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[first..], &new[first..]);
    let ends = old_rest.iter().rev().zip(new_rest.iter().rev());
    let last = ends.take_while(|(a, b)| a == b).count();
    let (old_len, new_len) = (old_rest.len() - last, new_rest.len() - last);
    if old_len.saturating_mul(new_len) <= MOST_PAIRS {
        return compared(old, new);
    }
    let equal = |old_index, new_index, len| DiffOp::Equal {
        old_index,
        new_index,
        len,
    };
    let replaced = DiffOp::Replace {
        old_index: first,
        old_len,
        new_index: first,
        new_len,
    };
    let all = [
        equal(0, 0, first),
        replaced,
        equal(first + old_len, first + new_len, last),
    ];
    all.into_iter()
        .filter(|op| op.tag() != DiffTag::Equal || !op.old_range().is_empty())
        .collect()
}

/// Returns a shortest way from `old` to `new`.
fn compared(old: &[&[u8]], new: &[&[u8]]) -> Vec<DiffOp> {
    let old: Vec<_> = old.iter().copied().map(Counted).collect();
    let new: Vec<_> = new.iter().copied().map(Counted).collect();
    capture_diff_slices(Algorithm::Myers, &old, &new)
}

/// A line; to compare it with another one is counted.
#[derive(Eq, Hash)]
#[allow(
    clippy::derived_hash_with_manual_eq,
    reason = "they are equal as the lines are"
)]
struct Counted<'a>(&'a [u8]);

impl PartialEq for Counted<'_> {
    fn eq(&self, other: &Self) -> bool {
        work::count(Work::Compared, 1);
        self.0 == other.0
    }
}

fn split(content: &[u8]) -> Vec<&[u8]> {
    content.split_inclusive(|byte| *byte == b'\n').collect()
}

fn head(group: &[DiffOp]) -> Option<String> {
    let (first, last) = (group.first()?, group.last()?);
    let old = range(first.old_range().start..last.old_range().end);
    let new = range(first.new_range().start..last.new_range().end);
    Some(format!("@@ -{old} +{new} @@"))
}

/// Returns the lines as a hunk's head counts them: from 1, or after which line where there are none.
fn range(lines: Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

fn push_op<'a>(op: &DiffOp, old: &[&'a [u8]], new: &[&'a [u8]], out: &mut Vec<Line<'a>>) {
    if op.tag() == DiffTag::Equal {
        old.iter()
            .for_each(|line| push_line(Kind::Context, (None, vec![Piece::plain(*line)]), out));
        return;
    }
    let (removed, added) = words::emphasise(old, new);
    removed
        .into_iter()
        .for_each(|line| push_line(Kind::Removed, line, out));
    added
        .into_iter()
        .for_each(|line| push_line(Kind::Added, line, out));
}

fn push_line<'a>(kind: Kind, (pair, content): Paired<'a>, out: &mut Vec<Line<'a>>) {
    let sign: &[u8] = match kind {
        Kind::Removed => b"-",
        Kind::Added => b"+",
        Kind::Context | Kind::Header | Kind::Hunk | Kind::NoNewline => b" ",
    };
    let ended = content
        .last()
        .is_some_and(|piece| piece.text.ends_with(b"\n"));
    let mut pieces = vec![Piece::plain(sign)];
    pieces.extend(content);
    if ended {
        out.push(Line { kind, pair, pieces });
        return;
    }
    pieces.push(Piece::plain(&b"\n"[..]));
    out.push(Line { kind, pair, pieces });
    out.push(Line::whole(
        Kind::NoNewline,
        "\\ No newline at end of file".to_owned(),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_to_compare_is_replaced_as_a_whole() {
        let lines =
            |word: &str| -> String { (0..40_000).map(|n| format!("{word}{n}\n")).collect() };
        let text = |word: &str| {
            format!(
                "first\n{}same\nlast\n",
                lines(word) + "same\n" + &lines("x")
            )
        };
        let (old, new) = (text("a"), text("b") + "more\n");
        let found = ops(&split(old.as_bytes()), &split(new.as_bytes()));
        let tags: Vec<_> = found.iter().map(|op| op.tag()).collect();
        assert_eq!(tags, [DiffTag::Equal, DiffTag::Replace]);
        assert_eq!(found[1].old_range(), 1..80_004);
        assert_eq!(found[1].new_range(), 1..80_005);
    }
}
