//! No circles: two files that use names of each other, be it over others, cannot be read one after the other.
//!
//! A module and those inside it do not count: the one is made of the others. What a `mod.rs` hands on with `use` counts
//! as of the file that it comes from.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::sources;
use super::uses::{Module, Unit, resolve};

/// The names by which a file uses another one.
type Names = BTreeSet<String>;

/// Files that use each other.
#[derive(Debug, PartialEq, Eq)]
struct Circle {
    modules: Vec<String>,
    /// A line for each use of one of them by another.
    uses: Vec<String>,
}

/// Returns the circles of files, which are given by module and text.
fn circles(files: &[(Module, String)]) -> Vec<Circle> {
    let units: BTreeMap<Module, Unit> = files
        .iter()
        .map(|(module, text)| (module.clone(), Unit::of(module, text)))
        .collect();
    let graph: BTreeMap<&Module, BTreeMap<Module, Names>> = units
        .values()
        .map(|unit| (&unit.module, used_by(unit, &units)))
        .collect();
    let reach: BTreeMap<&Module, BTreeSet<Module>> = graph
        .keys()
        .map(|module| (*module, reached_from(module, &graph)))
        .collect();
    let mut found: Vec<Circle> = Vec::new();
    let mut seen = BTreeSet::new();
    for module in graph.keys() {
        if !reach[module].contains(*module) || !seen.insert((*module).clone()) {
            continue;
        }
        let around =
            |other: &&Module| reach[module].contains(*other) && reach[*other].contains(*module);
        let members: BTreeSet<Module> = graph.keys().copied().filter(around).cloned().collect();
        let mut uses = Vec::new();
        for member in &members {
            let inner = graph[member]
                .iter()
                .filter(|(other, _)| members.contains(*other));
            uses.extend(inner.map(|(other, names)| {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                format!(
                    "{} uses {} of {}",
                    member.join("::"),
                    names.join(", "),
                    other.join("::")
                )
            }));
        }
        found.push(Circle {
            modules: members.iter().map(|member| member.join("::")).collect(),
            uses,
        });
        seen.extend(members);
    }
    found
}

/// Returns the files that `unit` uses, with the names; those that it is in, or that are in it, do not count.
fn used_by(unit: &Unit, units: &BTreeMap<Module, Unit>) -> BTreeMap<Module, Names> {
    let mut used: BTreeMap<Module, Names> = BTreeMap::new();
    for path in &unit.paths {
        let Some((module, name)) = resolve(&unit.module, path, units, 0) else {
            continue;
        };
        if !module.starts_with(&unit.module) && !unit.module.starts_with(&module) {
            used.entry(module).or_default().insert(name);
        }
    }
    used
}

fn reached_from(
    start: &Module,
    graph: &BTreeMap<&Module, BTreeMap<Module, Names>>,
) -> BTreeSet<Module> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<&Module> = graph[start].keys().collect();
    while let Some(module) = ahead.pop() {
        if reached.insert(module.clone()) {
            ahead.extend(graph[module].keys());
        }
    }
    reached
}

#[test]
fn no_files_use_each_other() {
    let files: Vec<(Module, String)> = sources()
        .into_iter()
        .map(|source| {
            let module = match source.module[0] == "lib" {
                true => Module::new(),
                false => source.module,
            };
            (module, source.lines.join("\n"))
        })
        .collect();
    let found = circles(&files);
    let uses: Vec<String> = found.iter().map(|circle| circle.uses.join("\n")).collect();
    assert!(
        uses.is_empty(),
        "files that use each other:\n{}",
        uses.join("\n\n")
    );
}

/// Returns the circles of files `a/b` with their code, each as its uses.
fn circles_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let files: Vec<(Module, String)> = files
        .iter()
        .map(|(module, text)| {
            let parts = module.split('/').filter(|part| !part.is_empty());
            (parts.map(str::to_owned).collect(), (*text).to_owned())
        })
        .collect();
    circles(&files)
        .into_iter()
        .map(|circle| circle.uses)
        .collect()
}

#[test]
fn a_circle_over_several_files_is_found() {
    let found = circles_of(&[
        ("", "pub mod a; pub mod b;"),
        // what a module hands on is of the file that it comes from
        ("a", "mod x; mod y; pub use x::{One, Two as Three};"),
        (
            "a/x",
            "use crate::b::{self, inner::{Four}}; pub struct One; pub struct Two;",
        ),
        (
            "a/y",
            "use super::x::One; fn f<'a>(c: &'a char) -> char { let _ = \"super::x\"; 'x' } // super::x",
        ),
        ("b", "pub mod inner; mod far;"),
        ("b/inner", "fn f() { super::far::five() }"),
        (
            "b/far",
            "use crate::a; pub fn five() -> a::Three { a::Three }",
        ),
    ]);
    assert_eq!(
        found,
        [[
            "a::x uses Four of b::inner",
            "b::far uses Two of a::x",
            "b::inner uses five of b::far",
        ]]
    );
}

#[test]
fn modules_and_what_is_in_them_are_no_circle() {
    let found = circles_of(&[
        ("", "pub mod a; pub mod b;"),
        (
            "a",
            "mod x; mod y; use crate::b::Two; pub struct One; fn f() { x::g(y::h) }",
        ),
        ("a/x", "use super::{One, y}; pub fn g(_: fn()) { y::h() }"),
        (
            "a/y",
            "use std::fmt; use super::Two; pub fn h() { fmt::y() }",
        ),
        ("b", "pub struct Two;"),
    ]);
    assert_eq!(found, Vec::<Vec<String>>::new());
}
