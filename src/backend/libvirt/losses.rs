//! What of a file of libvirt's is not in a later text of it any more: elements, attributes, values and comments.
//!
//! It is found in the texts, not in the model: the model does not know all that a file says. Elements are paired first where
//! they are wholly equal, then in their order by name; host entries by what they are kept for, since another guest's is no
//! new value of this one's.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt::Write;

use crate::doc::xml::{Element, XmlDoc};

/// What a text loses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Losses {
    /// Each loss, in the order in which the elements stand; comments last.
    pub all: Vec<Loss>,
    /// Whether a network reaches the world in another way than before.
    pub other_mode: bool,
}

/// Something that a text loses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The line where it stood.
    pub line: u32,
    /// The names from the root down to its element; of a comment, nothing.
    pub path: Vec<String>,
    /// What it is.
    pub what: Lost,
}

/// What is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The text of an element, which has another one now.
    Text(String),
    /// Attributes of an element.
    Attributes {
        /// Name and value of those that it has no more.
        gone: Vec<(String, String)>,
        /// Name, old and new value of those that have another value.
        changed: Vec<(String, String, String)>,
    },
    /// An element.
    Element {
        /// Its tag, with its text.
        tag: String,
        /// The names of its attributes.
        attributes: Vec<String>,
        /// The tags of all elements that were in it.
        below: Vec<String>,
    },
    /// A comment, signs and all.
    Comment(String),
}

/// Returns what `before` says and `after` does not; nothing, where one of them cannot be parsed.
#[must_use]
pub fn losses(before: &str, after: &str) -> Option<Losses> {
    let (old, new) = (XmlDoc::parse(before).ok()?, XmlDoc::parse(after).ok()?);
    let mut comparison = Comparison {
        old: &old,
        new: &new,
        losses: Vec::new(),
    };
    comparison.elements(0, 0, &mut Vec::new());
    comparison.comments();
    let mode = |doc: &XmlDoc<'_>| {
        let (_, forward) = doc.child(0, "forward")?;
        Some(forward.value("mode").unwrap_or("nat").to_owned())
    };
    Some(Losses {
        all: comparison.losses,
        other_mode: mode(&old) != mode(&new),
    })
}

/// Two texts of one file.
struct Comparison<'d> {
    old: &'d XmlDoc<'d>,
    new: &'d XmlDoc<'d>,
    losses: Vec<Loss>,
}

impl<'d> Comparison<'d> {
    /// Compares two elements that are the same one before and after; `above` are the names down to its parent.
    fn elements(&mut self, old: usize, new: usize, above: &mut Vec<&'d str>) {
        let (before, after) = (&self.old.elements()[old], &self.new.elements()[new]);
        above.push(before.name);
        self.attributes(before, after, above);
        let text = before.text.trim_end();
        if !text.is_empty() && text != after.text.trim_end() {
            self.lose(before, above, Lost::Text(text.to_owned()));
        }
        for (old, new) in self.pairs(old, new) {
            match new {
                Some(new) => self.elements(old, new, above),
                None => self.gone(old, above),
            }
        }
        above.pop();
    }

    fn attributes(&mut self, before: &Element<'_>, after: &Element<'_>, path: &[&str]) {
        let (mut gone, mut changed) = (Vec::new(), Vec::new());
        for attribute in &before.attributes {
            let (name, value) = (attribute.name, &*attribute.value);
            match after.value(name) {
                Some(now) if now == value => {}
                Some(now) => changed.push((name.to_owned(), value.to_owned(), now.to_owned())),
                None => gone.push((name.to_owned(), value.to_owned())),
            }
        }
        if !gone.is_empty() || !changed.is_empty() {
            self.lose(before, path, Lost::Attributes { gone, changed });
        }
    }

    /// An element that is not there any more, with all that was in it.
    fn gone(&mut self, index: usize, above: &[&str]) {
        let element = &self.old.elements()[index];
        let path = [above, &[element.name]].concat();
        let end = element.span.end;
        let below = self.old.elements().iter().enumerate().skip(index + 1);
        let below = below.take_while(|(_, below)| below.span.start < end);
        let names = element.attributes.iter().map(|a| a.name.to_owned());
        let what = Lost::Element {
            tag: tag(self.old, index),
            attributes: names.collect(),
            below: below.map(|(below, _)| tag(self.old, below)).collect(),
        };
        self.lose(element, &path, what);
    }

    fn lose(&mut self, element: &Element<'_>, path: &[&str], what: Lost) {
        let line = self.old.line(element.span.start);
        let path = path.iter().map(|name| (*name).to_owned()).collect();
        self.losses.push(Loss { line, path, what });
    }

