//! Edits of keyfiles: a value in its place, a new key at the end of its group, keys and groups that go.

use std::ops::Range;

use super::{KeyfileDoc, Line, LineKind, Section};
use crate::doc::edits::Edits;

impl KeyfileDoc {
    /// Asks for `key` of `group` to have the value `raw`, escapes and all: in its place if it is there, else at the end of the
    /// group. Returns whether there is such a group.
    pub fn set(&self, edits: &mut Edits, group: &str, key: &str, raw: &str) -> bool {
        match self.get(group, key) {
            Some(pair) if self.raw(pair) == raw => true,
            Some(pair) => {
                edits.replace(pair.word.clone(), raw);
                true
            }
            None => self.append(edits, group, &format!("{key}={raw}")),
        }
    }

    /// Asks for `text`, lines without the last line end, behind the last key of `group`. Returns whether there is such a group.
    pub fn append(&self, edits: &mut Edits, group: &str, text: &str) -> bool {
        let Some(section) = self.sections.iter().rfind(|section| section.group == group) else {
            return false;
        };
        let body = &self.lines[section.heading..section.lines.end];
        let is_said = |line: &Line| matches!(line.kind, LineKind::Pair | LineKind::Group);
        let last = body.iter().rfind(|line| is_said(line));
        if let Some(last) = last {
            self.insert_behind(edits, last, text);
        }
        true
    }

    fn insert_behind(&self, edits: &mut Edits, line: &Line, text: &str) {
        let end = self.line_end();
        let text = text.replace('\n', end);
        match line.span.end == line.text.end {
            true => edits.insert(line.span.end, format!("{end}{text}")),
            false => edits.insert(line.span.end, format!("{text}{end}")),
        }
    }

    /// Asks for every pair of `group` to go whose key `goes`.
    pub fn unset(&self, edits: &mut Edits, group: &str, goes: impl Fn(&str) -> bool) {
        let pairs = self.pairs.iter().filter(|pair| pair.group == group);
        for pair in pairs.filter(|pair| goes(&pair.key)) {
            edits.delete(self.lines[pair.line as usize - 1].span.clone());
        }
    }

    /// Returns the lines of a pair with the comments that stand right above it, where they are of its group.
    #[must_use]
    pub fn with_head(&self, line: u32) -> Range<usize> {
        let at = line as usize - 1;
        let above = self.lines[..at].iter().rev();
        let comments = above.take_while(|line| line.kind == LineKind::Comment);
        at - comments.count()..at + 1
    }

    /// Returns the lines of a section without the comments at its end which a blank line parts from what it says.
    #[must_use]
    pub fn body(&self, section: &Section) -> Range<usize> {
        let Range { start, end } = section.lines;
        let is_own = |line: &Line| !matches!(line.kind, LineKind::Comment | LineKind::Blank);
        let lines = &self.lines[start..end];
        let said = lines.iter().rposition(is_own).map_or(0, |last| last + 1);
        let of = |kind: LineKind, from: usize| {
            let rest = lines[from..].iter();
            from + rest.take_while(|line| line.kind == kind).count()
        };
        let comments = of(LineKind::Comment, said);
        start..start + of(LineKind::Blank, comments)
    }

    /// Returns the bytes of a range of lines.
    #[must_use]
    pub fn span(&self, lines: Range<usize>) -> Range<usize> {
        let start = self.lines.get(lines.start);
        let start = start.map_or(self.source.len(), |line| line.span.start);
        let last = lines
            .end
            .checked_sub(1)
            .and_then(|last| self.lines.get(last));
        start..last.map_or(start, |line| line.span.end.max(start))
    }

    /// Returns the text of a section without the blank lines at its end, LF line ends, none behind the last line.
    #[must_use]
    pub fn text_of(&self, section: &Section) -> String {
        let lines = &self.lines[section.lines.clone()];
        let blank = lines
            .iter()
            .rev()
            .take_while(|line| line.kind == LineKind::Blank);
        let lines = &lines[..lines.len() - blank.count()];
        let lines: Vec<&str> = lines
            .iter()
            .map(|line| &self.source[line.text.clone()])
            .collect();
        lines.join("\n")
    }
}
