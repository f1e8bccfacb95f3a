//! What an XML file says beyond the model: comments, and elements and attributes that the lens does not know. The law of
//! conservation counts them before and after a change.

use std::collections::HashMap;
use std::ops::Range;

use crate::doc::xml::XmlDoc;

/// Tells whether the lens knows an attribute of the element at this path (`network/ip`), or with "" the element itself.
pub(super) type Known = fn(path: &str, attribute: &str) -> bool;

/// What a change gives up of a document.
#[derive(Debug, Default)]
pub(super) struct GivenUp {
    /// With all that is in there.
    pub(super) spans: Vec<Range<usize>>,
    /// Attributes by their element.
    pub(super) attributes: Vec<(usize, &'static str)>,
}

impl GivenUp {
    fn holds(&self, offset: usize) -> bool {
        self.spans.iter().any(|span| span.contains(&offset))
    }
}

/// Returns all that a document says beyond the model, each part with its place.
fn parts(doc: &XmlDoc<'_>, known: Known, given_up: &GivenUp) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut paths: Vec<String> = Vec::new();
    for (index, element) in doc.elements().iter().enumerate() {
        let above = element.parent.map(|parent| paths[parent].as_str());
        let path = match above {
            Some(above) => format!("{above}/{}", element.name),
            None => element.name.to_owned(),
        };
        let is_known = |attribute: &str| !element.foreign && known(&path, attribute);
        let goes = |attribute: &str| {
            let mut attributes = given_up.attributes.iter();
            attributes.any(|(of, name)| *of == index && *name == attribute)
        };
        let start = element.span.start;
        if !is_known("") {
            found.push((start, format!("<{path}> {}", element.text.trim_end())));
        }
        let unknown = element
            .attributes
            .iter()
            .filter(|attribute| !is_known(attribute.name) && !goes(attribute.name));
        found.extend(unknown.map(|attribute| {
            let (name, value) = (attribute.name, &attribute.value);
            (attribute.whole.start, format!("<{path} {name}='{value}'>"))
        }));
        paths.push(path);
    }
    let comments = doc.comments().iter();
    found.extend(comments.map(|span| (span.start, doc.source()[span.clone()].to_owned())));
    found.retain(|(offset, _)| !given_up.holds(*offset));
    found
}

/// Returns the place in `before` of the first part that `after` does not have and that was not given up.
pub(super) fn lost(
    before: &XmlDoc<'_>,
    after: &XmlDoc<'_>,
    known: Known,
    given_up: &GivenUp,
) -> Option<usize> {
    let mut left: HashMap<String, usize> = HashMap::new();
    for (_, part) in parts(after, known, &GivenUp::default()) {
        *left.entry(part).or_default() += 1;
    }
    let gone = |part: &str| match left.get_mut(part).filter(|count| **count > 0) {
        Some(count) => {
            *count -= 1;
            false
        }
        None => true,
    };
    let mut gone = gone;
    let all = parts(before, known, given_up).into_iter();
    let mut all = all.filter_map(|(offset, part)| gone(&part).then_some(offset));
    all.next()
}
