//! A plan on the screen and as JSON.

use serde_json::{Value as Json, json};

use super::error::CliError;
use super::findings;
use super::screen::Screen;
use super::session::Session;
use super::site::Site;
use super::text::one_line;
use super::wrap::wrap;
use crate::change::{Change, ChangeSet};
use crate::diff;
use crate::host::Broken;
use crate::lint::Diagnosis;
use crate::plan::{NextSteps, Plan, Timing, Verdict};
use crate::tree::{HostPath, Node};

/// Prints the patch, and unless `quiet` the summary and the warnings.
pub(super) fn plan(
    screen: &mut Screen<'_>,
    plan: &Plan,
    verdict: &Verdict,
    quiet: bool,
) -> Result<(), CliError> {
    screen.changes(&plan.set)?;
    if quiet {
        return Ok(());
    }
    let title = screen.site.named(&one_line(&plan.title));
    screen.line(&format!("\nPlan: {title}"))?;
    for line in summary(plan) {
        screen.line(&line)?;
    }
    let moves = moves(plan, verdict);
    if !moves.is_empty() {
        screen.line("")?;
    }
    let width = moves
        .iter()
        .map(|(heading, _)| heading.chars().count())
        .max()
        .unwrap_or(0);
    for (heading, parts) in &moves {
        screen.line(&wrap(
            &format!("  {heading:width$}  "),
            &parts.join(", "),
            width + 4,
        ))?;
    }
    warnings(screen, &plan.warnings)
}

/// As many repaired findings are named at most.
const MOST_NAMED: usize = 10;

/// Returns what moves, and what is no longer wrong then.
fn moves(plan: &Plan, verdict: &Verdict) -> Vec<(String, Vec<String>)> {
    let repaired = &verdict.repaired;
    let heading = "repairs".to_owned();
    let name = |d: &Diagnosis| format!("{}: {}", d.finding.rule.name, d.finding.message);
    let named = repaired.iter().take(MOST_NAMED).map(name);
    let more = repaired.len().saturating_sub(MOST_NAMED);
    let rest = (more > 0).then(|| format!("and {more} more"));
    let repairs = named.chain(rest).map(|line| (heading.clone(), vec![line]));
    plan.moves.iter().cloned().chain(repairs).collect()
}

pub(super) fn warnings(screen: &mut Screen<'_>, warnings: &[String]) -> Result<(), CliError> {
    if !warnings.is_empty() {
        screen.line("")?;
    }
    let word = screen.warning();
    for warning in warnings {
        let text = wrap("warning: ", &screen.site.typed(warning), 9);
        // colour is put in after the text was measured
        screen.raw(word.as_bytes())?;
        screen.line(text.strip_prefix("warning").unwrap_or(&text))?;
    }
    Ok(())
}

fn summary(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let backup = |path: &HostPath| plan.backups.iter().find(|backup| backup.of == *path);
    let mut rows: Vec<(&str, String, String)> = Vec::new();
    for change in plan.set.iter() {
        let path = &change.path;
        if plan.set.renamed_to(path).is_some() {
            continue;
        }
        let kept = plan.set.renamed_from(path).unwrap_or(path);
        let copy = backup(kept).map_or_else(String::new, |backup| {
            let beside = backup.at.folder() == kept.folder();
            format!(
                "backup {}",
                if beside {
                    backup.at.name()
                } else {
                    backup.at.as_str()
                }
            )
        });
        rows.push(
            match (plan.set.renamed_from(path), &change.before, &change.after) {
                (Some(from), _, _) if from.folder() == path.folder() => {
                    ("rename", format!("{from}  →  {}", path.name()), copy)
                }
                (Some(from), _, _) => ("rename", format!("{from}  →  {path}"), copy),
                (None, None, _) => ("create", path.to_string(), copy),
                (None, Some(_), None) => ("delete", path.to_string(), copy),
                (None, Some(_), Some(_)) => ("modify", path.to_string(), copy),
            },
        );
    }
    let width = rows
        .iter()
        .map(|(_, what, _)| what.chars().count())
        .max()
        .unwrap_or(0);
    let attrs: Vec<String> = plan
        .set
        .iter()
        .filter_map(|change| Some((change, attributes(&plan.set, change)?)))
        .map(|(change, said)| format!("  {}: {said}", change.path))
        .collect();
    for (action, what, copy) in rows {
        let line = format!("  {action}  {what:width$}  {copy}");
        let line = line.trim_end();
        if line.chars().count() <= 80 {
            lines.push(line.to_owned());
        } else {
            lines.push(format!("  {action}  {what}"));
            if !copy.is_empty() {
                lines.push(format!("          {copy}"));
            }
        }
    }
    lines.extend(attrs);
    lines
}

