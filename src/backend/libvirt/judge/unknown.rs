//! What libvirt passes over: elements and attributes that it does not know, or does not look for where they stand.
//!
//! Source: the parsers ask for what they know by its name, in this place and in these letters, and look at nothing else.

use super::form::Form;
use super::found::Found;
use super::near::near;
use super::page::{Node, Value};
use crate::host::network::Verdict;

/// Values that are compared without regard to capitals.
const ANY_CASE: &[&str] = &["default", "managed", "trunk"];

/// What a value counts as that is none of the words.
const COUNTS_AS: &[(&str, &str, &str)] = &[
    ("bridge", "stp", "on"),
    ("portgroup", "default", "no"),
    ("forward", "managed", "no"),
];

/// Judges the words of an element and of all that is in it, whose form is `form`; that of the document is `whole`.
pub(super) fn unknown(node: &Node<'_>, form: &Form, whole: &Form, found: &mut Found) {
    attributes(node, form, found);
    let mut seen: Vec<&str> = Vec::new();
    for child in node.children() {
        // other namespaces are the affair of others
        if !child.is_plain() {
            continue;
        }
        let name = child.name();
        let Some(own) = form.children.get(name) else {
            if !form.open {
                element(&child, form, whole, found);
            }
            continue;
        };
        if seen.contains(&name) && !own.several {
            let why = format!("a second `<{name}>`, of which libvirt reads the first");
            found.add(Verdict::Ignored, child.tag(), why, "delete one of the two");
            continue;
        }
        seen.push(name);
        if !own.open {
            unknown(&child, own, whole, found);
        }
    }
}

fn attributes(node: &Node<'_>, form: &Form, found: &mut Found) {
    for value in node.attributes() {
        if value.name.contains(':') || value.name == "xmlns" {
            continue;
        }
        match form.attributes.get(value.name) {
            Some(words) => word(node, &value, words, found),
            None => attribute(node, &value, form, found),
        }
    }
}

fn attribute(node: &Node<'_>, value: &Value<'_>, form: &Form, found: &mut Found) {
    let name = node.name();
    let why = format!("`<{name}>` has no attribute `{}`", value.name);
    let inner = form
        .children
        .iter()
        .find(|(_, child)| child.attributes.contains_key(value.name));
    let help = match near(value.name, form.attributes.keys().copied()) {
        Some(meant) => format!("write {meant}={}", case(meant, value.name)),
        None => match inner {
            Some((child, _)) => format!("put it into <{child} {}='…'/> in <{name}>", value.name),
            None => "delete it".to_owned(),
        },
    };
    found.add(Verdict::Ignored, value.span.clone(), why, help);
}

/// Returns a remark for those who wrote the right letters.
fn case(meant: &str, written: &str) -> &'static str {
    match meant.eq_ignore_ascii_case(written) {
        true => ": XML is case-sensitive",
        false => "",
    }
}

fn word(node: &Node<'_>, value: &Value<'_>, words: &[&str], found: &mut Found) {
    let any_case = ANY_CASE.contains(&value.name);
    let is = |word: &&str| *word == value.text || any_case && word.eq_ignore_ascii_case(value.text);
    if words.is_empty() || value.text.is_empty() || words.iter().any(is) {
        return;
    }
    let (name, text) = (value.name, value.text);
    let counts = COUNTS_AS
        .iter()
        .find(|(element, attribute, _)| *element == node.name() && *attribute == name);
    let why = match counts {
        Some((.., other)) => format!("`{text}` is no value of `{name}`, and counts as `{other}`"),
        None => format!("`{text}` is no value of `{name}`"),
    };
    let help = match near(text, words.iter().copied()) {
        Some(meant) => format!("write {name}='{meant}'"),
        None => format!("write {name}= with one of: {}", words.join(", ")),
    };
    found.add(Verdict::Ignored, value.span.clone(), why, help);
}

fn element(child: &Node<'_>, form: &Form, whole: &Form, found: &mut Found) {
    let name = child.name();
    let parent = child.parent().map_or("", |parent| parent.name());
    let meant = near(name, form.children.keys().copied());
    let (why, help) = match (meant, whole.find(name)) {
        (Some(meant), _) if meant.eq_ignore_ascii_case(name) => (
            format!("`<{name}>`, which it knows as `<{meant}>`: XML is case-sensitive"),
            format!("write <{meant}>"),
        ),
        (_, Some(place)) => {
            let place = match place.is_empty() {
                true => "directly in the root".to_owned(),
                false => format!("in {place}"),
            };
            (
                format!("`<{name}>` in `<{parent}>`, which libvirt looks for {place}"),
                format!("put it {place}"),
            )
        }
        (Some(meant), None) => (
            format!("`<{name}>`, which it does not know: did you mean `<{meant}>`?"),
            format!("write <{meant}>"),
        ),
        (None, None) => (
            format!("`<{name}>`, which it does not know in `<{parent}>`"),
            "delete it, or keep it as a comment".to_owned(),
        ),
    };
    found.add(Verdict::Ignored, child.tag(), why, help);
}
