//! A plan that mends findings: the fixes of rules, gathered by file, made like any other change.

use std::collections::{BTreeMap, BTreeSet};

use super::backup::Place;
use super::{Copies, Plan, Run, Verdict, backup, steps_after};
use crate::backend::{self, Interest};
use crate::change::{ChangeSet, Editor};
use crate::doc::edits::Edits;
use crate::host::Host;
use crate::lint::{Bare, Finding, Fix, Mender, Rule, Sight, Up};
use crate::op::Force;
use crate::readers::{KEYFILES, NETWORK_SCRIPTS, Readers};
use crate::tree::{Entry, HostPath, Tree};

/// As many files of one name are put away at most.
const MOST_OF_A_NAME: usize = 100;

/// As many findings that are left as they are are said one by one.
const MOST_WITHHELD: usize = 12;

/// What becomes of one file.
#[derive(Debug, Default)]
pub(super) struct Wish {
    edits: Edits,
    name: Option<HostPath>,
    pub(super) fate: Fate,
    /// The findings that it mends, by rule and subject.
    pub(super) finds: Vec<(&'static Rule, String)>,
}

/// Whether a file stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fate {
    #[default]
    Stays,
    Goes,
    IsPutAway,
}

/// What mends a list of findings.
#[derive(Debug, Default)]
pub struct Mending {
    pub(super) wishes: BTreeMap<HostPath, Wish>,
    /// How many findings are mended.
    pub mended: usize,
    /// Those that have no safe remedy, by rule and subject.
    pub left: Vec<(&'static Rule, String)>,
    /// What is not mended, and why.
    pub(super) withheld: Vec<String>,
}

impl Mending {
    /// Returns what mends `findings`.
    #[must_use]
    pub fn of<'f>(sight: &Sight<'_>, findings: impl Iterator<Item = &'f Finding>) -> Self {
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
        let wish = match fix {
            Fix::Leave(why) => return self.withheld.push(why),
            Fix::PutAway(path) => {
                let wish = self.wish(path);
                wish.fate = Fate::IsPutAway;
                wish
            }
            Fix::Delete(path) => {
                let wish = self.wish(path);
                wish.fate = Fate::Goes;
                wish
            }
            Fix::Rename { from, to } => {
                let wish = self.wish(from);
                wish.name = Some(to);
                wish
            }
            Fix::Edit { path, edits } => {
                let wish = self.wish(path);
                for (span, text) in edits {
                    wish.edits.replace(span, text);
                }
                wish
            }
        };
        wish.finds.push(key);
        self.mended += 1;
    }

    /// Leaves out what would take its last address from an interface: a file that should not be there may be all that
    /// brings it up. If forced, it is said and done.
    pub fn withhold(&mut self, tree: &Tree, host: &Host, copies: &Copies, force: Force) {
        let of_profiles = |path: &HostPath| {
            let folders = [NETWORK_SCRIPTS, KEYFILES].map(HostPath::literal);
            let real =
                |folder: &HostPath| path.is_beneath(folder) || path.is_beneath(&tree.real(folder));
            folders.iter().any(real)
        };
        if !self.wishes.keys().any(of_profiles) {
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
                names.iter().any(|name| self.wishes.contains_key(name))
            });
            let files: Vec<HostPath> = files.cloned().collect();
            for file in &files {
                self.withheld.push(left_out(&bare, file, force));
                if force == Force::No {
                    for name in [file.clone(), tree.end_of(file)] {
                        let wish = self.wishes.remove(&name);
                        self.mended -= wish.map_or(0, |wish| wish.finds.len());
                    }
                }
            }
        }
    }

    fn wish(&mut self, path: HostPath) -> &mut Wish {
        self.wishes.entry(path).or_default()
    }

    /// Returns where files that are put away, and copies of the others, may go: what must be read before the plan is made.
    #[must_use]
    pub fn wants(&self, tree: &Tree, copies: &Copies) -> Vec<HostPath> {
        let places = |(path, wish): (&HostPath, &Wish)| -> Vec<HostPath> {
            if wish.fate == Fate::IsPutAway {
                return (0..MOST_OF_A_NAME).map(|n| copies.away(path, n)).collect();
            }
            let names = [path.clone(), tree.end_of(path)];
            let of = |path| [Place::Beside, Place::Store].map(|place| copies.path(place, path));
            names.iter().flat_map(of).collect()
        };
        self.wishes.iter().flat_map(places).collect()
    }

    /// Returns what mends, files that are put away apart, but for the files in `without`.
    pub(super) fn change(
        &self,
        tree: &Tree,
        copies: &Copies,
        without: &BTreeSet<HostPath>,
    ) -> (ChangeSet, ChangeSet) {
        let (mut edited, mut moved) = (Editor::new(tree), Editor::new(tree));
        let wishes = self.wishes.iter();
        for (path, wish) in wishes.filter(|(path, _)| !without.contains(*path)) {
            let text = tree.file(path).map(|file| file.bytes.clone());
            match (wish.fate, &wish.name, text) {
                (Fate::Goes, _, _) => edited.delete(path),
                (Fate::IsPutAway, _, Some(bytes)) => {
                    let mut places = (0..MOST_OF_A_NAME).map(|n| copies.away(path, n));
                    if let Some(to) = places.find(|to| !tree.exists(to)) {
                        moved.rename(path, &to, bytes);
                    }
                }
                (Fate::Stays, name, Some(bytes)) => {
                    let Ok(text) = String::from_utf8(bytes) else {
                        continue;
                    };
                    let bytes = wish.edits.clone().apply(&text).into_bytes();
                    match name {
                        Some(to) => edited.rename(path, to, bytes),
                        None => edited.rewrite(path, bytes),
                    }
                }
                (Fate::IsPutAway | Fate::Stays, _, None) => {}
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
            "{} is left as it is: nothing else {what}{instead}; see to that first, or go on all the same with --force",
            file.name()
        ),
    }
}

/// Returns the plan that mends; `tree` holds what [`Mending::wants`] asked for, `run` is what the user typed.
#[must_use]
pub fn mend(tree: &Tree, mending: &Mending, copies: &Copies, run: &Run) -> Plan {
    let title = match mending.mended {
        0 if !mending.left.is_empty() || !mending.withheld.is_empty() => {
            "nothing that is safe to mend".to_owned()
        }
        0 => "nothing to mend".to_owned(),
        1 => "mend 1 finding".to_owned(),
        count => format!("mend {count} findings"),
    };
    let left = mending.left.len();
    let mut withheld = mending.withheld.clone();
    if withheld.len() > MOST_WITHHELD {
        let more = withheld.split_off(MOST_WITHHELD).len();
        withheld.push(format!(
            "{more} more are left as they are: kvmnet check says why"
        ));
    }
    let (edited, moved) = mending.change(tree, copies, &BTreeSet::new());
    // what is put away is a copy already
    let (mut full, backups) = backup::add(tree, &Readers::of(tree), &edited, copies);
    let mut set = edited;
    full.absorb(&moved);
    set.absorb(&moved);
    let mut warnings = withheld;
    warnings.extend(backup::explain(&backups));
    if left > 0 {
        warnings.push(format!(
            "{left} more {} no remedy that is always safe: kvmnet check says what to do",
            if left == 1 {
                "finding has"
            } else {
                "findings have"
            }
        ));
    }
    // what could not be read was not looked at
    warnings.extend(tree.entries().filter_map(|(path, entry)| match entry {
        Entry::Unreadable(why) => Some(format!("passed over {path}: {why}")),
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
        next_steps,
        verdict: Verdict::default(),
    }
}
