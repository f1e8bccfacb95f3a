//! Keyfiles, as GLib reads them: groups of keys with values, and comments.
//!
//! A [`KeyfileDoc`] is the untouched source with its lines. Parsing never fails: what GLib would refuse is a line of
//! [`LineKind::Malformed`], and [`KeyfileDoc::syntax_error`] says so. Groups of one name are one group, and of a key that is
//! given again the last value counts.
//! Laws: the source is printed as it was; an edit is a span replacement ([`Edits`](super::edits::Edits)) over it.
//!
//! Source: `g_key_file_parse_line()`, `g_key_file_is_group_name()`, `g_key_file_is_key_name()` and
//! `g_key_file_parse_value_as_string()` in glib/gkeyfile.c; held to GLib itself by `tests/daemons/glib.rs`.

mod edit;
mod entries;
pub mod value;

use std::ops::Range;

use super::{SyntaxError, line_end};
use crate::work::{self, Work};
pub use entries::{Entry, entries};

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The group that it stands in.
    pub group: String,
    /// The key, with the locale of a localized one: `id[de]`.
    pub key: String,
    /// The bytes of its value, escapes and all.
    pub word: Range<usize>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing but blanks.
    Blank,
    /// A comment.
    Comment,
    /// The heading of a group.
    Group,
    /// A key with its value.
    Pair,
    /// Anything else: the file is refused for it.
    Malformed,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// The whole line, line end included.
    pub span: Range<usize>,
    /// The line without its line end.
    pub text: Range<usize>,
}

/// A heading and the lines up to the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The name of the group.
    pub group: String,
    /// Its lines in [`KeyfileDoc::lines`]: from the comments that stand right above the heading to those of the next one.
    pub lines: Range<usize>,
    /// The line of the heading.
    pub heading: usize,
}

/// As many pairs are looked at one by one.
const FEW: usize = 32;

/// A keyfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyfileDoc {
    source: String,
    lines: Vec<Line>,
    pairs: Vec<Pair>,
    sections: Vec<Section>,
    /// The last pair of each key of each group, sorted by group and key.
    last: Vec<usize>,
    /// The same, in the order of the file.
    counts: Vec<usize>,
    error: Option<SyntaxError>,
}

impl std::fmt::Display for KeyfileDoc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)
    }
}

impl KeyfileDoc {
    /// Returns the document that `source` is.
    #[must_use]
    pub fn parse(source: &str) -> Self {
        work::count(Work::Parsed, source.len());
        let mut doc = Self {
            source: source.to_owned(),
            lines: Vec::new(),
            pairs: Vec::new(),
            sections: Vec::new(),
            last: Vec::new(),
            counts: Vec::new(),
            error: None,
        };
        let mut start = 0;
        while start < source.len() {
            let end = memchr::memchr(b'\n', &source.as_bytes()[start..]);
            let end = end.map_or(source.len(), |at| start + at + 1);
            doc.add(source, start..end);
            start = end;
        }
        doc.close_section(doc.lines.len());
        doc.last = doc.last_of_each();
        doc.counts = doc.last.clone();
        doc.counts.sort_unstable();
        doc
    }

    /// Returns the last pair of each key of each group, sorted by group and key.
    fn last_of_each(&self) -> Vec<usize> {
        let name = |at: &usize| self.name_of(*at);
        // of equal ones the last comes first, and stays
        let mut found: Vec<usize> = (0..self.pairs.len()).rev().collect();
        found.sort_by(|one, other| name(one).cmp(&name(other)));
        found.dedup_by(|one, other| name(one) == name(other));
        found
    }

    fn name_of(&self, at: usize) -> (&str, &str) {
        let pair = &self.pairs[at];
        (&pair.group, &pair.key)
    }

