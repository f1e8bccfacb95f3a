//! The commands that take the files into use, to be pasted.

use crate::cli::error::CliError;
use crate::cli::screen::Screen;
use crate::cli::text::one_line;
use crate::cli::wrap::wrap;
use crate::plan::{NextSteps, Timing};

/// Prints the commands that take the files into use.
pub(in crate::cli) fn next_steps(
    screen: &mut Screen<'_>,
    steps: &[NextSteps],
    timing: Timing,
) -> Result<(), CliError> {
    if screen.site.root().is_some() && !steps.is_empty() {
        screen
            .line("\nNext steps: none here: that host takes the files into use when it boots.")?;
        screen.line("On that host, if it is running:")?;
    }
    for step in steps {
        match screen.site.root() {
            Some(_) => screen.line(&format!("  # {}", one_line(&step.heading)))?,
            None => {
                screen.line("")?;
                screen.line(&wrap("Next steps ", &format!("({})", step.heading), 4))?;
            }
        }
        for command in step.commands(timing) {
            let command = screen.site.with_program(&one_line(&command));
            screen.line(&fold(&command))?;
        }
        if let Some(outcome) = step.outcome() {
            screen.line(&format!("  # show the result: {}", one_line(&outcome)))?;
        }
    }
    Ok(())
}

/// Breaks a long command between its words, never inside quotes: pasted, it is the same command.
fn fold(command: &str) -> String {
    let mut lines = vec![String::from("  ")];
    for word in words(command) {
        let line = lines.last_mut().expect("there is a first line");
        let fits = line.chars().count() + 1 + word.chars().count() <= 78;
        match (line.trim().is_empty(), fits) {
            (true, _) => line.push_str(word),
            (false, true) => {
                line.push(' ');
                line.push_str(word);
            }
            (false, false) => {
                line.push_str(" \\");
                lines.push(format!("    {word}"));
            }
        }
    }
    lines.join("\n")
}

/// Returns the words of a command line, quotes and all.
fn words(command: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote) = (Vec::new(), 0, None);
    let mut chars = command.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None | Some('"'), '\\') => drop(chars.next()),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
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

    #[test]
    fn a_command_is_never_broken_inside_quotes() {
        let long = "x; ".repeat(40);
        let command = format!("systemd-run --unit=a sh -c '{long}' \"a \\\" {long}\" b\\ c");
        let folded = fold(&command);
        assert!(folded.lines().count() > 1, "{folded}");
        let joined = folded.replace(" \\\n    ", " ");
        assert_eq!(joined.trim_start(), command);
        assert!(folded.contains(&format!("'{long}'")), "{folded}");
    }
}
