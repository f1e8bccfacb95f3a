//! What `--json` prints, held against the schemas in `docs/schema`; the schemas, held against what is printed; and the tables
//! of `docs/json.md`, held against both.
//!
//! Objects are those of the cases, and what all commands print over all hosts of `fixtures/hosts`. Each key, type and value
//! that a schema allows must be in one of them.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "tests build and read trees, fail by panicking and say what they tried"
)]

mod objects;
mod page;
mod scenes;
#[path = "../support/schemas.rs"]
mod schemas;
mod seen;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use schemas::All;
use serde_json::Value;

/// What no object has that the tests can make, and why.
const UNSEEN: &[(&str, &str)] = &[];

#[test]
fn every_object_fits_its_schema_and_every_word_of_a_schema_is_in_an_object() {
    let all = All::read();
    let objects = objects::all();
    println!("{} objects", objects.len());
    let (mut seen, mut faults, mut used) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    for object in &objects {
        let name = schemas::of_command(&object.words, &object.value);
        match all.fault(&name, &object.value) {
            Some(fault) => faults.push(format!(
                "{}: {}: {fault}",
                object.from,
                object.words.join(" ")
            )),
            None => seen::note(&all.texts, &name, &object.value, &mut seen),
        }
        used.insert(name);
    }
    faults.truncate(10);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let tops = all.texts.keys().filter(|name| *name != "common");
    let unused: Vec<_> = tops.filter(|name| !used.contains(*name)).collect();
    assert!(unused.is_empty(), "no object was held against {unused:?}");
    let allowed = seen::allowed(&all.texts);
    for (word, _) in UNSEEN {
        assert!(allowed.contains(*word), "no schema says: {word}");
        assert!(!seen.contains(*word), "it is seen: {word}");
    }
    let is_excused = |word: &&String| UNSEEN.iter().any(|(known, _)| known == word);
    let missing: Vec<_> = allowed
        .difference(&seen)
        .filter(|word| !is_excused(word))
        .collect();
    assert!(missing.is_empty(), "in no object: {missing:#?}");
}

/// Returns all objects that differ from this one in the name of one key.
fn renamed(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for (key, inner) in value.as_object().into_iter().flatten() {
        let mut other = value.clone();
        let object = other.as_object_mut().unwrap();
        let removed = object.remove(key).unwrap();
        object.insert(format!("{key}_"), removed);
        all.push(other);
        all.extend(renamed(inner).into_iter().map(|inner| {
            let mut other = value.clone();
            other[key] = inner;
            other
        }));
    }
    // one of a list stands for all
    if let Some(first) = value.as_array().and_then(|all| all.first()) {
        all.extend(renamed(first).into_iter().map(|inner| {
            let mut other = value.clone();
            other[0] = inner;
            other
        }));
    }
    all
}

#[test]
fn an_object_with_another_key_fits_no_schema() {
    let all = All::read();
    let mut tried = 0;
    for object in objects::of_cases() {
        let name = schemas::of_command(&object.words, &object.value);
        for other in renamed(&object.value) {
            tried += 1;
            assert!(all.fault(&name, &other).is_some(), "{name}: {other:#}");
        }
    }
    assert!(tried > 1000, "{tried}");
}

/// Calls `look` with each schema within a schema, and where it is.
fn within(at: &str, schema: &Value, look: &mut dyn FnMut(&str, &Value)) {
    look(at, schema);
    let parts = ["properties", "$defs"].map(|key| (key, schema.get(key)));
    for (key, parts) in parts {
        for (name, part) in parts.and_then(Value::as_object).into_iter().flatten() {
            within(&format!("{at}/{key}/{name}"), part, look);
        }
    }
    if let Some(items) = schema.get("items") {
        within(&format!("{at}/items"), items, look);
    }
    for key in ["anyOf", "oneOf"] {
        let branches = schema.get(key).and_then(Value::as_array);
        for (number, branch) in branches.into_iter().flatten().enumerate() {
            within(&format!("{at}/{key}/{number}"), branch, look);
        }
    }
}

#[test]
fn schemas_leave_nothing_open() {
    let all = All::read();
    let mut objects = 0;
    for (name, schema) in &all.texts {
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{name}"
        );
        assert!(schema["title"].is_string(), "{name}");
        within(&format!("{name}.json#"), schema, &mut |at, part| {
            if let Some(target) = part.get("$ref").and_then(Value::as_str) {
                assert!(
                    target.starts_with("#/") || target.starts_with("common.json#/"),
                    "{at}"
                );
            }
            if part["type"] != "object" {
                return;
            }
            objects += 1;
            assert_eq!(part["additionalProperties"], false, "{at}");
            let keys = part["properties"].as_object().unwrap();
            let required = part["required"].as_array().unwrap();
            let required: BTreeSet<&str> =
                required.iter().map(|key| key.as_str().unwrap()).collect();
            let known: BTreeSet<&str> = keys.keys().map(String::as_str).collect();
            assert_eq!(required, known, "{at}");
            for (key, schema) in keys {
                let said = seen::described(&all.texts, name, schema);
                assert!(
                    (1..=100).contains(&said.chars().count()),
                    "{at}: {key}: {said:?}"
                );
            }
        });
    }
    assert!(objects > 40, "{objects}");
}
