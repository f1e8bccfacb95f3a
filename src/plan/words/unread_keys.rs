//! Keys of a profile that nobody reads: what they seem to say does not move.

use std::sync::Arc;

use crate::host::Host;
use crate::lint::{self, Sight};
use crate::readers::Readers;
use crate::tree::{HostPath, Tree};

/// The rule that finds them.
const RULE: &str = "key-case";

/// Says which of the keys of the file at `path` nobody reads, since they are not in capitals.
pub(in crate::plan) fn warnings(
    tree: &Tree,
    readers: &Arc<Readers>,
    path: &HostPath,
    keys: &[String],
) -> Vec<String> {
    let small = |name: &String| name.bytes().any(|byte| byte.is_ascii_lowercase());
    if !keys.iter().any(small) {
        return Vec::new();
    }
    let part = tree.only(std::slice::from_ref(path));
    let Some(rule) = lint::rule(RULE) else {
        return Vec::new();
    };
    // that is about the file alone: to join a whole host for each would take the square of their number
    let host = Host {
        readers: Arc::clone(readers),
        ..Host::default()
    };
    let found = rule.check.look(&Sight::of(&part, &host));
    let remedy = format!("kvmnet check --fix {RULE}");
    let (safe, other): (Vec<_>, Vec<_>) = found
        .iter()
        .partition(|finding| finding.help.starts_with(&remedy));
    let parts = [
        (safe, format!("fix that first: {remedy}")),
        (
            other,
            "if that is intended, write it that way first".to_owned(),
        ),
    ];
    let said = parts.into_iter().filter(|(found, _)| !found.is_empty());
    said.map(|(found, what)| {
        let names = found
            .iter()
            .filter_map(|finding| finding.subject.rsplit(' ').next());
        let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        format!(
            "{path}: {} {verb} neither read nor moved: keys are uppercase ({what})",
            names.join(", ")
        )
    })
    .collect()
}
