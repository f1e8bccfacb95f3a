//! A command line taken apart without clap, which could not: words that stand by themselves, and options with their values.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::LazyLock;

use clap::builder::ValueRange;
use clap::{Arg, Command, CommandFactory};

use crate::cli::args::Cli;
use crate::cli::command_line::quoted;
use crate::cli::text::harmful;

/// Options of other programs that have no value. Of one that nobody knows the next word is taken for its value: it is no word
/// by itself.
const FLAGS: &[&str] = &[
    "--all",
    "--auto-approve",
    "--autostart",
    "--config",
    "--current",
    "--diff",
    "--disable",
    "--live",
    "--no-act",
    "--no-confirm",
    "--noconfirm",
    "--non-interactive",
    "--noop",
    "--persistent",
    "--plan",
    "--preview",
    "--simulate",
    "--version",
    "--what-if",
];

/// An option as it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    /// With its dashes.
    pub(super) name: String,
    pub(super) value: Option<String>,
}

/// A command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Line {
    /// The words that stand by themselves, `kvmnet` left out.
    pub(super) words: Vec<String>,
    pub(super) options: Vec<Given>,
}

impl Line {
    /// Takes words apart; nothing, if they cannot be repeated to the user as they are.
    pub(in crate::cli) fn of(words: &[OsString]) -> Option<Self> {
        let mut line = Self::default();
        let texts: Option<Vec<&str>> = words.iter().skip(1).map(|word| word.to_str()).collect();
        let texts = texts?;
        let odd = |text: &&str| text.is_empty() || text.chars().any(harmful);
        if texts.iter().any(odd) {
            return None;
        }
        let mut texts = texts.into_iter().peekable();
        while let Some(text) = texts.next() {
            if text == "--" {
                line.words.extend(texts.map(str::to_owned));
                break;
            }
            if !text.starts_with('-') || text == "-" {
                line.words.push(text.to_owned());
                continue;
            }
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => {
                    let next = texts.peek().copied();
                    let takes =
                        next.is_some_and(|next| takes_value(definition(), &line.words, text, next));
                    let value = takes.then(|| texts.next()).flatten();
                    (text, value.map(str::to_owned))
                }
            };
            let name = name.to_owned();
            line.options.push(Given { name, value });
        }
        // the tree is named wherever a command is printed, and what asks for help asks for no command
        let aside = ["--root", "--help", "-h"];
        line.options
            .retain(|given| !aside.contains(&given.name.as_str()));
        Some(line)
    }

    /// Returns the words of it, in the order in which they are printed.
    pub(super) fn typed(&self) -> Vec<String> {
        let mut typed = self.words.clone();
        if let Some(at) = typed.iter().position(|word| word.starts_with('-')) {
            typed.insert(at, "--".to_owned());
        }
        let mut options = Vec::new();
        for Given { name, value } in &self.options {
            match value {
                Some(value) if value.starts_with('-') => options.push(format!("{name}={value}")),
                Some(value) => options.extend([name.clone(), value.clone()]),
                None => options.push(name.clone()),
            }
        }
        // behind `--` there are no options
        match typed.iter().position(|word| word == "--") {
            Some(end) => typed.splice(end..end, options).for_each(drop),
            None => typed.extend(options),
        }
        typed
    }

    /// Returns it as it is printed.
    pub(super) fn command(&self) -> String {
        format!("kvmnet {}", quoted(&self.typed()))
    }

    /// Returns the value of the option that has one of these names.
    pub(super) fn value(&self, names: &[&str]) -> Option<&str> {
        let mut options = self.options.iter();
        let found = options.find(|given| names.contains(&given.name.as_str()))?;
        found.value.as_deref()
    }

    /// Leaves out options that the command does not have.
    pub(super) fn without_unknown(mut self) -> Self {
        let command = command(definition(), &self.words).1;
        self.options.retain(|given| has(command, &given.name));
        self
    }
}

/// Returns the definition of the command line, whole.
pub(in crate::cli) fn definition() -> &'static Command {
    static DEFINITION: LazyLock<Command> = LazyLock::new(|| {
        let mut command = Cli::command();
        command.build();
        command
    });
    &DEFINITION
}

/// Returns the command that words name, with the names of those down to it; words behind it do not matter.
pub(super) fn command<'c>(root: &'c Command, words: &[String]) -> (Vec<String>, &'c Command) {
    let (mut command, mut names) = (root, Vec::new());
    for word in words {
        let Some(below) = command.find_subcommand(word) else {
            break;
        };
        names.push(below.get_name().to_owned());
        command = below;
    }
    (names, command)
}

/// Returns the command that words name as they are typed, options between them or not, with the names of those down to it.
pub(in crate::cli) fn named<'c>(
    root: &'c Command,
    words: &[OsString],
) -> (Vec<String>, &'c Command) {
    let legible = |word: &OsString| match word.to_str() {
        Some(text) if !text.is_empty() && !text.chars().any(harmful) => word.clone(),
        // it names no command
        _ => OsString::from("?"),
    };
    let words: Vec<OsString> = words.iter().map(legible).collect();
    let words = Line::of(&words).map(|line| line.words);
    command(root, &words.unwrap_or_default())
}

/// Returns whether a command has an option.
pub(super) fn has(command: &Command, name: &str) -> bool {
    command.get_arguments().any(|arg| is(arg, name))
}

/// Returns whether an option is typed so.
pub(super) fn is(arg: &Arg, name: &str) -> bool {
    let Some(long) = name.strip_prefix("--") else {
        let mut letters = name.trim_start_matches('-').chars();
        return arg.get_short().is_some() && arg.get_short() == letters.next();
    };
    let aliases = arg.get_all_aliases().unwrap_or_default();
    arg.get_long() == Some(long) || aliases.contains(&long)
}

/// Returns whether the word behind an option is its value: of what is a flag elsewhere, where it looks like one.
fn takes_value(root: &Command, words: &[String], name: &str, next: &str) -> bool {
    if next.starts_with('-') && next.len() > 1 {
        return false;
    }
    let own = command(root, words).1;
    if let Some(arg) = own.get_arguments().find(|arg| is(arg, name)) {
        return must_have_value(arg);
    }
    let mut kinds = BTreeSet::new();
    let mut open = vec![root];
    while let Some(command) = open.pop() {
        let args = command.get_arguments().filter(|arg| is(arg, name));
        kinds.extend(args.map(must_have_value));
        open.extend(command.get_subcommands());
    }
    match kinds.len() {
        // short ones are flags, but for that of ssh and curl
        0 => (name.starts_with("--") || name == "-o") && !FLAGS.contains(&name),
        1 => kinds.contains(&true),
        _ => next.starts_with(|c: char| c.is_ascii_digit()),
    }
}

fn must_have_value(arg: &Arg) -> bool {
    let many = arg.get_num_args().unwrap_or(ValueRange::EMPTY);
    arg.get_action().takes_values() && many.min_values() > 0
}
