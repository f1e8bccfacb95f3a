//! Comments go above what the line below them became.

use super::made::Made;
use super::own::Own;
use super::text_of;
use crate::doc::shell::{LineKind, ShellDoc};
use crate::tree::Tree;

/// Puts the comments of all files above what their lines became.
pub(super) fn write(own: &Own<'_>, tree: &Tree, made: &mut Made) {
    comments_of(0, own.source.doc, made);
    for (path, number) in own.beside.iter().zip(1..) {
        if own.stays(path) {
            continue;
        }
        let Some(text) = text_of(tree, path) else {
            continue;
        };
        let is_shell = ["ifcfg-", "keys-"]
            .iter()
            .any(|start| path.name().starts_with(start));
        if is_shell {
            comments_of(number, &ShellDoc::parse(&text), made);
            continue;
        }
        let lines = text.lines().zip(1..);
        let comments = lines.filter_map(|(line, at)| Some((at, comment_of(line)?, false)));
        made.comment(number, comments);
    }
}

/// Returns the comment of a line of words, be it behind them.
pub(super) fn comment_of(line: &str) -> Option<&str> {
    let starts = line.match_indices('#').map(|(at, _)| at);
    let begins = |at: &usize| {
        line[..*at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
    };
    let mut starts = starts.filter(begins);
    starts.next().map(|at| line[at..].trim_end())
}

fn comments_of(number: usize, doc: &ShellDoc, made: &mut Made) {
    let lines = doc.lines();
    // what stands above everything is about the file
    let first = lines.iter().position(|line| line.kind != LineKind::Comment);
    let head = first.unwrap_or(lines.len());
    let comments = lines.iter().zip(0..).filter_map(|(line, at)| {
        let text = doc.source()[line.comment?..line.text.end].trim();
        Some((line.number, text, at < head && number == 0))
    });
    made.comment(number, comments);
}
