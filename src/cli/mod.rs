//! The shell of the program: from words to a typed request, from a result to the screen.
//!
//! Only here are the environment, the clock, the user and the terminal looked at. To add a command: its words in `args`,
//! its module, its arm in `Session::dispatch`.
#![expect(
    clippy::disallowed_methods,
    reason = "the shell: environment, clock and the file that --out names"
)]

mod args;
mod bridge;
mod change;
mod check;
mod clock;
mod error;
mod findings;
mod guest;
mod history;
mod leases;
mod network;
mod operation;
mod report;
mod saved;
mod screen;
mod show;
mod steady;
mod table;
mod templates;
mod words;

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use anstream::ColorChoice;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

use args::{Cli, Color, Command};
use error::{CliError, Exit};
use screen::Screen;

use crate::root::{Root, RootError};
use crate::secret::Secrets;
use crate::transaction::{Guard, Store, TransactionError};

/// How long a second writer waits for the lock.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Runs the program with the words that the user typed, and returns how it ends.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(mut error) => {
            escape(&mut error);
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Failed.into()
            } else {
                Exit::Done.into()
            };
        }
    };
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let screen = Screen {
        colored: colored(cli.color, anstream::AutoStream::choice(&io::stdout())),
        colored_err: colored(cli.color, anstream::AutoStream::choice(&io::stderr())),
        terminal: io::stdout().is_terminal(),
        secrets: match cli.show_secrets {
            true => Secrets::Shown,
            false => Secrets::Masked,
        },
        out: &mut out,
        err: &mut err,
    };
    let command = typed(&words);
    let mut session = Session {
        screen,
        json: cli.json,
        quiet: cli.quiet,
        verbose: cli.verbose,
        command,
    };
    match session.dispatch(&cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            session.screen.error(&error);
            error.exit.into()
        }
    }
}

/// Makes printable what the message repeats of the words: nothing of them may reach the terminal as more than text.
fn escape(error: &mut clap::Error) {
    let escaped = |value: &ContextValue| {
        if let ContextValue::String(text) = value {
            return Some(ContextValue::String(screen::one_line(text)));
        }
        let ContextValue::Strings(texts) = value else {
            return None;
        };
        let texts = texts.iter().map(|text| screen::one_line(text));
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

fn colored(wish: Color, found: ColorChoice) -> bool {
    match wish {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => found != ColorChoice::Never,
    }
}

/// One run of the program.
struct Session<'a> {
    screen: Screen<'a>,
    json: bool,
    quiet: bool,
    verbose: bool,
    /// The command line as it is recorded, without options that only say how it is run.
    command: String,
}

impl Session<'_> {
    fn dispatch(&mut self, cli: &Cli) -> Result<Exit, CliError> {
        if let Command::Completions { shell } = &cli.command {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "kvmnet", &mut script);
            self.screen.raw(&script)?;
            return Ok(Exit::Done);
        }
        let root = Root::open(&cli.root)?;
        match &cli.command {
            Command::Show { what } => show::run(self, &root, *what),
            Command::Leases { network } => leases::run(self, &root, network.as_deref()),
            Command::Check(args) => check::run(self, &root, args),
            Command::Bridge(command) => bridge::run(self, &root, command),
            Command::Network(command) => network::run(self, &root, command),
            Command::Guest(command) => guest::run(self, &root, command),
            Command::Apply { plan, options } => saved::apply(self, &root, plan, options),
            Command::History { id } => history::run(self, &root, *id),
            Command::Rollback { id, options } => history::rollback(self, &root, *id, options),
            Command::Recover { force } => history::recover(self, &root, *force),
            Command::Templates(command) => templates::run(self, &root, command),
            Command::Completions { .. } => Ok(Exit::Done),
        }
    }

    /// Takes the lock.
    fn lock<'r>(&self, root: &'r Root) -> Result<Guard<'r>, CliError> {
        let holder = format!("process {} (kvmnet {})\n", std::process::id(), self.command);
        Ok(Store::new(root).lock(LOCK_WAIT, &holder)?)
    }

    /// Says more, where the user asked for it.
    fn detail(&mut self, text: &str) {
        if self.verbose {
            self.screen.talk(text);
        }
    }

    /// Prints a JSON object as the whole result.
    fn print_json(&mut self, value: &impl serde::Serialize) -> Result<(), CliError> {
        self.screen.json(value)
    }
}