    fn add(&mut self, source: &str, span: Range<usize>) {
        let whole = &source[span.clone()];
        let open = whole.strip_suffix('\n');
        let open = open.map_or(whole, |line| line.strip_suffix('\r').unwrap_or(line));
        let text = span.start..span.start + open.len();
        // GLib's lines are strings of C: they end with a NUL
        let seen = open.split('\0').next().unwrap_or("");
        let line = seen.trim_start_matches(is_blank);
        let at = span.start + (seen.len() - line.len());
        let kind = match line.bytes().next() {
            None => LineKind::Blank,
            Some(b'#') => LineKind::Comment,
            Some(b'[') if is_heading(line) => self.heading(open, span.start),
            Some(_) => match line.find('=') {
                Some(equals) if equals > 0 => self.pair(line, equals, at),
                _ => self.malformed("this is not a key with a value, a group or a comment", at),
            },
        };
        self.lines.push(Line { kind, span, text });
    }

    fn heading(&mut self, line: &str, start: usize) -> LineKind {
        // up to the last bracket, be it behind a NUL
        let name = line.trim_start_matches(is_blank);
        let name = &name[1..name.rfind(']').unwrap_or(1)];
        let is_bad = |c: char| matches!(c, '[' | ']') || c.is_ascii_control();
        if name.is_empty() || name.contains(is_bad) {
            return self.malformed("this is not a valid name of a group", start);
        }
        let (group, heading) = (name.to_owned(), self.lines.len());
        let above = self.lines.iter().rev();
        let comments = above.take_while(|line| line.kind == LineKind::Comment);
        let first = heading - comments.count();
        self.close_section(first);
        self.sections.push(Section {
            group,
            lines: first..heading + 1,
            heading,
        });
        LineKind::Group
    }

    fn close_section(&mut self, end: usize) {
        if let Some(section) = self.sections.last_mut() {
            section.lines.end = end;
        }
    }

    fn pair(&mut self, line: &str, equals: usize, at: usize) -> LineKind {
        let key = line[..equals].trim_end_matches(is_blank);
        if !is_key(key) {
            return self.malformed("this is not a valid name of a key", at);
        }
        let Some(section) = self.sections.last() else {
            return self.malformed("this key is in no group", at);
        };
        let (group, key) = (section.group.clone(), key.to_owned());
        let value = line[equals + 1..].trim_start_matches(is_blank);
        let is_first = self.sections[0].group == group;
        if is_first && key == "Encoding" && !value.eq_ignore_ascii_case("UTF-8") {
            return self.malformed("this encoding is not UTF-8", at);
        }
        let start = at + line.len() - value.len();
        self.pairs.push(Pair {
            group,
            key,
            word: start..start + value.len(),
            line: u32::try_from(self.lines.len() + 1).unwrap_or(u32::MAX),
        });
        LineKind::Pair
    }

    fn malformed(&mut self, why: &str, at: usize) -> LineKind {
        if self.error.is_none() {
            self.error = Some(SyntaxError::at(&self.source, at, why));
        }
        LineKind::Malformed
    }

    /// Returns the text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns why GLib refuses the file.
    #[must_use]
    pub fn syntax_error(&self) -> Option<&SyntaxError> {
        self.error.as_ref()
    }

    /// Returns the lines.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the headings with what stands below them, in the order of the file.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Returns whether a group of this name is there, be it empty.
    #[must_use]
    pub fn has_group(&self, group: &str) -> bool {
        self.sections.iter().any(|section| section.group == group)
    }

    /// Returns all keys with values, in the order of the file.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Returns the pairs that count: of each key of a group the last.
    pub fn in_force(&self) -> impl Iterator<Item = &Pair> {
        self.counts.iter().map(|at| &self.pairs[*at])
    }

    fn position(&self, group: &str, key: &str) -> Option<usize> {
        // of the few pairs that a profile has, looking at each is the fastest
        if self.pairs.len() <= FEW {
            let is_it = |pair: &Pair| pair.key == key && pair.group == group;
            return self.pairs.iter().rposition(is_it);
        }
        let by_name = |at: &usize| self.name_of(*at).cmp(&(group, key));
        let found = self.last.binary_search_by(by_name);
        found.ok().map(|at| self.last[at])
    }

