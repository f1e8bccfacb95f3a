//! The table of elements and attributes that `check` knows, against libvirt's own Relax NG schemas, where they are installed.
//!
//! From the schemas the lines of the table are made anew, and held against those that it has; what it marks with a `+` is
//! of later versions, and left out. Where later schemas are installed, what they have more is told in the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kvmnet::doc::xml::{Element, XmlDoc};

use crate::support::real_daemons;

const TABLE: &str = include_str!("../../src/backend/libvirt/judge/form.txt");
const SCHEMAS: &str = "/usr/share/libvirt/schemas";

/// What a value may be.
#[derive(Clone, PartialEq)]
enum Kind {
    Words(BTreeSet<String>),
    Type(String),
}

impl Kind {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Words(mut left), Self::Words(right)) => {
                left.extend(right);
                Self::Words(left)
            }
            (Self::Type(name), _) | (_, Self::Type(name)) => Self::Type(name),
        }
    }
}

#[derive(Clone)]
struct Attribute {
    kind: Kind,
    required: bool,
}

type Attributes = BTreeMap<String, Attribute>;

/// The schemas, and what was made of them.
struct Schemas<'d> {
    defines: BTreeMap<&'d str, Vec<(&'d XmlDoc<'d>, usize)>>,
    rows: BTreeMap<Vec<String>, Attributes>,
    several: BTreeSet<Vec<String>>,
}

/// Where the walk is.
#[derive(Clone)]
struct At<'p> {
    path: &'p [String],
    optional: bool,
    repeated: bool,
    within: Vec<String>,
}

impl<'d> Schemas<'d> {
    fn of(docs: &'d [XmlDoc<'d>]) -> Self {
        let mut defines: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for doc in docs {
            for (index, element) in doc.elements().iter().enumerate() {
                if element.name == "define" {
                    let name = element.value("name").unwrap();
                    defines.entry(name).or_default().push((doc, index));
                }
            }
        }
        Self {
            defines,
            rows: BTreeMap::new(),
            several: BTreeSet::new(),
        }
    }

    fn definition(&mut self, name: &str, at: &At<'_>, into: &mut Attributes) {
        for (doc, index) in self.defines[name].clone() {
            self.all(doc, index, at, into);
        }
    }

    fn all(&mut self, doc: &'d XmlDoc<'d>, index: usize, at: &At<'_>, into: &mut Attributes) {
        let children: Vec<usize> = elements_in(doc, index).map(|(child, _)| child).collect();
        for child in children {
            self.pattern(doc, child, at, into);
        }
    }

    fn pattern(&mut self, doc: &'d XmlDoc<'d>, index: usize, at: &At<'_>, into: &mut Attributes) {
        let element = &doc.elements()[index];
        match element.name {
            "element" => self.element(doc, index, at, into),
            "attribute" => {
                let name = element.value("name").unwrap().to_owned();
                let found = Attribute {
                    kind: self.kind(doc, index),
                    required: !at.optional,
                };
                let known = into.remove(&name);
                let both = match known {
                    Some(known) => Attribute {
                        kind: known.kind.or(found.kind),
                        required: known.required || found.required,
                    },
                    None => found,
                };
                into.insert(name, both);
            }
            "ref" => {
                let name = element.value("name").unwrap().to_owned();
                if !at.within.contains(&name) {
                    let mut at = at.clone();
                    at.within.push(name.clone());
                    self.definition(&name, &at, into);
                }
            }
            "optional" | "choice" | "zeroOrMore" => {
                let at = At {
                    optional: true,
                    repeated: at.repeated || element.name == "zeroOrMore",
                    ..at.clone()
                };
                self.all(doc, index, &at, into);
            }
            "group" | "interleave" | "oneOrMore" => {
                let at = At {
                    repeated: at.repeated || element.name == "oneOrMore",
                    ..at.clone()
                };
                self.all(doc, index, &at, into);
            }
            _ => {}
        }
    }

    fn element(&mut self, doc: &'d XmlDoc<'d>, index: usize, at: &At<'_>, into: &mut Attributes) {
        let element = &doc.elements()[index];
        let Some(name) = element.value("name") else {
            // any element
            let any = Attribute {
                kind: Kind::Type("text".to_owned()),
                required: false,
            };
            into.insert("*".to_owned(), any.clone());
            self.rows
                .entry(at.path.to_vec())
                .or_default()
                .insert("*".to_owned(), any);
            return;
        };
        let in_options = at
            .path
            .last()
            .is_some_and(|last| last.starts_with("dnsmasq:"));
        let prefix = match element.value("ns").is_some() || in_options {
            true => "dnsmasq:",
            false => "",
        };
        let mut path = at.path.to_vec();
        path.push(format!("{prefix}{name}"));
        if at.repeated {
            self.several.insert(path.clone());
        }
        let mut own = Attributes::new();
        let inside = At {
            path: &path,
            optional: false,
            repeated: false,
            within: at.within.clone(),
        };
        self.all(doc, index, &inside, &mut own);
        match self.rows.get_mut(&path) {
            None => {
                self.rows.insert(path, own);
            }
            Some(known) => merge(known, own),
        }
    }

    /// Returns what the content of an attribute or definition is.
    fn kind(&self, doc: &'d XmlDoc<'d>, index: usize) -> Kind {
        let (mut words, mut types) = (BTreeSet::new(), Vec::new());
        self.content(doc, index, &mut words, &mut types);
        match types.into_iter().next() {
            Some(name) => Kind::Type(name),
            None if words.is_empty() => Kind::Type("text".to_owned()),
            None => Kind::Words(words),
        }
    }

    fn content(
        &self,
        doc: &'d XmlDoc<'d>,
        index: usize,
        words: &mut BTreeSet<String>,
        types: &mut Vec<String>,
    ) {
        for (child, element) in elements_in(doc, index) {
            match element.name {
                "value" => {
                    words.insert(element.text.to_string());
                }
                "data" => types.push(element.value("type").unwrap().to_owned()),
                "text" => types.push("text".to_owned()),
                "ref" => {
                    let name = element.value("name").unwrap();
                    let kinds = self.defines[name]
                        .iter()
                        .map(|(doc, index)| self.kind(doc, *index));
                    match kinds.reduce(Kind::or) {
                        Some(Kind::Words(all)) => words.extend(all),
                        Some(Kind::Type(_)) | None => types.push(name.to_owned()),
                    }
                }
                "param" | "except" | "empty" => {}
                _ => self.content(doc, child, words, types),
            }
        }
    }

    fn lines(&self) -> Vec<String> {
        let line = |(path, attributes): (&Vec<String>, &Attributes)| {
            let several = if self.several.contains(path) {
                "..."
            } else {
                ""
            };
            let mut line = format!("{}{several}", path.join("/"));
            for (name, attribute) in attributes {
                line.push(' ');
                line += name;
                line += if attribute.required { "!" } else { "" };
                match &attribute.kind {
                    Kind::Words(words) => {
                        let words: Vec<&str> = words.iter().map(String::as_str).collect();
                        line += &format!("={}", words.join("|"));
                    }
                    Kind::Type(name) if name == "text" => {}
                    Kind::Type(name) => line += &format!(":{name}"),
                }
            }
            line
        };
        self.rows.iter().map(line).collect()
    }
}

