//! Fixes of one plan, judged together: none is made that others make needless, and none that makes something else wrong.

use std::collections::BTreeSet;

use super::copies::Copies;
use super::fix::{FileMend, Mending, Outcome};
use super::judge;
use crate::backend::{self, Interest};
use crate::change::ChangeSet;
use crate::host::Host;
use crate::lint::{self, Diagnosis, RULES, Rule, Sight};
use crate::op::Force;
use crate::tree::{HostPath, Tree};

/// As many fixes are tried one by one at most, where it cannot be told which one makes something wrong.
const MOST_TRIED: usize = 16;

impl Mending {
    /// Leaves out what takes a file away whose finding is gone once other files are mended, and, unless forced, what would make
    /// something else wrong; the latter is said.
    /// `found` is what all rules find before, where that is known; it is returned with what was learned here.
    pub(super) fn settle(
        &mut self,
        tree: &Tree,
        host: &Host,
        copies: &Copies,
        force: Force,
        found: Option<Vec<Diagnosis>>,
    ) -> Option<Vec<Diagnosis>> {
        self.spare(tree, host, copies);
        if force == Force::Yes || self.files.is_empty() {
            return found;
        }
        let found = found.unwrap_or_else(|| judge::all_findings(tree, host));
        self.do_no_harm(tree, host, copies, &found);
        Some(found)
    }

    fn spare(&mut self, tree: &Tree, host: &Host, copies: &Copies) {
        let goes = |mend: &FileMend| mend.outcome != Outcome::Stays;
        let (harsh, gentle): (Vec<_>, Vec<_>) = self.files.iter().partition(|(_, mend)| goes(mend));
        let unmended = self.left.iter();
        let of_harsh = harsh.iter().flat_map(|(_, mend)| &mend.finds);
        let asked: BTreeSet<&str> = of_harsh
            .chain(unmended)
            .map(|(rule, _)| rule.name)
            .collect();
        if gentle.is_empty() || asked.is_empty() {
            return;
        }
        let without = harsh.iter().map(|(path, _)| (*path).clone()).collect();
        let set = self.whole(tree, copies, &without);
        let rules = RULES.iter().filter(|rule| asked.contains(rule.name));
        let rules: Vec<&'static Rule> = rules.copied().collect();
        let after = set.apply_to(tree);
        let later = backend::inspect_again(&after, host, &set, Interest::All);
        let found = lint::check(&Sight::of(&after, &later), &rules);
        let still: BTreeSet<(&str, &str)> = found
            .iter()
            .map(|diagnosis| {
                let finding = &diagnosis.finding;
                (finding.rule.name, finding.subject.as_str())
            })
            .collect();
        let is_left = |(rule, subject): &(&'static Rule, String)| {
            still.contains(&(rule.name, subject.as_str()))
        };
        self.files
            .retain(|_, mend| !goes(mend) || mend.finds.iter().any(is_left));
        self.left.retain(is_left);
    }

    fn do_no_harm(&mut self, tree: &Tree, host: &Host, copies: &Copies, found: &[Diagnosis]) {
        let harm = |set: &ChangeSet| match set.is_empty() {
            true => Vec::new(),
            false => {
                let (found, tree) = (found.to_vec(), tree.clone());
                judge::compare(found, tree, host, set, Interest::All).errors
            }
        };
        let mut without = BTreeSet::new();
        let mut wrong = harm(&self.whole(tree, copies, &without));
        let related: Vec<HostPath> = self
            .files
            .keys()
            .filter(|path| wrong.iter().any(|wrong| speaks_of(wrong, path)))
            .cloned()
            .collect();
        let all: Vec<HostPath> = self.files.keys().cloned().collect();
        for path in related.into_iter().chain(all).take(MOST_TRIED) {
            if wrong.is_empty() {
                break;
            }
            if !without.insert(path.clone()) {
                continue;
            }
            let less = harm(&self.whole(tree, copies, &without));
            let gone = wrong.iter().find(|wrong| !less.contains(wrong));
            match gone.filter(|_| less.len() < wrong.len()) {
                Some(gone) => {
                    self.withheld.push(format!(
                        "{} is left unchanged: the fix would introduce an error: {} (error[{}]); fix that first, or proceed anyway with --force",
                        path.name(),
                        gone.finding.message,
                        gone.finding.rule.name
                    ));
                    wrong = less;
                }
                None => {
                    without.remove(&path);
                }
            }
        }
        for path in without {
            let mend = self.files.remove(&path);
            self.mended -= mend.map_or(0, |mend| mend.finds.len());
        }
    }

    fn whole(&self, tree: &Tree, copies: &Copies, without: &BTreeSet<HostPath>) -> ChangeSet {
        let (mut set, moved) = self.change(tree, copies, without);
        set.absorb(&moved);
        set
    }
}

/// Returns whether what is wrong speaks of a file or of what is named after it.
fn speaks_of(wrong: &Diagnosis, path: &HostPath) -> bool {
    let finding = &wrong.finding;
    let name = path.name();
    let stem = name.strip_suffix(".xml").unwrap_or(name);
    let mut places = finding.places.iter();
    places.any(|place| place.path == *path || place.path.name() == name)
        || finding.message.contains(&format!("`{stem}`"))
}