    /// Returns the elements in one before, each with what it is afterwards.
    fn pairs(&self, old: usize, new: usize) -> Vec<(usize, Option<usize>)> {
        let after: Vec<usize> = inner(self.new, new).collect();
        let mut equal: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (place, index) in after.iter().enumerate() {
            let whole = whole(self.new, *index);
            equal.entry(whole).or_default().push_back(place);
        }
        let mut free = vec![true; after.len()];
        let before = inner(self.old, old).map(|index| {
            let place = equal
                .get_mut(&whole(self.old, index))
                .and_then(VecDeque::pop_front);
            if let Some(place) = place {
                free[place] = false;
            }
            (index, place.map(|place| after[place]))
        });
        let mut pairs: Vec<(usize, Option<usize>)> = before.collect();
        let mut left: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (index, _) in after.iter().zip(&free).filter(|(_, free)| **free) {
            for key in keys(&self.new.elements()[*index]) {
                left.entry(key).or_default().push_back(*index);
            }
        }
        let mut used = BTreeSet::new();
        for (index, found) in pairs.iter_mut().filter(|(_, found)| found.is_none()) {
            for key in keys(&self.old.elements()[*index]) {
                let queue = left.get_mut(&key);
                let next = queue.and_then(|queue| {
                    queue.retain(|place| !used.contains(place));
                    queue.pop_front()
                });
                if let Some(next) = next {
                    used.insert(next);
                    *found = Some(next);
                    break;
                }
            }
        }
        pairs
    }

    /// Comments that are not there any more.
    fn comments(&mut self) {
        let texts = |doc: &'d XmlDoc<'d>| {
            let spans = doc.comments().iter();
            spans.map(|span| (span.start, &doc.source()[span.clone()]))
        };
        let mut kept: HashMap<&str, usize> = HashMap::new();
        for (_, text) in texts(self.new) {
            *kept.entry(text).or_default() += 1;
        }
        for (start, text) in texts(self.old) {
            match kept.get_mut(text).filter(|count| **count > 0) {
                Some(count) => *count -= 1,
                // libvirt's own, in which the name of the network stands
                None if text.contains("THIS IS AN AUTO-GENERATED FILE") => {}
                None => self.losses.push(Loss {
                    line: self.old.line(start),
                    path: Vec::new(),
                    what: Lost::Comment(text.to_owned()),
                }),
            }
        }
    }
}

/// Returns the elements directly in one, those of other namespaces too.
fn inner<'d>(doc: &'d XmlDoc<'d>, parent: usize) -> impl Iterator<Item = usize> + 'd {
    let end = doc.elements()[parent].span.end;
    let all = doc.elements().iter().enumerate().skip(parent + 1);
    all.take_while(move |(_, element)| element.span.start < end)
        .filter(move |(_, element)| element.parent == Some(parent))
        .map(|(index, _)| index)
}

/// Returns the tag of an element, with its text.
fn tag(doc: &XmlDoc<'_>, index: usize) -> String {
    let element = &doc.elements()[index];
    let mut tag = format!("<{}", element.name);
    for attribute in &element.attributes {
        let value = &attribute.value;
        let _ = write!(tag, " {}='{value}'", attribute.name);
    }
    let text = element.text.trim_end();
    let full = inner(doc, index).next().is_some();
    match (text, full) {
        ("", true) => tag.push('>'),
        ("", false) => tag.push_str("/>"),
        (text, _) => {
            let _ = write!(tag, ">{text}</{}>", element.name);
        }
    }
    tag
}

/// Returns an element with all that is in it, however it is written.
fn whole(doc: &XmlDoc<'_>, index: usize) -> String {
    let element = &doc.elements()[index];
    let end = element.span.end;
    let all = doc.elements().iter().skip(index);
    let mut whole = String::new();
    for element in all.take_while(|element| element.span.start < end) {
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by_key(|attribute| attribute.name);
        let depth = element.parent.unwrap_or(0);
        let _ = write!(whole, "{} {}", depth.saturating_sub(index), element.name);
        for attribute in attributes {
            let _ = write!(whole, "\0{}\0{}", attribute.name, attribute.value);
        }
        let _ = writeln!(whole, "\0\0{}", element.text.trim_end());
    }
    whole
}

/// Returns by what an element is known again once it is another; each is enough.
fn keys(element: &Element<'_>) -> Vec<String> {
    if element.name != "host" {
        return vec![element.name.to_owned()];
    }
    let named = ["mac", "id", "name"].iter().filter_map(|name| {
        let value = element.value(name)?.to_ascii_lowercase();
        Some(format!("host {name} {value}"))
    });
    named.collect()
}
