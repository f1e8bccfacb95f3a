//! A plan as text, for `--out` and `apply`: applied exactly, or not at all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Backup, NextSteps, Plan, Verdict};
use crate::change::{Change, ChangeSet, Labels};
use crate::tree::{Attrs, File, HostPath, Node};

/// The version of the format.
const VERSION: u32 = 2;

/// A file that is no saved plan.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// No JSON of this form.
    #[error("it is no saved plan: {0}")]
    Form(#[from] serde_json::Error),
    /// Written by another version of kvmnet.
    #[error("it has the version {0}, and this kvmnet knows version {VERSION}")]
    Version(u32),
    /// A path that its command does not change.
    #[error("it changes {0}, which is no file that its command edits")]
    Path(HostPath),
    /// A file gets what no command gives.
    #[error("it gives {0} {1}, which its command does not")]
    Gains(HostPath, &'static str),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedPlan {
    kvmnet_plan: u32,
    command: String,
    title: String,
    changes: Vec<SavedChange>,
    renames: Vec<(HostPath, HostPath)>,
    backups: Vec<(HostPath, HostPath)>,
    moves: Vec<(String, Vec<String>)>,
    warnings: Vec<String>,
    next_steps: Vec<NextSteps>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedChange {
    path: HostPath,
    before: Option<SavedNode>,
    after: Option<SavedNode>,
    labels: SavedLabels,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedNode {
    Link(String),
    File { attrs: Attrs, content: Content },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedLabels {
    Like(HostPath),
    Exact(BTreeMap<String, Vec<u8>>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

/// Returns the plan for `command` as text.
#[must_use]
pub fn write(plan: &Plan, command: &str) -> String {
    let saved = SavedPlan {
        kvmnet_plan: VERSION,
        command: command.to_owned(),
        title: plan.title.clone(),
        changes: plan.full.iter().map(saved_change).collect(),
        renames: plan
            .set
            .renames()
            .map(|(from, to)| (from.clone(), to.clone()))
            .collect(),
        backups: plan
            .backups
            .iter()
            .map(|backup| (backup.of.clone(), backup.at.clone()))
            .collect(),
        moves: plan.moves.clone(),
        warnings: plan.warnings.clone(),
        next_steps: plan.next_steps.clone(),
    };
    let text = serde_json::to_string_pretty(&saved).expect("a plan has string keys only");
    text + "\n"
}

/// Returns the plan that `text` is, and the command it was made for.
///
/// # Errors
/// What makes it no plan.
pub fn read(text: &str) -> Result<(Plan, String), SavedPlanError> {
    let version: serde_json::Value = serde_json::from_str(text)?;
    let version = version
        .get("kvmnet_plan")
        .and_then(serde_json::Value::as_u64)
        .unwrap_or(0);
    let saved: SavedPlan = match u32::try_from(version) {
        Ok(VERSION) => serde_json::from_str(text)?,
        Ok(other) if other > 0 => return Err(SavedPlanError::Version(other)),
        _ => serde_json::from_str(text)?,
    };
    let backups: Vec<Backup> = saved
        .backups
        .into_iter()
        .map(|(of, at)| Backup {
            of,
            at,
            because: None,
        })
        .collect();
    let (mut full, mut set) = (ChangeSet::default(), ChangeSet::default());
    for change in saved.changes.into_iter().map(change) {
        if !backups.iter().any(|backup| backup.at == change.path) {
            set.put(change.clone());
        }
        full.put(change);
    }
    for (from, to) in saved.renames {
        set.note_rename(from.clone(), to.clone());
        full.note_rename(from, to);
    }
    let plan = Plan {
        title: saved.title,
        set,
        full,
        backups,
        moves: saved.moves,
        warnings: saved.warnings,
        next_steps: saved.next_steps,
        verdict: Verdict::default(),
    };
    Ok((plan, saved.command))
}

fn saved_change(change: &Change) -> SavedChange {
    SavedChange {
        path: change.path.clone(),
        before: change.before.as_ref().map(saved_node),
        after: change.after.as_ref().map(saved_node),
        labels: match &change.labels {
            Labels::Like(path) => SavedLabels::Like(path.clone()),
            Labels::Exact(xattrs) => SavedLabels::Exact(xattrs.clone()),
        },
    }
}

fn saved_node(node: &Node) -> SavedNode {
    match node {
        Node::Link(target) => SavedNode::Link(target.clone()),
        Node::File(File { bytes, attrs }) => {
            let content = match std::str::from_utf8(bytes) {
                Ok(text) => Content::Text(text.to_owned()),
                Err(_) => Content::Bytes(bytes.clone()),
            };
            SavedNode::File {
                attrs: *attrs,
                content,
            }
        }
    }
}

fn change(saved: SavedChange) -> Change {
    Change {
        path: saved.path,
        before: saved.before.map(node),
        after: saved.after.map(node),
        labels: match saved.labels {
            SavedLabels::Like(path) => Labels::Like(path),
            SavedLabels::Exact(xattrs) => Labels::Exact(xattrs),
        },
    }
}

fn node(saved: SavedNode) -> Node {
    match saved {
        SavedNode::Link(target) => Node::Link(target),
        SavedNode::File { attrs, content } => {
            let bytes = match content {
                Content::Text(text) => text.into_bytes(),
                Content::Bytes(bytes) => bytes,
            };
            Node::File(File {
                bytes,
                attrs: Attrs {
                    mode: attrs.mode & 0o7777,
                    ..attrs
                },
            })
        }
    }
}
