//! What stands behind a command: OPTIONS.

use clap::{Arg, Command};

use super::roff::{Roff, bold, code, italic};

/// Adds the arguments of a command; those of every command only to the page that is over all.
pub(super) fn add(roff: &mut Roff, command: &Command, over_all: bool) {
    let shown = |arg: &&Arg| !arg.is_hide_set() && (over_all || !arg.is_global_set());
    let args: Vec<&Arg> = command.get_arguments().filter(shown).collect();
    if args.is_empty() {
        return;
    }
    roff.section("OPTIONS");
    if !over_all {
        roff.text(
            "Those that every command has, such as `--root DIR` and `--json`, are in \
         `kvmnet`(8).",
        );
    }
    let (given, options): (Vec<&Arg>, _) = args.into_iter().partition(|arg| arg.is_positional());
    for arg in given.into_iter().chain(options) {
        roff.term(&term(arg), &meaning(arg));
        values(roff, arg);
    }
}

/// Returns what stands for the value of an argument.
pub(super) fn placeholder(arg: &Arg) -> String {
    match arg.get_value_names() {
        Some(names) => names.join(" "),
        None => arg.get_id().as_str().to_uppercase(),
    }
}

fn term(arg: &Arg) -> String {
    if arg.is_positional() {
        return italic(&placeholder(arg));
    }
    let short = arg.get_short().map(|c| bold(&format!("-{c}")));
    let long = arg.get_long().map(|name| bold(&format!("--{name}")));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let names = names.join(", ");
    if !arg.get_action().takes_values() {
        return names;
    }
    let value = italic(&placeholder(arg));
    match arg
        .get_num_args()
        .is_some_and(|many| many.min_values() == 0)
    {
        true => format!("{names} [{value}]"),
        false => format!("{names} {value}"),
    }
}

/// Returns what an argument means, with its default and its variable.
fn meaning(arg: &Arg) -> String {
    let help = arg.get_long_help().or_else(|| arg.get_help());
    let mut text = help.map(ToString::to_string).unwrap_or_default();
    if !text.ends_with('.') {
        text.push('.');
    }
    let default: Vec<_> = arg.get_default_values().iter().collect();
    if let Some(default) = default.first().filter(|_| arg.get_action().takes_values()) {
        text += &format!(" [default: {}]", default.to_string_lossy());
    }
    if let Some(variable) = arg.get_env() {
        text += &format!(" [variable: `{}`]", variable.to_string_lossy());
    }
    text
}

/// Adds the words that an argument takes, each with its meaning where it has one.
fn values(roff: &mut Roff, arg: &Arg) {
    if arg.is_hide_possible_values_set() || !arg.get_action().takes_values() {
        return;
    }
    let values = arg.get_possible_values();
    let shown: Vec<_> = values.iter().filter(|value| !value.is_hide_set()).collect();
    if shown.is_empty() {
        return;
    }
    let words = shown.iter().map(|value| match value.get_help() {
        Some(help) => format!("{} ({})", bold(value.get_name()), code(&help.to_string())),
        None => bold(value.get_name()),
    });
    let words: Vec<String> = words.collect();
    roff.fill(&format!("One of: {}.", words.join(", ")));
}
