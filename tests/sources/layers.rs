//! Who may import whom, and how a source file looks: the architecture's table, read from the sources themselves.

use std::collections::BTreeSet;

use super::reading::{Source, sources};

/// A module of the crate, and the modules that it may import besides itself.
const TABLE: &[(&str, &[&str])] = &[
    // 0: text, and nothing of the crate
    ("doc", &[]),
    ("layout", &[]),
    ("many", &[]),
    ("work", &[]),
    ("shown", &[]),
    // 1: files as values
    ("tree", &["layout"]),
    ("change", &["tree"]),
    ("diff", &["change", "tree"]),
    ("secret", &["change", "doc", "layout", "tree"]),
    // 2: the host as a value; of files it knows where they lie
    ("readers", &["doc", "layout", "tree"]),
    ("host", &["layout", "readers", "tree"]),
    // 3: formats; operations see the model alone
    ("template", &["change", "doc", "host", "tree"]),
    (
        "backend",
        &[
            "change", "doc", "host", "layout", "many", "readers", "template", "tree",
        ],
    ),
    ("op", &["host", "readers", "tree"]),
    (
        "lint",
        &[
            "backend", "change", "doc", "host", "many", "readers", "secret", "tree",
        ],
    ),
    ("picture", &["host", "shown"]),
    // 4: plans
    (
        "plan",
        &[
            "backend", "change", "host", "layout", "lint", "op", "readers", "secret", "template",
            "tree",
        ],
    ),
    // 5: the disk, which knows nothing of networks
    ("root", &["change", "many", "tree"]),
    ("transaction", &["change", "root", "tree"]),
    // 6: the shell
    (
        "cli",
        &[
            "backend",
            "change",
            "diff",
            "doc",
            "host",
            "lint",
            "op",
            "picture",
            "plan",
            "readers",
            "root",
            "secret",
            "shown",
            "template",
            "transaction",
            "tree",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// The most lines that a file has without its tests.
const LONGEST: usize = 500;
/// Files longer than this are the exception,
const LONG: usize = 300;
/// of which there is at most this share, in per cent.
const LONG_FILES_PERCENT: usize = 5;
/// The most lines of a function.
const LONGEST_FUNCTION: usize = 60;

impl Source {
    fn layer(&self) -> &str {
        &self.module[0]
    }

    /// Returns the modules at the top of the crate that the code names.
    fn imports(&self) -> BTreeSet<String> {
        let code: Vec<&str> = self
            .lines
            .iter()
            .map(|line| line.split("//").next().unwrap_or(line))
            .collect();
        let code = code.join("\n");
        let mut found = named_behind(&code, "crate::");
        found.extend(named_behind(&code, "kvmnet::"));
        // `super::` as often as the module is deep leads to the top as well
        let climb = "super::".repeat(self.module.len());
        found.extend(named_behind(&code, &climb));
        found.remove("super");
        found.remove(self.layer());
        // all count, and it imports nothing
        found.remove("work");
        found
    }
}

/// Returns the first name of each path behind `start`: of `crate::{a::b, c}` it is a and c.
fn named_behind(code: &str, start: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(start) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + start.len()..];
        match rest.strip_prefix('{') {
            None => found.extend(first_name(rest)),
            Some(list) => found.extend(names_of_list(list)),
        }
    }
    found
}

fn names_of_list(list: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut depth, mut begins) = (0usize, true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if c.is_whitespace() => {}
            _ if begins => {
                found.extend(first_name(&list[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    found
}

fn first_name(path: &str) -> Option<String> {
    let end = path
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(path.len());
    Some(path[..end].to_owned()).filter(|name| !name.is_empty())
}

#[test]
fn imports_go_down_only() {
    let mut faults = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == source.layer()) else {
            faults.push(format!(
                "src/{}: `{}` is in no layer: add it to the table",
                source.path,
                source.layer()
            ));
            continue;
        };
        let known = |name: &String| TABLE.iter().any(|(layer, _)| layer == name);
        for name in source.imports().iter().filter(|name| known(name)) {
            if !allowed.contains(&name.as_str()) {
                faults.push(format!(
                    "src/{}: `{}` may not import `{name}`",
                    source.path,
                    source.layer()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_table_has_no_circle() {
    for (at, (name, allowed)) in TABLE.iter().enumerate() {
        let later = |other: &&&str| TABLE[at..].iter().any(|(layer, _)| layer == *other);
        let found = allowed.iter().find(later);
        assert_eq!(
            found, None,
            "`{name}` imports a layer that is not beneath it"
        );
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    assert!(silent.is_empty(), "no `//!` head: {silent:?}");
}

#[test]
fn files_are_short() {
    let sources = sources();
    let long: Vec<String> = sources
        .iter()
        .filter(|source| source.lines.len() > LONG)
        .map(|source| format!("{} {}", source.lines.len(), source.path))
        .collect();
    let too_long: Vec<&str> = sources
        .iter()
        .filter(|source| source.lines.len() > LONGEST)
        .map(|source| source.path.as_str())
        .collect();
    assert!(too_long.is_empty(), "over {LONGEST} lines: {too_long:?}");
    assert!(
        long.len() * 100 <= sources.len() * LONG_FILES_PERCENT,
        "more than {LONG_FILES_PERCENT} % of {} files are over {LONG} lines: {long:#?}",
        sources.len()
    );
}

/// Returns the functions of a file with their lengths.
fn functions(lines: &[String]) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        let begins =
            code.starts_with("fn ") || code.starts_with("pub") || code.starts_with("const fn ");
        let Some((_, rest)) = code.split_once("fn ").filter(|_| begins) else {
            continue;
        };
        let end = format!("{indent}}}");
        let more = lines[at..].iter().position(|line| *line == end);
        let alone = code.ends_with(['}', ';']);
        let name = rest.split(['(', '<']).next().unwrap_or(rest);
        found.push((name, if alone { 1 } else { more.unwrap_or(0) + 1 }));
    }
    found
}

#[test]
fn functions_are_short() {
    let sources = sources();
    let long: BTreeSet<(&str, &str)> = sources
        .iter()
        .flat_map(|source| {
            let functions = functions(&source.lines).into_iter();
            let long = functions.filter(|(_, length)| *length > LONGEST_FUNCTION);
            long.map(|(name, _)| (source.path.as_str(), name))
        })
        .collect();
    assert!(long.is_empty(), "over {LONGEST_FUNCTION} lines: {long:?}");
}

#[test]
fn the_length_of_functions_is_found() {
    let code = "pub(super) fn a<T>(\n    t: T,\n) {\n    x\n}\nimpl A {\n    fn b() {}\n    const fn c() {\n        y\n    }\n}\ntrait B {\n    fn d();\n}\n";
    let lines: Vec<String> = code.lines().map(str::to_owned).collect();
    assert_eq!(functions(&lines), [("a", 5), ("b", 1), ("c", 3), ("d", 1)]);
}

#[test]
fn imports_are_found_in_every_spelling() {
    let code = "use crate::host::{self, Host};\nuse crate::{doc::{a, b}, tree};\nfn f() { crate::op::plan() }\nuse mycrate::no;\n";
    let found: Vec<_> = named_behind(code, "crate::").into_iter().collect();
    assert_eq!(found, ["doc", "host", "op", "tree"]);
}