/// Returns the words of the command without those that only say how it is run, quoted for a shell.
fn typed(words: &[OsString]) -> String {
    const FLAGS: &[&str] = &[
        "--json",
        "--quiet",
        "--verbose",
        "--dry-run",
        "--exit-code",
        "--yes",
        "--show-secrets",
    ];
    const VALUED: &[&str] = &["--root", "--color", "--out"];
    let mut kept = Vec::new();
    let mut words = words.iter().skip(1).map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or(&word);
        let short = word.strip_prefix('-').filter(|letters| !letters.is_empty());
        let short = short.is_some_and(|letters| letters.chars().all(|c| "qvny".contains(c)));
        if VALUED.contains(&name) {
            if !word.contains('=') {
                words.next();
            }
        } else if !FLAGS.contains(&&*word) && !short {
            kept.push(crate::doc::shell::value::write(
                &word,
                crate::doc::shell::Quotes::Bare,
            ));
        }
    }
    kept.join(" ")
}

/// Returns the user, as far as the environment tells: whoever called sudo, else whoever is logged in, else the number.
fn user() -> String {
    let name = |key: &str| {
        std::env::var(key)
            .ok()
            .filter(|name| !name.is_empty() && name.len() <= 64)
    };
    let me = rustix::process::geteuid();
    match (me.is_root(), name("SUDO_USER")) {
        (true, Some(caller)) => format!("{caller} (sudo)"),
        (true, None) => "root".to_owned(),
        (false, _) => name("LOGNAME")
            .or_else(|| name("USER"))
            .unwrap_or_else(|| me.as_raw().to_string()),
    }
}

impl From<RootError> for CliError {
    fn from(error: RootError) -> Self {
        let no_root = matches!(
            error,
            RootError::NoSuchRoot { .. } | RootError::RootNoFolder { .. }
        );
        let denied =
            matches!(error, RootError::Io { source, .. } if source == rustix::io::Errno::ACCESS);
        let failed = Self::failed(error.to_string());
        if let RootError::TooMuch { folder, root, .. } = &error {
            let folder = root.join(folder.relative());
            let quoted = folder.as_str().replace('\'', r"'\''");
            return failed.help(format!(
                "see what is large: du -a '{quoted}' | sort -n | tail"
            ));
        }
        match (no_root, denied) {
            (true, _) => failed.help("give the folder that holds the tree's etc: --root DIR"),
            (false, true) => failed.help("run it as root"),
            (false, false) => failed,
        }
    }
}

impl From<TransactionError> for CliError {
    fn from(error: TransactionError) -> Self {
        let message = error.to_string();
        match error {
            TransactionError::Locked { .. } => {
                Self::refused(message).help("wait until it is done, and try again")
            }
            TransactionError::Changed {
                path,
                expected,
                found,
            } => Self::refused(format!("{path} was edited since"))
                .at(&path, 0)
                .excerpt(report::difference(&path, expected.as_ref(), found.as_ref())),
            TransactionError::TakenBack(cause)
                if matches!(*cause, TransactionError::Changed { .. }) =>
            {
                let mut error = Self::from(*cause);
                error.message += " the change began; everything else is as it was before";
                error
            }
            TransactionError::Pending(_) => Self::refused(message).help("kvmnet recover"),
            TransactionError::Unknown(_) => {
                Self::refused(message).help("see which there are: kvmnet history")
            }
            TransactionError::Stuck { .. } => Self::failed(message).help("kvmnet recover"),
            TransactionError::Io { source, .. } if source == rustix::io::Errno::ACCESS => {
                Self::failed(message).help("run it as root")
            }
            TransactionError::Root(error) => error.into(),
            TransactionError::Journal { .. } => Self::failed(message).help(
                "move the folder of that transaction away; it can then not be rolled back any more",
            ),
            TransactionError::Io { .. } | TransactionError::TakenBack(_) => Self::failed(message),
        }
    }
}

/// Asks a question on standard error, and returns whether the answer is yes.
fn confirm(screen: &mut Screen<'_>, question: &str) -> bool {
    let _ = write!(screen.err, "{question} [y/N] ").and_then(|()| screen.err.flush());
    let mut answer = String::new();
    let read = io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_what_was_meant_not_how_it_was_run() {
        let words = [
            "kvmnet", "--root", "/x", "bridge", "add", "br0", "--port", "ens33", "-n", "--out=p",
            "--color", "never",
        ];
        let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
        assert_eq!(typed(&words), "bridge add br0 --port ens33");
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