/// The same element in two places: an attribute that one of them lacks is not required.
fn merge(known: &mut Attributes, own: Attributes) {
    for (name, attribute) in known.iter_mut() {
        attribute.required &= own.contains_key(name);
    }
    for (name, mut attribute) in own {
        let merged = match known.remove(&name) {
            Some(old) => Attribute {
                required: old.required && attribute.required,
                kind: old.kind.or(attribute.kind),
            },
            None => {
                attribute.required = false;
                attribute
            }
        };
        known.insert(name, merged);
    }
}

/// Returns the elements directly in one, whatever the default namespace.
fn elements_in<'d>(
    doc: &'d XmlDoc<'d>,
    parent: usize,
) -> impl Iterator<Item = (usize, &'d Element<'d>)> {
    let all = doc.elements().iter().enumerate();
    all.filter(move |(_, element)| element.parent == Some(parent))
}

/// Returns the lines that schemas make of a definition.
fn made(files: &[&str], definition: &str) -> Vec<String> {
    let texts: Vec<String> = files
        .iter()
        .map(|name| fs::read_to_string(Path::new(SCHEMAS).join(name)).unwrap())
        .collect();
    let docs: Vec<XmlDoc<'_>> = texts
        .iter()
        .map(|text| XmlDoc::parse(text).unwrap())
        .collect();
    let mut schemas = Schemas::of(&docs);
    let at = At {
        path: &[],
        optional: false,
        repeated: false,
        within: vec![definition.to_owned()],
    };
    schemas.definition(definition, &at, &mut Attributes::new());
    schemas.lines()
}

/// Returns the lines of the table that are about `root`, without what is not in the schemas.
fn written(root: &str) -> Vec<String> {
    let lines = TABLE.lines().filter(|line| line.starts_with(root));
    let plain = |line: &str| {
        let words: Vec<&str> = line
            .split(' ')
            .filter(|word| !word.starts_with('+'))
            .collect();
        words.join(" ")
    };
    lines.map(plain).collect()
}

#[test]
fn the_table_is_that_of_the_schemas() {
    if !Path::new(SCHEMAS).is_dir() {
        assert!(!real_daemons(), "no {SCHEMAS}, and KVMNET_REAL_DAEMONS=1");
        eprintln!("skipped: {SCHEMAS} is not there");
        return;
    }
    let network = ["network.rng", "networkcommon.rng", "basictypes.rng"];
    let domain = [
        "domaincommon.rng",
        "networkcommon.rng",
        "basictypes.rng",
        "storagecommon.rng",
        "nwfilter_params.rng",
        "privatedata.rng",
    ];
    for (files, root) in [(&network[..], "network"), (&domain[..], "interface")] {
        let (made, written) = (made(files, root), written(root));
        let missing: Vec<&String> = made.iter().filter(|line| !written.contains(line)).collect();
        let stale: Vec<&String> = written.iter().filter(|line| !made.contains(line)).collect();
        assert!(
            missing.is_empty() && stale.is_empty(),
            "the schemas have {missing:#?}\nthe table has {stale:#?}"
        );
    }
}
