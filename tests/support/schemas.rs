//! The schemas in `docs/schema`: which one an object must fit, and whether it does.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

/// Options whose value is the next word, of commands that print other objects with other words.
const VALUED: [&str; 9] = [
    "--root",
    "--color",
    "--svg",
    "--html",
    "--out",
    "--only",
    "--skip",
    "--explain",
    "--keep",
];

/// Words by which `show` shows things of one kind, one of them or all.
const SHOWN: [(&str, &str); 4] = [
    ("interfaces", "interface"),
    ("bridges", "bridge"),
    ("networks", "network"),
    ("guests", "guest"),
];

/// All schemas, by the name of their file without `.json`.
pub(crate) struct All {
    pub(crate) texts: BTreeMap<String, Value>,
    compiled: Schemas,
    index: BTreeMap<String, SchemaIndex>,
}

impl All {
    /// Reads them; what is no schema of draft 2020-12 is refused.
    pub(crate) fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
        let mut texts = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let schema = serde_json::from_str(&text);
            let schema: Value = schema.unwrap_or_else(|error| panic!("{name}: {error}"));
            texts.insert(name, schema);
        }
        let (mut compiler, mut compiled) = (Compiler::new(), Schemas::new());
        let place = |name: &str| format!("file:///schema/{name}.json");
        for (name, schema) in &texts {
            compiler.add_resource(&place(name), schema.clone()).unwrap();
        }
        let index = texts.keys().map(|name| {
            let index = compiler.compile(&place(name), &mut compiled);
            let index = index.unwrap_or_else(|error| panic!("{name}: {error:#}"));
            (name.clone(), index)
        });
        let index = index.collect();
        Self {
            texts,
            compiled,
            index,
        }
    }

    /// Returns why an object does not fit the schema of this name.
    pub(crate) fn fault(&self, name: &str, object: &Value) -> Option<String> {
        let Some(index) = self.index.get(name) else {
            return Some(format!("there is no schema {name}"));
        };
        let found = self.compiled.validate(object, *index);
        found.err().map(|error| format!("{error:#}"))
    }
}

/// Returns which schema what is printed must fit, by the words of the command behind `kvmnet`.
pub(crate) fn of_command(words: &[String], object: &Value) -> String {
    if object.get("error").is_some() {
        return "error".to_owned();
    }
    let has = |option: &str| {
        let mut options = words.iter();
        options.any(|word| {
            let rest = word.strip_prefix(option);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    };
    let mut left = words.iter();
    let mut plain: Vec<&str> = Vec::new();
    while let Some(word) = left.next() {
        match word.starts_with('-') {
            true if VALUED.contains(&word.as_str()) => drop(left.next()),
            true => {}
            false => plain.push(word),
        }
    }
    let name = match plain.as_slice() {
        ["show", ..] if has("--tree") => "show-tree",
        ["show"] => "show",
        ["show", kind, rest @ ..] => return shown(kind, rest, object),
        ["check", ..] if has("--fix") => "plan",
        ["check", ..] if has("--list") => "check-list",
        ["check", ..] if has("--explain") => "check-explain",
        ["history", "prune"] => "history-prune",
        ["history", _] => "history-id",
        ["templates", "list"] => "templates-list",
        ["templates", "show", _] => "templates-show",
        ["man", _] => "man",
        [name @ ("check" | "history" | "status" | "leases" | "confirm" | "recover" | "units")] => {
            name
        }
        ["leases", _] => "leases",
        _ => "plan",
    };
    name.to_owned()
}

/// Returns the schema of what `show` shows with further words.
fn shown(kind: &str, rest: &[&str], object: &Value) -> String {
    let of_kind = |(all, one): &&(&str, &str)| *all == kind || *one == kind;
    match (SHOWN.iter().find(of_kind), rest) {
        (Some((all, _)), []) => format!("show-{all}"),
        // a bridge that is only named is shown as the interface that it is
        (Some((_, "bridge")), _) if object.get("interface").is_some() => {
            "show-interface".to_owned()
        }
        (Some((_, one)), _) => format!("show-{one}"),
        (None, _) => "plan".to_owned(),
    }
}
