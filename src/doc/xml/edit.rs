//! Changes to a document as spans: what is put in takes indentation, line ends and quotes of its surroundings.
//!
//! [`Editing`] collects changes against one parsed document; what depends on a change before it is a second editing, of
//! the text that the first one left. Laws, tested over every fixture: the result is well-formed, nothing but what was
//! named is another, and no comment is ever lost: one inside an element that is removed stays in its place.

use std::ops::Range;

use super::XmlDoc;
use super::fragment::{Fragment, escape, escape_text};
use super::insert::Place;
use crate::doc::edits::Edits;

/// Changes of one document that do not meet; indices are those of its elements.
#[derive(Debug)]
pub struct Editing<'d> {
    doc: &'d XmlDoc<'d>,
    edits: Edits,
    removed: Vec<usize>,
}

impl<'d> Editing<'d> {
    /// Begins to change `doc`.
    #[must_use]
    pub fn of(doc: &'d XmlDoc<'d>) -> Self {
        Self {
            doc,
            edits: Edits::default(),
            removed: Vec::new(),
        }
    }

    /// Gives an attribute a value; an attribute that is not there is added.
    pub fn set(&mut self, index: usize, name: &str, value: &str) {
        self.doc.set(&mut self.edits, index, name, value);
    }

    /// Takes an attribute away.
    pub fn unset(&mut self, index: usize, name: &str) {
        self.doc.unset(&mut self.edits, index, name);
    }

    /// Gives an element, which has no elements in it, its text.
    pub fn text(&mut self, index: usize, text: &str) {
        self.doc.set_text(&mut self.edits, index, text);
    }

    /// Takes an element away; comments in it stay.
    pub fn remove(&mut self, index: usize) {
        self.removed.push(index);
    }

    /// Closes an element that has nothing in it within its own tag: `<a></a>` becomes `<a/>`.
    pub fn close(&mut self, index: usize) {
        self.doc.close(&mut self.edits, index);
    }

    /// Puts an element in; several at one place keep their order.
    pub fn insert(&mut self, place: Place, fragment: &Fragment) {
        self.insert_all(place, std::slice::from_ref(fragment));
    }

    /// Puts elements in.
    pub fn insert_all(&mut self, place: Place, fragments: &[Fragment]) {
        if !fragments.is_empty() {
            self.doc.insert(&mut self.edits, place, fragments);
        }
    }

    /// Returns the changes as spans of the source with what stands there afterwards.
    #[must_use]
    pub fn into_spans(self) -> Vec<(Range<usize>, String)> {
        self.edits().into_spans()
    }

    /// Returns the text with the changes made.
    #[must_use]
    pub fn finish(self) -> String {
        let source = self.doc.source;
        self.edits().apply(source)
    }

    fn edits(mut self) -> Edits {
        self.removed.sort_unstable();
        self.removed.dedup();
        // what stands on one line goes as one
        let doc = self.doc;
        let adjoins = |a: &usize, b: &usize| {
            let between = doc.elements[*a].span.end..doc.elements[*b].span.start;
            let between = doc.source.get(between);
            between.is_some_and(|text| text.bytes().all(|byte| matches!(byte, b' ' | b'\t')))
        };
        for run in self.removed.chunk_by(adjoins) {
            if let (Some(first), Some(last)) = (run.first(), run.last()) {
                let span = doc.elements[*first].span.start..doc.elements[*last].span.end;
                doc.remove(&mut self.edits, span);
            }
        }
        self.edits
    }
}

