//! Elements without what does not count: comments, white space between them, quotes, the order of attributes.

use std::collections::BTreeSet;

use crate::doc::xml::{Element, XmlDoc, escape, escape_text};

/// A document whose elements are asked for what they hold.
pub(super) struct Plain<'d> {
    pub(super) doc: &'d XmlDoc<'d>,
    /// The elements directly in each, of whatever namespace.
    children: Vec<Vec<usize>>,
}

impl<'d> Plain<'d> {
    pub(super) fn of(doc: &'d XmlDoc<'d>) -> Self {
        let mut children = vec![Vec::new(); doc.elements().len()];
        for (index, element) in doc.elements().iter().enumerate() {
            if let Some(parent) = element.parent {
                children[parent].push(index);
            }
        }
        Self { doc, children }
    }

    pub(super) fn element(&self, index: usize) -> &Element<'d> {
        &self.doc.elements()[index]
    }

    /// Returns the elements `name` directly in the element of this index.
    pub(super) fn named(&self, parent: usize, name: &str) -> Vec<usize> {
        let children = self.children[parent].iter().copied();
        let is_one = |index: &usize| {
            let element = self.element(*index);
            element.name == name && !element.foreign
        };
        children.filter(is_one).collect()
    }

    /// Returns the element as it is given to libvirt, on one line.
    pub(super) fn written(&self, index: usize) -> String {
        let element = self.element(index);
        let attributes = element.attributes.iter();
        let mut text = format!("<{}", element.name);
        for attribute in attributes {
            let value = escape(&attribute.value, '"');
            text.push_str(&format!(" {}=\"{value}\"", attribute.name));
        }
        let inside: String = self.children[index]
            .iter()
            .map(|child| self.written(*child))
            .collect();
        let words = escape_text(element.text.trim());
        match inside.is_empty() && words.is_empty() {
            true => text + "/>",
            false => format!("{text}>{words}{inside}</{}>", element.name),
        }
    }

    /// Returns what the element says without those that are left `out`; two that say the same are equal.
    pub(super) fn said(&self, index: usize, out: &BTreeSet<Part>) -> String {
        let element = self.element(index);
        let mut attributes: Vec<String> = element
            .attributes
            .iter()
            .filter(|attribute| !out.contains(&Part::Value(index, attribute.name.to_owned())))
            .map(|attribute| format!(" {}={:?}", attribute.name, attribute.value))
            .collect();
        attributes.sort();
        let inside: String = self.children[index]
            .iter()
            .filter(|child| !out.contains(&Part::Element(**child)))
            .map(|child| self.said(*child, out))
            .filter(|said| !EMPTY.contains(&said.as_str()))
            .collect();
        let (name, text) = (element.name, element.text.trim());
        format!("<{name}{}>{text:?}{inside}</>", attributes.concat())
    }
}

/// A part of a document that is left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Element(usize),
    /// An attribute of an element.
    Value(usize, String),
}

/// What says nothing: lists without anything in them.
const EMPTY: &[&str] = &["<dhcp>\"\"</>", "<dns>\"\"</>"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_count_makes_no_difference() {
        let (one, other) = (
            "<a x='1' y=\"&lt;\">\n  <!-- c --> <b/> t <dns/>\n</a>",
            "<a y='&lt;' x='1'>t<b></b></a>",
        );
        let said = |text: &str| {
            let doc = XmlDoc::parse(text).unwrap();
            Plain::of(&doc).said(0, &BTreeSet::new())
        };
        assert_eq!(said(one), said(other));
        assert_ne!(said(one), said("<a y='&lt;' x='1'>t<b z=''/></a>"));
        let doc = XmlDoc::parse(one).unwrap();
        let written = Plain::of(&doc).written(0);
        assert_eq!(written, "<a x=\"1\" y=\"&lt;\">t<b/><dns/></a>");
    }
}
