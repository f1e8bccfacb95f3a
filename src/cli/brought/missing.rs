//! A command that lacks something: it is repeated with placeholders for what is to be given.

use super::Answer;
use super::answer::finished;
use super::line::{Line, command, definition};

/// Completes a line.
pub(super) fn answer(line: &Line) -> Option<Answer> {
    let help: Vec<String> = finished(line.clone()).iter().map(completed).collect();
    (!help.is_empty()).then_some(Answer {
        message: None,
        help,
    })
}

/// Answers a line whose options do not stand behind its command.
pub(super) fn moved(line: &Line) -> Option<Answer> {
    let known = line.clone().without_unknown() == *line;
    known.then(|| answer(line)).flatten()
}

/// Returns the command, with the words that stand for a placeholder, where there are a few.
fn completed(line: &Line) -> String {
    let command = command(definition(), &line.words).1;
    let mut text = line.command();
    for given in &line.options {
        let known = command.get_arguments().find(|arg| {
            let long = given.name.strip_prefix("--");
            long.is_some() && arg.get_long() == long
        });
        let Some(value) = &given.value else {
            continue;
        };
        let names = known
            .and_then(clap::Arg::get_value_names)
            .unwrap_or_default();
        let values = known
            .map(clap::Arg::get_possible_values)
            .unwrap_or_default();
        let words = values.iter().filter(|value| !value.is_hide_set());
        let words: Vec<&str> = words.map(clap::builder::PossibleValue::get_name).collect();
        if let [words @ .., last] = &words[..]
            && names.iter().any(|name| name.as_str() == value)
        {
            text += &format!(", {value} being {} or {last}", words.join(", "));
        }
    }
    text
}
