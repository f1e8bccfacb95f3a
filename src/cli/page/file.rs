//! What happens to each file, and what it looks like before and after.

use std::collections::HashMap;

use serde::Serialize;

use super::beside::{Files, Hunk};
use super::markup::Markup;
use crate::cli::report;
use crate::diff::{Kind, Section};
use crate::plan::Plan;
use crate::tree::{HostPath, Node};

/// As many lines of all files together are shown side by side at most: whoever reads more reads the patch.
const MOST_LINES: usize = 4000;

/// What happens to a file, as a row of a table.
#[derive(Debug, Serialize)]
pub(super) struct Changed {
    action: &'static str,
    path: String,
    /// Where it was before, if it gets another name.
    from: Option<String>,
    /// Which of the files below it is.
    section: usize,
    /// Whether it is one of them: of some, such as those that get another owner, the patch says nothing.
    linked: bool,
    /// Copy, mode and owner.
    remarks: String,
}

/// A file before and after.
#[derive(Debug, Default, Serialize)]
pub(super) struct File {
    /// Its number.
    section: usize,
    path: String,
    from: Option<String>,
    /// What happens to it.
    action: &'static str,
    /// What it is: `mode 0644, contents unchanged`.
    node: String,
    /// Its part of the patch.
    patch: Markup,
    /// The lines side by side; nothing, where there are too many of them.
    hunks: Option<Vec<Hunk>>,
}

impl File {
    /// Returns whether a line of it moved to another file, or came from one.
    pub(super) fn has_moved(&self) -> bool {
        let mut hunks = self.hunks.iter().flatten();
        hunks.any(|hunk| hunk.rows.iter().any(super::beside::Row::has_moved))
    }
}

/// Returns what happens to each file.
pub(super) fn changed(plan: &Plan, sections: &[Section<'_>]) -> Vec<Changed> {
    let by_path = by_path(sections);
    let rows = report::rows(plan).into_iter();
    let rows = rows.map(|row| {
        let attributes = plan.set.get(row.path);
        let attributes = attributes.and_then(|change| report::attributes(&plan.set, change));
        let remarks = [row.backup(), attributes];
        let remarks: Vec<String> = remarks.into_iter().flatten().collect();
        Changed {
            action: row.action,
            path: row.path.to_string(),
            from: row.from.map(HostPath::to_string),
            section: by_path.get(row.path).copied().unwrap_or(0),
            linked: by_path.contains_key(row.path),
            remarks: remarks.join("; "),
        }
    });
    rows.collect()
}

/// Returns the numbers of sections by the files that they are about.
fn by_path<'s>(sections: &[Section<'s>]) -> HashMap<&'s HostPath, usize> {
    let numbered = sections.iter().enumerate();
    let paths = numbered.filter_map(|(n, section)| Some((path(section)?, n)));
    paths.collect()
}

fn path<'s>(section: &Section<'s>) -> Option<&'s HostPath> {
    section.to.or(section.from)
}

/// Returns the files before and after, and how many of them are shown as a patch alone.
pub(super) fn files(plan: &Plan, sections: &[Section<'_>]) -> (Vec<File>, usize) {
    let beside = Files::of(sections);
    let (mut lines, mut patch_only) = (0, 0);
    let files = sections.iter().enumerate().map(|(n, section)| {
        let fits = lines + section.lines.len() <= MOST_LINES;
        lines += if fits { section.lines.len() } else { 0 };
        patch_only += usize::from(!fits);
        let node = node(plan, section);
        let is_link = matches!(node, Some(Node::Link(_)));
        let from = section.from.filter(|from| Some(*from) != section.to);
        File {
            section: n,
            path: path(section).map_or_else(String::new, HostPath::to_string),
            from: from
                .filter(|_| section.to.is_some())
                .map(HostPath::to_string),
            action: action(section),
            node: told(node, section),
            patch: patch(section),
            hunks: fits.then(|| beside.hunks(n, is_link)),
        }
    });
    (files.collect(), patch_only)
}

/// Returns the section of the patch as text.
fn patch(section: &Section<'_>) -> Markup {
    let mut patch = Markup::default();
    let pieces = section.lines.iter().flat_map(|line| &line.pieces);
    pieces.for_each(|piece| patch.text(&piece.text));
    patch
}

/// Returns what happens to a file.
fn action(section: &Section<'_>) -> &'static str {
    match (section.from, section.to) {
        (None, _) => "create",
        (_, None) => "delete",
        (from, to) if from == to => "modify",
        (Some(_), Some(_)) => "rename",
    }
}

/// Returns the file, as it is afterwards if it is there then.
fn node<'p>(plan: &'p Plan, section: &Section<'_>) -> Option<&'p Node> {
    let change = plan.set.get(path(section)?)?;
    match section.to {
        Some(_) => change.after.as_ref(),
        None => change.before.as_ref(),
    }
}

/// Returns in words what a file is.
fn told(node: Option<&Node>, section: &Section<'_>) -> String {
    let has_hunks = section.lines.iter().any(|line| line.kind == Kind::Hunk);
    let same = match (has_hunks, action(section)) {
        (true, _) => "",
        (false, "create" | "delete") => ", empty",
        (false, _) => ", contents unchanged",
    };
    match node {
        Some(Node::File(file)) => format!("mode {:04o}{same}", file.attrs.mode),
        Some(Node::Link(_)) => format!("symbolic link{same}"),
        None => String::new(),
    }
}