    /// Returns the pair of `key` in `group` that counts: the last one.
    #[must_use]
    pub fn get(&self, group: &str, key: &str) -> Option<&Pair> {
        self.position(group, key).map(|at| &self.pairs[at])
    }

    /// Returns the value of a pair as it is written, escapes and all.
    #[must_use]
    pub fn raw(&self, pair: &Pair) -> &str {
        &self.source[pair.word.clone()]
    }

    /// Returns the value of `key` in `group` without its escapes.
    #[must_use]
    pub fn string(&self, group: &str, key: &str) -> Option<String> {
        self.get(group, key)
            .map(|pair| value::unescape(self.raw(pair)))
    }

    /// Returns the line end of this file: that of its first line, LF where there is none.
    #[must_use]
    pub fn line_end(&self) -> &'static str {
        line_end(&self.source)
    }
}

/// `g_ascii_isspace()`.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// Returns whether a line is a heading: a name in brackets, and nothing but blanks behind them.
fn is_heading(line: &str) -> bool {
    let rest = line.find(']').map(|at| &line[at + 1..]);
    rest.is_some_and(|rest| rest.trim_start_matches([' ', '\t']).is_empty())
}

/// Returns whether `key` can be the name of a key, maybe with a locale in brackets.
fn is_key(key: &str) -> bool {
    let name = key.split(['[', ']']).next().unwrap_or("");
    let locale = match key[name.len()..].strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']'),
        None if name.len() == key.len() => Some(""),
        None => None,
    };
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    let is_locale = locale.is_some_and(|locale| locale.chars().all(fits));
    !name.is_empty() && !name.ends_with(' ') && is_locale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Vec<(String, String, String)> {
        let doc = KeyfileDoc::parse(source);
        assert_eq!(doc.to_string(), source);
        let pairs = doc.in_force();
        pairs
            .map(|pair| {
                (
                    pair.group.clone(),
                    pair.key.clone(),
                    doc.raw(pair).to_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn groups_merge_and_the_last_value_counts() {
        let source = "# c\n[a]\nx =1\n[b]\r\ny=2\r\n  [a] \t\n x= 3 \n#x=4\nid[de]=5";
        let pairs = read(source);
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [("b", "y", "2"), ("a", "x", "3 "), ("a", "id[de]", "5")]
        );
    }

    #[test]
    fn what_glib_refuses_is_said_with_its_place() {
        let error = |source: &str| {
            let doc = KeyfileDoc::parse(source);
            doc.syntax_error()
                .map(|error| (error.line, error.message.clone()))
        };
        for (source, line) in [
            ("[a]\n;x\n", 2),
            ("x=1\n", 1),
            ("\u{feff}[a]\nx=1\n", 1),
            ("[a]\n[b]x\n", 2),
            ("[a]\n\n=x\n", 3),
            ("[]\n", 1),
            ("[a[b]\n", 1),
            ("[a]\nx [de]=1\n", 2),
            ("[a]\n[b]=1\n", 2),
            ("[a]\n]x=1\n", 2),
            ("[a]\nEncoding=latin1\n", 2),
            ("[a]\n\x0b\n", 2),
            ("[a\0]\n", 1),
        ] {
            let found = error(source);
            assert_eq!(found.map(|(line, _)| line), Some(line), "{source:?}");
        }
        for source in ["", "[a]\n;x=1\n", "[a]\nx y=1\n", "[b]\n[a]\nEncoding=x\n"] {
            assert_eq!(error(source), None, "{source:?}");
        }
    }

    #[test]
    fn comments_right_above_a_heading_belong_to_it() {
        let doc = KeyfileDoc::parse("# f\n\n[a]\nx=1\n# a\n\n# b\n[b]\n# c\n");
        let sections: Vec<_> = doc
            .sections()
            .iter()
            .map(|section| (section.group.as_str(), section.lines.clone()))
            .collect();
        assert_eq!(sections, [("a", 2..6), ("b", 6..9)]);
    }
}
