//! A plan in words: its title, what moves and what goes, and what the user should know before the files are written.

mod carried;
pub(super) mod copies;
pub(super) mod describe;
pub(super) mod gateways;
pub(super) mod gone_from_profiles;
mod gone_from_xml;
pub(super) mod kept_by_switch;
mod old_addresses;
mod programs;
mod session;
mod still_running;
mod unread_keys;

pub use session::drops_session;

use crate::change::ChangeSet;
use crate::host::Host;
use crate::op::{Future, Operation};
use crate::plan::live::Texts;
use crate::readers::Readers;
use crate::tree::Tree;

/// Returns all warnings about a change.
pub(in crate::plan) fn warnings(
    tree: &Tree,
    readers: &Readers,
    operation: &Operation,
    before: &Host,
    future: &Future,
    set: &ChangeSet,
) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(gateways::no_default_route(
        tree, before, operation, future, set,
    ));
    if set.is_empty() {
        return warnings;
    }
    warnings.extend(programs::untold(operation, before));
    warnings.extend(session::lockout(operation, before, future));
    warnings.extend(programs::programs(readers, operation, future));
    warnings.extend(carried::shell_code(tree, before, set));
    warnings.extend(carried::not_valid(future));
    warnings.extend(carried::no_addresses(tree, before, future, set));
    warnings.extend(carried::mentions(operation, before, future));
    warnings.extend(gone_from_xml::warnings(tree, set, operation));
    warnings.extend(still_running::warnings(
        Texts { tree, set },
        before,
        &future.host,
    ));
    warnings.extend(kept_by_switch::warnings(before, &future.host));
    warnings.extend(old_addresses::warnings(tree, set, before, &future.host));
    warnings.extend(before.broken.iter().map(|broken| {
        let place = broken.path.with_line(broken.line);
        format!("skipped {place}: {}", broken.why)
    }));
    warnings.extend(tree.oddities().iter().cloned());
    warnings
}

/// Returns lines of a summary under one heading, each on its own.
pub fn one_by_one(
    heading: &str,
    lines: Vec<String>,
) -> impl Iterator<Item = (String, Vec<String>)> {
    let lines = lines.into_iter().enumerate();
    lines.map(move |(n, line)| {
        let heading = if n == 0 { heading } else { "" };
        (heading.to_owned(), vec![line])
    })
}
