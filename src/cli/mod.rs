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
mod command_line;
mod error;
mod findings;
mod guest;
mod held;
mod history;
mod label;
mod leases;
mod lost;
mod network;
mod planned;
mod prune;
mod recover;
mod refused;
mod report;
mod rollback;
mod saved;
mod screen;
mod seen;
mod show;
mod site;
mod steady;
mod table;
mod templates;
mod wish;
mod words;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use anstream::ColorChoice;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

use args::{ChangeOptions, Cli, Color, Command, HistoryCommand};
use command_line::{quoted, typed, user};
use error::{CliError, Exit};
use planned::Asked;
use screen::Screen;
use site::Site;
use wish::Wish;

use crate::root::{Root, RootError, denied_text};
use crate::secret::Secrets;
use crate::transaction::{Guard, Store};
use crate::tree::HostPath;

/// The columns of a terminal that does not tell.
const USUAL_WIDTH: usize = 80;
/// How long a second writer waits for the lock.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Runs the program with the words that the user typed, and returns how it ends.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return mistaken(&words, error),
    };
    // a plan on standard output is alone there
    let aside = saved::goes_to_standard_output(&cli.command) && !cli.json;
    let (mut out, mut err): (Box<dyn Write>, _) = match aside {
        true => (Box::new(io::stderr()), io::stderr()),
        false => (Box::new(io::stdout()), io::stderr()),
    };
    let screen = Screen {
        colored: colored(cli.color, anstream::AutoStream::choice(&io::stdout())),
        colored_err: colored(cli.color, anstream::AutoStream::choice(&io::stderr())),
        terminal: match aside {
            true => io::stderr().is_terminal(),
            false => io::stdout().is_terminal(),
        },
        width: width(&cli),
        secrets: match cli.show_secrets {
            true => Secrets::Shown,
            false => Secrets::Masked,
        },
        site: Site::of(&cli.root),
        out: &mut *out,
        err: &mut err,
    };
    let words = typed(words.iter());
    let mut session = Session {
        screen,
        json: cli.json,
        quiet: cli.quiet,
        verbose: cli.verbose,
        words,
    };
    match session.dispatch(&cli) {
        Ok(exit) => exit.into(),
        // whoever closes a pipe has seen enough of what only looks
        Err(error) if error.kind == error::Kind::Closed && looks(&cli.command) => Exit::Done.into(),
        Err(error) => {
            session.screen.error(&error);
            if cli.json {
                let object = error.json(&session.screen.site);
                let _ = session.print_json(&object);
            }
            error.exit.into()
        }
    }
}

