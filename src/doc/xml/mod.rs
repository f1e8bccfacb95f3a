//! XML documents: quick-xml as the tokenizer, the position of every element, attribute and comment, edits as spans.
//!
//! An [`XmlDoc`] is the untouched source with its elements in document order. Well-formedness is checked strictly: one
//! root, matching tags, quoted and unique attributes. Refused in bounded time and memory: a DOCTYPE (libvirt and firewalld
//! write none, and entities could grow without end), and nesting deeper than [`DEEPEST`]. How it is read is in `parse`,
//! how it is changed in `edit` and `insert`, what is put in is a [`Fragment`].

mod characters;
mod declaration;
mod edit;
mod fragment;
mod insert;
mod parse;
mod surroundings;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

pub use edit::Editing;
pub use fragment::Fragment;
pub(crate) use fragment::{escape, escape_text};
pub use insert::{Place, place};

use super::SyntaxError;
use super::lines::Lines;
use crate::work::{self, Work};

/// Elements nested deeper than this are refused.
pub const DEEPEST: usize = 256;

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'s> {
    /// Its name, prefix and all.
    pub name: &'s str,
    /// Its value, entities resolved.
    pub value: Cow<'s, str>,
    /// The value between its quotes.
    pub span: Range<usize>,
    /// From the first letter of the name to behind the closing quote.
    pub whole: Range<usize>,
}

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'s> {
    /// Its name, prefix and all.
    pub name: &'s str,
    /// The index of the element that holds it.
    pub parent: Option<usize>,
    /// Its attributes in the order of the source.
    pub attributes: Vec<Attribute<'s>>,
    /// From `<` of its start tag to behind `>` of its end tag.
    pub span: Range<usize>,
    /// What is between its tags; `None` where one tag is both, as in `<acpi/>`.
    pub inner: Option<Range<usize>>,
    /// The text directly in it, entities resolved, white space before the first word left out.
    pub text: Cow<'s, str>,
    /// Whether a default namespace is in force, which makes it another element than the one that its name says.
    pub foreign: bool,
}

impl Element<'_> {
    /// Returns the attribute `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute<'_>> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// Returns the value of the attribute `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.attribute(name).map(|attribute| &*attribute.value)
    }
}

/// An XML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlDoc<'s> {
    source: &'s str,
    elements: Vec<Element<'s>>,
    comments: Vec<Range<usize>>,
    lines: OnceLock<Lines>,
    manner: OnceLock<surroundings::Manner>,
}

impl std::fmt::Display for XmlDoc<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.source)
    }
}

impl<'s> XmlDoc<'s> {
    /// Returns the document that `source` is.
    ///
    /// # Errors
    /// The first place that is not well-formed, or that is refused.
    pub fn parse(source: &'s str) -> Result<Self, SyntaxError> {
        work::count(Work::Parsed, source.len());
        parse::document(source)
    }

