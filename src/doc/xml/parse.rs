//! From text to elements with their places; what is not well-formed is refused.
//!
//! quick-xml finds the tokens. What it leaves open of XML 1.0 (characters, names, white space between attributes, one
//! root) is checked here.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::characters::{is_plain_name, no_character};
use super::declaration::encoding;
use super::{Attribute, DEEPEST, Element, XmlDoc};
use crate::doc::SyntaxError;

/// Returns the document that `source` is.
pub(super) fn document(source: &str) -> Result<XmlDoc<'_>, SyntaxError> {
    let mark = if source.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    if let Some(at) = no_character(source) {
        return Err(SyntaxError::at(
            source,
            at,
            "a character that XML does not allow",
        ));
    }
    // the tokenizer would count positions without the mark, or with it, depending on how it is fed
    let mut reader = Reader::from_str(&source[mark..]);
    reader.config_mut().check_comments = true;
    // which of two tags is at fault is decided here
    reader.config_mut().check_end_names = false;
    let mut builder = Builder {
        source,
        elements: Vec::new(),
        comments: Vec::new(),
        open: Vec::new(),
        ends_cdata: memchr::memmem::find(source.as_bytes(), b"]]>").is_some(),
    };
    let place = |offset: u64| usize::try_from(offset).map_or(source.len(), |at| at + mark);
    loop {
        let start = place(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            let at = place(reader.error_position()).min(source.len());
            // it may quote several lines
            SyntaxError::at(source, at, error.to_string().replace(['\n', '\r'], " "))
        })?;
        let end = place(reader.buffer_position());
        if matches!(event, Event::Eof) {
            return builder.finish();
        }
        builder.take(event, start..end, mark)?;
    }
}

struct Builder<'s> {
    source: &'s str,
    elements: Vec<Element<'s>>,
    comments: Vec<Range<usize>>,
    open: Vec<usize>,
    /// Whether there is a `]]>` anywhere.
    ends_cdata: bool,
}

impl<'s> Builder<'s> {
    fn error(&self, at: usize, message: impl Into<String>) -> SyntaxError {
        SyntaxError::at(self.source, at, message)
    }

    fn take(
        &mut self,
        event: Event<'_>,
        span: Range<usize>,
        mark: usize,
    ) -> Result<(), SyntaxError> {
        match event {
            Event::Start(tag) => {
                let end = span.end;
                let index = self.element(&tag, span)?;
                self.elements[index].inner = Some(end..end);
                self.open.push(index);
                Ok(())
            }
            Event::Empty(tag) => self.element(&tag, span).map(|_| ()),
            Event::End(tag) => self.close(tag.name().as_ref(), &span),
            Event::Text(_) if self.ends_cdata && self.source[span.clone()].contains("]]>") => {
                Err(self.error(span.start, "`]]>` outside a CDATA section"))
            }
            Event::Text(_) => {
                let text = &self.source[span.clone()];
                self.text(text, span)
            }
            Event::CData(_) => {
                let text = &self.source[span.start + "<![CDATA[".len()..span.end - "]]>".len()];
                self.text(text, span)
            }
            Event::GeneralRef(_) => {
                let text = self.resolve(span.clone())?;
                match self.open.last() {
                    Some(index) => self.elements[*index].text.to_mut().push_str(&text),
                    None => return Err(self.error(span.start, "text outside the root element")),
                }
                Ok(())
            }
            Event::DocType(_) => {
                let error = self.error(span.start, "a DOCTYPE, which kvmnet refuses to read");
                Err(error.beyond())
            }
            Event::Comment(_) => {
                self.comments.push(span);
                Ok(())
            }
            Event::Decl(_) => self.declaration(span, mark),
            Event::PI(_) => self.instruction(span),
            Event::Eof => Ok(()),
        }
    }

    fn close(&mut self, name: &str, span: &Range<usize>) -> Result<(), SyntaxError> {
        let Some(index) = self.open.pop() else {
            return Err(self.error(span.start, "an end tag without its start tag"));
        };
        if name != self.elements[index].name {
            return Err(self.unclosed(index, name, span.start));
        }
        let element = &mut self.elements[index];
        element.span.end = span.end;
        if let Some(inner) = &mut element.inner {
            inner.end = span.start;
        }
        Ok(())
    }

    /// Returns the error of the element `index`, which the end tag of another name would close: it is shown where it was opened
    /// if that tag belongs to an element around it, else the tag is misspelt.
    fn unclosed(&self, index: usize, found: &str, at: usize) -> SyntaxError {
        let element = &self.elements[index];
        let (name, start) = (element.name, element.span.start);
        let around = self
            .open
            .iter()
            .any(|open| self.elements[*open].name == found);
        match around {
            true => self
                .error(start, format!("`<{name}>` is never closed"))
                .also(self.source, at),
            false => self
                .error(at, format!("`</{found}>` where `</{name}>` is expected"))
                .also(self.source, start),
        }
    }

    fn declaration(&self, span: Range<usize>, mark: usize) -> Result<(), SyntaxError> {
        let at = span.start;
        if at != mark {
            return Err(self.error(at, "an XML declaration that is not at the beginning"));
        }
        let declared = &self.source[at + "<?xml".len()..span.end - "?>".len()];
        let Some(encoding) = encoding(declared) else {
            return Err(self.error(at, "a malformed XML declaration"));
        };
        let encoding = encoding.to_ascii_lowercase();
        let ascii = self.source[mark..].is_ascii();
        if ascii || matches!(encoding.as_str(), "" | "utf-8" | "utf8") {
            return Ok(());
        }
        let message = format!("it declares the encoding {encoding}, and is in UTF-8");
        Err(self.error(at, message).beyond())
    }

