//! A plan as text, for `--out`, `show` and `apply`.
//!
//! The text is a stranger's: what is in it is read by people (`show`), and held against the plan that its command makes
//! on the tree as it is (`apply`). Nothing of it is ever written to a tree, and no path that it names is looked at,
//! but those of files that commands write, to tell whether a migration is done already.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Backup, Plan, backup};
use crate::change::{Change, ChangeSet, Hex, Labels, Marks};
use crate::layout::kind_of;
use crate::tree::{Attrs, File, HostPath, Node};

/// The version of the format.
const VERSION: u32 = 3;

/// The longest text of a plan that is read, in bytes: what a tree may hold (`host::limits`) fits, escaped and twice.
pub const MAX_BYTES: usize = 256 << 20;

/// A file that is no saved plan.
#[derive(Debug, thiserror::Error)]
pub enum SavedPlanError {
    /// No JSON of this form.
    #[error("it is not a saved plan: {0}")]
    Form(#[from] serde_json::Error),
    /// No version, or one that never was.
    #[error("it is not a saved plan: its version is not known")]
    NoVersion,
    /// Written by an older version of kvmnet.
    #[error("it was saved by an older kvmnet: save it again")]
    Older,
    /// Written by a newer version of kvmnet.
    #[error("its version is {0}, and this kvmnet knows version {VERSION}")]
    Newer(u64),
}

/// A plan as it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The words of its command.
    pub words: Vec<String>,
    /// What that came to; without next steps, which belong to the tree that it is applied to.
    pub plan: Plan,
}

/// Where a saved plan and the one that its command makes now are not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The path.
    pub path: HostPath,
    /// What was saved about it.
    pub saved: Option<Change>,
    /// What it is now.
    pub now: Option<Change>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedPlan {
    kvmnet_plan: u32,
    command: Vec<String>,
    title: String,
    changes: Vec<SavedChange>,
    renames: Vec<(HostPath, HostPath)>,
    backups: Vec<(HostPath, HostPath)>,
    moves: Vec<(String, Vec<String>)>,
    warnings: Vec<String>,
}

/// What of a file says that it is a saved plan.
#[derive(Deserialize)]
struct Version {
    kvmnet_plan: Option<serde_json::Value>,
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
    Exact {
        xattrs: BTreeMap<String, Hex>,
        owner: Option<(u32, u32)>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    Text(String),
    Bytes(Hex),
}

/// Returns the plan for the command of these words as text.
#[must_use]
pub fn write(plan: &Plan, words: &[String]) -> String {
    let saved = SavedPlan {
        kvmnet_plan: VERSION,
        command: words.to_vec(),
        title: plan.title.clone(),
        changes: plan.full.iter().map(saved_change).collect(),
        renames: plan
            .full
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
    };
    let text = serde_json::to_string_pretty(&saved).expect("a plan has string keys only");
    text + "\n"
}

/// Returns the plan that `text` is.
///
/// # Errors
/// What makes it no plan.
pub fn read(text: &str) -> Result<Saved, SavedPlanError> {
    let version: Version = serde_json::from_str(text)?;
    match version.kvmnet_plan.and_then(|version| version.as_u64()) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version @ 1..) if version < u64::from(VERSION) => return Err(SavedPlanError::Older),
        Some(version) if version > u64::from(VERSION) => {
            return Err(SavedPlanError::Newer(version));
        }
        Some(_) | None => return Err(SavedPlanError::NoVersion),
    }
    let saved: SavedPlan = serde_json::from_str(text)?;
    let (mut full, mut set) = (ChangeSet::default(), ChangeSet::default());
    let mut told = BTreeSet::new();
    for change in saved.changes.into_iter().map(change) {
        if !told.insert(change.path.clone()) {
            let twice = format!("{} is changed twice", change.path);
            return Err(SavedPlanError::Form(serde::de::Error::custom(twice)));
        }
        full.put(change);
    }
    // a copy is one only if it holds what the original holds, where copies lie
    let backups: Vec<Backup> = saved
        .backups
        .into_iter()
        .map(|(of, at)| Backup {
            of,
            at,
            because: None,
        })
        .filter(|backup| backup::ensure_copy(&full, &backup.of, &backup.at))
        .collect();
    let copies: BTreeSet<&HostPath> = backups.iter().map(|backup| &backup.at).collect();
    for change in full.iter().filter(|change| !copies.contains(&change.path)) {
        set.put(change.clone());
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
        losses: Vec::new(),
        waits: BTreeSet::new(),
        next_steps: Vec::new(),
    };
    Ok(Saved {
        words: saved.command,
        plan,
    })
}

impl Saved {
    /// Returns the changes that make or write a file or link of a kind that commands write.
    pub fn made(&self) -> impl Iterator<Item = &Change> {
        let changes = self.plan.set.iter();
        changes.filter(|change| change.after.is_some() && kind_of(change.path.as_str()).is_some())
    }

    /// Returns the first path about which the plan says another thing than `now`, the plan that its command makes.
    #[must_use]
    pub fn deviation(&self, now: &Plan) -> Option<Deviation> {
        let (saved, now) = (&self.plan.full, &now.full);
        let paths: BTreeSet<&HostPath> = saved.iter().chain(now.iter()).map(|c| &c.path).collect();
        let differs = |path: &&&HostPath| {
            saved.get(path) != now.get(path) || saved.renamed_from(path) != now.renamed_from(path)
        };
        // what was edited, rather than what follows from it
        let edited = |path: &&&HostPath| match (saved.get(path), now.get(path)) {
            (Some(saved), Some(now)) => saved.before != now.before,
            _ => false,
        };
        let path = paths
            .iter()
            .find(edited)
            .or_else(|| paths.iter().find(differs))?;
        Some(Deviation {
            path: (*path).clone(),
            saved: saved.get(path).cloned(),
            now: now.get(path).cloned(),
        })
    }
}

fn saved_change(change: &Change) -> SavedChange {
    SavedChange {
        path: change.path.clone(),
        before: change.before.as_ref().map(saved_node),
        after: change.after.as_ref().map(saved_node),
        labels: match &change.labels {
            Labels::Like(path) => SavedLabels::Like(path.clone()),
            Labels::Exact(marks) => SavedLabels::Exact {
                xattrs: marks
                    .xattrs
                    .iter()
                    .map(|(name, value)| (name.clone(), Hex(value.clone())))
                    .collect(),
                owner: marks.owner,
            },
        },
    }
}

fn saved_node(node: &Node) -> SavedNode {
    match node {
        Node::Link(target) => SavedNode::Link(target.clone()),
        Node::File(File { bytes, attrs }) => {
            let content = match std::str::from_utf8(bytes) {
                Ok(text) => Content::Text(text.to_owned()),
                Err(_) => Content::Bytes(Hex(bytes.clone())),
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
            SavedLabels::Exact { xattrs, owner } => Labels::Exact(Marks {
                xattrs: xattrs
                    .into_iter()
                    .map(|(name, Hex(value))| (name, value))
                    .collect(),
                owner,
            }),
        },
    }
}

fn node(saved: SavedNode) -> Node {
    match saved {
        SavedNode::Link(target) => Node::Link(target),
        SavedNode::File { attrs, content } => {
            let bytes = match content {
                Content::Text(text) => text.into_bytes(),
                Content::Bytes(Hex(bytes)) => bytes,
            };
            Node::File(File { bytes, attrs })
        }
    }
}
