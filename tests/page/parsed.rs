//! A page, read as XML: what elements and attributes there are, and the texts of its parts.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::support::kvmnet;

/// A page.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The text of the file.
    pub(crate) source: String,
    /// The texts of the `<pre>` elements, one behind the other.
    pub(crate) patch: String,
    /// All text but that of styles.
    pub(crate) text: String,
    pub(crate) elements: BTreeSet<String>,
    /// The attributes by element, name and value.
    pub(crate) attributes: BTreeSet<(String, String, String)>,
}

/// Runs a command with `--html` and returns what it printed, and the page.
#[track_caller]
pub(crate) fn page_of(root: &Path, words: &[&str]) -> (Output, Parsed) {
    let beside = tempfile::tempdir().unwrap();
    let file = beside.path().join("p.html");
    let output = kvmnet(root, &[words, &["--html", file.to_str().unwrap()]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let page =
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{words:?}: {error}: {said}"));
    (output, Parsed::of(&page))
}

impl Parsed {
    /// Reads a page.
    #[track_caller]
    pub(crate) fn of(source: &str) -> Self {
        let mut page = Self {
            source: source.to_owned(),
            ..Self::default()
        };
        let mut reader = Reader::from_str(source);
        let mut open: Vec<String> = Vec::new();
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => {
                    page.element(&tag);
                    open.push(name(&tag));
                }
                Ok(Event::Empty(tag)) => page.element(&tag),
                Ok(Event::End(_)) => drop(open.pop()),
                Ok(Event::Text(text)) => page.add(&open, &text),
                Ok(Event::GeneralRef(reference)) => {
                    let known = reference.resolve_char_ref().unwrap().map(String::from);
                    let name = reference.to_string();
                    let known =
                        known.or_else(|| resolve_predefined_entity(&name).map(str::to_owned));
                    page.add(&open, &known.unwrap_or_else(|| panic!("&{name};")));
                }
                Ok(Event::DocType(_)) => {}
                Ok(Event::Eof) => break,
                other => panic!("at byte {}: {other:?}", reader.buffer_position()),
            }
        }
        assert_eq!(open, Vec::<String>::new());
        page
    }

    fn element(&mut self, tag: &BytesStart<'_>) {
        let element = name(tag);
        for attribute in tag.attributes() {
            let attribute = attribute.unwrap();
            let key = attribute.key.as_ref().to_owned();
            let value = attribute.value.to_string();
            self.attributes.insert((element.clone(), key, value));
        }
        self.elements.insert(element);
    }

    fn add(&mut self, open: &[String], text: &str) {
        let within = |name: &str| open.iter().any(|element| element == name);
        if within("style") {
            return;
        }
        self.text += text;
        if within("pre") {
            self.patch += text;
        }
    }

    /// Fails where there is anything that loads, runs or leads elsewhere, or an element that the template has not.
    #[track_caller]
    pub(crate) fn is_harmless(&self) {
        const ELEMENTS: &[&str] = &[
            "a", "b", "body", "br", "caption", "code", "col", "colgroup", "details", "div", "h1",
            "h2", "h3", "head", "header", "html", "i", "input", "label", "li", "main", "meta", "p",
            "pre", "section", "span", "strong", "style", "summary", "table", "tbody", "td", "th",
            "thead", "title", "tr", "ul", "g", "path", "rect", "svg", "text",
        ];
        const ATTRIBUTES: &[&str] = &[
            "aria-labelledby",
            "charset",
            "checked",
            "class",
            "colspan",
            "content",
            "for",
            "href",
            "http-equiv",
            "id",
            "lang",
            "name",
            "open",
            "scope",
            "title",
            "type",
            // of pictures
            "aria-label",
            "d",
            "height",
            "lengthAdjust",
            "role",
            "rx",
            "textLength",
            "viewBox",
            "width",
            "x",
            "xml:space",
            "y",
        ];
        for element in &self.elements {
            assert!(ELEMENTS.contains(&&**element), "<{element}>");
        }
        for (element, key, value) in &self.attributes {
            assert!(ATTRIBUTES.contains(&&**key), "<{element} {key}={value:?}>");
            let inside = key != "href" || value.starts_with("#f");
            assert!(inside, "<{element} {key}={value:?}>");
        }
        let targets = self.attributes.iter().filter(|(_, key, _)| key == "href");
        for (_, _, target) in targets {
            let id = (
                "details".to_owned(),
                "id".to_owned(),
                target[1..].to_owned(),
            );
            assert!(self.attributes.contains(&id), "{target} leads nowhere");
        }
    }
}

fn name(tag: &BytesStart<'_>) -> String {
    tag.name().as_ref().to_owned()
}
