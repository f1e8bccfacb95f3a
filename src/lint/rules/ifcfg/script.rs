//! The ifcfg files of a host as rules see them: parsed, and with who reads them.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::backend::ifcfg::{self, Part, Reader};
use crate::doc::edits::Edits;
use crate::doc::shell::{Assignment, LineKind, ShellDoc};
use crate::many;
use crate::readers::{NETWORK_SCRIPTS, Readers};
use crate::tree::{Attrs, HostPath, Tree};

use super::letters::Letters;
use crate::lint::{Fix, Place};

/// What an ifcfg file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'t> {
    /// A connection profile.
    Profile,
    /// A further address of the interface named, `ifcfg-ens33:0`.
    Alias(&'t str),
    /// A further address of an interface that DEVICE names, in a file that network-scripts bring up by itself.
    OwnAlias,
    /// A range of further addresses of the interface named, `ifcfg-ens33-range0`.
    Range(&'t str),
}

/// An ifcfg file that a program of this host reads.
#[derive(Debug)]
pub struct Script<'t> {
    /// The file.
    pub path: &'t HostPath,
    /// Its name behind `ifcfg-`.
    pub suffix: &'t str,
    /// What it is for.
    pub role: Role<'t>,
    /// Who reads it, where two may.
    pub(in crate::lint) reader: Reader,
    /// Its text.
    pub doc: ShellDoc,
    /// Mode and owner.
    pub attrs: Attrs,
    /// Whether it is a copy of another one (`ifcfg-ens33.old`) that a program takes for configuration all the same.
    pub stray: bool,
    /// Its keys in small letters, once they were asked for.
    pub(in crate::lint) letters: OnceLock<Letters>,
    /// A bit for each key that is assigned, by [`bit`].
    keys: u64,
    /// Where each key is assigned last, once that was asked for: the line, and which assignment of it.
    last: OnceLock<HashMap<String, (usize, usize)>>,
}

impl Script<'_> {
    /// Returns the assignment of `key` that holds: the last one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Assignment> {
        if self.keys & bit(key) == 0 {
            return None;
        }
        // of few lines looking at each is the fastest
        if self.doc.lines().len() <= FEW {
            return self.doc.get(key);
        }
        let last = self.last.get_or_init(|| last(&self.doc));
        let (line, number) = *last.get(key)?;
        self.doc.lines().get(line)?.assignments.get(number)
    }

    /// Returns the file; `None` where bash could not read it to its end, so that nothing can be added to it.
    pub(in crate::lint) fn whole(&self) -> Option<&Self> {
        self.doc.syntax_error().is_none().then_some(self)
    }

    /// Returns the literal value of `key`; `None` if it is absent, empty, or a shell would have to be asked.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        let value = self.get(key)?.value.literal();
        value.filter(|value| !value.is_empty())
    }

    /// Returns whether network-scripts read it, as far as that can be told: what is Open vSwitch's they alone do.
    #[must_use]
    pub fn is_of_scripts(&self) -> bool {
        self.reader != Reader::NetworkManager
    }

    /// Returns the interface: DEVICE, else what the file's name says.
    #[must_use]
    pub fn device(&self) -> &str {
        self.value("DEVICE").unwrap_or(self.suffix)
    }

    /// Returns the names under which its reader looks for further addresses of the interface: `ifcfg-NAME:0`.
    pub(in crate::lint) fn names_of_aliases(&self) -> [&str; 2] {
        match self.reader {
            Reader::NetworkManager => [self.suffix; 2],
            Reader::NetworkScripts => [self.device(); 2],
            Reader::Unknown => [self.suffix, self.device()],
        }
    }

    /// Returns the names under which its reader looks for routes and rules: `route-NAME`.
    pub(in crate::lint) fn names_of_routes(&self) -> [&str; 2] {
        match self.reader {
            Reader::NetworkManager => [self.suffix; 2],
            Reader::NetworkScripts | Reader::Unknown => [self.suffix, self.device()],
        }
    }

    /// Returns the place of an assignment.
    #[must_use]
    pub fn place(&self, assignment: &Assignment) -> Place {
        Place::span(self.path, assignment.span.clone())
    }

    /// Returns the place of the assignment of `key` that holds, of the file where there is none.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Place {
        self.get(key)
            .map_or_else(|| Place::file(self.path), |found| self.place(found))
    }

    /// Returns what takes the settings away that give the interface addresses.
    pub(in crate::lint) fn without_addresses(&self) -> Fix {
        let given = self.doc.assignments().filter(|a| ifcfg::gives_address(a));
        let keys: Vec<&str> = given.map(|assignment| assignment.name.as_str()).collect();
        let mut edits = Edits::default();
        self.doc.unset(&mut edits, &keys);
        Fix::Edit {
            path: self.path.clone(),
            edits: edits.into_spans(),
        }
    }

    /// Returns whether NetworkManager may have the interface.
    #[must_use]
    pub fn nm_controlled(&self) -> bool {
        ifcfg::nm_controlled(&self.doc)
    }
}