/// Returns how mode and owner change, or what a new file has that is not the usual.
pub(super) fn attributes(set: &ChangeSet, change: &Change) -> Option<String> {
    let attrs = |node: &Option<Node>| match node {
        Some(Node::File(file)) => Some(file.attrs),
        Some(Node::Link(_)) | None => None,
    };
    let from = set
        .renamed_from(&change.path)
        .and_then(|from| set.get(from));
    let before = attrs(&change.before).or_else(|| attrs(&from?.before));
    let after = attrs(&change.after)?;
    let Some(before) = before else {
        let me = (
            rustix::process::geteuid().as_raw(),
            rustix::process::getegid().as_raw(),
        );
        let usual = [0o600, 0o644].contains(&after.mode) && (after.uid, after.gid) == me;
        return (!usual)
            .then(|| format!("mode {:04o}, owner {}:{}", after.mode, after.uid, after.gid));
    };
    let mut said = Vec::new();
    if before.mode != after.mode {
        said.push(format!("mode {:04o} → {:04o}", before.mode, after.mode));
    }
    if (before.uid, before.gid) != (after.uid, after.gid) {
        let (old, new) = ((before.uid, before.gid), (after.uid, after.gid));
        said.push(format!("owner {}:{} → {}:{}", old.0, old.1, new.0, new.1));
    }
    (!said.is_empty()).then(|| said.join(", "))
}

/// Prints the commands that take the files into use.
pub(super) fn next_steps(
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
            screen.line(&format!("  # how it went: {}", one_line(&outcome)))?;
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

/// Returns the plan as the JSON object that `cli.md` fixes.
pub(super) fn json(
    screen: &Screen<'_>,
    plan: &Plan,
    verdict: &Verdict,
    command: &str,
    transaction: Option<u64>,
) -> Json {
    let (shown, _) = screen.shown(&plan.set);
    let timing = transaction.map_or(Timing::Before, Timing::After);
    let changes: Vec<Json> = plan
        .set
        .iter()
        .map(|change| change_json(plan, change, shown.get(&change.path)))
        .collect();
    let steps: Vec<String> = plan
        .next_steps
        .iter()
        .flat_map(|steps| steps.commands(timing))
        .map(|command| screen.site.with_program(&command))
        .collect();
    // what acts on a running system is for the one that has these files
    let (here, there) = match screen.site.root() {
        Some(_) => (Vec::new(), steps),
        None => (steps, Vec::new()),
    };
    let warnings = plan.warnings.iter().map(|text| screen.site.typed(text));
    let warnings: Vec<_> = warnings.collect();
    json!({
        "schema": 1,
        "command": command,
        "transaction": transaction,
        "changes": changes,
        "findings": findings(verdict, &screen.site),
        "warnings": warnings,
        "next_steps": here,
        "on_that_host": there,
    })
}

/// Returns what rules find that they did not find before, or no longer.
fn findings(verdict: &Verdict, site: &Site) -> Vec<Json> {
    let introduced = verdict.introduced.iter().map(|d| (d, "introduced"));
    let repaired = verdict.repaired.iter().map(|d| (d, "repaired"));
    let told = introduced.chain(repaired).map(|(diagnosis, state)| {
        let mut finding = findings::json(diagnosis, site);
        finding["state"] = json!(state);
        finding
    });
    told.collect()
}

/// Returns a change as JSON; `shown` is what is shown of it.
fn change_json(plan: &Plan, change: &Change, shown: Option<&Change>) -> Json {
    let action = match (&change.before, &change.after) {
        (None, _) => "create",
        (_, None) => "delete",
        (Some(_), Some(_)) => "modify",
    };
    let (kind, mode) = match change.after.as_ref().or(change.before.as_ref()) {
        Some(Node::File(file)) => ("file", file.attrs.mode),
        Some(Node::Link(_)) => ("link", 0o777),
        None => ("file", 0),
    };
    let backup = plan.backups.iter().find(|backup| backup.of == change.path);
    json!({
        "path": change.path.as_str(),
        "action": action,
        "kind": kind,
        "mode": format!("{mode:04o}"),
        "backup": backup.map(|backup| backup.at.as_str()),
        "renamed_from": plan.set.renamed_from(&change.path).map(HostPath::as_str),
        "diff": shown.map(|change| String::from_utf8_lossy(&diff::patch_of(change)).into_owned()),
    })
}

/// Returns what was done, in numbers.
pub(super) fn counts(set: &ChangeSet) -> String {
    let renamed = set.renames().count();
    let count = |wanted: fn(&Change) -> bool| set.iter().filter(|change| wanted(change)).count();
    let created = count(|change| change.before.is_none()) - renamed;
    let deleted = count(|change| change.after.is_none()) - renamed;
    let modified = count(|change| change.before.is_some() && change.after.is_some());
    let parts = [
        (created, "created"),
        (modified, "modified"),
        (renamed, "renamed"),
        (deleted, "deleted"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    parts.join(", ")
}

/// Says that a file was passed over, and why.
pub(super) fn broken(broken: &Broken) -> String {
    match broken.line {
        0 => format!("passed over {}: {}", broken.path, broken.why),
        line => format!("passed over {}:{line}: {}", broken.path, broken.why),
    }
}

/// Prints warnings of a command that only looks.
pub(super) fn passed_over(session: &mut Session<'_>, warnings: &[String]) {
    for warning in warnings {
        session.screen.talk(&format!("warning: {warning}"));
    }
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
