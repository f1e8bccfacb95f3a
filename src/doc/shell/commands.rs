//! What a logical line does: assign at the top level, or run something.
//!
//! It follows compound commands over lines, since an assignment inside one depends on what the code does.
//! Source: bash(1), SHELL GRAMMAR.

use std::ops::Range;

use super::scan::{self, Token};
use super::{Assignment, Line, LineKind, Value, value};

/// The open compound commands at a place: assignments inside them depend on what the code does.
#[derive(Debug, Default)]
pub(super) struct Nesting(pub(super) Vec<Open>);

/// A compound command that was begun.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) by: &'static str,
    closed_by: &'static str,
    pub(super) at: usize,
}

/// What begins a compound command, and what ends it.
const COMPOUND: &[(&str, &str)] = &[
    ("if", "fi"),
    ("case", "esac"),
    ("{", "}"),
    ("for", "done"),
    ("while", "done"),
    ("until", "done"),
    ("select", "done"),
    ("(", ")"),
];

/// Words behind which a command begins.
const LEADING: &[&str] = &[
    "if", "while", "until", "then", "do", "else", "elif", "{", "!",
];

impl Nesting {
    /// Takes in a word where a command begins, or an operator.
    fn token(&mut self, token: &str, at: usize) {
        if let Some((by, closed_by)) = COMPOUND.iter().find(|(by, _)| *by == token) {
            self.0.push(Open { by, closed_by, at });
        } else if self.0.last().is_some_and(|open| open.closed_by == token) {
            self.0.pop();
        }
    }
}

pub(super) fn classify(
    source: &str,
    scanned: &scan::Scanned,
    number: u32,
    nesting: &mut Nesting,
) -> Line {
    let comment = scanned.tokens.iter().find_map(|token| match token {
        Token::Comment { start } => Some(*start),
        Token::Word { .. } | Token::Operator { .. } => None,
    });
    let bare = scanned.tokens.len() == usize::from(comment.is_some());
    let nested = !nesting.0.is_empty();
    let (assignments, plain) = commands(source, &scanned.tokens, number, nesting);
    let kind = match (bare, comment) {
        (true, None) => LineKind::Blank,
        (true, Some(_)) => LineKind::Comment,
        (false, _) if plain && !nested && nesting.0.is_empty() => LineKind::Assignments,
        (false, _) => LineKind::Code,
    };
    let text = scanned.start..scanned.text_end;
    Line {
        kind,
        span: scanned.start..scanned.end,
        text,
        comment,
        number,
        assignments,
    }
}

/// Returns the assignments of a line, and whether it holds nothing else.
fn commands(
    source: &str,
    tokens: &[Token],
    number: u32,
    nesting: &mut Nesting,
) -> (Vec<Assignment>, bool) {
    let mut assignments = Vec::new();
    let (mut plain, mut first, mut exported, mut defines) = (true, true, false, false);
    let mut words = 0;
    for token in tokens {
        match token {
            Token::Comment { .. } => {}
            Token::Operator { start, end } => {
                let operator = &source[*start..*end];
                nesting.token(operator, *start);
                // a semicolon ends a command; with none before it, bash refuses the file
                plain &= operator == ";" && words > 0;
                words = 0;
                (first, exported) = (true, false);
            }
            Token::Word { start, end } => {
                words += 1;
                let word = &source[*start..*end];
                if let Some(mut assignment) = assignment(source, *start..*end, number) {
                    // the words of a command are expanded in one more way
                    if exported && value::has_brace(&source[assignment.word.clone()]) {
                        assignment.value = Value::Shell;
                    }
                    if assignments.is_empty() {
                        // hardly ever more than one in a line: room for four is room wasted in each of 100,000 lines
                        assignments.reserve_exact(1);
                    }
                    assignments.push(assignment);
                    // what follows is a command, and the assignment holds for it alone
                    first = false;
                    continue;
                }
                if first {
                    nesting.token(word, *start);
                }
                plain &= first && word == "export" && !exported;
                exported = true;
                // `function NAME {`: the body begins behind the name
                let leads = first && LEADING.contains(&word);
                (first, defines) = (leads || defines, first && word == "function");
            }
        }
    }
    let ends_bare = exported && assignments.is_empty();
    (assignments, plain && !ends_bare)
}

fn assignment(source: &str, span: Range<usize>, number: u32) -> Option<Assignment> {
    let word = &source[span.clone()];
    let equals = word.find('=')?;
    let name = &word[..equals];
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let right = span.start + equals + 1..span.end;
    let value = value::read(&source[right.clone()]);
    Some(Assignment {
        name: name.to_owned(),
        value,
        span,
        word: right,
        line: number,
    })
}
