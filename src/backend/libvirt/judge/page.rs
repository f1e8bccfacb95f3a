//! The elements of a document as libvirt's parsers look at them: by XPath, or by the plain names of children.
//!
//! Source: util/virxml.c. `virXPathString("string(./@name)")` passes an empty value over, `virXMLPropString()`
//! (`xmlGetProp()`) takes it; XPath wants elements in no namespace, `virXMLNodeNameEqual()` looks at the plain name alone.

use std::ops::Range;

use crate::doc::xml::{Attribute, Element, XmlDoc};

/// A document whose children are found in time proportional to their number.
pub(super) struct Page<'d> {
    doc: &'d XmlDoc<'d>,
    first: Vec<u32>,
    next: Vec<u32>,
}

/// No element.
const NONE: u32 = u32::MAX;

impl<'d> Page<'d> {
    pub(super) fn of(doc: &'d XmlDoc<'d>) -> Self {
        let elements = doc.elements();
        let (mut first, mut next) = (vec![NONE; elements.len()], vec![NONE; elements.len()]);
        for (index, element) in elements.iter().enumerate().rev() {
            if let (Some(parent), Ok(own)) = (element.parent, u32::try_from(index)) {
                next[index] = first[parent];
                first[parent] = own;
            }
        }
        Self { doc, first, next }
    }

    pub(super) fn root(&self) -> Node<'_> {
        Node {
            page: self,
            index: 0,
        }
    }
}

/// An element of a page.
#[derive(Clone, Copy)]
pub(super) struct Node<'p> {
    page: &'p Page<'p>,
    index: usize,
}

/// An attribute that is there.
#[derive(Clone)]
pub(super) struct Value<'p> {
    /// Its name.
    pub(super) name: &'p str,
    /// Its value.
    pub(super) text: &'p str,
    /// Where it stands, name and all.
    pub(super) span: Range<usize>,
}

impl<'p> Value<'p> {
    fn of(attribute: &'p Attribute<'p>) -> Self {
        Self {
            name: attribute.name,
            text: &attribute.value,
            span: attribute.whole.clone(),
        }
    }
}

impl<'p> Node<'p> {
    pub(super) fn element(&self) -> &'p Element<'p> {
        &self.page.doc.elements()[self.index]
    }

    pub(super) fn name(&self) -> &'p str {
        self.element().name
    }

    /// Returns whether XPath finds it by its name: it is in no namespace.
    pub(super) fn is_plain(&self) -> bool {
        !self.element().foreign && !self.name().contains(':')
    }

    pub(super) fn parent(&self) -> Option<Self> {
        let index = self.element().parent?;
        Some(Self { index, ..*self })
    }

    /// Returns all elements directly in it.
    pub(super) fn children(&self) -> impl Iterator<Item = Node<'p>> + use<'p> {
        let page = self.page;
        let at = |index: u32| (index != NONE).then_some(index);
        let first = at(page.first[self.index]);
        std::iter::successors(first, move |index| at(page.next[*index as usize])).map(
            move |index| Node {
                page,
                index: index as usize,
            },
        )
    }

    /// Returns the elements directly in it that XPath calls `name`.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = Node<'p>> + use<'p> {
        self.children()
            .filter(move |child| child.name() == name && !child.element().foreign)
    }

    /// Returns the first of them.
    pub(super) fn first(&self, name: &'static str) -> Option<Self> {
        self.all(name).next()
    }

    /// Returns the elements directly in it whose plain name is `name`, whatever their namespace.
    pub(super) fn loose(&self, name: &'static str) -> impl Iterator<Item = Node<'p>> + use<'p> {
        self.children()
            .filter(move |child| plain(child.name()) == name)
    }

    /// Returns an attribute as `virXMLPropString()` does.
    pub(super) fn prop(&self, name: &str) -> Option<Value<'p>> {
        let mut attributes = self.element().attributes.iter();
        let found = attributes.find(|attribute| {
            plain(attribute.name) == name && !attribute.name.starts_with("xmlns:")
        });
        found.map(Value::of)
    }

    /// Returns an attribute as `virXPathString("string(./@name)")` does: one that is not empty.
    pub(super) fn said(&self, name: &str) -> Option<Value<'p>> {
        let found = self.element().attribute(name);
        found
            .filter(|attribute| !attribute.value.is_empty())
            .map(Value::of)
    }

    /// Returns all its attributes.
    pub(super) fn attributes(&self) -> impl Iterator<Item = Value<'p>> + use<'p> {
        self.element().attributes.iter().map(Value::of)
    }

    /// Returns where its start tag is.
    pub(super) fn tag(&self) -> Range<usize> {
        let element = self.element();
        let end = element
            .inner
            .as_ref()
            .map_or(element.span.end, |inner| inner.start);
        element.span.start..end
    }

    /// Returns all text in it, that of its elements included.
    pub(super) fn text(&self) -> String {
        let mut text = self.element().text.to_string();
        for child in self.children() {
            text += &child.text();
        }
        text
    }

    /// Returns the URI of the namespace that its prefix stands for; `None` where it is not declared.
    pub(super) fn namespace(&self) -> Option<&'p str> {
        let (prefix, _) = self.name().split_once(':')?;
        let declares = |attribute: &&Attribute<'_>| {
            attribute
                .name
                .strip_prefix("xmlns:")
                .is_some_and(|name| name == prefix)
        };
        std::iter::successors(Some(*self), Node::parent)
            .find_map(|node| node.element().attributes.iter().find(declares))
            .map(|attribute| &*attribute.value)
    }
}

/// Returns a name without its prefix.
pub(super) fn plain(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
