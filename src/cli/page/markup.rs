//! Text as markup: nothing of it is a tag, and what cannot be seen is shown.

use serde::Serialize;

use crate::cli::text::{harmful, one_line};

/// Text of a page that is markup already. Whatever comes from a file becomes one of these by [`Markup::text`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds the bytes of a file: what is read out of the page again are these bytes, as far as a page can hold them.
    ///
    /// A character that cannot be seen, or that changes the order of others, is in a box of its own, which shows its
    /// number; the style does that, so that the text stays the same. What no page can hold is told by its number alone:
    /// U+0000, and bytes that are no UTF-8.
    pub(super) fn text(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                match harmful(c) {
                    true => self.boxed(c),
                    false => self.push(c),
                }
            }
            for byte in chunk.invalid() {
                self.0 += &format!("<i class=\"x\">\\x{byte:02x}</i>");
            }
        }
    }

    /// Adds bytes that are marked, such as words that changed.
    pub(super) fn marked(&mut self, bytes: &[u8]) {
        self.0 += "<b>";
        self.text(bytes);
        self.0 += "</b>";
    }

    fn boxed(&mut self, c: char) {
        let shown = c.escape_default();
        let number = u32::from(c);
        match c {
            '\0' => self.0 += &format!("<i class=\"x\">{shown}</i>"),
            // as numbers these are other characters, by the rules of HTML
            '\u{80}'..='\u{9f}' => {
                self.0 += &format!("<i class=\"c\" title=\"{shown}\">{c}</i>");
            }
            _ => self.0 += &format!("<i class=\"c\" title=\"{shown}\">&#{number};</i>"),
        }
    }

    fn push(&mut self, c: char) {
        match c {
            '&' => self.0 += "&amp;",
            '<' => self.0 += "&lt;",
            '>' => self.0 += "&gt;",
            '"' => self.0 += "&quot;",
            '\'' => self.0 += "&#39;",
            c => self.0.push(c),
        }
    }
}

/// Returns a name or a sentence as the text of an element or an attribute, on one line; what cannot be seen is told by its
/// number, as on a terminal.
pub(super) fn escaped(text: &str) -> String {
    let mut markup = Markup::default();
    one_line(text).chars().for_each(|c| markup.push(c));
    markup.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let mut markup = Markup::default();
        markup.text(bytes);
        markup.0
    }

    #[test]
    fn names_are_text_and_never_markup() {
        for (name, expected) in [
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("\"&'", "&quot;&amp;&#39;"),
            ("]]>", "]]&gt;"),
            ("a\u{202e}b\u{1b}[2J\n", "a\\u{202e}b\\u{1b}[2J\\n"),
            ("\u{9b}\u{feff}", "\\u{9b}\\u{feff}"),
            ("äß→日本e\u{301}🙂", "äß→日本e\u{301}🙂"),
        ] {
            assert_eq!(escaped(name), expected, "{name:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_in_a_box() {
        for (bytes, expected) in [
            (
                &b"<a href='x'>\t&amp;\n"[..],
                "&lt;a href=&#39;x&#39;&gt;\t&amp;amp;\n",
            ),
            (
                "\u{202e}".as_bytes(),
                "<i class=\"c\" title=\"\\u{202e}\">&#8238;</i>",
            ),
            (b"\x1b", "<i class=\"c\" title=\"\\u{1b}\">&#27;</i>"),
            (b"a\r\n", "a<i class=\"c\" title=\"\\r\">&#13;</i>\n"),
            (
                "\u{85}".as_bytes(),
                "<i class=\"c\" title=\"\\u{85}\">\u{85}</i>",
            ),
            (b"\0", "<i class=\"x\">\\u{0}</i>"),
            (b"a\xffb", "a<i class=\"x\">\\xff</i>b"),
        ] {
            assert_eq!(text(bytes), expected);
        }
    }
}
