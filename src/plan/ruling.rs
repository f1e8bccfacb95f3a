//! What a plan is refused for, of all that it makes wrong: a change for every error; taking back for less, since it brings back
//! what was, and for more, since nobody looks at each file again.

use std::collections::BTreeSet;

use crate::lint::Diagnosis;

/// Rules whose findings are warnings, and which leave guests or the host without network all the same.
const GRAVE: &[&str] = &["bridge-without-port", "network-bridge-missing"];

/// What transactions had put right, by rule and subject: it may come back with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutRight(pub BTreeSet<(String, String)>);

impl PutRight {
    fn has(&self, found: &Diagnosis) -> bool {
        let finding = &found.finding;
        let key = (finding.rule.name.to_owned(), finding.subject.clone());
        self.0.contains(&key)
    }
}

/// What is said to what a plan makes wrong.
#[derive(Debug, Default)]
pub(super) struct Ruling {
    /// What it is refused for, unless it is forced.
    pub(super) refused: Vec<Diagnosis>,
    /// Errors that are its right, and are only said.
    pub(super) allowed: Vec<Diagnosis>,
    /// Warnings that are said.
    pub(super) told: Vec<Diagnosis>,
}

impl Ruling {
    /// Returns what is said to errors and warnings that a plan introduces; `put_right` where it takes transactions back.
    pub(super) fn of(
        errors: Vec<Diagnosis>,
        warnings: Vec<Diagnosis>,
        put_right: Option<&PutRight>,
    ) -> Self {
        let Some(put_right) = put_right else {
            return Self {
                refused: errors,
                ..Self::default()
            };
        };
        let returns = |d: &Diagnosis| put_right.has(d);
        let is_grave = |d: &Diagnosis| GRAVE.contains(&d.finding.rule.name) && !returns(d);
        let (allowed, mut refused): (Vec<_>, Vec<_>) = errors.into_iter().partition(returns);
        let (grave, told): (Vec<_>, Vec<_>) = warnings.into_iter().partition(is_grave);
        refused.extend(grave);
        Self {
            refused,
            allowed,
            told,
        }
    }

    /// Allows what was wrong before, and comes back with what the files were.
    pub(super) fn allow(&mut self, comes_back: &PutRight) {
        let refused = std::mem::take(&mut self.refused);
        let (allowed, refused): (Vec<_>, Vec<_>) =
            refused.into_iter().partition(|d| comes_back.has(d));
        self.allowed.extend(allowed);
        self.refused = refused;
    }
}
