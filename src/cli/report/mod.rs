//! A plan on the screen: the patch, what it comes to, what moves, and what the user should know.

mod json;
mod next_steps;

pub(super) use json::json;
pub(super) use next_steps::{Asked, Whole, in_one_step, next_steps};

use std::collections::BTreeMap;

use super::error::CliError;
use super::screen::Screen;
use super::text::one_line;
use super::wrap::wrap;
use crate::backend::migrate::Weight;
use crate::change::{Change, ChangeSet};
use crate::lint::{Diagnosis, Severity};
use crate::picture::{Block, Picture};
use crate::plan::{self, Backup, ChangedFindings, Plan};
use crate::tree::{HostPath, Node};

/// Prints the patch, and unless `quiet` the summary and the warnings.
pub(super) fn plan(
    screen: &mut Screen<'_>,
    (plan, picture): (&Plan, Option<&Picture>),
    findings: &ChangedFindings,
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
    let idle = match screen.verbose {
        true => idle(plan),
        false => Vec::new(),
    };
    let moves: Vec<_> = moves(plan, findings).into_iter().chain(idle).collect();
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
    if let Some(picture) = picture {
        screen.line("")?;
        match picture.blocks.iter().any(Block::changes) {
            true => screen.tree(picture, true)?,
            false => screen.line("Nothing changes in what hangs on what.")?,
        }
    }
    warnings(screen, &plan.warnings)
}

/// As many repaired findings are named at most.
const MOST_NAMED: usize = 10;

/// Returns what moves, and what is no longer wrong then.
fn moves(plan: &Plan, findings: &ChangedFindings) -> Vec<(String, Vec<String>)> {
    // that a note goes with what it is about is no repair
    let repaired = findings.repaired.iter();
    let repaired: Vec<&Diagnosis> = repaired
        .filter(|d| d.finding.rule.severity > Severity::Note)
        .collect();
    let heading = "repairs".to_owned();
    let name = |d: &&Diagnosis| format!("{}: {}", d.finding.rule.name, d.finding.message);
    let named = repaired.iter().take(MOST_NAMED).map(name);
    let more = repaired.len().saturating_sub(MOST_NAMED);
    let rest = (more > 0).then(|| format!("and {more} more"));
    let repairs = named.chain(rest).map(|line| (heading.clone(), vec![line]));
    plan.moves.iter().cloned().chain(repairs).collect()
}

/// Returns what is lost without a loss, by its file: keys that nobody reads, or that change nothing.
pub(super) fn idle(plan: &Plan) -> Vec<(String, Vec<String>)> {
    let mut by_file: BTreeMap<&HostPath, Vec<String>> = BTreeMap::new();
    let idle = plan.losses.iter();
    for loss in idle.filter(|loss| loss.weight == Weight::Idle) {
        let said = by_file.entry(&loss.at).or_default();
        match loss.line {
            Some(line) => said.push(format!("{} (line {line})", loss.what)),
            None => said.push("all of it".to_owned()),
        }
    }
    let lines = by_file
        .into_iter()
        .map(|(path, said)| format!("{path}: {}", said.join(", ")));
    plan::one_by_one("is idle", lines.collect()).collect()
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
    let rows = rows(plan).into_iter();
    let rows = rows.map(|row| (row.action, row.what(), row.backup().unwrap_or_default()));
    let rows: Vec<(&str, String, String)> = rows.collect();
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

/// What becomes of a file.
pub(super) struct Row<'p> {
    /// `create`, `modify`, `rename` or `delete`.
    pub(super) action: &'static str,
    /// Where it was, if it gets another name.
    pub(super) from: Option<&'p HostPath>,
    /// Where it is, or was.
    pub(super) path: &'p HostPath,
    /// Where the copy of the original lies.
    pub(super) copy: Option<&'p HostPath>,
}

impl Row<'_> {
    /// Returns the file, and where it goes.
    fn what(&self) -> String {
        match self.from {
            Some(from) if from.folder() == self.path.folder() => {
                format!("{from}  →  {}", self.path.name())
            }
            Some(from) => format!("{from}  →  {}", self.path),
            None => self.path.to_string(),
        }
    }

    /// Returns where the copy of the original lies, as it is said beside the file.
    pub(super) fn backup(&self) -> Option<String> {
        let (kept, copy) = (self.from.unwrap_or(self.path), self.copy?);
        let is_beside = copy.folder() == kept.folder();
        let name = if is_beside {
            copy.name()
        } else {
            copy.as_str()
        };
        Some(format!("backup {name}"))
    }
}

/// Returns what becomes of each file.
pub(super) fn rows(plan: &Plan) -> Vec<Row<'_>> {
    let backups: BTreeMap<&HostPath, &Backup> = plan
        .backups
        .iter()
        .map(|backup| (&backup.of, backup))
        .collect();
    let moves = plan.set.moves();
    let changes = plan.set.iter();
    let stays = changes.filter(|change| !moves.contains_key(&change.path));
    let rows = stays.map(|change| {
        let path = &change.path;
        let from = plan.set.renamed_from(path);
        Row {
            action: match (from, &change.before, &change.after) {
                (Some(_), _, _) => "rename",
                (None, None, _) => "create",
                (None, Some(_), None) => "delete",
                (None, Some(_), Some(_)) => "modify",
            },
            from,
            path,
            copy: backups.get(from.unwrap_or(path)).map(|backup| &backup.at),
        }
    });
    rows.collect()
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