/// Returns the bit of a key: most rules ask for keys that a file does not have.
fn bit(key: &str) -> u64 {
    let bytes = key.bytes().map(u64::from);
    let sum = bytes.fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
    1 << (sum % 64)
}

/// As many lines are looked at one by one.
const FEW: usize = 24;

/// Returns where each key is assigned last, at the top level.
fn last(doc: &ShellDoc) -> HashMap<String, (usize, usize)> {
    let lines = doc.lines().iter().enumerate();
    let plain = lines.filter(|(_, line)| line.kind == LineKind::Assignments);
    let all = plain.flat_map(|(at, line)| {
        let assignments = line.assignments.iter().enumerate();
        assignments.map(move |(number, assignment)| (assignment.name.clone(), (at, number)))
    });
    all.collect()
}

/// Returns the ifcfg files of `tree` that a program reads, sorted by path; those that are no text are left out.
pub(in crate::lint) fn all<'t>(tree: &'t Tree, readers: &Readers) -> Vec<Script<'t>> {
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let named: Vec<(&str, &HostPath)> = tree
        .names_with(&folder, "ifcfg-")
        .filter_map(|(name, path)| Some((name.strip_prefix("ifcfg-")?, path)))
        .filter(|(suffix, path)| *suffix != "lo" && is_read(readers, suffix, path))
        .collect();
    let suffixes: HashSet<&str> = named.iter().map(|(suffix, _)| *suffix).collect();
    let parse = |(suffix, path): &(&'t str, &'t HostPath)| {
        let file = tree.file(path)?;
        let doc = ShellDoc::parse(std::str::from_utf8(&file.bytes).ok()?);
        let reader = Reader::of(&doc, readers);
        let keys = doc
            .assignments()
            .fold(0, |keys, found| keys | bit(&found.name));
        let role = match ifcfg::part(suffix, &doc, reader) {
            Part::OwnAlias { .. } => Role::OwnAlias,
            Part::Profile | Part::Alias { .. } | Part::Range { .. } => role(suffix),
        };
        let stray = role == Role::Profile && ifcfg::is_copy(suffix, &doc, &suffixes);
        Some(Script {
            path,
            suffix,
            role,
            reader,
            doc,
            attrs: file.attrs,
            stray,
            letters: OnceLock::new(),
            last: OnceLock::new(),
            keys,
        })
    };
    many::map(&named, parse).into_iter().flatten().collect()
}

/// A further address whose name goes on behind its label or number is a copy, which no reader takes: `is_ignored_file()`
/// of initscripts, read_aliases() of NetworkManager.
fn is_read(readers: &Readers, suffix: &str, path: &HostPath) -> bool {
    let plain = |end: &str| {
        end.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match role(suffix) {
        Role::Profile | Role::OwnAlias => readers.loads(path.name()).is_some(),
        Role::Alias(base) => plain(&suffix[base.len() + 1..]),
        Role::Range(base) => plain(&suffix[base.len() + "-range".len()..]),
    }
}

/// Returns the role that the name alone gives to a file.
fn role(suffix: &str) -> Role<'_> {
    match ifcfg::part_by_name(suffix) {
        Some(Part::Alias { of, .. }) => Role::Alias(of),
        Some(Part::Range { of, .. }) => Role::Range(of),
        Some(Part::Profile | Part::OwnAlias { .. }) | None => Role::Profile,
    }
}
