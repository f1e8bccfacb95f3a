//! The hunks between two contents, with three lines of context.
//!
//! A line ends at `\n` only, as in git: a lone carriage return belongs to its line. It must not know of names and modes.

use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use super::{Kind, Line, Piece, words};

const CONTEXT: usize = 3;

/// Adds the hunks that lead from `old` to `new`.
pub(super) fn push<'a>(old: &'a [u8], new: &'a [u8], out: &mut Vec<Line<'a>>) {
    let (old, new) = (split(old), split(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
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
    let ops = capture_diff_slices(Algorithm::Myers, &lines, &split(new));
    let kept = ops
        .iter()
        .filter(|op| op.tag() == DiffTag::Equal)
        .flat_map(DiffOp::old_range);
    let bytes: usize = kept.map(|at| lines[at].len()).sum();
    (bytes * 100 / longest).min(99)
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
            .for_each(|line| push_line(Kind::Context, vec![Piece::plain(*line)], out));
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

fn push_line<'a>(kind: Kind, content: Vec<Piece<'a>>, out: &mut Vec<Line<'a>>) {
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
        out.push(Line { kind, pieces });
        return;
    }
    pieces.push(Piece::plain(&b"\n"[..]));
    out.push(Line { kind, pieces });
    out.push(Line::whole(
        Kind::NoNewline,
        "\\ No newline at end of file".to_owned(),
    ));
}
