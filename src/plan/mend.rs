//! The plan that mends what rules find: `check --fix`.

use std::collections::BTreeSet;

use super::copies::Copies;
use super::fix::Mending;
use super::judge::Unjudged;
use super::ruling::PutRight;
use super::{Options, Plan, PlanError, Run, Source, backup, steps_after, words};
use crate::backend::{self, Interest};
use crate::lint::{self, RULES, Rule, Sight};
use crate::readers::Readers;
use crate::tree::{Entry, Scope, Tree};

/// As many findings that are left as they are are said one by one.
const MOST_WITHHELD: usize = 12;

/// Returns the plan that mends what `rules` find.
pub(super) fn draft<S: Source>(
    source: &S,
    rules: &[&'static Rule],
    options: &Options,
) -> Result<Unjudged<'static>, PlanError<S::Error>> {
    let scope = backend::scope_with_running(Interest::All);
    let mut tree = source.files(&scope).map_err(PlanError::Unread)?;
    let before = backend::inspect(&tree, Interest::All);
    let mut copies = options.copies(source)?;
    let (mut mending, found) = {
        let sight = Sight::of(&tree, &before);
        let found = lint::check(&sight, rules);
        let findings = found.iter().map(|diagnosis| &diagnosis.finding);
        (Mending::of(&sight, findings), found)
    };
    let scope = Scope {
        files: mending.wants(&tree, &copies),
        ..Scope::default()
    };
    let seen = tree.len();
    copies.look(source, &mut tree, &scope)?;
    // the rules have seen all of it, if all of them looked, and there are no copies yet
    let all = rules.len() == RULES.len() && tree.len() == seen;
    let found = all.then_some(found);
    mending.withhold(&tree, &before, &copies, options.force);
    let found = mending.settle(&tree, &before, &copies, options.force, found);
    Ok(Unjudged {
        plan: plan(&tree, &mending, &copies, &options.run),
        tree,
        before,
        interest: Interest::All,
        found,
        put_right: None,
        comes_back: PutRight::default(),
    })
}

/// Returns the plan; `tree` holds what [`Mending::wants`] asked for, `run` is what the user typed.
fn plan(tree: &Tree, mending: &Mending, copies: &Copies, run: &Run) -> Plan {
    let title = match mending.mended {
        0 if !mending.left.is_empty() || !mending.withheld.is_empty() => {
            "nothing that is safe to fix".to_owned()
        }
        0 => "nothing to fix".to_owned(),
        1 => "fix 1 finding".to_owned(),
        count => format!("fix {count} findings"),
    };
    let left = mending.left.len();
    let mut withheld = mending.withheld.clone();
    if withheld.len() > MOST_WITHHELD {
        let more = withheld.split_off(MOST_WITHHELD).len();
        withheld.push(format!(
            "{more} more are left unchanged: kvmnet check says why"
        ));
    }
    let (edited, moved) = mending.change(tree, copies, &BTreeSet::new());
    // what is put away is a copy already
    let (mut full, backups) = backup::add(tree, &Readers::of(tree), &edited, copies);
    let mut set = edited;
    full.absorb(&moved);
    set.absorb(&moved);
    let mut warnings = withheld;
    warnings.extend(words::copies::explain(&backups));
    if left > 0 {
        warnings.push(format!(
            "{left} more {} no fix that is always safe: kvmnet check says what to do",
            if left == 1 {
                "finding has"
            } else {
                "findings have"
            }
        ));
    }
    // what could not be read was not looked at
    warnings.extend(tree.entries().filter_map(|(path, entry)| match entry {
        Entry::Unreadable(why) => Some(format!("skipped {path}: {why}")),
        Entry::File(_) | Entry::Link { .. } | Entry::Unread | Entry::Other(_) => None,
    }));
    warnings.extend(tree.oddities().iter().cloned());
    let next_steps = match set.is_empty() {
        true => Vec::new(),
        false => steps_after(tree, &set, "check", run),
    };
    Plan {
        title,
        set,
        full,
        backups,
        moves: Vec::new(),
        warnings,
        losses: Vec::new(),
        waits: BTreeSet::new(),
        next_steps,
    }
}
