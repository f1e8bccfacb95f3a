//! SVG as text: every name is escaped, and no text is wider than its box.

use crate::picture::widths::{columns, fitted};
use crate::shown::one_line;

/// How wide a column of text is, in tenths of a pixel: fonts of equal width have 0.6 em, of 12 pixels here.
const COLUMN: usize = 72;

/// Returns how many columns of text fit into so many pixels.
pub(super) fn columns_in(pixels: u32) -> usize {
    pixels as usize * 10 / COLUMN
}

/// A line of text.
pub(super) struct Text<'t> {
    pub(super) x: u32,
    /// Its base line.
    pub(super) y: u32,
    pub(super) class: &'static str,
    pub(super) text: &'t str,
    /// As many columns it takes at most.
    pub(super) columns: usize,
}

/// SVG while it is written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: String,
}

impl Writer {
    /// Adds text that is SVG already.
    pub(super) fn raw(&mut self, text: &str) {
        self.out += text;
    }

    /// Adds a line of text, cut to its columns; its length is said, so that no font makes it longer.
    pub(super) fn text(&mut self, text: &Text<'_>) {
        let shown = fitted(&one_line(text.text), text.columns);
        let width = columns(&shown).max(1) * COLUMN;
        if shown.is_empty() {
            return;
        }
        let adjust = match shown.is_ascii() {
            true => "",
            false => " lengthAdjust=\"spacingAndGlyphs\"",
        };
        let class = match text.class {
            "" => String::new(),
            class => format!(" class=\"{class}\""),
        };
        self.out += &format!(
            "<text{class} x=\"{}\" y=\"{}\" textLength=\"{}.{}\"{adjust} xml:space=\"preserve\">{}</text>",
            text.x,
            text.y,
            width / 10,
            width % 10,
            escaped(&shown)
        );
    }

    pub(super) fn into_string(self) -> String {
        self.out
    }
}

/// Returns a text as SVG and HTML take it, on one line.
pub(super) fn titled(text: &str) -> String {
    escaped(&one_line(text))
}

/// Source: XML 1.0, section 2.2 (characters), section 2.4 (markup).
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => shown += "&amp;",
            '<' => shown += "&lt;",
            '>' => shown += "&gt;",
            '"' => shown += "&quot;",
            '\'' => shown += "&#39;",
            '\u{fffe}' | '\u{ffff}' => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text() {
        assert_eq!(titled("<a>&\"']]>"), "&lt;a&gt;&amp;&quot;&#39;]]&gt;");
        assert_eq!(titled("a\u{202e}b\n\u{ffff}"), "a\\u{202e}b\\n\\u{ffff}");
    }

    #[test]
    fn a_text_has_the_length_of_its_columns() {
        let mut writer = Writer::default();
        writer.text(&Text {
            x: 1,
            y: 2,
            class: "",
            text: "abcdef",
            columns: 4,
        });
        assert!(writer.out.contains("textLength=\"28.8\""), "{}", writer.out);
        assert!(writer.out.contains(">abc…<"), "{}", writer.out);
    }
}
