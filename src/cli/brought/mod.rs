//! What users bring from elsewhere: the words of other programs, other orders, other spellings.
//!
//! What means exactly one thing is taken: by aliases in the definition of the command line, or by [`taken`]. What does not is
//! answered: with the command, or all commands, that it may mean, the user's own words put in. Nothing is guessed, and what
//! is answered is taken by clap. To add a word is to add its row, in `commands.txt`,
//! `programs.txt` or `options`.

mod answer;
mod line;
mod missing;
mod options;
mod pattern;
mod row;
mod taken;
mod typo;
mod values;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

pub(super) use line::{definition, named};
pub(super) use taken::taken;

use answer::finished;
use line::{Line, command};

use super::command_line::quoted;

/// What is answered to a command line that clap does not take.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// What is wrong, if there is more to say than clap does.
    pub(super) message: Option<String>,
    /// What to type instead.
    pub(super) help: Vec<String>,
}

/// Returns what to answer to words, of which clap says what is wrong.
pub(super) fn answer(words: &[OsString], error: &clap::Error) -> Answer {
    let Some(line) = Line::of(words) else {
        // with what cannot be repeated
        let names = named(definition(), words).0;
        return Answer {
            message: None,
            help: vec![page_of(&names)],
        };
    };
    let found = of(&line, error);
    let mut found = found.unwrap_or_else(|| Answer {
        message: None,
        help: vec![page(&line)],
    });
    if found.message.is_none() {
        let missing = error.kind() == ErrorKind::MissingSubcommand;
        let invalid = error.kind() == ErrorKind::InvalidSubcommand;
        found.message = (missing.then(|| none(&line))).or_else(|| invalid.then(|| unknown(&line)));
    }
    found
}

/// Says that there is no such command, and which there are.
fn unknown(line: &Line) -> String {
    let (names, command) = command(definition(), &line.words);
    let typed = quoted(&line.words[..(names.len() + 1).min(line.words.len())]);
    format!(
        "there is no command `{typed}`; there are {}",
        listed(command)
    )
}

/// Says that a command is missing, and which there are.
fn none(line: &Line) -> String {
    let (names, command) = command(definition(), &line.words);
    match names.is_empty() {
        true => format!("a command is missing: {}", listed(command)),
        false => format!("`{}` needs a command: {}", names.join(" "), listed(command)),
    }
}

fn listed(command: &clap::Command) -> String {
    let known = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set());
    let known: Vec<&str> = known.map(clap::Command::get_name).collect();
    known.join(", ")
}

fn of(line: &Line, error: &clap::Error) -> Option<Answer> {
    let about = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(about)) => about.as_str(),
        _ => "",
    };
    let (kind, is_option) = (error.kind(), about.starts_with('-'));
    let is_value = matches!(kind, ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    if is_value && is_option {
        let wrong = match error.get(ContextKind::InvalidValue) {
            Some(ContextValue::String(wrong)) => wrong.as_str(),
            _ => "",
        };
        return values::answer(line, about, wrong);
    }
    if kind == ErrorKind::UnknownArgument && is_option && is_whole(line) {
        return options::answer(line)
            .or_else(|| values::masked(line))
            .or_else(|| slip(line))
            .or_else(|| missing::moved(line));
    }
    if kind == ErrorKind::MissingRequiredArgument {
        let answer = row::answer(row::LACKING, line)
            .or_else(|| options::answer(line))
            .or_else(|| missing::answer(line));
        return answer.map(|mut answer| {
            let page = asks_for_help(line).into_iter();
            answer.help.extend(page.flat_map(|page| page.help));
            answer
        });
    }
    if kind == ErrorKind::ArgumentConflict {
        let by_word = || row::answer(row::ALL, line).or_else(|| slip(line));
        return (!is_option).then(by_word).flatten();
    }
    let by_option = is_option.then(|| options::answer(line)).flatten();
    by_option
        .or_else(|| asks_for_help(line))
        .or_else(|| values::masked(line))
        .or_else(|| row::answer(row::ALL, line))
        .or_else(|| slip(line))
        .or_else(|| row::answer(row::ELSE, line))
}

/// Returns whether words name a command that needs no other one.
fn is_whole(line: &Line) -> bool {
    let command = command(definition(), &line.words).1;
    !command.is_subcommand_required_set()
}

/// Answers words whose last is `help`.
fn asks_for_help(line: &Line) -> Option<Answer> {
    let asks = line.words.last().is_some_and(|word| word == "help");
    asks.then(|| Answer {
        message: None,
        help: vec![page(line)],
    })
}

/// Returns a command that is right but for one slip as it is right.
pub(super) fn without_slip(words: &[&str]) -> Option<String> {
    let line = Line {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        options: Vec::new(),
    };
    let lines = finished(typo::corrected(&line)?);
    lines.first().map(Line::command)
}

/// Answers words that are wrong by one slip.
fn slip(line: &Line) -> Option<Answer> {
    let corrected = typo::corrected(line)?;
    let words = std::iter::once("kvmnet".to_owned()).chain(corrected.typed());
    let taken: Vec<OsString> = taken(words.map(OsString::from).collect());
    let whole = Line::of(&taken).map_or_else(Vec::new, finished);
    let help: Vec<String> = match whole.is_empty() {
        true => {
            row::answer(row::ALL, &corrected).map_or_else(|| vec![page(&corrected)], |it| it.help)
        }
        false => whole.iter().map(Line::command).collect(),
    };
    let help = help
        .into_iter()
        .map(|help| match help.starts_with("kvmnet ") {
            true => format!("did you mean: {help}"),
            false => help,
        });
    Some(Answer {
        message: None,
        help: help.collect(),
    })
}

/// Returns the command that prints the page of the one that was typed, as far as it is one.
fn page(line: &Line) -> String {
    page_of(&command(definition(), &line.words).0)
}

fn page_of(names: &[String]) -> String {
    let names: String = names.iter().map(|name| format!("{name} ")).collect();
    format!("kvmnet {names}--help")
}
