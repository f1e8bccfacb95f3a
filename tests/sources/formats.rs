//! No format by name: outside of its own lens, rules and readers the crate knows what a profile means, not how it is spelled.

use std::collections::BTreeSet;

use super::reading::{Source, sources};

/// What gives a format of profiles away, in small letters.
const WORDS: &[&str] = &["ifcfg", "network-scripts", "nmconnection", "shelldoc"];

/// Where formats are at home: lenses, rules about spelling, who reads what, which files there are, and new files.
const HOMES: &[&str] = &[
    "backend/ifcfg/",
    "backend/keyfile",
    "backend/migrate/",
    "layout",
    "lint/rules/ifcfg/",
    "lint/rules/keyfile/",
    "readers/",
    "template",
];

/// Where rules see the model alone.
const MEANING: &str = "lint/rules/meaning/";

/// What such rules do not name: that they get no text the compiler sees to, and a mender would have some.
const TEXT: &[&str] = &[
    ".tree",
    "Backend",
    "Keyfile",
    "Script",
    "Sight",
    "crate::doc",
];

/// Files that name a format all the same, and why; the list must only shrink.
const ALLOWED: &[(&str, &str)] = &[
    ("backend/mod.rs", "declares the modules"),
    (
        "cli/args.rs",
        "the command that moves profiles from one format to the other names both",
    ),
    (
        "cli/man/files.rs",
        "pages of the manual say which files there are",
    ),
    (
        "plan/migrate.rs",
        "moves profiles from one format to the other",
    ),
    (
        "plan/migrate/around.rs",
        "moves profiles from one format to the other",
    ),
    (
        "plan/migrate/chosen.rs",
        "moves profiles from one format to the other",
    ),
    (
        "plan/migrate/card.rs",
        "moves profiles from one format to the other",
    ),
    (
        "plan/migrate/started.rs",
        "moves profiles from one format to the other",
    ),
    (
        "plan/migrate/unmanaged.rs",
        "moves profiles from one format to the other",
    ),
    (
        "plan/migrate/differs.rs",
        "what network-scripts and NetworkManager make of the same files",
    ),
    (
        "plan/migrate/told.rs",
        "tells users what network-scripts make of a file",
    ),
    (
        "backend/uuids.rs",
        "files of each format name profiles of the other",
    ),
    ("backend/lenses.rs", "the registry"),
    (
        "backend/references.rs",
        "lists of the network service that belong to no profile: it shares their parsers",
    ),
    (
        "backend/routed.rs",
        "lists of routes that belong to no profile: it shares their parsers",
    ),
    (
        "doc/shell/edit.rs",
        "the document of shells is itself one of the words",
    ),
    (
        "doc/shell/ends.rs",
        "the document of shells is itself one of the words",
    ),
    (
        "doc/shell/mod.rs",
        "the document of shells is itself one of the words",
    ),
    ("lint/page.rs", "tells users for whom rules hold"),
    (
        "lint/rules/faults/mod.rs",
        "the rule `ifcfg-syntax` has its name from there",
    ),
    (
        "lint/rules/mod.rs",
        "the registry names the folder of each rule",
    ),
    (
        "lint/sight.rs",
        "parses the files of each format once, for the rules about spelling",
    ),
    (
        "lint/up.rs",
        "to be cleared: what a format's file gives is its lens's to say",
    ),
    (
        "plan/words/carried.rs",
        "tells users what network-scripts make of a file",
    ),
    (
        "plan/words/programs.rs",
        "tells users where a script is missing",
    ),
    ("secret.rs", "its sources are manuals of these names"),
    (
        "secret/spelling.rs",
        "to be cleared: how a file spells secrets is in the layout",
    ),
    ("secret/table.rs", "the keys that hold secrets, by format"),
];

/// Returns the lines of a file without what a rule tells users: examples are files of some format.
fn code(source: &Source) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut told = false;
    for line in &source.lines {
        told = told || (line.contains("static RULE: Rule = Rule {") && !line.starts_with("//"));
        if !told {
            kept.push(line.as_str());
        }
        told = told && line != "};";
    }
    kept
}

fn names_a_format(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    WORDS.iter().any(|word| line.contains(word))
}

#[test]
fn formats_are_named_at_home_only() {
    let sources = sources();
    let abroad = sources
        .iter()
        .filter(|source| !HOMES.iter().any(|home| source.path.starts_with(home)));
    let naming: BTreeSet<&str> = abroad
        .filter(|source| code(source).into_iter().any(names_a_format))
        .map(|source| source.path.as_str())
        .collect();
    let allowed: BTreeSet<&str> = ALLOWED.iter().map(|(path, _)| *path).collect();
    let new: Vec<_> = naming.difference(&allowed).collect();
    assert!(new.is_empty(), "these name a format: {new:?}");
    let gone: Vec<_> = allowed.difference(&naming).collect();
    assert!(
        gone.is_empty(),
        "clear now, so take them off the list: {gone:?}"
    );
}

#[test]
fn rules_about_meaning_see_no_text() {
    let mut faults = Vec::new();
    let sources = sources();
    let rules = sources
        .iter()
        .filter(|source| source.path.starts_with(MEANING));
    for (source, line) in
        rules.flat_map(|source| code(source).into_iter().map(move |l| (source, l)))
    {
        if names_a_format(line) || TEXT.iter().any(|text| line.contains(text)) {
            faults.push(format!("src/{}: {}", source.path, line.trim()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_a_rule_tells_users_is_left_out() {
    let lines = "//! a\nstatic RULE: Rule = Rule {\n    example: \"ifcfg-ens33\",\n};\n\nb";
    let source = Source {
        path: String::new(),
        module: Vec::new(),
        text: String::new(),
        lines: lines.lines().map(str::to_owned).collect(),
    };
    assert_eq!(code(&source), ["//! a", "", "b"]);
}
