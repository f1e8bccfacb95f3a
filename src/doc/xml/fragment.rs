//! Elements that are to be put into a document, written in the manner of their surroundings.

use std::fmt::Write;

/// An element that is in no document yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Self>,
    text: String,
}

/// How a document is written at some place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// The quotes around values.
    pub(super) quote: char,
    /// What ends a line; "" where the document has one line only.
    pub(super) newline: &'static str,
    /// The indentation of the place.
    pub(super) indent: String,
    /// What a level adds to the indentation.
    pub(super) unit: String,
}

impl Style {
    /// Returns the style one level deeper.
    pub(super) fn deeper(&self) -> Self {
        Self {
            indent: format!("{}{}", self.indent, self.unit),
            ..self.clone()
        }
    }

    /// Returns what is between two elements of this level.
    pub(super) fn gap(&self) -> String {
        match self.newline {
            "" => String::new(),
            newline => format!("{newline}{}", self.indent),
        }
    }
}

impl Fragment {
    /// Returns the element `<name/>`.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
            text: String::new(),
        }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// Adds an element inside.
    #[must_use]
    pub fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// Adds elements inside.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// Gives the element its text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    /// Returns the element as text; the first line has no indentation, the last no line end.
    pub(super) fn render(&self, style: &Style) -> String {
        let mut text = format!("<{}", self.name);
        for (name, value) in &self.attributes {
            let quote = style.quote;
            let _ = write!(text, " {name}={quote}{}{quote}", escape(value, quote));
        }
        if self.children.is_empty() && self.text.is_empty() {
            return text + "/>";
        }
        text.push('>');
        text.push_str(&escape_text(&self.text));
        let inside = style.deeper();
        for child in &self.children {
            text.push_str(&inside.gap());
            text.push_str(&child.render(&inside));
        }
        if !self.children.is_empty() {
            text.push_str(&style.gap());
        }
        let _ = write!(text, "</{}>", self.name);
        text
    }
}

/// Returns `value` as it stands between these quotes.
#[must_use]
pub(crate) fn escape(value: &str, quote: char) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\'' if quote == '\'' => text.push_str("&apos;"),
            '"' if quote == '"' => text.push_str("&quot;"),
            // a parser would make a space of it
            '\t' | '\n' | '\r' => {
                let _ = write!(text, "&#{};", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text
}

/// Returns `text` as it stands between tags, the way libvirt writes it: quotes escaped as well.
#[must_use]
pub(crate) fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&apos;")
        .replace('"', "&quot;")
}
