//! The commands that take the files into use, to be pasted.

use std::collections::HashSet;

use crate::cli::error::CliError;
use crate::cli::screen::Screen;
use crate::cli::text::one_line;
use crate::cli::wrap::wrap;
use crate::plan::{Line, NextSteps, Timing, in_one_go};

/// As many of those that are interrupted are named.
const MOST_NAMED: usize = 12;

/// What is said before the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Asked {
    /// Nothing will be asked: it was a dry run.
    Nothing,
    /// Whether to apply.
    Whether,
}

/// The one command that makes the change and takes it into use.
pub(in crate::cli) struct Whole {
    pub(in crate::cli) line: Line,
    /// What runs it, and what is to be known of it.
    pub(in crate::cli) about: String,
    /// Whose link or network goes down meanwhile, in words.
    pub(in crate::cli) interrupts: Option<String>,
}

impl Whole {
    /// Returns the command of these steps, if there are any; `program` is how kvmnet is called.
    pub(in crate::cli) fn of(steps: &[NextSteps], program: &str) -> Option<Self> {
        let line = in_one_go(steps, program)?;
        let mut readers: Vec<&str> = Vec::new();
        for step in steps {
            if !readers.contains(&step.reader) {
                readers.push(step.reader);
            }
        }
        let remarks = steps.iter().filter_map(|step| step.remark.as_deref());
        let about: Vec<&str> = readers.into_iter().chain(remarks).collect();
        Some(Self {
            line,
            about: about.join("; "),
            interrupts: interrupts(steps.iter().flat_map(|step| &step.interrupts)),
        })
    }
}

/// Prints the one command that makes the change and takes it into use.
pub(in crate::cli) fn in_one_step(
    screen: &mut Screen<'_>,
    steps: &[NextSteps],
    asked: Asked,
) -> Result<(), CliError> {
    let Some(whole) = Whole::of(steps, screen.site.program()) else {
        return Ok(());
    };
    let about = &whole.about;
    match (screen.site.root().is_some(), asked) {
        (true, _) => {
            none_here(screen)?;
            screen.line(&comment(&format!("apply and go live in one go: {about}")))?;
        }
        (false, Asked::Nothing) => heading(screen, "To apply and go live in one go, run", about)?,
        (false, Asked::Whether) => {
            heading(
                screen,
                "To apply and go live in one go, answer n and run",
                about,
            )?;
        }
    }
    print(screen, &whole.line)?;
    print_interrupts(screen, whole.interrupts)
}

/// Prints the commands that take the files into use, now that they are written.
pub(in crate::cli) fn next_steps(
    screen: &mut Screen<'_>,
    steps: &[NextSteps],
    id: u64,
) -> Result<(), CliError> {
    let there = screen.site.root().is_some();
    if there && !steps.is_empty() {
        none_here(screen)?;
    }
    let program = screen.site.program().to_owned();
    for step in steps {
        let about = [Some(step.reader), step.remark.as_deref()];
        let about: Vec<&str> = about.into_iter().flatten().collect();
        let about = about.join("; ");
        match there {
            true => screen.line(&comment(&about))?,
            false => heading(screen, "To go live, run", &about)?,
        }
        for line in step.commands(Timing::After(id), &program) {
            print(screen, &line)?;
        }
        print_interrupts(screen, interrupts(step.interrupts.iter()))?;
    }
    Ok(())
}

/// Says that nothing is to be done on the machine in use.
fn none_here(screen: &mut Screen<'_>) -> Result<(), CliError> {
    screen.line("\nNext steps: none here: that host takes the files into use when it boots.")?;
    screen.line("On that host, if it is running:")
}

fn heading(screen: &mut Screen<'_>, what: &str, about: &str) -> Result<(), CliError> {
    screen.line("")?;
    screen.line(&wrap(what, &format!("({about}):"), 4))
}

fn print(screen: &mut Screen<'_>, line: &Line) -> Result<(), CliError> {
    screen.line(&fold(&one_line(&line.command)))?;
    match &line.outcome {
        Some(outcome) => screen.line(&comment(&format!("show the result: {outcome}"))),
        None => Ok(()),
    }
}

