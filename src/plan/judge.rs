//! The guard: no plan makes a host worse. What the rules find after a change, less what they found before.
//!
//! Only a plan that went through here can be committed: [`Judged`] is made by [`judge`] alone, and what it writes cannot be
//! changed any more.

use std::collections::BTreeMap;
use std::ops::Deref;

use super::Plan;
use super::ruling::{PutRight, Ruling};
use crate::backend::{self, Interest};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::lint::{self, Diagnosis, RULES, Severity, Sight};
use crate::op::Force;
use crate::tree::Tree;

/// A plan that nobody has judged, with what it is judged by.
#[derive(Debug)]
pub(super) struct Unjudged<'a> {
    /// The plan.
    pub(super) plan: Plan,
    /// All that was read for it.
    pub(super) tree: Tree,
    /// What the files mean for `interest`, before the change.
    pub(super) before: Host,
    /// What of the host it is about.
    pub(super) interest: Interest<'a>,
    /// What all rules find before the change, where they were asked already.
    pub(super) found: Option<Vec<Diagnosis>>,
    /// Of a plan that takes transactions back, what these had put right.
    pub(super) put_right: Option<&'a PutRight>,
    /// Of a plan that brings files back as they were, what may come back with them.
    pub(super) comes_back: PutRight,
}

/// What a change does to the findings of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedFindings {
    /// What is wrong only afterwards, as errors: nothing, but for a plan that was forced, or that takes back what put it right.
    pub introduced: Vec<Diagnosis>,
    /// What is no longer wrong afterwards.
    pub repaired: Vec<Diagnosis>,
}

/// A plan that may be committed: no rule finds anything wrong that it did not find before, or the user insists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    plan: Plan,
    findings: ChangedFindings,
}

impl Deref for Judged {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.plan
    }
}

impl Judged {
    /// Returns what it does to the findings.
    #[must_use]
    pub fn findings(&self) -> &ChangedFindings {
        &self.findings
    }

    /// Lets words be added and left out: only what is written must stay as it was judged.
    pub fn warnings_mut(&mut self) -> &mut Vec<String> {
        &mut self.plan.warnings
    }
}

/// What becomes of the findings, before it is said what of it is in the way.
#[derive(Debug, Default)]
pub(super) struct NewFindings {
    /// What is wrong only afterwards, as errors.
    pub(super) errors: Vec<Diagnosis>,
    /// What is not as it should be only afterwards, as warnings.
    pub(super) warnings: Vec<Diagnosis>,
    /// What is no longer wrong afterwards.
    repaired: Vec<Diagnosis>,
}

/// Judges a plan.
///
/// # Errors
/// What it would make wrong that is not wrong before, unless it is forced.
pub(super) fn judge(unjudged: Unjudged<'_>, force: Force) -> Result<Judged, Vec<Diagnosis>> {
    let Unjudged {
        mut plan,
        tree,
        before,
        interest,
        found,
        put_right,
        comes_back,
    } = unjudged;
    let compared = match plan.full.is_empty() {
        true => NewFindings::default(),
        false => {
            let found = found.unwrap_or_else(|| all_findings(&tree, &before));
            compare(found, tree, &before, &plan.full, interest)
        }
    };
    let NewFindings {
        errors,
        warnings,
        repaired,
    } = compared;
    let mut ruling = Ruling::of(errors, warnings, put_right);
    ruling.allow(&comes_back);
    if force == Force::No && !ruling.refused.is_empty() {
        return Err(ruling.refused);
    }
    let errors = ruling.refused.iter().chain(&ruling.allowed);
    let error = |d: &Diagnosis| format!("{} (error[{}])", d.finding.message, d.finding.rule.name);
    plan.warnings.extend(errors.map(error));
    let told = ruling.told.into_iter();
    plan.warnings.extend(told.map(|d| d.finding.message));
    let introduced = ruling.allowed.into_iter().chain(ruling.refused).collect();
    let findings = ChangedFindings {
        introduced,
        repaired,
    };
    Ok(Judged { plan, findings })
}

/// Returns what is wrong in a tree that means `host`.
pub(super) fn all_findings(tree: &Tree, host: &Host) -> Vec<Diagnosis> {
    lint::check(&Sight::of(tree, host), RULES)
}

/// Returns what becomes of the findings when `set` is made. `before` is what `tree` means for `interest`, `found` what is wrong
/// in it.
pub(super) fn compare(
    found: Vec<Diagnosis>,
    mut tree: Tree,
    before: &Host,
    set: &ChangeSet,
    interest: Interest<'_>,
) -> NewFindings {
    set.apply(&mut tree);
    let after = backend::inspect_again(&tree, before, set, interest);
    between(found, all_findings(&tree, &after))
}

/// What an operation tells in its own words, by what it attaches to what (`op/guest/starts.rs`): it warns, and goes on.
const SAID_BY_OPERATIONS: &[&str] = &["guest-not-startable"];

/// A finding is the same where it is about the same; a fault that only moved, with its line, to another file is too.
fn between(old: Vec<Diagnosis>, new: Vec<Diagnosis>) -> NewFindings {
    let subject = |d: &Diagnosis| (d.finding.rule.name, d.finding.subject.clone());
    let (gone, come) = difference(old, new, subject);
    let text = |d: &Diagnosis| {
        let excerpt = d.located.first().and_then(|at| at.excerpt.as_deref());
        // one without a text, such as a link, is known by what it is about alone
        let text = excerpt.map_or(&*d.finding.subject, str::trim);
        (d.finding.rule.name, text.to_owned())
    };
    let (repaired, mut come) = difference(gone, come, text);
    come.retain(|d| !SAID_BY_OPERATIONS.contains(&d.finding.rule.name));
    let is_error = |d: &Diagnosis| d.finding.rule.severity == Severity::Error;
    let is_warning = |d: &Diagnosis| d.finding.rule.severity == Severity::Warning;
    let is_fault = |d: &Diagnosis| d.finding.rule.severity > Severity::Note;
    let (errors, rest): (Vec<_>, Vec<_>) = come.into_iter().partition(is_error);
    NewFindings {
        errors,
        warnings: rest.into_iter().filter(is_warning).collect(),
        // what was worth knowing was no fault
        repaired: repaired.into_iter().filter(is_fault).collect(),
    }
}

/// Returns what only the first list has, and what only the second one has, counting what has one key.
fn difference<K: Ord>(
    mut first: Vec<Diagnosis>,
    mut second: Vec<Diagnosis>,
    key: impl Fn(&Diagnosis) -> K,
) -> (Vec<Diagnosis>, Vec<Diagnosis>) {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    for old in &first {
        *counts.entry(key(old)).or_default() += 1;
    }
    let mut take = |found: &Diagnosis| {
        let count = counts.get_mut(&key(found)).filter(|count| **count > 0);
        count.map(|count| *count -= 1).is_some()
    };
    second.retain(|new| !take(new));
    // what is left of a key has no counterpart
    first.retain(|old| take(old));
    (first, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(subjects: &[&str]) -> Vec<Diagnosis> {
        let one = |subject: &&str| Diagnosis {
            finding: RULES[0].finding(*subject, "x"),
            located: vec![],
        };
        subjects.iter().map(one).collect()
    }

    #[test]
    fn counts_what_has_one_subject() {
        let subject = |d: &Diagnosis| d.finding.subject.clone();
        let (gone, come) = difference(found(&["a", "a", "b"]), found(&["a", "c"]), subject);
        assert_eq!(gone, found(&["a", "b"]));
        assert_eq!(come, found(&["c"]));
    }
}
