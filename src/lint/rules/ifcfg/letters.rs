//! Keys of ifcfg files in small or mixed letters: what they stand for, told once for a file.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::backend::ifcfg::known;
use crate::doc::shell::{Assignment, ShellDoc};

/// The keys of a file that are in other letters.
#[derive(Debug)]
pub(in crate::lint) struct Letters(pub(in crate::lint) Vec<Letter>);

/// A key in other letters.
#[derive(Debug)]
pub(in crate::lint) struct Letter {
    /// Where it is given a value.
    pub(in crate::lint) assignment: Assignment,
    /// The key that is meant.
    pub(in crate::lint) key: String,
    /// Where that key is assigned.
    pub(in crate::lint) holds: Option<Range<usize>>,
    /// Whether no other line means it.
    pub(in crate::lint) single: bool,
    /// How many such lines are above it.
    pub(in crate::lint) before: usize,
}

impl Letters {
    /// Reads them; a name that the file itself uses is a variable.
    pub(in crate::lint) fn of(doc: &ShellDoc) -> Self {
        let used = used(doc.source());
        let mut times: HashMap<String, usize> = HashMap::new();
        let mut holding: HashMap<&str, Range<usize>> = HashMap::new();
        let mut letters = Vec::new();
        for assignment in doc.assignments() {
            let name = assignment.name.as_str();
            holding.insert(name, assignment.span.clone());
            let key = name.to_ascii_uppercase();
            if key != name && known::is_common(&key) && !used.contains(name) {
                *times.entry(key.clone()).or_default() += 1;
                letters.push((assignment.clone(), key));
            }
        }
        let letters = letters.into_iter().enumerate();
        let letters = letters.map(|(before, (assignment, key))| Letter {
            holds: holding.get(key.as_str()).cloned(),
            single: times[&key] == 1,
            assignment,
            key,
            before,
        });
        Self(letters.collect())
    }
}

/// Returns the names that a text uses: `$name`, `${name}`.
pub(super) fn used(source: &str) -> HashSet<&str> {
    let parts = source.split('$').skip(1);
    let names = parts.map(|part| {
        let part = part.strip_prefix('{').unwrap_or(part);
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &part[..end.unwrap_or(part.len())]
    });
    names.collect()
}
