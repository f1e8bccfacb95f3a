//! A plan as JSON.

use serde_json::{Value as Json, json};

use crate::change::Change;
use crate::cli::screen::Screen;
use crate::cli::site::Site;
use crate::cli::{findings, losses};
use crate::diff;
use crate::plan::{ChangedFindings, NextSteps, Plan, Timing};
use crate::tree::{HostPath, Node};

/// Returns the plan as the JSON object that `cli.md` fixes; what was kept of edited files, and the picture, are the caller's.
pub(in crate::cli) fn json(
    screen: &Screen<'_>,
    plan: &Plan,
    findings: &ChangedFindings,
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
    let steps: Vec<Json> = plan
        .next_steps
        .iter()
        .map(|steps| steps_json(steps, timing, screen.site.program()))
        .collect();
    // what acts on a running system is for the one that has these files
    let (here, there) = match screen.site.root() {
        Some(_) => (Vec::new(), steps),
        None => (steps, Vec::new()),
    };
    let warnings = plan.warnings.iter().map(|text| screen.site.typed(text));
    let warnings: Vec<_> = warnings.collect();
    let losses: Vec<Json> = plan.losses.iter().map(losses::json).collect();
    json!({
        "schema": 1,
        "command": command,
        "transaction": transaction,
        "changes": changes,
        "findings": of_rules(findings, &screen.site),
        "warnings": warnings,
        "next_steps": here,
        "on_that_host": there,
        "losses": losses,
        "kept": [],
        "topology": null,
    })
}

/// Returns the commands of one reader; `program` is how kvmnet is called.
fn steps_json(steps: &NextSteps, timing: Timing, program: &str) -> Json {
    let lines = steps.commands(timing, program);
    let commands: Vec<&str> = lines.iter().map(|line| line.command.as_str()).collect();
    json!({
        "reader": steps.reader,
        "when": steps.when().word(),
        "commands": commands,
        "interrupts": steps.interrupts,
    })
}

/// Returns what rules find that they did not find before, or no longer.
fn of_rules(findings: &ChangedFindings, site: &Site) -> Vec<Json> {
    let introduced = findings.introduced.iter().map(|d| (d, "introduced"));
    let repaired = findings.repaired.iter().map(|d| (d, "repaired"));
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
