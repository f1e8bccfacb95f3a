//! The tables: what may be typed, and what is answered.
//!
//! A row of a table is one or more patterns, a line each; behind them, indented, `! why` there is no such command, and the
//! answers, `what it does = command` or `= command`: one, or all that may be meant. The first row that fits counts.

use super::Answer;
use super::answer::{filled, finished};
use super::line::{Line, command, definition};
use super::pattern::{Bound, fit};
use crate::cli::command_line::quoted;

/// Words that are near to commands of kvmnet, and those of other programs.
pub(super) const ALL: &[&str] = &[include_str!("commands.txt"), include_str!("programs.txt")];

/// Commands that lack something.
pub(super) const LACKING: &[&str] = &[include_str!("lacking.txt")];

/// What is left when nothing else fits.
pub(super) const ELSE: &[&str] = &[include_str!("else.txt")];

/// What may be typed, and what is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Patterns, of which the first that fits counts.
    pub(super) typed: Vec<&'static str>,
    /// Why there is no such command.
    pub(super) why: &'static str,
    /// What to type instead, each with what it does.
    pub(super) answers: Vec<(&'static str, &'static str)>,
}

/// Returns the rows of tables.
pub(super) fn rows(tables: &[&'static str]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let lines = tables.iter().flat_map(|table| table.lines());
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(told) = line.strip_prefix("  ") else {
            match rows.last_mut().filter(|row| row.answers.is_empty()) {
                Some(row) => row.typed.push(line),
                None => rows.push(Row {
                    typed: vec![line],
                    ..Row::default()
                }),
            }
            continue;
        };
        let Some(row) = rows.last_mut() else {
            continue;
        };
        match (told.strip_prefix("! "), told.split_once("= ")) {
            (Some(why), _) => row.why = why,
            (None, Some((what, command))) => row.answers.push((what.trim_end(), command)),
            (None, None) => {}
        }
    }
    rows
}

/// Programs whose commands may be typed behind their name.
const PROGRAMS: &[&str] = &[
    "brctl",
    "dnf",
    "git",
    "ip",
    "nmcli",
    "ovs-vsctl",
    "terraform",
    "virsh",
];

/// Returns what the first row that fits a line answers.
pub(super) fn answer(tables: &[&'static str], line: &Line) -> Option<Answer> {
    let behind = |word: &String| PROGRAMS.contains(&word.as_str()) && line.words.len() > 1;
    let skipped = usize::from(line.words.first().is_some_and(behind));
    let typed = &line.words[skipped..];
    let names = command(definition(), typed).0;
    let rest = typed[names.len()..].iter().cloned();
    let words: Vec<String> = names.iter().cloned().chain(rest).collect();
    let found = rows(tables).iter().find_map(|row| {
        let fit = row
            .typed
            .iter()
            .find_map(|pattern| fit(pattern, &words, &line.options))?;
        let mut help = answers(row, &fit.bound, line);
        if help.is_empty() && names.len() < fit.literal {
            // what was typed is no name, or no value
            help = answers(row, &Bound::new(), line);
        }
        let typed = quoted(&typed[..fit.literal.min(typed.len())]);
        let message = match (row.why, names.len() < fit.literal) {
            ("", false) => None,
            ("", true) => Some(format!("there is no command `{typed}`")),
            (why, true) => Some(format!("there is no command `{typed}`: {why}")),
            (why, false) => Some(why.to_owned()),
        };
        (!help.is_empty()).then_some(Answer { message, help })
    });
    found.or_else(|| {
        let mut own = line.clone();
        own.words.drain(..skipped);
        let help: Vec<String> = finished(own).iter().map(Line::command).collect();
        let message = Some(format!("there is no command `{}`", line.words.first()?));
        (skipped > 0 && !help.is_empty()).then_some(Answer { message, help })
    })
}

/// Returns the answers of a row, with what was typed.
fn answers(row: &Row, bound: &Bound, line: &Line) -> Vec<String> {
    let mut help = Vec::new();
    for (what, template) in &row.answers {
        let lines = filled(template, bound, line);
        let commands = lines.iter().map(Line::command);
        help.extend(commands.map(|command| match what.is_empty() {
            true => command,
            false => format!("{what}: {command}"),
        }));
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what may be typed for a word of a pattern.
    fn typed(word: &str) -> String {
        let number = ["ID", "NUMBER", "SECONDS"].contains(&word);
        match word.starts_with(|c: char| c.is_ascii_uppercase()) {
            true if number => "7".to_owned(),
            true if word == "CIDR" => "10.7.0.1/24".to_owned(),
            true if word == "STATE" => "off".to_owned(),
            true if word == "MODE" => "nat".to_owned(),
            true if word == "RULE" => "subnet-overlap".to_owned(),
            true if word == "SHELL" => "bash".to_owned(),
            true => format!("x{}", word.to_lowercase()),
            false => word.to_owned(),
        }
    }

    /// Returns words that fit a pattern: each of its alternatives, what it names being as it is called.
    fn lines(pattern: &str) -> Vec<Vec<String>> {
        let mut lines = vec![Vec::new()];
        for token in pattern.split(' ') {
            let name = token.trim_end_matches('…');
            let words: Vec<Vec<String>> = match name.split_once(['=', '>']) {
                Some((key, value)) => vec![vec![key.to_owned(), typed(value)]],
                None if name.is_empty() => {
                    vec![["and", "more"].map(str::to_owned).to_vec()]
                }
                None if name == "COMMAND" => {
                    vec![["bridge", "remove", "br0"].map(str::to_owned).to_vec()]
                }
                None => name.split('|').map(|word| vec![typed(word)]).collect(),
            };
            let each = |line: Vec<String>| {
                let longer = words
                    .iter()
                    .map(move |words| [line.clone(), words.clone()].concat());
                longer.collect::<Vec<_>>()
            };
            lines = lines.into_iter().flat_map(each).collect();
        }
        lines
    }

    #[test]
    fn every_answer_is_taken_by_clap_whatever_was_typed() {
        let tables = [ALL, LACKING, ELSE].concat();
        let mut tried = 0;
        for row in rows(&tables) {
            assert!(!row.answers.is_empty(), "{:?}", row.typed);
            for pattern in &row.typed {
                for words in lines(pattern) {
                    let fit = fit(pattern, &words, &[]).expect(pattern);
                    for (_, template) in &row.answers {
                        let whole = template.starts_with("COMMAND");
                        let bounds = [&fit.bound, &Bound::new()];
                        for bound in &bounds[..if whole { 1 } else { 2 }] {
                            let filled = filled(template, bound, &Line::default());
                            assert!(!filled.is_empty(), "{pattern}: {template}");
                            tried += filled.len();
                        }
                    }
                }
            }
        }
        assert!(tried > 1000, "{tried}");
    }

    #[test]
    fn every_row_is_reached() {
        let mut all = Vec::new();
        for tables in [ALL, LACKING, ELSE] {
            let rows = rows(tables);
            for (nr, row) in rows.iter().enumerate() {
                for pattern in &row.typed {
                    let hidden = |words: &Vec<String>| {
                        let before = rows[..nr].iter().flat_map(|row| &row.typed);
                        let takes = |before: &&&'static str| {
                            !before.ends_with("COMMAND…") && fit(before, words, &[]).is_some()
                        };
                        before.clone().find(takes).is_some()
                    };
                    let hidden: Vec<_> = lines(pattern).into_iter().filter(hidden).collect();
                    all.extend(hidden.iter().map(|words| words.join(" ")));
                }
            }
        }
        assert!(all.is_empty(), "answered by a row before: {all:#?}");
    }
}
