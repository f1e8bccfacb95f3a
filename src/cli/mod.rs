//! The shell of the program: from words to a typed request, from a result to the screen.
//!
//! Only here are the environment, the clock, the user and the terminal looked at. To add a command: its words in `args`,
//! its module, its arm in `dispatch`.
#![expect(
    clippy::disallowed_methods,
    reason = "the shell: environment, clock and the files that --out and --html name"
)]

mod apply;
mod args;
mod bridge;
mod brought;
mod change;
mod check;
mod clock;
mod command_line;
mod commands;
mod complete;
mod difference;
mod dispatch;
mod error;
mod examples;
mod findings;
mod generated;
mod guest;
mod help;
mod history;
mod label;
mod leases;
mod losses;
mod man;
mod mistaken;
mod named_file;
mod network;
mod page;
mod passed_over;
mod permitted;
mod picture;
mod plan_file;
mod planned;
mod prune;
mod recover;
mod refused;
mod report;
mod request;
mod rollback;
mod screen;
mod seen;
mod session;
mod show;
mod site;
mod status;
mod table;
mod templates;
mod text;
mod undisturbed;
mod undoings;
mod units;
mod waiting;
mod words;
mod wrap;
mod written;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::Parser;

use args::{Cli, Color};
use command_line::typed;
use error::Exit;
use screen::Screen;
use session::Session;
use site::Site;

use crate::secret::Secrets;

/// The columns of a terminal that does not tell.
const USUAL_WIDTH: usize = 80;

/// Runs the program with the words that the user typed, and returns how it ends.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    if let Some(answered) = complete::asked(&words) {
        return answered;
    }
    let words = brought::taken(words);
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(error) => return mistaken::ends(&words, error),
    };
    // a plan or a page on standard output is alone there
    let aside = dispatch::written_to_standard_output(&cli.command).is_some() && !cli.json;
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
        verbose: cli.verbose,
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
    match dispatch::run(&mut session, &cli) {
        Ok(exit) => exit.into(),
        // whoever closes a pipe has seen enough of what only looks
        Err(error) if error.kind == error::ErrorKind::Closed && dispatch::looks(&cli.command) => {
            Exit::Done.into()
        }
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

/// The most columns of a page.
const PAGE_WIDTH: usize = 100;

/// Returns how many columns a page has.
fn columns() -> usize {
    terminal_width().map_or(PAGE_WIDTH, |columns| columns.min(PAGE_WIDTH))
}

/// Returns how many columns a row has room for: as many as the terminal has; elsewhere, as many as it takes.
fn width(cli: &Cli) -> Option<usize> {
    if cli.wide || !io::stdout().is_terminal() {
        return None;
    }
    Some(terminal_width().unwrap_or(USUAL_WIDTH))
}

/// Returns how many columns the terminal has, if there is one that tells.
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

fn colored(wish: Color, found: ColorChoice) -> bool {
    match wish {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => found != ColorChoice::Never,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::command_line::quoted;
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
    fn other_spellings_of_how_it_was_run_are_not_recorded_either() {
        let command = Cli::command();
        let add = command.find_subcommand("bridge").unwrap();
        let add = add.find_subcommand("add").unwrap();
        let how = ["dry_run", "exit_code", "yes", "distrust_history"];
        let args = add.get_arguments();
        let mut tried = 0;
        for arg in args.filter(|arg| how.contains(&arg.get_id().as_str())) {
            for name in arg.get_all_aliases().unwrap_or_default() {
                let words = ["kvmnet".into(), OsString::from(format!("--{name}"))];
                assert!(typed(words.iter()).is_empty(), "{name}");
                tried += 1;
            }
        }
        assert!(tried > 3, "{tried}");
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
