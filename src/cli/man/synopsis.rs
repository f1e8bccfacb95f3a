//! How a command is typed: SYNOPSIS.

use clap::{Arg, ArgAction, Command};

use super::commands;
use super::options::placeholder;
use super::roff::{bold, italic};

/// Returns the ways to type a command, `words` being those up to it.
pub(super) fn of(command: &Command, words: &[String]) -> Vec<String> {
    let typed = bold(&words.join(" "));
    let mut ways = Vec::new();
    if commands(command).next().is_some() {
        let name = italic("COMMAND");
        ways.push(format!("{typed} [{}] {name} ...", italic("option ...")));
    }
    if !command.is_subcommand_required_set() {
        let parts: Vec<String> = std::iter::once(typed).chain(parts(command)).collect();
        ways.push(parts.join(" "));
    }
    ways
}

/// Returns what may stand behind the name of a command: what must be given, and that there are options.
fn parts(command: &Command) -> Vec<String> {
    let mut parts: Vec<String> = command.get_positionals().map(positional).collect();
    let own = |arg: &&Arg| !arg.is_positional() && !arg.is_global_set() && !arg.is_hide_set();
    let options: Vec<&Arg> = command.get_arguments().filter(own).collect();
    parts.extend(
        options
            .iter()
            .filter(|arg| arg.is_required_set())
            .map(|arg| option(arg)),
    );
    for group in command.get_groups().filter(|group| group.is_required_set()) {
        let members = group.get_args().filter_map(|id| {
            let mut options = options.iter();
            options.find(|arg| arg.get_id() == id)
        });
        let members: Vec<String> = members.map(|arg| option(arg)).collect();
        parts.push(format!("{{{}}}", members.join(" | ")));
    }
    parts.push(format!("[{}]", italic("option ...")));
    parts
}

fn positional(arg: &Arg) -> String {
    let mut name = italic(&placeholder(arg));
    if matches!(arg.get_action(), ArgAction::Append) {
        name += " ...";
    }
    match arg.is_required_set() {
        true => name,
        false => format!("[{name}]"),
    }
}

fn option(arg: &Arg) -> String {
    let name = arg.get_long().unwrap_or_default();
    let name = bold(&format!("--{name}"));
    match arg.get_action().takes_values() {
        true => format!("{name} {}", italic(&placeholder(arg))),
        false => name,
    }
}
