//! `man`: pages of the manual, made from the command line's own definition and from the rules.
//!
//! One a command, `kvmnet(8)` over them, `kvmnet-rules(7)`. What the definition cannot say is in `said`, and the examples are
//! in `super::examples`; to add a command is to add its line there.

mod files;
mod options;
mod page;
mod roff;
mod rules;
mod said;
mod synopsis;

use camino::Utf8Path;
use clap::CommandFactory;
use serde_json::json;

use super::args::Cli;
use super::command_line::quoted;
use super::error::{CliError, Exit};
use super::generated::{Generated, Named};
use super::session::Session;

/// How each page begins, whatever its version.
const MARK: &str = ".\\\" Written by kvmnet man";

/// The day on which what the pages say was last looked through.
const DATE: &str = "2026-11-30";

/// The name and version in the footer.
const SOURCE: &str = concat!("kvmnet ", env!("CARGO_PKG_VERSION"));

const NAMED: Named = Named {
    option: "DIR",
    command: "man",
    looked_into: &["/usr/share/man", "/usr/local/share/man", "/usr/local/man"],
};

/// A page.
struct Page {
    /// Its name, such as `kvmnet-bridge-add`.
    name: String,
    section: u8,
    text: String,
}

/// Writes all pages into the folders man7 and man8 in `dir`, or none.
pub(super) fn run(session: &mut Session<'_>, dir: &Utf8Path) -> Result<Exit, CliError> {
    NAMED.check(dir, session.screen.site.root())?;
    let pages = pages();
    // who types so wants to read one
    let names = |page: &Page| [page.name.clone(), page.name.replacen("kvmnet-", "", 1)];
    let mut meant = pages
        .iter()
        .filter(|page| names(page).iter().any(|name| name.as_str() == dir.as_str()));
    if let Some(page) = meant.next().filter(|_| !dir.exists()) {
        let message = format!("`man` writes the pages to a folder, and there is no folder {dir}");
        return Err(CliError::usage(message)
            .help(format!(
                "read the page, where it is installed: man {}",
                page.name
            ))
            .help(format!("or make the folder: mkdir {dir}")));
    }
    let files: Vec<Generated> = pages
        .into_iter()
        .map(|page| Generated {
            path: dir.join(format!("man{0}/{1}.{0}", page.section, page.name)),
            text: page.text,
            mark: MARK,
        })
        .collect();
    let mut new = Vec::new();
    for file in &files {
        if file.is_new()? {
            new.push(file);
        }
    }
    for file in &new {
        file.write()?;
    }
    if session.json {
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        session.print_json(&json!({ "schema": 1, "pages": paths }))?;
        return Ok(Exit::Done);
    }
    if new.is_empty() {
        let line = format!("Nothing to do: the pages in {dir} are up to date.");
        session.screen.line(&line)?;
        return Ok(Exit::Done);
    }
    session.screen.line(&format!("Wrote the pages to {dir}"))?;
    let folder = quoted(&[dir.to_string()]);
    session
        .screen
        .line(&format!("next: man -M {folder} kvmnet"))?;
    Ok(Exit::Done)
}

fn pages() -> Vec<Page> {
    let mut command = Cli::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut Vec::new(), &mut pages);
    pages.push(rules::page());
    pages
}

/// Adds the page of a command, and those of the commands below it; `above` are the words before its name.
fn collect(command: &clap::Command, above: &mut Vec<String>, pages: &mut Vec<Page>) {
    above.push(command.get_name().to_owned());
    pages.push(page::of(command, above));
    for below in commands(command) {
        collect(below, above, pages);
    }
    above.pop();
}

/// Returns the commands below one that the user may type.
fn commands(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    let shown = |below: &&clap::Command| !below.is_hide_set() && below.get_name() != "help";
    command.get_subcommands().filter(shown)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn paths() -> BTreeSet<String> {
        let of = |page: Page| page.name.replace('-', " ");
        pages().into_iter().map(of).collect()
    }

    #[test]
    fn what_is_said_is_said_of_a_command() {
        let paths: BTreeSet<String> = paths().iter().map(|path| path.replace(' ', "-")).collect();
        let named = |words: &str| format!("kvmnet-{}", words.replace(' ', "-"));
        for words in said::commands().chain(super::super::examples::commands()) {
            let name = if words.is_empty() {
                "kvmnet".to_owned()
            } else {
                named(words)
            };
            assert!(paths.contains(&name), "there is no command {words:?}");
        }
    }

    #[test]
    fn every_command_that_does_something_has_an_example_and_what_changes_two() {
        let mut command = Cli::command();
        command.build();
        let mut missing = Vec::new();
        let mut open = vec![(String::new(), &command)];
        while let Some((words, command)) = open.pop() {
            let words = words.trim_start().to_owned();
            let changes = command.get_arguments().any(|arg| arg.get_id() == "yes");
            let examples = super::super::examples::of(&words).len();
            if !command.is_subcommand_required_set() && examples < if changes { 2 } else { 1 } {
                missing.push(words.clone());
            }
            open.extend(
                commands(command).map(|below| (format!("{words} {}", below.get_name()), below)),
            );
        }
        assert!(missing.is_empty(), "{missing:?}");
    }
}