fn print_interrupts(screen: &mut Screen<'_>, said: Option<String>) -> Result<(), CliError> {
    match said {
        Some(said) => screen.line(&comment(&said)),
        None => Ok(()),
    }
}

/// Returns in words whose link or network goes down meanwhile.
fn interrupts<'i>(interrupts: impl Iterator<Item = &'i String>) -> Option<String> {
    let mut known = HashSet::new();
    let mut names: Vec<&str> = interrupts
        .map(String::as_str)
        .filter(|name| known.insert(*name))
        .collect();
    let more = names.len().saturating_sub(MOST_NAMED);
    names.truncate(MOST_NAMED);
    let names = names.join(", ");
    match (names.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(format!("interrupts {names}")),
        (false, more) => Some(format!("interrupts {names} and {more} more")),
    }
}

/// Returns a line that a shell passes over when it is pasted with the others.
fn comment(text: &str) -> String {
    format!("  # {}", one_line(text))
}

/// As many columns has a line with a backslash behind it.
const WIDTH: usize = 78;

/// Breaks a long command between its words, never inside quotes: pasted, it is the same command. If it can be, it is broken
/// behind what ends a command in it.
fn fold(command: &str) -> String {
    let words = words(command);
    let mut lines = vec![String::from("  ")];
    for part in words.split_inclusive(|word| word.ends_with("&&") || word.ends_with(';')) {
        if fits(&lines, &part.join(" ")) {
            add(&mut lines, &part.join(" "));
            continue;
        }
        if !is_empty(&lines) {
            break_line(&mut lines);
        }
        for word in part {
            if !fits(&lines, word) && !is_empty(&lines) {
                break_line(&mut lines);
            }
            add(&mut lines, word);
        }
    }
    lines.join("\n")
}

fn fits(lines: &[String], word: &str) -> bool {
    let line = lines.last().map_or("", String::as_str);
    line.chars().count() + 1 + word.chars().count() <= WIDTH
}

fn is_empty(lines: &[String]) -> bool {
    lines.last().is_none_or(|line| line.trim().is_empty())
}

fn break_line(lines: &mut Vec<String>) {
    if let Some(line) = lines.last_mut() {
        line.push_str(" \\");
    }
    lines.push(String::from("    "));
}

fn add(lines: &mut [String], word: &str) {
    if let Some(line) = lines.last_mut() {
        if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
}

/// Returns the words of a command line, quotes and all; `&&` is one with the word before it.
fn words(command: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote) = (Vec::new(), 0, None);
    let mut chars = command.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None | Some('"'), '\\') => drop(chars.next()),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, ' ') if command[at + 1..].starts_with("&& ") => {}
            (None, ' ') => {
                words.push(&command[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&command[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what a shell makes of the lines.
    fn unfolded(folded: &str) -> String {
        folded.replace(" \\\n    ", " ").trim_start().to_owned()
    }

    #[test]
    fn a_line_ends_where_a_command_does() {
        let command = "kvmnet guest connect web --network lab --interface 1 --yes && { systemctl restart libvirtd; virsh shutdown web && until [ \"$(virsh domstate web)\" = 'shut off' ]; do sleep 1; done; virsh start web; }";
        let folded = fold(command);
        assert_eq!(unfolded(&folded), command);
        let ends: Vec<bool> = folded
            .lines()
            .map(|line| line.ends_with("&& \\") || line.ends_with("; \\") || line.ends_with('}'))
            .collect();
        assert!(ends.len() == 4 && ends.iter().all(|end| *end), "{folded}");
    }

    #[test]
    fn a_command_is_never_broken_inside_quotes() {
        let long = "x; ".repeat(40);
        let command = format!("systemd-run --unit=a sh -c '{long}' \"a \\\" {long}\" b\\ c");
        let folded = fold(&command);
        assert!(folded.lines().count() > 1, "{folded}");
        assert_eq!(unfolded(&folded), command);
        assert!(folded.contains(&format!("'{long}'")), "{folded}");
    }
}
