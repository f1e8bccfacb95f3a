//! What schemas allow, and what of it is in an object: types, and values that are spelled out.
//!
//! It knows the keywords that the schemas use, and no others; whether an object fits, the library says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

type Texts = BTreeMap<String, Value>;

/// Keywords that allow nothing by themselves, or are looked at elsewhere.
const OTHERS: [&str; 8] = [
    "$schema",
    "title",
    "description",
    "required",
    "additionalProperties",
    "pattern",
    "$ref",
    "$defs",
];

/// Returns the place that a reference leads to, and the schema there.
fn resolved<'t>(texts: &'t Texts, file: &str, target: &str) -> (String, &'t Value) {
    let (other, pointer) = target.split_once('#').unwrap();
    let file = match other.strip_suffix(".json") {
        Some(other) => other,
        None => file,
    };
    let schema = texts[file].pointer(pointer);
    let schema = schema.unwrap_or_else(|| panic!("{file}: {target} leads nowhere"));
    (format!("{file}.json#{pointer}"), schema)
}

/// Returns the name of the file in which a place is.
fn file_of(at: &str) -> &str {
    at.split_once(".json#").unwrap().0
}

/// Returns what is said of a key: by its schema, or by the one that it refers to.
pub(crate) fn described(texts: &Texts, file: &str, schema: &Value) -> String {
    if let Some(said) = schema["description"].as_str() {
        return said.to_owned();
    }
    let target = schema["$ref"].as_str();
    let target = target.unwrap_or_else(|| panic!("{file}: nothing is said of {schema}"));
    let (at, schema) = resolved(texts, file, target);
    described(texts, file_of(&at), schema)
}

/// Returns the types that a schema names.
pub(crate) fn types(schema: &Value) -> Vec<&str> {
    let said = &schema["type"];
    let several = said.as_array().into_iter().flatten();
    let all = several.filter_map(Value::as_str);
    all.chain(said.as_str()).collect()
}

/// Returns the values that a schema spells out.
pub(crate) fn values(schema: &Value) -> Vec<&Value> {
    let several = schema["enum"].as_array().into_iter().flatten();
    several.chain(schema.get("const")).collect()
}

fn branches(schema: &Value) -> Vec<(String, &Value)> {
    let of = |key: &'static str| {
        let all = schema[key].as_array().into_iter().flatten().enumerate();
        all.map(move |(number, branch)| (format!("{key}/{number}"), branch))
    };
    of("anyOf").chain(of("oneOf")).collect()
}

/// Returns all that the schemas allow, each as where it is and what.
pub(crate) fn allowed(texts: &Texts) -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for (name, schema) in texts {
        crate::within(&format!("{name}.json#"), schema, &mut |at, part| {
            for keyword in part.as_object().unwrap().keys() {
                let known = [
                    "type",
                    "enum",
                    "const",
                    "properties",
                    "items",
                    "anyOf",
                    "oneOf",
                ];
                let known = known.iter().chain(&OTHERS);
                assert!(
                    known.into_iter().any(|known| known == keyword),
                    "{at}: {keyword}"
                );
            }
            allowed.extend(types(part).iter().map(|word| format!("{at} is {word}")));
            allowed.extend(values(part).iter().map(|value| format!("{at} = {value}")));
        });
    }
    allowed
}

/// Notes what of a schema is in an object that fits it.
pub(crate) fn note(texts: &Texts, name: &str, value: &Value, seen: &mut BTreeSet<String>) {
    walk(texts, (&format!("{name}.json#"), &texts[name]), value, seen);
}

fn walk(texts: &Texts, (at, schema): (&str, &Value), value: &Value, seen: &mut BTreeSet<String>) {
    if let Some(target) = schema["$ref"].as_str() {
        let (at, schema) = resolved(texts, file_of(at), target);
        walk(texts, (&at, schema), value, seen);
    }
    let words = types(schema).into_iter().filter(|word| is(value, word));
    seen.extend(words.map(|word| format!("{at} is {word}")));
    let same = values(schema).into_iter().filter(|known| *known == value);
    seen.extend(same.map(|known| format!("{at} = {known}")));
    for (key, value) in value.as_object().into_iter().flatten() {
        if let Some(schema) = schema["properties"].get(key) {
            walk(
                texts,
                (&format!("{at}/properties/{key}"), schema),
                value,
                seen,
            );
        }
    }
    if let Some(items) = schema.get("items") {
        for value in value.as_array().into_iter().flatten() {
            walk(texts, (&format!("{at}/items"), items), value, seen);
        }
    }
    for (branch, schema) in branches(schema) {
        if fits(texts, file_of(at), schema, value) {
            walk(texts, (&format!("{at}/{branch}"), schema), value, seen);
        }
    }
}

fn is(value: &Value, word: &str) -> bool {
    match word {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("no type: {word}"),
    }
}

/// Returns whether a value is of a branch, as far as its type, its keys and the values of these tell.
fn fits(texts: &Texts, file: &str, schema: &Value, value: &Value) -> bool {
    if let Some(target) = schema["$ref"].as_str() {
        let (at, schema) = resolved(texts, file, target);
        return fits(texts, file_of(&at), schema, value);
    }
    let (types, values) = (types(schema), values(schema));
    let by_type = types.is_empty() || types.iter().any(|word| is(value, word));
    let by_value = values.is_empty() || values.contains(&value);
    let mut keys = schema["properties"].as_object().into_iter().flatten();
    by_type
        && by_value
        && keys.all(|(key, schema)| {
            let found = value.get(key);
            found.is_some_and(|found| fits(texts, file, schema, found))
        })
}
