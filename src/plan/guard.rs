//! The guard: no plan makes a host worse. What the rules find after a change, less what they found before.

use std::collections::BTreeMap;

use crate::backend::{self, Interest};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::lint::{self, Diagnosis, Severity, Sight};
use crate::tree::Tree;

/// What a change does to the findings of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong only afterwards, as errors.
    pub introduced: Vec<Diagnosis>,
    /// What is not as it should be only afterwards, as warnings.
    pub worse: Vec<Diagnosis>,
    /// What is no longer wrong afterwards.
    pub repaired: Vec<Diagnosis>,
}

/// Returns what becomes of the findings when `set` is made. `before` is what `tree` means for `interest`.
#[must_use]
pub fn judge(mut tree: Tree, before: &Host, set: &ChangeSet, interest: Interest<'_>) -> Verdict {
    if set.is_empty() {
        return Verdict::default();
    }
    let old = lint::check(&Sight::of(&tree, before), lint::RULES);
    set.apply(&mut tree);
    let after = backend::inspect_again(&tree, before, set, interest);
    let new = lint::check(&Sight::of(&tree, &after), lint::RULES);
    compare(old, new)
}

/// A finding is the same where it is about the same; a fault that only moved, with its line, to another file is too.
fn compare(old: Vec<Diagnosis>, new: Vec<Diagnosis>) -> Verdict {
    let subject = |d: &Diagnosis| (d.finding.rule.name, d.finding.subject.clone());
    let (gone, come) = difference(old, new, subject);
    let text = |d: &Diagnosis| {
        let excerpt = d.located.first().and_then(|at| at.excerpt.as_deref());
        // one without a text, such as a link, is known by what it is about alone
        let text = excerpt.map_or(&*d.finding.subject, str::trim);
        (d.finding.rule.name, text.to_owned())
    };
    let (gone, come) = difference(gone, come, text);
    let is_error = |d: &Diagnosis| d.finding.rule.severity == Severity::Error;
    let is_warning = |d: &Diagnosis| d.finding.rule.severity == Severity::Warning;
    let (introduced, rest): (Vec<_>, Vec<_>) = come.into_iter().partition(is_error);
    Verdict {
        introduced,
        worse: rest.into_iter().filter(is_warning).collect(),
        repaired: gone,
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
    use crate::lint::RULES;

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