impl XmlDoc<'_> {
    fn set(&self, edits: &mut Edits, index: usize, name: &str, value: &str) {
        let element = &self.elements[index];
        if let Some(attribute) = element.attribute(name) {
            let quote = self.quote_of(&attribute.span);
            edits.replace(attribute.span.clone(), escape(value, quote));
            return;
        }
        match element.attributes.last() {
            Some(last) => {
                let quote = self.quote_of(&last.span);
                let assign = &self.source[last.whole.start + last.name.len()..last.span.start - 1];
                let start = last.whole.start;
                let gap = start - self.source[..start].trim_end().len();
                let gap = &self.source[start - gap..start];
                let value = escape(value, quote);
                edits.insert(
                    last.whole.end,
                    format!("{gap}{name}{assign}{quote}{value}{quote}"),
                );
            }
            None => {
                let quote = self.quote_near(index);
                let value = escape(value, quote);
                let at = element.span.start + 1 + element.name.len();
                edits.insert(at, format!(" {name}={quote}{value}{quote}"));
            }
        }
    }

    fn unset(&self, edits: &mut Edits, index: usize, name: &str) {
        if let Some(attribute) = self.elements[index].attribute(name) {
            let start = self.source[..attribute.whole.start].trim_end().len();
            edits.delete(start..attribute.whole.end);
        }
    }

    fn set_text(&self, edits: &mut Edits, index: usize, text: &str) {
        let element = &self.elements[index];
        let text = escape_text(text);
        let Some(inner) = &element.inner else {
            let end = element.span.end;
            edits.replace(end - 2..end, format!(">{text}</{}>", element.name));
            return;
        };
        // comments stay on their side of the text
        let mut begin = inner.start;
        let (mut before, mut behind) = (String::new(), String::new());
        for comment in self.comments_in(inner) {
            let headed = behind.is_empty() && self.blank(begin..comment.start);
            let side = if headed { &mut before } else { &mut behind };
            side.push_str(&self.source[comment.clone()]);
            begin = comment.end;
        }
        edits.replace(inner.clone(), before + &text + &behind);
    }

    fn remove(&self, edits: &mut Edits, span: Range<usize>) {
        let line_start = self.line_start(span.start);
        let alone_before = self.blank(line_start..span.start);
        let behind = self.source[span.end..].trim_start_matches([' ', '\t', '\r']);
        let line_end = self.source.len() - behind.len();
        let alone_behind = behind.is_empty() || behind.starts_with('\n');
        let kept: Vec<&str> = self
            .comments_in(&span)
            .map(|span| &self.source[span])
            .collect();
        if !kept.is_empty() {
            let indent = &self.source[line_start..span.start];
            let gap = match alone_before {
                true => format!("{}{indent}", self.newline()),
                false => String::new(),
            };
            edits.replace(span, kept.join(&gap));
        } else if alone_before && alone_behind {
            edits.delete(
                line_start..self.source.len() - behind.len() + usize::from(!behind.is_empty()),
            );
        } else if alone_before {
            // what follows on the line takes its place
            edits.delete(span.start..line_end);
        } else if alone_behind {
            let start = self.source[..span.start]
                .trim_end_matches([' ', '\t'])
                .len();
            edits.delete(start..span.end);
        } else {
            edits.delete(span);
        }
    }

    fn close(&self, edits: &mut Edits, index: usize) {
        let element = &self.elements[index];
        let Some(inner) = &element.inner else {
            return;
        };
        if self.blank(inner.clone()) {
            let start = self.source[..inner.start - 1].trim_end().len();
            edits.replace(start..element.span.end, "/>".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(doc: &XmlDoc<'_>, name: &str) -> usize {
        let mut elements = doc.elements().iter();
        elements.position(|element| element.name == name).unwrap()
    }

    /// Makes changes on the element `name`.
    #[track_caller]
    fn changes(
        source: &str,
        name: &str,
        make: impl FnOnce(&mut Editing<'_>, usize),
        expected: &str,
    ) {
        let doc = XmlDoc::parse(source).unwrap();
        let mut editing = Editing::of(&doc);
        make(&mut editing, at(&doc, name));
        let text = editing.finish();
        assert_eq!(text, expected);
        XmlDoc::parse(&text).unwrap();
    }

    #[test]
    fn closes_what_is_empty() {
        let close = |editing: &mut Editing<'_>, index| editing.close(index);
        changes("<a><b x='1'>\n  </b></a>", "b", close, "<a><b x='1'/></a>");
        changes("<a><b></b ></a>", "b", close, "<a><b/></a>");
        changes("<a><b/></a>", "b", close, "<a><b/></a>");
        let comment = "<a><b><!-- x --></b></a>";
        changes(comment, "b", close, comment);
    }

    #[test]
    fn removes_the_line_of_an_element() {
        let remove = |editing: &mut Editing<'_>, index| editing.remove(index);
        changes(
            "<a>\n  <b/>\n  <c/>\n</a>\n",
            "b",
            remove,
            "<a>\n  <c/>\n</a>\n",
        );
        changes("<a>\r\n  <b/>\r\n</a>", "b", remove, "<a>\r\n</a>");
        changes("<a><b/><c/></a>", "b", remove, "<a><c/></a>");
        changes("<a>\n  <b/> <c/>\n</a>", "b", remove, "<a>\n  <c/>\n</a>");
        changes("<a>\n  <b/> <c/>\n</a>", "c", remove, "<a>\n  <b/>\n</a>");
    }

    #[test]
    fn keeps_comments_of_what_is_removed() {
        changes(
            "<a>\n  <b> <!-- x -->\n    <!-- y -->\n    <c/>\n  </b>\n</a>\n",
            "b",
            |editing, index| editing.remove(index),
            "<a>\n  <!-- x -->\n  <!-- y -->\n</a>\n",
        );
        changes(
            "<a>\n  <b/> <!-- x -->\n</a>",
            "b",
            |editing, index| editing.remove(index),
            "<a>\n  <!-- x -->\n</a>",
        );
        changes(
            "<a><b><!--x--></b></a>",
            "b",
            |editing, index| editing.remove(index),
            "<a><!--x--></a>",
        );
    }

    #[test]
    fn sets_attributes_in_the_manner_of_the_others() {
        let set = |editing: &mut Editing<'_>, index| editing.set(index, "y", "1'\"<&");
        changes(
            "<a x=\"1\"/>",
            "a",
            set,
            "<a x=\"1\" y=\"1'&quot;&lt;&amp;\"/>",
        );
        changes("<a y = '2' />", "a", set, "<a y = '1&apos;\"&lt;&amp;' />");
        changes(
            "<a\n  x = '1'\n/>",
            "a",
            |editing, index| editing.set(index, "y", "2"),
            "<a\n  x = '1'\n  y = '2'\n/>",
        );
        changes(
            "<a z=\"\"><b/></a>",
            "b",
            |editing, index| editing.set(index, "y", "2"),
            "<a z=\"\"><b y=\"2\"/></a>",
        );
        changes(
            "<a x='1' y='2'/>",
            "a",
            |editing, index| editing.unset(index, "x"),
            "<a y='2'/>",
        );
    }

    #[test]
    fn inserts_with_the_indentation_of_its_place() {
        let fragment = Fragment::new("n")
            .with("v", 1)
            .child(Fragment::new("m").text("&"));
        let after =
            |editing: &mut Editing<'_>, index| editing.insert(Place::After(index), &fragment);
        let inside = |editing: &mut Editing<'_>, index| editing.insert(Place::In(index), &fragment);
        let before =
            |editing: &mut Editing<'_>, index| editing.insert(Place::Before(index), &fragment);
        changes(
            "<a>\n\t<b q=\"\"/> <!-- of b -->\n</a>",
            "b",
            after,
            "<a>\n\t<b q=\"\"/> <!-- of b -->\n\t<n v=\"1\">\n\t\t<m>&amp;</m>\n\t</n>\n</a>",
        );
        changes(
            "<a>\n    <b />\n</a>",
            "b",
            inside,
            "<a>\n    <b>\n        <n v='1'>\n            <m>&amp;</m>\n        </n>\n    </b>\n</a>",
        );
        changes(
            "<a><b></b></a>",
            "b",
            inside,
            "<a><b><n v='1'><m>&amp;</m></n></b></a>",
        );
        changes(
            "<a>\r\n  <b>\r\n  </b>\r\n</a>",
            "b",
            inside,
            "<a>\r\n  <b>\r\n    <n v='1'>\r\n      <m>&amp;</m>\r\n    </n>\r\n  </b>\r\n</a>",
        );
        changes(
            "<a>\n  <!-- of b -->\n  <b/>\n</a>",
            "b",
            before,
            "<a>\n  <n v='1'>\n    <m>&amp;</m>\n  </n>\n  <!-- of b -->\n  <b/>\n</a>",
        );
        changes(
            "<a>\n  <b><c/></b>\n</a>",
            "b",
            inside,
            "<a>\n  <b><c/><n v='1'><m>&amp;</m></n></b>\n</a>",
        );
    }

    #[test]
    fn gives_an_element_its_text() {
        changes(
            "<a><b/></a>",
            "b",
            |editing, index| editing.text(index, "<"),
            "<a><b>&lt;</b></a>",
        );
        changes(
            "<a><b>x<!--c--></b></a>",
            "b",
            |editing, index| editing.text(index, "y"),
            "<a><b>y<!--c--></b></a>",
        );
        changes(
            "<a><b><!--c--> x<!--d--></b></a>",
            "b",
            |editing, index| editing.text(index, "y"),
            "<a><b><!--c-->y<!--d--></b></a>",
        );
    }
}
