//! How the surroundings of an element are written: indentation, line ends and quotes.

use std::ops::Range;

use super::fragment::Style;
use super::{Element, Place, XmlDoc};

impl XmlDoc<'_> {
    /// Returns the style in which a sibling of the element is written.
    pub(super) fn style_at(&self, index: usize) -> Style {
        let indent = self.indent_of(&self.elements[index]);
        let many_lines = self.source[self.root().span.clone()].contains('\n');
        Style {
            quote: self.quote_near(index),
            // an element within a line has its siblings there too
            newline: match indent {
                Some(_) if many_lines => self.newline(),
                Some(_) | None => "",
            },
            indent: indent.unwrap_or_default().to_owned(),
            unit: self.unit(),
        }
    }

    /// Returns the indentation of an element that begins a line.
    pub(super) fn indent_of(&self, element: &Element<'_>) -> Option<&str> {
        let before = self.line_start(element.span.start)..element.span.start;
        let indent = self.source[before].trim_start_matches('\u{feff}');
        indent.trim().is_empty().then_some(indent)
    }

    /// Returns what a level adds to the indentation, as the first element within another shows it.
    fn unit(&self) -> String {
        let step = |element: &Element<'_>| {
            let outer = self.indent_of(&self.elements[element.parent?])?;
            let unit = self.indent_of(element)?.strip_prefix(outer)?;
            (!unit.is_empty()).then(|| unit.to_owned())
        };
        let found = self.elements.iter().find_map(step);
        found.unwrap_or_else(|| "  ".to_owned())
    }

    pub(super) fn newline(&self) -> &'static str {
        match self.source.find('\n') {
            Some(at) if self.source[..at].ends_with('\r') => "\r\n",
            Some(_) | None => "\n",
        }
    }

    pub(super) fn quote_of(&self, value: &Range<usize>) -> char {
        match self.source.as_bytes()[value.start - 1] {
            b'"' => '"',
            _ => '\'',
        }
    }

    /// Returns the quotes of the nearest value before the end of the element, else of the nearest behind it.
    pub(super) fn quote_near(&self, index: usize) -> char {
        let with_values = |elements: &[Element<'_>], last: bool| {
            let mut values = elements.iter().flat_map(|element| {
                element
                    .attributes
                    .iter()
                    .map(|attribute| attribute.span.clone())
            });
            if last {
                values.next_back()
            } else {
                values.next()
            }
        };
        let (before, behind) = self.elements.split_at(index + 1);
        let value = with_values(before, true).or_else(|| with_values(behind, false));
        value.map_or('\'', |value| self.quote_of(&value))
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.source[..at].rfind('\n').map_or(0, |at| at + 1)
    }
}

/// Returns the place for a new element in `parent`: behind the last of those that `order` has before `name`.
#[must_use]
pub fn place(doc: &XmlDoc<'_>, parent: usize, order: &[&str], name: &str) -> Place {
    let before: Vec<&str> = order.iter().copied().take_while(|n| *n != name).collect();
    let rank = |element: &Element<'_>| before.iter().position(|n| *n == element.name);
    let ranked = doc
        .children(parent)
        .filter_map(|(index, element)| Some((rank(element)?, index)));
    match (ranked.max(), doc.children(parent).next()) {
        (Some((_, index)), _) => Place::After(index),
        (None, Some((index, _))) => Place::Before(index),
        (None, None) => Place::In(parent),
    }
}
