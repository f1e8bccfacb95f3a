//! The fixes of rules, gathered by file: what mends a list of findings.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::copies::Copies;
use crate::backend::{self, Interest};
use crate::change::{ChangeSet, Editor};
use crate::host::Host;
use crate::lint::{Bare, Finding, Fix, Mender, Rule, Sight, Up};
use crate::op::Force;
use crate::readers::{KEYFILES, NETWORK_SCRIPTS};
use crate::tree::{HostPath, Tree};

/// As many files of one name are put away at most.
const MOST_OF_A_NAME: usize = 100;

/// What becomes of one file.
#[derive(Debug, Default)]
pub(super) struct FileMend {
    edits: Vec<(Range<usize>, String)>,
    name: Option<HostPath>,
    pub(super) outcome: Outcome,
    /// The findings that it mends, by rule and subject.
    pub(super) finds: Vec<(&'static Rule, String)>,
}

/// Whether a file stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Outcome {
    #[default]
    Stays,
    Goes,
    IsPutAway,
}

/// What mends a list of findings.
#[derive(Debug, Default)]
pub(super) struct Mending {
    pub(super) files: BTreeMap<HostPath, FileMend>,
    /// How many findings are mended.
    pub(super) mended: usize,
    /// Those that have no safe remedy, by rule and subject.
    pub(super) left: Vec<(&'static Rule, String)>,
    /// What is not mended, and why.
    pub(super) withheld: Vec<String>,
}

impl Mending {
    /// Returns what mends `findings`.
    pub(super) fn of<'f>(sight: &Sight<'_>, findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut mending = Self::default();
        let mender = Mender::of(sight);
        let mut names = BTreeSet::new();
        // of two files only one gets the name
        let mut is_free = |fix: &Fix| match fix {
            Fix::Rename { to, .. } => names.insert(to.clone()),
            Fix::Leave(_) | Fix::PutAway(_) | Fix::Delete(_) | Fix::Edit { .. } => true,
        };
        for finding in findings {
            let fix = finding.rule.fix.and_then(|fix| fix(&mender, finding));
            let key = (finding.rule, finding.subject.clone());
            match fix.filter(&mut is_free) {
                Some(fix) => mending.add(fix, key),
                None => mending.left.push(key),
            }
        }
        mending
    }

    fn add(&mut self, fix: Fix, key: (&'static Rule, String)) {
        let mend = match fix {
            Fix::Leave(why) => return self.withheld.push(why),
            Fix::PutAway(path) => {
                let mend = self.mend(path);
                mend.outcome = Outcome::IsPutAway;
                mend
            }
            Fix::Delete(path) => {
                let mend = self.mend(path);
                mend.outcome = Outcome::Goes;
                mend
            }
            Fix::Rename { from, to } => {
                let mend = self.mend(from);
                mend.name = Some(to);
                mend
            }
            Fix::Edit { path, edits } => {
                let mend = self.mend(path);
                mend.edits.extend(edits);
                mend
            }
        };
        mend.finds.push(key);
        self.mended += 1;
    }

    /// Leaves out what would take its last address from an interface: a file that should not be there may be all that
    /// brings it up. If forced, it is said and done.
    pub(super) fn withhold(&mut self, tree: &Tree, host: &Host, copies: &Copies, force: Force) {
        let of_profiles = |path: &HostPath| {
            let folders = [NETWORK_SCRIPTS, KEYFILES].map(HostPath::literal);
            let real =
                |folder: &HostPath| path.is_beneath(folder) || path.is_beneath(&tree.real(folder));
            folders.iter().any(real)
        };
        if !self.files.keys().any(of_profiles) {
            return;
        }
        let (mut set, moved) = self.change(tree, copies, &BTreeSet::new());
        set.absorb(&moved);
        let after = set.apply_to(tree);
        let later = backend::inspect_again(&after, host, &set, Interest::All);
        let up = Up::of(&Sight::of(tree, host));
        for bare in up.bare_in(&Up::of(&Sight::of(&after, &later))) {
            let files = bare.files.iter().filter(|file| {
                let names = [(*file).clone(), tree.end_of(file)];
                names.iter().any(|name| self.files.contains_key(name))
            });
            let files: Vec<HostPath> = files.cloned().collect();
            for file in &files {
                self.withheld.push(left_out(&bare, file, force));
                if force == Force::No {
                    for name in [file.clone(), tree.end_of(file)] {
                        let mend = self.files.remove(&name);
                        self.mended -= mend.map_or(0, |mend| mend.finds.len());
                    }
                }
            }
        }
    }

    fn mend(&mut self, path: HostPath) -> &mut FileMend {
        self.files.entry(path).or_default()
    }

    /// Returns where files that are put away, and copies of the others, may go: what must be read before the plan is made.
    pub(super) fn wants(&self, tree: &Tree, copies: &Copies) -> Vec<HostPath> {
        let places = |(path, mend): (&HostPath, &FileMend)| -> Vec<HostPath> {
            if mend.outcome == Outcome::IsPutAway {
                return (0..MOST_OF_A_NAME).map(|n| copies.away(path, n)).collect();
            }
            let names = [path.clone(), tree.end_of(path)];
            names.iter().flat_map(|path| copies.places(path)).collect()
        };
        self.files.iter().flat_map(places).collect()
    }

    /// Returns what mends, files that are put away apart, but for the files in `without`.
    pub(super) fn change(
        &self,
        tree: &Tree,
        copies: &Copies,
        without: &BTreeSet<HostPath>,
    ) -> (ChangeSet, ChangeSet) {
        let (mut edited, mut moved) = (Editor::new(tree), Editor::new(tree));
        let files = self.files.iter();
        for (path, mend) in files.filter(|(path, _)| !without.contains(*path)) {
            let text = tree.file(path).map(|file| file.bytes.clone());
            match (mend.outcome, &mend.name, text) {
                (Outcome::Goes, _, _) => edited.delete(path),
                (Outcome::IsPutAway, _, Some(bytes)) => {
                    let mut places = (0..MOST_OF_A_NAME).map(|n| copies.away(path, n));
                    if let Some(to) = places.find(|to| !tree.exists(to)) {
                        moved.rename(path, &to, bytes);
                    }
                }
                (Outcome::Stays, name, Some(bytes)) => {
                    let Ok(text) = String::from_utf8(bytes) else {
                        continue;
                    };
                    let bytes = backend::edited(&text, &mend.edits).into_bytes();
                    match name {
                        Some(to) => edited.rename(path, to, bytes),
                        None => edited.rewrite(path, bytes),
                    }
                }
                (Outcome::IsPutAway | Outcome::Stays, _, None) => {}
            }
        }
        (edited.finish(), moved.finish())
    }
}

/// Says that a file is left as it is, and why.
fn left_out(bare: &Bare, file: &HostPath, force: Force) -> String {
    let Bare { what, instead, .. } = bare;
    let instead = match instead {
        Some(other) => format!("; {other}"),
        None => String::new(),
    };
    match force {
        Force::Yes => format!("without {} nothing {what}{instead}", file.name()),
        Force::No => format!(
            "{} is left unchanged: nothing else {what}{instead}; fix that first, or proceed anyway with --force",
            file.name()
        ),
    }
}
