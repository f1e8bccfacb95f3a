//! What may stand under the cursor of a command line, for the scripts that `kvmnet completions` prints.
//!
//! They call `kvmnet __complete SHELL BREAKS BEFORE AFTER`: the command as it was typed, before and behind the cursor, and for
//! bash its `COMP_WORDBREAKS`. Commands and options are clap's; names are those of the tree that the line names. Nothing is
//! written, no error is printed, and what the scripts get is text that no shell ever evaluates:
//!
//! - a first line `names N`, `files N` or `folders N`: what follows, or what the shell is to look for itself, behind N characters
//!   of the word (not for fish, which gets names alone);
//! - for bash what takes the place of the end of the word, quoted as that was begun; for zsh a name, a tab and how it is
//!   listed; for fish the whole word, a tab and help.
//!
//! To add a kind of name: `what` (where), `names` (which).

mod candidate;
mod line;
mod names;
mod offer;
mod paths;
mod place;
mod quote;
mod scripts;
mod what;
mod word;
mod words;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::CommandFactory;
use unicode_width::UnicodeWidthStr;

use super::args::Cli;
use super::error::Exit;
use super::text::one_line;
use crate::shown::natural;
use candidate::Candidate;
use line::Line;
use offer::{Asked, Offer};
use place::Place;
use word::Shell;

pub(super) use scripts::script;

/// The word in the place of a command by which scripts ask.
const COMMAND: &str = "__complete";

/// So many names are left to the shell to choose from; of more, those that begin as the word does are enough.
const MANY: usize = 500;

/// The longest word of help, in characters.
const LONGEST_HELP: usize = 60;

/// Answers, if that is what the words ask for: then nothing else is done.
pub(super) fn asked(words: &[OsString]) -> Option<ExitCode> {
    if words.get(1)? != COMMAND {
        return None;
    }
    // nobody wants to read it in the middle of a line
    std::panic::set_hook(Box::new(|_| {}));
    let words: Vec<_> = words[2..]
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    if let [shell, breaks, before, after] = words.as_slice()
        && let Some(shell) = Shell::of(shell)
    {
        let answer = answer(shell, breaks, before, after);
        let _ = io::stdout().write_all(answer.as_bytes());
    }
    Some(Exit::Done.into())
}

/// Returns the lines for the script.
fn answer(shell: Shell, breaks: &str, before: &str, after: &str) -> String {
    let variable = |name: &str| std::env::var(name).ok();
    let Some(mut line) = Line::parse(shell, before, after, &variable) else {
        return String::new();
    };
    if shell == Shell::Fish
        && let Some(literal) = Line::parse(shell, before, after, &|_| None)
    {
        // it compares with what was typed
        line.word = literal.word;
    }
    let mut cli = Cli::command();
    cli.build();
    let place = Place::of(&cli, &line);
    let offer = Asked {
        shell,
        breaks,
        line: &line,
        place: &place,
    };
    offer.lines(offer.offered())
}

impl Asked<'_> {
    fn lines(&self, offer: Offer) -> String {
        let word = &self.line.word;
        let (mut found, kept) = match offer {
            Offer::Shell(kind, kept) => return format!("{kind} {}\n", quote::lead(word, kept)),
            Offer::Names(found, kept) => (found, kept),
        };
        let start = &word.value[kept..];
        let filters = self.shell == Shell::Bash || found.len() > MANY;
        found.retain(|one| {
            (!filters || one.value.starts_with(start))
                && quote::can_be_typed(&one.value)
                && quote::fits(self.shell, word, &one.value)
        });
        found.sort_by_cached_key(|one| natural(&one.value));
        found.dedup_by(|one, before| one.value == before.value);
        self.written(&found, kept)
    }

    fn written(&self, found: &[Candidate], kept: usize) -> String {
        let word = &self.line.word;
        let widths = found.iter().map(|one| one.value.width());
        let widest = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
        let replaced = word.replaced_from(self.breaks);
        let mut text = match self.shell {
            Shell::Fish => String::new(),
            Shell::Bash | Shell::Zsh => format!("names {}\n", quote::lead(word, kept)),
        };
        for Candidate { value, help } in found {
            let whole = || word.value[..kept].to_owned() + value;
            let help = short(help);
            let line = match self.shell {
                Shell::Bash => quote::for_bash(word, &whole(), kept, replaced),
                Shell::Fish => format!("{}\t{help}", whole()),
                Shell::Zsh if help.is_empty() => format!("{value}\t{value}"),
                Shell::Zsh => {
                    let gap = " ".repeat(widest.saturating_sub(value.width()));
                    format!("{value}\t{value}{gap}  {help}")
                }
            };
            text += &line;
            text.push('\n');
        }
        text
    }
}

/// Names of so many columns are put beneath one another, with their help in a column of its own.
const WIDEST: usize = 60;

/// Returns help on one line, cut where it is long.
fn short(help: &str) -> String {
    let help = one_line(help);
    match help.char_indices().nth(LONGEST_HELP) {
        Some((at, _)) => format!("{}…", help[..at].trim_end()),
        None => help,
    }
}
