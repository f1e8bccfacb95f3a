//! What surrounds an element, and how it is written: indentation, line ends, quotes and comments.

use std::ops::Range;

use super::fragment::Style;
use super::{Element, XmlDoc};

/// A longer step from level to level is no manner of writing.
const LONGEST_UNIT: usize = 16;

/// How a document is written, found once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    newline: &'static str,
    /// Whether the root stands on more than one line.
    many_lines: bool,
    /// What a level adds to the indentation.
    unit: String,
    /// The quotes of the last value up to the end of each element's tag.
    quotes: Vec<Option<char>>,
    /// The quotes of the first value.
    first: char,
}

impl XmlDoc<'_> {
    fn manner(&self) -> &Manner {
        self.manner.get_or_init(|| {
            let mut last = None;
            let quote = |element: &Element<'_>| {
                if let Some(attribute) = element.attributes.last() {
                    last = Some(self.quote_of(&attribute.span));
                }
                last
            };
            let quotes: Vec<Option<char>> = self.elements.iter().map(quote).collect();
            let mut values = self.elements.iter().flat_map(|e| e.attributes.first());
            let first = values
                .next()
                .map(|attribute| self.quote_of(&attribute.span));
            let newline = match self.source.find('\n') {
                Some(at) if self.source[..at].ends_with('\r') => "\r\n",
                Some(_) | None => "\n",
            };
            Manner {
                newline,
                many_lines: self.source[self.root().span.clone()].contains('\n'),
                unit: self.unit(),
                quotes,
                first: first.unwrap_or('\''),
            }
        })
    }

    /// Returns the style in which a sibling of the element is written.
    pub(super) fn style_at(&self, index: usize) -> Style {
        let (indent, manner) = (self.indent_of(&self.elements[index]), self.manner());
        Style {
            quote: self.quote_near(index),
            // an element within a line has its siblings there too
            newline: match indent {
                Some(_) if manner.many_lines => manner.newline,
                Some(_) | None => "",
            },
            indent: indent.unwrap_or_default().to_owned(),
            unit: manner.unit.clone(),
        }
    }

    /// Returns the indentation of an element that begins a line.
    pub(super) fn indent_of(&self, element: &Element<'_>) -> Option<&str> {
        let before = self.line_start(element.span.start)..element.span.start;
        let indent = self.source[before].trim_start_matches('\u{feff}');
        indent.trim_start().is_empty().then_some(indent)
    }

    /// Returns what a level adds to the indentation, as the first element within another shows it.
    fn unit(&self) -> String {
        let step = |element: &Element<'_>| {
            let outer = self.indent_of(&self.elements[element.parent?])?;
            let unit = self.indent_of(element)?.strip_prefix(outer)?;
            (!unit.is_empty()).then(|| unit.to_owned())
        };
        let found = self.elements.iter().find_map(step);
        // what is put in grows with it
        let found = found.filter(|unit| unit.len() <= LONGEST_UNIT);
        found.unwrap_or_else(|| "  ".to_owned())
    }

    pub(super) fn newline(&self) -> &'static str {
        self.manner().newline
    }

    pub(super) fn quote_of(&self, value: &Range<usize>) -> char {
        match self.source.as_bytes()[value.start - 1] {
            b'"' => '"',
            _ => '\'',
        }
    }

    /// Returns the quotes of the nearest value before the end of the element, else of the nearest behind it.
    pub(super) fn quote_near(&self, index: usize) -> char {
        let manner = self.manner();
        manner.quotes[index].unwrap_or(manner.first)
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        let lines = self.lines();
        lines.span(lines.line(at)).map_or(0, |line| line.start)
    }

    /// Returns the comments that begin in a span.
    pub(super) fn comments_in(&self, span: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let from = |offset| self.comments.partition_point(|c| c.start < offset);
        let (first, end) = (from(span.start), from(span.end));
        self.comments[first..end.max(first)].iter().cloned()
    }

    pub(super) fn blank(&self, span: Range<usize>) -> bool {
        self.source[span].trim_matches('\u{feff}').trim().is_empty()
    }
}
