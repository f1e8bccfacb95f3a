//! XML documents: quick-xml as the tokenizer, the position of every element and attribute, edits as spans.
//!
//! An [`XmlDoc`] is the untouched source with its elements in document order. Well-formedness is checked strictly: one
//! root, matching tags, quoted and unique attributes. Refused in bounded time and memory: a DOCTYPE (libvirt and firewalld
//! write none, and entities could grow without end), and nesting deeper than [`DEEPEST`].

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::SyntaxError;

/// Elements nested deeper than this are refused.
pub const DEEPEST: usize = 256;

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, prefix and all.
    pub name: String,
    /// Its value, entities resolved.
    pub value: String,
    /// The value between its quotes.
    pub span: Range<usize>,
}

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name, prefix and all.
    pub name: String,
    /// The index of the element that holds it.
    pub parent: Option<usize>,
    /// Its attributes in the order of the source.
    pub attributes: Vec<Attribute>,
    /// From `<` of its start tag to behind `>` of its end tag.
    pub span: Range<usize>,
    /// The text directly in it, entities resolved.
    pub text: String,
}

impl Element {
    /// Returns the attribute `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// Returns the value of the attribute `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.attribute(name)
            .map(|attribute| attribute.value.as_str())
    }
}

/// An XML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlDoc {
    source: String,
    elements: Vec<Element>,
}

impl std::fmt::Display for XmlDoc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)
    }
}

impl XmlDoc {
    /// Returns the document that `source` is.
    ///
    /// # Errors
    /// The first place that is not well-formed, or that is refused.
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        let mut reader = Reader::from_str(source);
        reader.config_mut().check_comments = true;
        let mut builder = Builder {
            source,
            elements: Vec::new(),
            open: Vec::new(),
        };
        loop {
            let start = position(&reader);
            let event = reader.read_event().map_err(|error| {
                let at = usize::try_from(reader.error_position()).unwrap_or(start);
                SyntaxError::at(source, at, error.to_string())
            })?;
            let end = position(&reader);
            if matches!(event, Event::Eof) {
                break;
            }
            builder.take(event, start..end)?;
        }
        builder.finish()
    }

    /// Returns the text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns all elements in document order; the first is the root.
    #[must_use]
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Returns the root element.
    #[must_use]
    pub fn root(&self) -> &Element {
        &self.elements[0]
    }

    /// Returns the elements directly in the element of this index, with their own.
    pub fn children(&self, parent: usize) -> impl Iterator<Item = (usize, &Element)> {
        self.elements
            .iter()
            .enumerate()
            .skip(parent)
            .filter(move |(_, element)| element.parent == Some(parent))
    }

    /// Returns the first element `name` directly in the element of this index.
    #[must_use]
    pub fn child(&self, parent: usize, name: &str) -> Option<(usize, &Element)> {
        self.children(parent)
            .find(|(_, element)| element.name == name)
    }

    /// Returns the line of the byte `offset`, counted from 1.
    #[must_use]
    pub fn line(&self, offset: usize) -> u32 {
        super::position(&self.source, offset).0
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

struct Builder<'a> {
    source: &'a str,
    elements: Vec<Element>,
    open: Vec<usize>,
}

impl Builder<'_> {
    fn error(&self, at: usize, message: impl Into<String>) -> SyntaxError {
        SyntaxError::at(self.source, at, message)
    }

    fn take(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), SyntaxError> {
        match event {
            Event::Start(tag) => {
                let index = self.element(&tag, span)?;
                self.open.push(index);
                Ok(())
            }
            Event::Empty(tag) => self.element(&tag, span).map(|_| ()),
            Event::End(_) => {
                let index = self
                    .open
                    .pop()
                    .ok_or_else(|| self.error(span.start, "an end tag without its start tag"))?;
                self.elements[index].span.end = span.end;
                Ok(())
            }
            Event::Text(text) => self.text(&text, span),
            Event::CData(data) => self.text(&data, span),
            Event::GeneralRef(name) => {
                let text = entity(&name)
                    .ok_or_else(|| self.error(span.start, "an entity that is not defined"))?;
                self.text(&text.to_string(), span)
            }
            Event::DocType(_) => {
                Err(self.error(span.start, "a DOCTYPE, which kvmnet refuses to read"))
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn text(&mut self, text: &str, span: Range<usize>) -> Result<(), SyntaxError> {
        match self.open.last() {
            Some(index) => self.elements[*index].text.push_str(text),
            None if text
                .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
                .is_empty() => {}
            None => return Err(self.error(span.start, "text outside the root element")),
        }
        Ok(())
    }

    fn element(&mut self, tag: &BytesStart<'_>, span: Range<usize>) -> Result<usize, SyntaxError> {
        if self.open.is_empty() && !self.elements.is_empty() {
            return Err(self.error(span.start, "a second root element"));
        }
        if self.open.len() >= DEEPEST {
            return Err(self.error(span.start, "elements nested too deeply"));
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.error(span.start, error.to_string()))?;
            let value = self.span_of(&attribute.value, &span)?;
            attributes.push(Attribute {
                name: attribute.key.as_ref().to_owned(),
                value: self.resolve(value.clone())?,
                span: value,
            });
        }
        let name = tag.name().as_ref().to_owned();
        let parent = self.open.last().copied();
        self.elements.push(Element {
            name,
            parent,
            attributes,
            span,
            text: String::new(),
        });
        Ok(self.elements.len() - 1)
    }

    /// Returns where a borrowed value lies in the source.
    fn span_of(&self, value: &str, tag: &Range<usize>) -> Result<Range<usize>, SyntaxError> {
        let start = (value.as_ptr() as usize).wrapping_sub(self.source.as_ptr() as usize);
        let end = start.wrapping_add(value.len());
        let inside = tag.start <= start && start <= end && end <= tag.end;
        if inside {
            Ok(start..end)
        } else {
            Err(self.error(tag.start, "an attribute that cannot be located"))
        }
    }

    fn resolve(&self, span: Range<usize>) -> Result<String, SyntaxError> {
        let raw = &self.source[span.clone()];
        if raw.contains('<') {
            return Err(self.error(span.start, "`<` in an attribute value"));
        }
        let mut value = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('&') {
            value.push_str(&rest[..at]);
            let (name, behind) = rest[at + 1..].split_once(';').ok_or_else(|| {
                self.error(span.start, "`&` in an attribute value without its `;`")
            })?;
            value.push(
                entity(name)
                    .ok_or_else(|| self.error(span.start, "an entity that is not defined"))?,
            );
            rest = behind;
        }
        value.push_str(rest);
        Ok(value)
    }

    fn finish(self) -> Result<XmlDoc, SyntaxError> {
        if let Some(index) = self.open.last() {
            let element = &self.elements[*index];
            return Err(self.error(
                element.span.start,
                format!("`<{}>` is never closed", element.name),
            ));
        }
        if self.elements.is_empty() {
            return Err(self.error(0, "no root element"));
        }
        Ok(XmlDoc {
            source: self.source.to_owned(),
            elements: self.elements,
        })
    }
}

/// Returns the character of a predefined or numeric entity.
fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')
        }
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
        assert_eq!(doc.line(name.span.start), 4);
        assert_eq!(
            &source[doc.root().span.clone()],
            source[source.find("<zone").unwrap()..].trim_end()
        );
        assert_eq!(doc.to_string(), source);
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
            "<a x=1/>",
            "<a x='1' x='2'/>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a>&nope;</a>",
            "<a x='<'/>",
            "</a>",
            deep.as_str(),
        ] {
            assert!(XmlDoc::parse(bad).is_err(), "{bad:.40}");
        }
    }
}
