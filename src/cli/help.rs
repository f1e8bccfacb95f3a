//! The page of a command: `--help` is all of it, with examples; `-h` is what is its own, on one screen.
//!
//! Options of every command are told once, on the page of the program.

use std::ffi::OsString;
use std::fmt::Write;

use clap::Command;
use clap::builder::StyledStr;

use super::args::CHANGES;
use super::brought::{definition, named};
use super::examples;
use super::wrap::folded;

/// How much of the page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// `-h`
    Short,
    /// `--help`
    Whole,
}

impl Extent {
    /// Returns how much words ask for.
    pub(super) fn asked(words: &[OsString]) -> Self {
        match words.iter().any(|word| word == "--help") {
            true => Self::Whole,
            false => Self::Short,
        }
    }
}

/// Returns the page that words ask for, for so many columns.
pub(super) fn page(words: &[OsString], extent: Extent, columns: usize) -> StyledStr {
    let (names, command) = named(definition(), words);
    let is_over_all = names.is_empty();
    let is_change = |arg: &clap::Arg| arg.get_help_heading() == Some(CHANGES);
    let changes = command.get_arguments().any(is_change);
    let hidden = |arg: clap::Arg| {
        let aside = arg.is_global_set() && !is_over_all;
        let long = extent == Extent::Short && is_change(&arg);
        match aside || long {
            true => arg.hide(true),
            false => arg,
        }
    };
    let command = command.clone().term_width(columns).mut_args(hidden);
    let mut command = command.mut_arg("help", |arg| {
        arg.help("Print this page; -h is the short one")
    });
    let mut text = command.render_help().ansi().to_string();
    let names = names.join(" ");
    match extent {
        Extent::Whole => shown(&mut text, &command, &names, columns),
        Extent::Short => {
            let more = if changes {
                "Options of every change, and examples"
            } else {
                "Examples"
            };
            if !examples::of(&names).is_empty() {
                let page = format!("{names} --help");
                let _ = write!(text, "\n{more}: kvmnet {}\n", page.trim_start());
            }
        }
    }
    if !is_over_all {
        text += "\nOptions of every command, such as --root DIR and --json: kvmnet --help\n";
    }
    StyledStr::from(text)
}

/// Adds the examples; no command is broken.
fn shown(text: &mut String, command: &Command, names: &str, columns: usize) {
    let examples = examples::of(names);
    if examples.is_empty() {
        return;
    }
    let style = command.get_styles().get_header();
    let _ = write!(text, "\n{style}Examples:{style:#}\n");
    for example in examples {
        let what = folded("  ", &format!("{}:", example.what), 2, columns);
        let _ = writeln!(text, "{what}");
        for line in example.line.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str, extent: Extent, columns: usize) -> String {
        let words = std::iter::once("kvmnet").chain(line.split_whitespace());
        let words: Vec<OsString> = words.map(OsString::from).collect();
        page(&words, extent, columns).to_string()
    }

    #[test]
    fn pages_fit_the_terminal_and_break_no_command() {
        for names in examples::commands() {
            for columns in [50, 80, 100] {
                let page = text(names, Extent::Whole, columns);
                for example in examples::of(names) {
                    for line in example.line.lines() {
                        assert!(page.lines().any(|it| it.trim_start() == line), "{line}");
                    }
                }
                let what = page.lines().skip_while(|line| *line != "Examples:");
                let mut what =
                    what.filter(|line| line.starts_with("  ") && !line.starts_with("    "));
                assert!(what.all(|line| line.chars().count() <= columns), "{names}");
            }
        }
    }

    #[test]
    fn options_of_every_command_are_told_once_and_the_short_page_is_short() {
        let global = "--show-secrets";
        assert!(text("", Extent::Whole, 100).contains(global));
        for names in examples::commands().filter(|names| !names.is_empty()) {
            let (short, whole) = (
                text(names, Extent::Short, 100),
                text(names, Extent::Whole, 100),
            );
            assert!(
                !whole.contains(global) && !short.contains(global),
                "{names}"
            );
            assert!(!short.contains("Examples:\n"), "{names}");
            assert!(short.lines().count() < whole.lines().count(), "{names}");
            let changes = whole.contains("Options of every change:");
            assert!(!changes || !short.contains("--dry-run  "), "{names}");
            assert_eq!(
                changes,
                short.contains("Options of every change, and examples"),
                "{names}"
            );
        }
    }
}
