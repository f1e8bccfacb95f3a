//! A command line that cannot be understood, or that asks for what takes the place of a command, such as `--help`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::error::{CliError, Exit};
use super::help::{self, Extent};
use super::screen::Screen;
use super::site::Site;
use super::text::one_line;
use super::{brought, colored, columns};
use crate::secret::Secrets;

/// Says what is wrong with the command line; or prints what it asks for in place of a command, such as `--help`.
pub(super) fn ends(words: &[OsString], mut error: clap::Error) -> ExitCode {
    escape(&mut error);
    let printed = if error.kind() == ErrorKind::DisplayHelp {
        print(words, &help::page(words, Extent::asked(words), columns()))
    } else if error.kind() == ErrorKind::DisplayVersion {
        print(words, &error.render())
    } else {
        say(words, &error);
        return Exit::Failed.into();
    };
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Exit::Failed.into(),
        Ok(()) | Err(_) => Exit::Done.into(),
    }
}

/// Prints a page.
fn print(words: &[OsString], page: &StyledStr) -> io::Result<()> {
    let choice = match is_colored(words, AutoStream::choice(&io::stdout())) {
        true => ColorChoice::Always,
        false => ColorChoice::Never,
    };
    let mut out = AutoStream::new(io::stdout(), choice);
    out.write_all(page.ansi().to_string().as_bytes())?;
    out.flush()
}

fn is_colored(words: &[OsString], found: ColorChoice) -> bool {
    let wish = value(words, "--color");
    let wish = wish.and_then(|word| <super::Color as clap::ValueEnum>::from_str(&word, false).ok());
    colored(wish.unwrap_or(super::Color::Auto), found)
}

/// Returns the value of an option of every command, wherever it stands.
fn value(words: &[OsString], name: &str) -> Option<String> {
    let texts: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let mut texts = texts.iter().take_while(|text| *text != "--");
    let mut found = None;
    while let Some(text) = texts.next() {
        match text.strip_prefix(name).map(|rest| rest.strip_prefix('=')) {
            Some(Some(value)) => found = Some(value.to_owned()),
            Some(None) if text == name => found = texts.next().map(ToString::to_string),
            Some(None) | None => {}
        }
    }
    found
}

/// Says what is wrong, and what to type instead.
fn say(words: &[OsString], error: &clap::Error) {
    let answer = brought::answer(words, error);
    let mut usage = CliError::usage(answer.message.unwrap_or_else(|| message(error)));
    usage.help = answer.help;
    let root = value(words, "--root").or_else(|| std::env::var("KVMNET_ROOT").ok());
    let mut screen = Screen {
        colored: false,
        colored_err: is_colored(words, AutoStream::choice(&io::stderr())),
        terminal: io::IsTerminal::is_terminal(&io::stdout()),
        width: None,
        secrets: Secrets::Masked,
        site: Site::of(root.unwrap_or_else(|| "/".to_owned()).as_str().into()),
        verbose: false,
        out: &mut io::stdout(),
        err: &mut io::stderr(),
    };
    screen.error(&usage);
    if words.iter().any(|word| word == "--json") {
        let object = usage.json(&screen.site);
        let _ = screen.json(&object);
    }
}

/// Returns what clap says is wrong, in one line.
fn message(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let message = lines.collect::<Vec<_>>().join(" ");
    message.trim_start_matches("error: ").to_owned()
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
    let context: Vec<_> = context
        .filter_map(|(kind, value)| Some((kind, escaped(value)?)))
        .collect();
    for (kind, value) in context {
        error.insert(kind, value);
    }
    // by how words look, which says nothing of what they mean; and they may repeat a word, which cannot be escaped
    for kind in [
        ContextKind::Suggested,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedCommand,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ] {
        error.remove(kind);
    }
}