    /// Returns the text.
    #[must_use]
    pub fn source(&self) -> &'s str {
        self.source
    }

    /// Returns all elements in document order; the first is the root.
    #[must_use]
    pub fn elements(&self) -> &[Element<'s>] {
        &self.elements
    }

    /// Returns where the comments are, from `<!--` to `-->`.
    #[must_use]
    pub fn comments(&self) -> &[Range<usize>] {
        &self.comments
    }

    /// Returns the root element.
    #[must_use]
    pub fn root(&self) -> &Element<'s> {
        &self.elements[0]
    }

    /// Returns the elements directly in the element of this index, with their own; those of another default namespace
    /// are left out, as XPath expressions without a prefix pass them over.
    pub fn children(&self, parent: usize) -> impl Iterator<Item = (usize, &Element<'s>)> {
        let end = self.elements[parent].span.end;
        self.elements
            .iter()
            .enumerate()
            .skip(parent + 1)
            .take_while(move |(_, element)| element.span.start < end)
            .inspect(|_| work::count(Work::Visited, 1))
            .filter(move |(_, element)| element.parent == Some(parent) && !element.foreign)
    }

    /// Returns the elements `name` directly in the element of this index, with their own.
    pub fn named<'n>(
        &'n self,
        parent: usize,
        name: &'n str,
    ) -> impl Iterator<Item = (usize, &'n Element<'s>)> {
        self.children(parent)
            .filter(move |(_, element)| element.name == name)
    }

    /// Returns the first element `name` directly in the element of this index.
    #[must_use]
    pub fn child(&self, parent: usize, name: &str) -> Option<(usize, &Element<'s>)> {
        self.children(parent)
            .find(|(_, element)| element.name == name)
    }

    /// Returns the line of the byte `offset`, counted from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        self.lines().line(offset)
    }

    fn lines(&self) -> &Lines {
        let lines = || Lines::of(self.source.as_bytes());
        self.lines.get_or_init(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_attributes_where_they_are() {
        let source = "<?xml version='1.0'?>\n<!-- c -->\n<zone a=\"x&amp;y\">\n  <interface name = 'ens33' />\n</zone>\n";
        let doc = XmlDoc::parse(source).unwrap();
        assert_eq!(doc.root().value("a"), Some("x&y"));
        let (_, interface) = doc.child(0, "interface").unwrap();
        let name = interface.attribute("name").unwrap();
        assert_eq!(&source[name.span.clone()], "ens33");
        assert_eq!(&source[name.whole.clone()], "name = 'ens33'");
        assert_eq!(doc.line(name.span.start), 4);
        assert_eq!(&source[doc.comments()[0].clone()], "<!-- c -->");
        assert_eq!(
            &source[doc.root().span.clone()],
            source[source.find("<zone").unwrap()..].trim_end()
        );
        assert_eq!(doc.to_string(), source);
    }

    #[test]
    fn a_byte_order_mark_moves_no_span() {
        let source = "\u{feff}<?xml version='1.0' encoding='utf-8'?><a><b c='ä'/></a>";
        let doc = XmlDoc::parse(source).unwrap();
        let (_, b) = doc.child(0, "b").unwrap();
        assert_eq!(&source[b.span.clone()], "<b c='ä'/>");
        assert_eq!(&source[b.attribute("c").unwrap().span.clone()], "ä");
    }

    #[test]
    fn another_default_namespace_is_another_element() {
        let doc = XmlDoc::parse(
            "<a xmlns:x='u'><x:name>1</x:name><name xmlns='v'>2</name><name>3</name></a>",
        )
        .unwrap();
        assert_eq!(doc.child(0, "name").unwrap().1.text, "3");
    }

    #[test]
    fn refuses_what_is_not_well_formed() {
        let deep = "<a>".repeat(DEEPEST + 1);
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "<a x=1/>",
            "<a x='1' x='2'/>",
            "<a x='1'y='2'/>",
            "<a x/>",
            "<1a/>",
            "<a 1x='1'/>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a>&nope;</a>",
            "<a>&#0;</a>",
            "<a>&#x1f;</a>",
            "<a x='<'/>",
            "<a x='&nope;'/>",
            "<a x='&'/>",
            "<a>\u{1}</a>",
            "<a>]]></a>",
            "<a><!-- x -- y --></a>",
            "<a><!-- x --",
            " <?xml version='1.0'?><a/>",
            "<a><?xml version='1.0'?></a>",
            "<?xml version='1.0' encoding=''?><a/>x",
            "<?xml encoding='utf-8'?><a/>",
            "<?xml version='1.0' standalone='maybe'?><a/>",
            "<?xml version='1.0'encoding='utf-8'?><a/>",
            "<?1?><a/>",
            "<?XML x?><a/>",
            "<?xml version='1.0' encoding='ISO-8859-1'?><a>ä</a>",
            "</a>",
            deep.as_str(),
        ] {
            assert!(XmlDoc::parse(bad).is_err(), "{bad:.60}");
        }
    }

    #[test]
    fn an_element_that_is_never_closed_is_shown_where_it_was_opened() {
        let shown = |source: &str| {
            let error = XmlDoc::parse(source).unwrap_err();
            let also = error.also.map(|line| line.get());
            (error.line, error.message, also)
        };
        for (source, line, message, also) in [
            ("<a>\n<b>\n</a>", 2, "`<b>` is never closed", Some(3)),
            (
                "\u{feff}<a>\n<b x='1'>\n<c/>\n</a>\n",
                2,
                "`<b>` is never closed",
                Some(4),
            ),
            ("<a>\n<b>\n<c>\n</a>", 3, "`<c>` is never closed", Some(4)),
            ("<a>\n<b>\n</b>\n\n", 1, "`<a>` is never closed", Some(3)),
            (
                "<a>\n<b>\n</bb>\n</a>",
                3,
                "`</bb>` where `</b>` is expected",
                Some(2),
            ),
            (
                "<a>\n<b/>\n</b></a>",
                3,
                "`</b>` where `</a>` is expected",
                Some(1),
            ),
            ("<a>\n<b></a>", 2, "`<b>` is never closed", None),
        ] {
            let expected = (line, message.to_owned(), also);
            assert_eq!(shown(source), expected, "{source}");
        }
        assert!(XmlDoc::parse("<a:b></a:b >").is_ok());
    }

    #[test]
    fn takes_what_is_well_formed() {
        for good in [
            "<a/>",
            "<a></a >",
            "<a\n x = \"1\"\n/>",
            "<!-- c --><a/><!-- c -->\n",
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>",
            "<a>&#65;&#x41;&lt;</a>",
            "<a><![CDATA[<b>]]></a>",
            "<a x:y='1' xmlns:x='u'/>",
            "<?xml version='1.0'?>\n<?pi x?><a/>",
            "<?xml version = \"1.0\" encoding='US-ASCII' standalone = 'no' ?><?pi?><a/>",
            "<a>é\u{10ffff}</a>",
        ] {
            assert!(
                XmlDoc::parse(good).is_ok(),
                "{good}: {:?}",
                XmlDoc::parse(good)
            );
        }
    }
}
