//! `kvmnet check`: what is wrong in the files, in the manner of a compiler.

use serde_json::json;

use super::args::CheckArgs;
use super::error::{CliError, Exit};
use super::passed_over::warn;
use super::session::Session;
use super::{findings, table, undisturbed};
use crate::backend::{self, Interest};
use crate::host::Host;
use crate::lint::{self, Diagnosis, RULES, Rule, Severity, Sight};
use crate::root::Root;
use crate::tree::{Entry, Tree};

/// Looks for what is wrong, or explains a rule.
pub(super) fn run(
    session: &mut Session<'_>,
    root: &Root,
    args: &CheckArgs,
) -> Result<Exit, CliError> {
    if let Some(name) = &args.explain {
        return explain(session, name);
    }
    let rules = selected(args);
    if args.list {
        return list(session, &rules);
    }
    if args.options.any() {
        let message = "--yes, --dry-run and the like require --fix: a check alone changes nothing";
        return Err(CliError::usage(message).help("plan the fixes: kvmnet check --fix --dry-run"));
    }
    look(session, root, &rules, args)
}

/// Returns the rules that the user asked for, sorted by name.
pub(super) fn selected(args: &CheckArgs) -> Vec<&'static Rule> {
    let named = |names: &[String], rule: &Rule| names.iter().any(|name| name == rule.name);
    let fixed = args.fix.as_deref().unwrap_or(&[]);
    let wanted = |rule: &&&'static Rule| {
        (args.only.is_empty() || named(&args.only, rule))
            && (fixed.is_empty() || named(fixed, rule))
            && !named(&args.skip, rule)
    };
    RULES.iter().filter(wanted).copied().collect()
}

fn explain(session: &mut Session<'_>, name: &str) -> Result<Exit, CliError> {
    let Some(rule) = lint::rule(name) else {
        let help = "list the rules: kvmnet check --list";
        return Err(CliError::usage(format!("there is no rule `{name}`")).help(help));
    };
    if session.json {
        session.print_json(&json!({ "schema": 1, "rule": rule_json(rule) }))?;
        return Ok(Exit::Done);
    }
    session.screen.line(lint::explanation(rule).trim_end())?;
    Ok(Exit::Done)
}

fn rule_json(rule: &Rule) -> serde_json::Value {
    json!({
        "name": rule.name,
        "severity": rule.severity.word(),
        "finds": rule.finds,
        "why": rule.why,
        "example": rule.example.trim_matches('\n'),
        "remedy": rule.remedy,
        "source": rule.source,
        "fixable": rule.fix.is_some(),
    })
}

fn list(session: &mut Session<'_>, rules: &[&'static Rule]) -> Result<Exit, CliError> {
    if session.json {
        let rules: Vec<_> = rules.iter().map(|rule| rule_json(rule)).collect();
        session.print_json(&json!({ "schema": 1, "rules": rules }))?;
        return Ok(Exit::Done);
    }
    let mut rows = vec![["RULE", "SEVERITY", "FIX"].map(str::to_owned)];
    rows.extend(rules.iter().map(|rule| {
        let fix = if rule.fix.is_some() { "yes" } else { "-" };
        [rule.name, rule.severity.word(), fix].map(str::to_owned)
    }));
    for line in table::plain(&rows, &[]) {
        session.screen.line(&line)?;
    }
    Ok(Exit::Done)
}

/// The files that rules look at, and what they mean.
fn read(root: &Root) -> Result<(Tree, Host), CliError> {
    let tree = root.read_tree(&backend::scope(Interest::All))?;
    let host = backend::inspect(&tree, Interest::All);
    Ok((tree, host))
}

fn look(
    session: &mut Session<'_>,
    root: &Root,
    rules: &[&'static Rule],
    args: &CheckArgs,
) -> Result<Exit, CliError> {
    let (tree, host) = undisturbed::look(session, root, || read(root))?;
    let sight = Sight::of(&tree, &host);
    let found = lint::check(&sight, rules);
    let read = |entry: &Entry| matches!(entry, Entry::File(_));
    let files = tree.entries().filter(|(_, entry)| read(entry)).count();
    let mut unread = host.readers.not_read();
    if host.readers.hides_addresses() {
        unread.push(
            "the host's own addresses are in these files: a network that overlaps with one of them is not found"
                .to_owned(),
        );
    }
    let passed_over = [tree.oddities(), &unread].concat();
    if session.json {
        session.print_json(&findings::object(
            &found,
            files,
            &passed_over,
            &session.screen.site,
        ))?;
    } else {
        for diagnosis in &found {
            let screen = &mut session.screen;
            let text = findings::render(diagnosis, screen.colored, &screen.site);
            screen.raw((text + "\n\n").as_bytes())?;
        }
        if !session.quiet {
            session.screen.line(&findings::summary(
                &found,
                files,
                &session.screen.site.clone(),
            ))?;
        }
        warn(session, &passed_over);
    }
    let worst = if args.strict {
        Severity::Warning
    } else {
        Severity::Error
    };
    // the process ends: to free hundreds of thousands of pieces one by one helps nobody
    std::mem::forget(sight);
    std::mem::forget((tree, host));
    let bad = |diagnosis: &Diagnosis| diagnosis.finding.rule.severity >= worst;
    Ok(if found.iter().any(bad) {
        Exit::Refused
    } else {
        Exit::Done
    })
}
