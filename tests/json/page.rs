//! The tables of `docs/json.md`: the keys of each object, as its schema has them.
//!
//! Behind a line `<!-- keys: NAME -->` stands the table of `NAME.json`, or of a part of `common.json`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schemas::All;
use crate::seen::{described, types, values};

/// What begins the line before a table.
const MARK: &str = "<!-- keys: ";

type Rows = Vec<[String; 3]>;

/// Returns the name of the part of `common.json` that a schema refers to, as a link.
fn link(schema: &Value) -> Option<String> {
    let (_, name) = schema["$ref"].as_str()?.rsplit_once('/')?;
    Some(format!("[{name}](#{name})"))
}

/// Returns a part of `common.json` all of whose keys are in an object, which has more.
fn part<'t>(all: &'t All, object: &Value) -> Option<(&'t str, &'t Value)> {
    let keys = object["properties"].as_object()?;
    let parts = all.texts["common"]["$defs"].as_object()?.iter();
    let parts = parts.map(|(name, part)| (name.as_str(), part));
    let has = |(_, part): &(&str, &Value)| {
        let of_part = part["properties"].as_object();
        of_part.is_some_and(|part| {
            part.len() < keys.len() && part.keys().all(|key| keys.contains_key(key))
        })
    };
    // the largest
    parts
        .filter(has)
        .max_by_key(|(_, part)| part["properties"].as_object().map_or(0, |keys| keys.len()))
}

/// Returns what a value is, in words.
fn kind(all: &All, schema: &Value) -> String {
    if let Some(link) = link(schema) {
        return link;
    }
    let words = values(schema);
    if !words.is_empty() {
        let words = words.iter().map(|word| match word.as_str() {
            Some(word) => format!("`{word}`"),
            None => word.to_string(),
        });
        return words.collect::<Vec<_>>().join(", ");
    }
    if let Some(branches) = schema["anyOf"].as_array() {
        let kinds = branches.iter().map(|branch| kind(all, branch));
        return kinds.collect::<Vec<_>>().join(" or ");
    }
    let of_type = |word: &&str| match *word {
        "integer" => "number".to_owned(),
        "array" => format!("list: {}", kind(all, &schema["items"])),
        "object" => match part(all, schema) {
            Some((name, _)) => format!("[{name}](#{name}) with more"),
            None => "object".to_owned(),
        },
        other => other.to_owned(),
    };
    let kinds: Vec<String> = types(schema).iter().map(of_type).collect();
    kinds.join(" or ")
}

/// Returns the object that a value is, or that is in its list, unless it has a table of its own.
fn inner(schema: &Value) -> Option<(&Value, &'static str)> {
    if schema.get("properties").is_some() {
        return Some((schema, ""));
    }
    if let Some(items) = schema.get("items") {
        return inner(items).map(|(inner, _)| (inner, "[]"));
    }
    schema["anyOf"].as_array()?.iter().find_map(inner)
}

/// Adds the rows of an object; those that a part of `common.json` has alike are told there.
fn add(all: &All, file: &str, before: &str, object: &Value, rows: &mut Rows) {
    let known = part(all, object).map(|(_, part)| &part["properties"]);
    for (key, schema) in object["properties"].as_object().unwrap() {
        let alike = |known: &Value| {
            known
                .get(key)
                .is_some_and(|known| kind(all, known) == kind(all, schema))
        };
        if known.is_some_and(alike) {
            continue;
        }
        let name = format!("{before}{key}");
        let meaning = described(&all.texts, file, schema).replace('|', "\\|");
        rows.push([format!("`{name}`"), kind(all, schema), meaning]);
        if let Some((object, list)) = inner(schema) {
            add(all, file, &format!("{name}{list}."), object, rows);
        }
    }
}

/// Returns the table of a schema, or of a part of the common one.
fn table(all: &All, name: &str) -> String {
    let mut rows = Rows::new();
    match (all.texts.get(name), all.texts["common"]["$defs"].get(name)) {
        (Some(top), _) => add(all, name, "", top, &mut rows),
        (None, Some(part)) if part.get("properties").is_some() => {
            add(all, "common", "", part, &mut rows)
        }
        (None, Some(part)) => {
            for branch in part["oneOf"].as_array().unwrap() {
                add(all, "common", "", branch, &mut rows);
            }
            // first the key that tells them apart
            rows.sort_by_key(|[_, kind, _]| kind == "string");
        }
        (None, None) => panic!("docs/json.md: there is no schema {name}"),
    }
    let mut table = "| key | type | meaning |\n|---|---|---|\n".to_owned();
    for [key, kind, meaning] in rows {
        table += &format!("| {key} | {kind} | {meaning} |\n");
    }
    table
}

/// Returns the page with its tables made anew, and the names of what they are of.
fn anew(all: &All, page: &str) -> (String, BTreeSet<String>) {
    let (mut made, mut names, mut skips) = (String::new(), BTreeSet::new(), false);
    for line in page.lines() {
        skips = skips && line.starts_with('|');
        if skips {
            continue;
        }
        made += &format!("{line}\n");
        if let Some(name) = line.strip_prefix(MARK) {
            let name = name.trim_end_matches(" -->").to_owned();
            made += &table(all, &name);
            names.insert(name);
            skips = true;
        }
    }
    (made, names)
}

#[test]
fn the_page_has_the_keys_of_all_schemas() {
    let all = All::read();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let page = fs::read_to_string(&path).unwrap();
    let (made, names) = anew(&all, &page);
    if std::env::var_os("KVMNET_BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    } else {
        assert!(
            made == page,
            "docs/json.md: KVMNET_BLESS=1 cargo test --locked --test json page"
        );
    }
    let parts = all.texts["common"]["$defs"].as_object().unwrap().keys();
    let tops = all.texts.keys().filter(|name| *name != "common");
    let wanted: BTreeSet<String> = tops.chain(parts).cloned().collect();
    assert_eq!(names, wanted, "tables of docs/json.md");
    for name in all.texts.keys() {
        let link = format!("](schema/{name}.json)");
        assert!(
            page.contains(&link),
            "docs/json.md has no link to {name}.json"
        );
    }
}
