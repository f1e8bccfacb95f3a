//! No circles: two files that use names of each other, be it over others, cannot be read one after the other.
//!
//! A module and those inside it do not count: the one is made of the others. What a `mod.rs` hands on with `use` counts
//! as of the file that it comes from.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::sources;

/// A module by its parts from the top of the crate, which has none.
type Module = Vec<String>;
/// The names by which a file uses another one.
type Names = BTreeSet<String>;

/// A file, taken apart.
struct Unit {
    module: Module,
    /// What `use` brings into it, by the name that it has there; `*` of others as a list.
    brought: BTreeMap<String, Module>,
    all_of: Vec<Module>,
    /// Every path that the code names, those of `use` among them.
    paths: Vec<Module>,
}

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

/// Returns the file in which `path`, as `from` writes it, ends, and the name there; nothing for what is of another crate.
fn resolve(
    from: &Module,
    path: &[String],
    units: &BTreeMap<Module, Unit>,
    depth: usize,
) -> Option<(Module, String)> {
    if depth > 16 {
        return None; // a name that is handed on in a circle
    }
    let mut here = from.clone();
    let mut rest = path;
    while let Some((first, more)) = rest.split_first() {
        match first.as_str() {
            "crate" | "kvmnet" => here.clear(),
            "super" => drop(here.pop()),
            "self" => {}
            _ => break,
        }
        rest = more;
    }
    let anchored = rest.len() < path.len();
    while let Some((name, more)) = rest.split_first() {
        let inner = [&here[..], std::slice::from_ref(name)].concat();
        if units.contains_key(&inner) {
            (here, rest) = (inner, more);
            continue;
        }
        let unit = units.get(&here)?;
        if let Some(brought) = unit.brought.get(name) {
            let whole = [brought, more].concat();
            // what a `use` brings that begins with its own name is of another crate
            let own = brought.first() == Some(name) && brought.len() == 1;
            return (!own)
                .then(|| resolve(&here, &whole, units, depth + 1))
                .flatten();
        }
        let globs = unit.all_of.iter().find_map(|glob| {
            let whole = [glob, rest].concat();
            resolve(&here, &whole, units, depth + 1)
        });
        // the first name of a path that nothing brought is of another crate, or of the file itself
        return globs.or_else(|| (anchored || here != *from).then(|| (here, name.clone())));
    }
    let name = here.last().cloned().unwrap_or_default();
    Some((here, name))
}

impl Unit {
    fn of(module: &Module, text: &str) -> Self {
        let mut unit = Self {
            module: module.clone(),
            brought: BTreeMap::new(),
            all_of: Vec::new(),
            paths: Vec::new(),
        };
        let tokens = tokens(text);
        let mut at = 0;
        while at < tokens.len() {
            let starts = at == 0 || !matches!(tokens[at - 1].as_str(), "." | "::");
            if tokens[at] == "use" && tokens.get(at + 1).is_some_and(|next| next != "<") {
                at = unit.bring(&tokens, at + 1, &[]);
            } else if is_word(&tokens[at]) && starts {
                let mut path = vec![tokens[at].clone()];
                while tokens.get(at + 1).is_some_and(|token| token == "::")
                    && tokens.get(at + 2).is_some_and(|token| is_word(token))
                {
                    path.push(tokens[at + 2].clone());
                    at += 2;
                }
                if path.len() > 1 {
                    unit.paths.push(path);
                }
                at += 1;
            } else {
                at += 1;
            }
        }
        unit
    }

    /// Takes in one branch of a `use` and returns where it ends.
    fn bring(&mut self, tokens: &[String], mut at: usize, before: &[String]) -> usize {
        let mut path = before.to_vec();
        while let Some(token) = tokens.get(at) {
            match token.as_str() {
                "{" => {
                    at += 1;
                    while tokens.get(at).is_some_and(|token| token != "}") {
                        at = self.bring(tokens, at, &path);
                        at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                    }
                    return at + 1;
                }
                "*" => {
                    self.all_of.push(path);
                    return at + 1;
                }
                "as" => {
                    let name = tokens.get(at + 1).cloned().unwrap_or_default();
                    self.paths.push(path.clone());
                    self.brought.insert(name, path);
                    return at + 2;
                }
                "::" => {}
                // the last word of `use a::{self, b}` says a
                "self" if !path.is_empty() => {}
                word if is_word(word) => path.push(word.to_owned()),
                _ => break,
            }
            at += 1;
        }
        if let Some(name) = path.last().cloned() {
            self.paths.push(path.clone());
            self.brought.insert(name, path);
        }
        at
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Returns the words and signs of code, without comments, strings and letters in quotes.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = quoted(rest) {
            length
        } else if is_word(rest) {
            let end = |c: char| !c.is_alphanumeric() && c != '_';
            let length = rest.find(end).unwrap_or(rest.len());
            found.push(rest[..length].to_owned());
            length
        } else {
            let length = if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            if !first.is_whitespace() {
                found.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    found
}

/// Returns the length of the string or letter in quotes with which `text` begins.
fn quoted(text: &str) -> Option<usize> {
    let plain = text.strip_prefix('b').unwrap_or(text);
    let prefix = text.len() - plain.len();
    if let Some(raw) = plain.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", &raw[..hashes]);
        let inner = raw[hashes..].strip_prefix('"')?;
        let length = inner.find(&end).unwrap_or(inner.len());
        return Some(prefix + 1 + hashes + 1 + length + end.len());
    }
    let quote = plain.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut escaped = false;
    for (at, c) in plain.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            c if c == quote && !escaped => return Some(prefix + at + 1),
            // not a letter: a lifetime
            c if quote == '\''
                && !escaped
                && at > 1
                && !plain[1..].starts_with('\\')
                && c != '\'' =>
            {
                return None;
            }
            _ => escaped = false,
        }
    }
    None
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
