//! A plan that mends findings: the fixes of rules, gathered by file, made like any other change.

use std::collections::BTreeMap;

use super::backup::Place;
use super::{Copies, Plan, Verdict, backup, steps_after};
use crate::change::{ChangeSet, Editor};
use crate::doc::edits::Edits;
use crate::lint::{Finding, Fix, Mender, Sight};
use crate::readers::Readers;
use crate::tree::{Entry, HostPath, Tree};

/// As many files of one name are put away at most.
const MOST_OF_A_NAME: usize = 100;

/// What becomes of one file.
#[derive(Debug, Default)]
struct Wish {
    edits: Edits,
    name: Option<HostPath>,
    fate: Fate,
}

/// Whether a file stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Stays,
    Goes,
    IsPutAway,
}

/// What mends a list of findings.
#[derive(Debug, Default)]
pub struct Mending {
    wishes: BTreeMap<HostPath, Wish>,
    /// How many findings are mended.
    pub mended: usize,
    /// How many have no safe remedy.
    pub left: usize,
}

impl Mending {
    /// Returns what mends `findings`.
    #[must_use]
    pub fn of<'f>(sight: &Sight<'_>, findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut mending = Self::default();
        let mender = Mender::of(sight);
        for finding in findings {
            match finding.rule.fix.and_then(|fix| fix(&mender, finding)) {
                Some(fix) => {
                    mending.mended += 1;
                    mending.add(fix);
                }
                None => mending.left += 1,
            }
        }
        mending
    }

    fn add(&mut self, fix: Fix) {
        match fix {
            Fix::PutAway(path) => self.wish(path).fate = Fate::IsPutAway,
            Fix::Delete(path) => self.wish(path).fate = Fate::Goes,
            Fix::Rename { from, to } => self.wish(from).name = Some(to),
            Fix::Edit { path, edits } => {
                let wish = self.wish(path);
                for (span, text) in edits {
                    wish.edits.replace(span, text);
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

    fn change(self, tree: &Tree, copies: &Copies) -> (ChangeSet, ChangeSet) {
        let (mut edited, mut moved) = (Editor::new(tree), Editor::new(tree));
        for (path, wish) in self.wishes {
            let text = tree.file(&path).map(|file| file.bytes.clone());
            match (wish.fate, wish.name, text) {
                (Fate::Goes, _, _) => edited.delete(&path),
                (Fate::IsPutAway, _, Some(bytes)) => {
                    let mut places = (0..MOST_OF_A_NAME).map(|n| copies.away(&path, n));
                    if let Some(to) = places.find(|to| !tree.exists(to)) {
                        moved.rename(&path, &to, bytes);
                    }
                }
                (Fate::Stays, name, Some(bytes)) => {
                    let Ok(text) = String::from_utf8(bytes) else {
                        continue;
                    };
                    let bytes = wish.edits.apply(&text).into_bytes();
                    match name {
                        Some(to) => edited.rename(&path, &to, bytes),
                        None => edited.rewrite(&path, bytes),
                    }
                }
                (Fate::IsPutAway | Fate::Stays, _, None) => {}
            }
        }
        (edited.finish(), moved.finish())
    }
}

/// Returns the plan that mends; `tree` holds what [`Mending::wants`] asked for, `command` is what the user typed.
#[must_use]
pub fn mend(tree: &Tree, mending: Mending, copies: &Copies, command: &str) -> Plan {
    let title = match mending.mended {
        0 => "nothing to mend".to_owned(),
        1 => "mend 1 finding".to_owned(),
        count => format!("mend {count} findings"),
    };
    let left = mending.left;
    let (edited, moved) = mending.change(tree, copies);
    // what is put away is a copy already
    let (mut full, backups) = backup::add(tree, &Readers::of(tree), &edited, copies);
    let mut set = edited;
    full.absorb(&moved);
    set.absorb(&moved);
    let mut warnings: Vec<String> = backup::explain(&backups);
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
        false => steps_after(tree, &set, "check", command),
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
