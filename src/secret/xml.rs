//! Secrets in XML: values of attributes and texts of elements, never markup.
//!
//! Source: libvirt's formatdomain page (`passwd=` of `<graphics>`).

use std::ops::Range;

use crate::doc::xml::XmlDoc;

/// Attributes and elements that hold a secret.
const XML: &[&str] = &["passwd", "password"];

/// Values of attributes and texts of elements; in a comment what looks like one, which never reaches beyond it.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let Ok(doc) = XmlDoc::parse(text) else {
        return attributes_in(text, 0..text.len());
    };
    let local = |name: &str| XML.contains(&name.rsplit(':').next().unwrap_or(name));
    let (mut found, mut done) = (Vec::new(), 0);
    for element in doc.elements() {
        let attributes = element.attributes.iter().filter(|known| local(known.name));
        found.extend(attributes.map(|known| known.span.clone()));
        // with what is in it, which therefore is not looked at again
        let inner = element.inner.clone().filter(|inner| inner.start >= done);
        if let Some(inner) = inner.filter(|_| local(element.name)) {
            done = inner.end;
            found.extend(texts_in(text, inner));
        }
    }
    for comment in doc.comments() {
        let span = comment.start..comment.end.saturating_sub("-->".len()).max(comment.start);
        found.extend(attributes_in(text, span));
    }
    found
}

/// Returns the pieces of text between the tags, comments and processing instructions of a well-formed part.
fn texts_in(text: &str, part: Range<usize>) -> Vec<Range<usize>> {
    const CDATA: &str = "<![CDATA[";
    let (mut found, mut at) = (Vec::new(), part.start);
    while at < part.end {
        let rest = &text[at..part.end];
        let length = if let Some(data) = rest.strip_prefix(CDATA) {
            let length = data.find("]]>").unwrap_or(data.len());
            found.push(at + CDATA.len()..at + CDATA.len() + length);
            CDATA.len() + length + "]]>".len()
        } else if rest.starts_with("<!--") {
            rest.find("-->").map_or(rest.len(), |end| end + "-->".len())
        } else if rest.starts_with("<?") {
            rest.find("?>").map_or(rest.len(), |end| end + "?>".len())
        } else if rest.starts_with('<') {
            tag(rest)
        } else {
            let length = rest.find('<').unwrap_or(rest.len());
            found.push(at..at + length);
            length
        };
        at += length;
    }
    found
}

/// Returns how long the tag is that `text` begins with; a `>` in quotes does not end it.
fn tag(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// Returns what looks like values of such attributes in a part that is no markup, or is broken: it ends with the tag.
fn attributes_in(text: &str, part: Range<usize>) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), part.start);
    while let Some(name) = text[at..part.end].find("passw") {
        let start = at + name;
        at = start + "passw".len();
        let rest = &text[start..part.end];
        let Some(rest) = XML.iter().rev().find_map(|name| rest.strip_prefix(name)) else {
            continue;
        };
        let rest = rest.trim_start();
        let value = match rest.strip_prefix('=').map(str::trim_start) {
            Some(value) => value,
            // the text of an element
            None if rest.starts_with('>') && !text[..start].ends_with(['/', ':']) => rest,
            None => continue,
        };
        let from = part.end - value.len();
        let quote = value
            .chars()
            .next()
            .filter(|c| matches!(c, '\'' | '"' | '>'));
        let Some(quote) = quote else { continue };
        let inside = &value[1..];
        let end = inside.find([quote, '<', '>']);
        let end = end.unwrap_or(inside.len());
        let unclosed = inside[end..].starts_with(['<', '>']);
        // the end of a tag or a comment is markup
        let end = match unclosed {
            true => inside[..end].trim_end_matches(['/', '-', '?']).len(),
            false => end,
        };
        let end = from + 1 + end;
        found.push(from + 1..end);
        at = end;
    }
    found
}