/// Says what is wrong with the command line; or prints what it asks for in place of a command, such as `--help`.
fn mistaken(words: &[OsString], mut error: clap::Error) -> ExitCode {
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

/// Returns whether the command changes nothing.
fn looks(command: &Command) -> bool {
    let changes = matches!(
        command,
        Command::Apply { .. } | Command::Recover { .. } | Command::History { what: Some(_), .. }
    );
    !changes && matches!(Wish::of(command), Ok(None))
}

/// Prints a mistake in the command line as an object.
fn println_json(error: &clap::Error) {
    let text = error.render().to_string();
    let message: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:"))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let message = message.join(" ");
    let usage = CliError::usage(message.trim_start_matches("error: "));
    let object = usage.json(&Site::default());
    let object = serde_json::to_string_pretty(&object).unwrap_or_default();
    let _ = io::stdout().write_all((screen::json_escaped(&object) + "\n").as_bytes());
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

/// Returns how many columns a row has room for: as many as the terminal has; elsewhere, as many as it takes.
fn width(cli: &Cli) -> Option<usize> {
    if cli.wide || !io::stdout().is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(io::stdout());
    let columns = size.map_or(0, |size| usize::from(size.ws_col));
    Some(match columns {
        0 => USUAL_WIDTH,
        columns => columns,
    })
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
    words: Vec<String>,
}

impl Session<'_> {
    fn dispatch(&mut self, cli: &Cli) -> Result<Exit, CliError> {
        if let Command::Completions { shell } = &cli.command {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "kvmnet", &mut script);
            self.screen.raw(&script)?;
            return Ok(Exit::Done);
        }
        if let Command::Show {
            plan: Some(plan), ..
        } = &cli.command
        {
            return saved::show(self, plan);
        }
        if cli.json && saved::goes_to_standard_output(&cli.command) {
            let message = "--json and a plan on standard output: there is one place for two";
            return Err(CliError::usage(message).help("save the plan to a file: --out FILE"));
        }
        let root = self.open(cli)?;
        let ended = self.on(&root, cli);
        if ended.is_err() {
            // what was asked for may be in there
            for folder in root.passed_over() {
                self.screen
                    .talk(&format!("warning: {}", denied_text(&folder)));
            }
        }
        ended
    }

    fn on(&mut self, root: &Root, cli: &Cli) -> Result<Exit, CliError> {
        self.expect_host(root, &cli.command)?;
        if let Some((wish, options)) = Wish::of(&cli.command)? {
            return self.change(root, &wish, options);
        }
        match &cli.command {
            Command::Show { what, .. } => show::run(self, root, *what),
            Command::Leases { network } => leases::run(self, root, network.as_deref()),
            Command::Check(args) => check::run(self, root, args),
            Command::Apply { plan, options } => saved::apply(self, root, plan, options),
            Command::History {
                what: Some(HistoryCommand::Prune(args)),
                ..
            } => prune::run(self, root, args),
            Command::History { id, .. } => history::run(self, root, *id),
            Command::Recover { force, .. } => recover::run(self, root, *force),
            Command::Templates(command) => templates::run(self, root, command),
            Command::Bridge(_)
            | Command::Network(_)
            | Command::Guest(_)
            | Command::Rollback { .. }
            | Command::Completions { .. } => Ok(Exit::Done),
        }
    }

    /// Plans what is asked for, shows it, and applies it as the options say.
    fn change(
        &mut self,
        root: &Root,
        wish: &Wish,
        options: &ChangeOptions,
    ) -> Result<Exit, CliError> {
        let words = self.words.clone();
        let plan = options.out.as_deref().and_then(saved::again);
        let asked = Asked {
            options,
            words: &words,
            plan: plan.as_deref(),
            colored: self.screen.colored_err,
            site: &self.screen.site.clone(),
        };
        change::run(self, root, options, &|seen| wish.plan(seen, &asked))
    }

    /// Refuses to change a root that is no host, such as a mount point where nothing is mounted; looking there is warned of.
    fn expect_host(&mut self, root: &Root, command: &Command) -> Result<(), CliError> {
        let found = root.resolve_folder(&HostPath::literal("/etc"));
        if !matches!(
            found,
            Err(RootError::Missing { .. } | RootError::NotFolder { .. })
        ) {
            return Ok(());
        }
        let path = root.path();
        let message = format!("there is no etc beneath {path}: is it mounted?");
        let help = match path.file_name() {
            Some("etc") => {
                let above = path.parent().unwrap_or(path);
                format!("did you mean --root {above}?")
            }
            Some(_) | None => "give the folder that holds the tree's etc: --root DIR".to_owned(),
        };
        let options = if let Command::Apply { options, .. } = command {
            Some(options)
        } else {
            Wish::of(command)?.map(|(_, options)| options)
        };
        let Some(options) = options else {
            self.screen.talk(&format!("warning: {message} ({help})"));
            return Ok(());
        };
        match options.force {
            true => Ok(()),
            false => Err(CliError::refused(message)
                .help(help)
                .help("or go on all the same with --force")),
        }
    }

    /// Opens the root; a history that is not to be trusted is not looked at.
    fn open(&mut self, cli: &Cli) -> Result<Root, CliError> {
        let root = Root::open(&cli.root)?;
        let dry = match (&cli.command, Wish::of(&cli.command)?) {
            (Command::Apply { options, .. }, _) | (_, Some((_, options))) => options.dry_run,
            (_, None) => false,
        };
        if dry || looks(&cli.command) {
            root.pass_over_denied();
        }
        let distrust = match (&cli.command, Wish::of(&cli.command)?) {
            (
                Command::Recover {
                    distrust_history, ..
                },
                _,
            ) => {
                if *distrust_history {
                    recover::put_aside(self, &root)?;
                }
                false
            }
            (Command::Rollback { options, .. }, _) if options.distrust_history => {
                let message = "what is taken back is in the history: it cannot be done without";
                return Err(CliError::usage(message).help("leave --distrust-history out"));
            }
            (Command::Rollback { options, .. }, _) if options.backup.is_some() => {
                let message =
                    "what is taken back is kept in the history: there are no copies beside it";
                return Err(CliError::usage(message).help("leave --backup out"));
            }
            (Command::Apply { options, .. }, _) | (_, Some((_, options))) => {
                options.distrust_history
            }
            (_, None) => false,
        };
        root.look_at_history(!distrust);
        Ok(root)
    }

    /// Takes the lock.
    fn lock<'r>(&self, root: &'r Root) -> Result<Guard<'r>, CliError> {
        let holder = format!(
            "process {} (kvmnet {})\n",
            std::process::id(),
            quoted(&self.words)
        );
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

/// Returns whether there is a terminal to ask on.
fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
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
        assert_eq!(quoted(&typed(words.iter())), "bridge add br0 --port ens33");
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
