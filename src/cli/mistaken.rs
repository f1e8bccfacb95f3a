//! A command line that cannot be understood, or that asks for what takes the place of a command, such as `--help`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};

use super::error::{CliError, Exit};
use super::site::Site;
use super::text::{json_escaped, one_line};

/// Says what is wrong with the command line; or prints what it asks for in place of a command, such as `--help`.
pub(super) fn ends(words: &[OsString], mut error: clap::Error) -> ExitCode {
    escape(&mut error);
    let json = words.iter().any(|word| word == "--json");
    if json && error.use_stderr() {
        println_json(&error);
    }
    let printed = error.print();
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    let lost = printed.as_ref().is_err_and(|error| !closed(error));
    match error.use_stderr() || lost {
        true => Exit::Failed.into(),
        false => Exit::Done.into(),
    }
}

/// Prints a mistake in the command line as an object.
fn println_json(error: &clap::Error) {
    let text = error.render().to_string();
    let (tips, message): (Vec<&str>, Vec<&str>) = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:"))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .partition(|line| line.starts_with("tip: "));
    let message = message.join(" ");
    let usage = CliError::usage(message.trim_start_matches("error: "));
    let tips = tips.iter().map(|tip| tip.trim_start_matches("tip: "));
    let usage = tips.fold(usage, CliError::help);
    let object = usage.json(&Site::default());
    let object = serde_json::to_string_pretty(&object).unwrap_or_default();
    let _ = io::stdout().write_all((json_escaped(&object) + "\n").as_bytes());
}

/// Makes printable what the message repeats of the words: nothing of them may reach the terminal as more than text.
fn escape(error: &mut clap::Error) {
    let escaped = |value: &ContextValue| {
        if let ContextValue::String(text) = value {
            return Some(ContextValue::String(one_line(text)));
        }
        let ContextValue::Strings(texts) = value else {
            return None;
        };
        let texts = texts.iter().map(|text| one_line(text));
        Some(ContextValue::Strings(texts.collect()))
    };
    let context = error.context();
    let mut context: Vec<_> = context
        .filter_map(|(kind, value)| Some((kind, escaped(value)?)))
        .collect();
    if context
        .iter()
        .any(|(kind, value)| error.get(*kind) != Some(value))
    {
        // they may repeat a word, and cannot be escaped
        context.push((ContextKind::Suggested, ContextValue::None));
    }
    for (kind, value) in context {
        error.insert(kind, value);
    }
}
