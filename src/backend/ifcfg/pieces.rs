//! What a text of assignments says, piece by piece, as its readers take it: values without their quotes.

use std::ops::Range;

use crate::doc::shell::{LineKind, ShellDoc};

/// What a file says in one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// A key and its value.
    Setting(String, String),
    /// A comment, from its sign on.
    Comment(String),
    /// A line of code.
    Line(String),
}

/// Returns what a text says, with the lines, counted from 0.
#[must_use]
pub fn pieces(bytes: &[u8]) -> Vec<(usize, Piece)> {
    let text = String::from_utf8_lossy(bytes);
    let doc = ShellDoc::parse(&text);
    let mut pieces = Vec::new();
    for line in doc.lines() {
        let number = line.number as usize - 1;
        let raw = |span: Range<usize>| text[span].trim().to_owned();
        match line.kind {
            LineKind::Blank => {}
            LineKind::Comment => pieces.push((number, Piece::Comment(raw(line.text.clone())))),
            LineKind::Code => pieces.push((number, Piece::Line(raw(line.text.clone())))),
            LineKind::Assignments => {
                pieces.extend(line.assignments.iter().map(|assignment| {
                    let value = assignment.value.literal().map(str::to_owned);
                    let value = value.unwrap_or_else(|| raw(assignment.word.clone()));
                    (number, Piece::Setting(assignment.name.clone(), value))
                }));
                let comment = line.comment.map(|start| raw(start..line.text.end));
                pieces.extend(comment.map(|text| (number, Piece::Comment(text))));
            }
        }
    }
    pieces
}