    /// A processing instruction begins with a name, which is not `xml`.
    fn instruction(&self, span: Range<usize>) -> Result<(), SyntaxError> {
        let (start, end) = (span.start + "<?".len(), span.end - "?>".len());
        let length = self.source[start..end]
            .find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(end - start);
        let name = self.name(start..start + length)?;
        match name.eq_ignore_ascii_case("xml") {
            true => Err(self.error(span.start, "a malformed XML declaration")),
            false => Ok(()),
        }
    }

    fn text(&mut self, text: &'s str, span: Range<usize>) -> Result<(), SyntaxError> {
        let blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
        let Some(index) = self.open.last() else {
            return match blank && !self.source[span.clone()].starts_with('<') {
                true => Ok(()),
                false => Err(self.error(span.start, "text outside the root element")),
            };
        };
        let known = &mut self.elements[*index].text;
        if !known.is_empty() {
            known.to_mut().push_str(text);
        } else if !blank {
            *known = Cow::Borrowed(text);
        }
        Ok(())
    }

    fn element(&mut self, tag: &BytesStart<'_>, span: Range<usize>) -> Result<usize, SyntaxError> {
        if self.open.is_empty() && !self.elements.is_empty() {
            return Err(self.error(span.start, "a second root element"));
        }
        if self.open.len() >= DEEPEST {
            return Err(self
                .error(span.start, "elements nested too deeply")
                .beyond());
        }
        let name = self.located(tag.name().as_ref(), &span)?;
        let name = self.name(name)?;
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| self.error(span.start, error.to_string()))?;
            let key = self.located(attribute.key.as_ref(), &span)?;
            let value = self.located(&attribute.value, &span)?;
            let before = &self.source[..key.start];
            if !before.ends_with(|c: char| c.is_ascii_whitespace()) {
                return Err(self.error(key.start, "an attribute without white space before it"));
            }
            attributes.push(Attribute {
                whole: key.start..value.end + 1,
                name: self.name(key)?,
                value: self.resolve(value.clone())?,
                span: value,
            });
        }
        let parent = self.open.last().copied();
        let inherited = parent.is_some_and(|parent| self.elements[parent].foreign);
        let own = attributes
            .iter()
            .find(|attribute| attribute.name == "xmlns");
        let foreign = own.map_or(inherited, |attribute| !attribute.value.is_empty());
        self.elements.push(Element {
            name,
            parent,
            attributes,
            span,
            inner: None,
            text: Cow::Borrowed(""),
            foreign,
        });
        Ok(self.elements.len() - 1)
    }

    /// Returns where a part of a tag, borrowed by the tokenizer, lies in the source.
    fn located(&self, part: &str, tag: &Range<usize>) -> Result<Range<usize>, SyntaxError> {
        let start = (part.as_ptr() as usize).wrapping_sub(self.source.as_ptr() as usize);
        let end = start.wrapping_add(part.len());
        let inside = tag.start <= start && start <= end && end <= tag.end;
        if inside {
            Ok(start..end)
        } else {
            Err(self.error(tag.start, "a tag that cannot be located"))
        }
    }

    fn name(&self, span: Range<usize>) -> Result<&'s str, SyntaxError> {
        let name = &self.source[span.clone()];
        if is_plain_name(name.as_bytes()) {
            return Ok(name);
        }
        let first = |c: char| c.is_alphabetic() || c == '_' || c == ':';
        let rest = |c: char| first(c) || c.is_numeric() || ".-\u{b7}".contains(c) || !c.is_ascii();
        if name.starts_with(first) && name.chars().all(rest) {
            Ok(name)
        } else {
            Err(self.error(
                span.start,
                format!("`{}` is not a valid name", name.escape_debug()),
            ))
        }
    }

    fn resolve(&self, span: Range<usize>) -> Result<Cow<'s, str>, SyntaxError> {
        let raw = &self.source[span.clone()];
        if !raw.bytes().any(|byte| byte == b'<' || byte == b'&') {
            return Ok(Cow::Borrowed(raw));
        }
        if raw.contains('<') {
            return Err(self.error(span.start, "`<` in an attribute value"));
        }
        let resolved = quick_xml::escape::unescape(raw)
            .map_err(|error| self.error(span.start, error.to_string()))?;
        match no_character(&resolved) {
            Some(_) => Err(self.error(span.start, "a character that XML does not allow")),
            None => Ok(resolved),
        }
    }

    fn finish(self) -> Result<XmlDoc<'s>, SyntaxError> {
        if let Some(index) = self.open.last() {
            let element = &self.elements[*index];
            return Err(self
                .error(
                    element.span.start,
                    format!("`<{}>` is never closed", element.name),
                )
                .also(self.source, self.source.trim_end().len()));
        }
        if self.elements.is_empty() {
            return Err(self.error(0, "no root element"));
        }
        Ok(XmlDoc {
            source: self.source,
            elements: self.elements,
            comments: self.comments,
            lines: OnceLock::new(),
            manner: OnceLock::new(),
        })
    }
}
