//! `kvmnet apply FILE` and `kvmnet show FILE`: a saved plan is made again, held against what was saved, and applied; or only
//! shown.

use std::ffi::OsString;

use camino::Utf8Path;
use clap::{Parser, ValueEnum};

use super::args::{ChangeOptions, Cli};
use super::command_line::{quoted, typed};
use super::error::{CliError, Exit};
use super::planned::{Asked, Planned};
use super::request::Request;
use super::seen::Seen;
use super::session::Session;
use super::text::one_line;
use super::{change, difference, plan_file, report};
use crate::change::Change;
use crate::plan::ChangedFindings;
use crate::plan::saved::{Deviation, Saved};
use crate::root::Root;

/// Makes the plan of a saved command again, and applies it if it is what was saved.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    file: &Utf8Path,
    options: &ChangeOptions,
) -> Result<Exit, CliError> {
    let saved = plan_file::read(file)?;
    let words = std::iter::once("kvmnet").chain(saved.words.iter().map(String::as_str));
    let words: Vec<OsString> = words.map(OsString::from).collect();
    let cli = Cli::try_parse_from(&words).ok();
    let request = match &cli {
        // what is stripped when a plan is saved is in none
        Some(cli) if typed(words.iter()) == saved.words => Request::of(&cli.command)?,
        Some(_) | None => None,
    };
    let Some((request, of_command)) = request else {
        let message = format!("the plan {file} is not for a command that changes files");
        return Err(CliError::failed(message).excerpt(vec![quoted(&saved.words)]));
    };
    let plan = plan_file::again(options.out.as_deref().unwrap_or(file));
    let as_saved = ChangeOptions {
        force: of_command.force || options.force,
        ..of_command.clone()
    };
    let with_own = ChangeOptions {
        backup: options.backup.or(of_command.backup),
        confirm_within: options.confirm_within.or(of_command.confirm_within),
        ..as_saved.clone()
    };
    let colored = session.screen.colored_err;
    let site = session.screen.site.clone();
    let own_words = with_options(&saved.words, options, of_command);
    let asked = |options, words| Asked {
        options,
        words,
        plan: plan.as_deref(),
        colored,
        site: &site,
    };
    change::run(session, root, options, &|seen| {
        let planned = request
            .plan(seen, &asked(&as_saved, &saved.words))
            .map_err(outdated)?;
        if planned.plan.is_empty() {
            return match matches!(request, Request::Migrate(_)) {
                true => ensure_migrated(seen, &saved, planned),
                false => Ok(planned),
            };
        }
        if let Some(deviation) = saved.deviation(&planned.plan) {
            return Err(deviates(&deviation, &planned));
        }
        match own_words == saved.words {
            true => Ok(planned),
            false => request.plan(seen, &asked(&with_own, &own_words)),
        }
    })
}

/// Returns the words of a command with the options that `apply` adds to it, as they are recorded.
fn with_options(words: &[String], own: &ChangeOptions, saved: &ChangeOptions) -> Vec<String> {
    let mut words = words.to_vec();
    // behind `--` there are no options
    let end = words.iter().position(|word| word == "--");
    let behind = end.map(|end| words.split_off(end)).unwrap_or_default();
    if own.force && !saved.force {
        words.push("--force".to_owned());
    }
    if let Some(backup) = own.backup.filter(|_| own.backup != saved.backup) {
        without(&mut words, "--backup");
        let value = backup.to_possible_value();
        let value = value.map_or_else(String::new, |value| value.get_name().to_owned());
        words.extend(["--backup".to_owned(), value]);
    }
    let within = own.confirm_within;
    if let Some(seconds) = within.filter(|_| within != saved.confirm_within) {
        without(&mut words, "--confirm-within");
        words.extend(["--confirm-within".to_owned(), format!("{seconds}s")]);
    }
    words.extend(behind);
    words
}

/// Leaves an option out, and its value.
fn without(words: &mut Vec<String>, option: &str) {
    if let Some(at) = words.iter().position(|word| word == option) {
        words.drain(at..(at + 2).min(words.len()));
    }
    words.retain(|word| !(word.starts_with(option) && word[option.len()..].starts_with('=')));
}

/// Refuses a migration for which there is nothing to migrate, unless its keyfiles are there: it was saved on another host.
///
/// Only what commands write anyway is looked at.
fn ensure_migrated(seen: &Seen<'_>, saved: &Saved, planned: Planned) -> Result<Planned, CliError> {
    for change in saved.made() {
        let path = change.path.clone();
        let found = seen.look(move |root| Ok(root.read_node(&path)?))?;
        if found != change.after {
            let deviation = Deviation {
                path: change.path.clone(),
                saved: Some(change.clone()),
                now: None,
            };
            return Err(deviates(&deviation, &planned));
        }
    }
    Ok(planned)
}

/// What was possible when the plan was saved is refused now.
fn outdated(mut error: CliError) -> CliError {
    if error.exit == Exit::Refused {
        error.message = format!("the plan is out of date: {}", error.message);
    }
    error
}

/// Says what is not as it was saved.
fn deviates(deviation: &Deviation, planned: &Planned) -> CliError {
    let Deviation { path, saved, now } = deviation;
    let side = |change: &Option<Change>, before: bool| {
        let change = change.as_ref();
        change.and_then(|c| {
            if before {
                c.before.clone()
            } else {
                c.after.clone()
            }
        })
    };
    let (old, new) = match (saved, now) {
        (Some(saved), Some(now)) if saved.before != now.before => (&saved.before, &now.before),
        _ => (&side(saved, false), &side(now, false)),
    };
    let message = match (saved, now) {
        (Some(saved), Some(now)) if saved.before != now.before => {
            format!("the plan is out of date: {path} has changed since the plan was saved")
        }
        (Some(_), Some(_)) => {
            format!("the plan is out of date: its command now gives {path} other contents")
        }
        (Some(_), None) => {
            format!("the plan is out of date: its command no longer changes {path}")
        }
        (None, _) => format!("the plan is out of date: its command now changes {path} as well"),
    };
    let mut excerpt = difference::between(path, old.as_ref(), new.as_ref());
    if let (Some(saved), Some(now)) = (saved, now)
        && saved.labels != now.labels
    {
        excerpt.push("its extended attributes differ from those that its command gives".to_owned());
    }
    CliError::refused(message)
        .at(path, None)
        .excerpt(excerpt)
        .help(format!(
            "make it again: kvmnet {} --dry-run --out FILE",
            planned.command()
        ))
}

/// Shows a saved plan, for review: what is in the file, not what a tree would say to it.
pub(super) fn show(session: &mut Session<'_>, file: &Utf8Path) -> Result<Exit, CliError> {
    let Saved { words, plan } = plan_file::read(file)?;
    // nobody judges what the file says
    let findings = ChangedFindings::default();
    if session.json {
        let plan = report::json(&session.screen, &plan, &findings, &quoted(&words), None);
        session.print_json(&plan)?;
        return Ok(Exit::Done);
    }
    report::plan(&mut session.screen, (&plan, None), &findings, session.quiet)?;
    if !session.quiet {
        let command = one_line(&quoted(&words));
        session.screen.line(&format!("\nSaved for: {command}"))?;
        let file = quoted(&[file.to_string()]);
        // which tree it is for, the file does not say
        let elsewhere = match session.screen.site.root() {
            Some(_) => "",
            None => ", with the --root that it was made with, if any",
        };
        session.screen.say(&format!(
            "This is what the file says. To make the plan again, compare the two and apply it{elsewhere}: kvmnet apply {file}"
        ))?;
    }
    Ok(Exit::Done)
}
