//! One run of the program: where it talks, how, and with which words it was started.

use std::io::{self, IsTerminal};
use std::time::Duration;

use super::command_line::quoted;
use super::error::CliError;
use super::screen::Screen;
use crate::root::Root;
use crate::transaction::{Guard, Store};

/// How long a second writer waits for the lock.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// How long what takes a change back by itself waits: nobody is there to do it again.
const UNATTENDED: Duration = Duration::from_secs(90);

/// One run of the program.
pub(super) struct Session<'a> {
    pub(super) screen: Screen<'a>,
    pub(super) json: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    /// The command line as it is recorded, without options that only say how it is run.
    pub(super) words: Vec<String>,
}

impl Session<'_> {
    /// Takes the lock.
    pub(super) fn lock<'r>(&self, root: &'r Root) -> Result<Guard<'r>, CliError> {
        let holder = format!(
            "process {} (kvmnet {})\n",
            std::process::id(),
            quoted(&self.words)
        );
        let wait = match self.words.iter().any(|word| word == "--unconfirmed") {
            true => UNATTENDED,
            false => LOCK_WAIT,
        };
        Ok(Store::new(root).lock(wait, &holder)?)
    }

    /// Says more, where the user asked for it.
    pub(super) fn detail(&mut self, text: &str) {
        if self.verbose {
            self.screen.talk(text);
        }
    }

    /// Prints a JSON object as the whole result.
    pub(super) fn print_json(&mut self, value: &impl serde::Serialize) -> Result<(), CliError> {
        self.screen.json(value)
    }

    /// Asks a question on standard error, and returns whether the answer is yes.
    pub(super) fn confirm(&mut self, question: &str) -> bool {
        let _ = write!(self.screen.err, "{question} [y/N] ").and_then(|()| self.screen.err.flush());
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }
}

/// Returns whether there is a terminal to ask on.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}
