//! Text that the shell at hand does not look into: in quotes, in comments, in here-documents. Another program may.

use std::ops::Range;

use super::super::text::{
    line_end, name_before, open_behind, run, run_with, value_in_comment, word_start,
};
use super::words::Command;
use super::{Document, Kind, Scan};

impl Scan<'_> {
    /// In double quotes: assignments there are text of another program.
    pub(super) fn inside(&mut self) {
        if self.top().secret || self.byte(0) != b'=' {
            self.literal(1);
            return;
        }
        let start = word_start(self.text, self.at);
        self.at += 1;
        if name_before(&self.text[start..self.at - 1]) {
            let end = run(self.text, self.at, self.text.len(), b"\"");
            self.mask(self.at..end);
            self.at = end;
        }
    }

    /// Text that this shell does not look into, but another one may.
    pub(super) fn quoted(&mut self, span: Range<usize>) {
        let mut at = span.start;
        while let Some(found) = self.text[at..span.end]
            .iter()
            .position(|byte| *byte == b'=')
        {
            let equals = at + found;
            let start = word_start(self.text, equals).max(span.start);
            at = equals + 1;
            if name_before(&self.text[start..equals]) {
                let end = run(self.text, at, span.end, b"");
                self.mask(at..end);
                at = end;
            }
        }
    }

    /// A comment runs nothing: all behind the name of a secret goes, over several lines if a quote is open.
    pub(super) fn comment(&mut self) {
        let mut end = line_end(self.text, self.at);
        let nested = self.open.len() > 1;
        if self
            .open
            .iter()
            .any(|open| open.kind == Kind::Command(b'`'))
        {
            let quote = self.text[self.at..end]
                .iter()
                .position(|byte| *byte == b'`');
            end = quote.map_or(end, |quote| self.at + quote);
        }
        let line = self.at..end;
        self.at = end;
        // what is said beside a secret may be an earlier one
        let secret = self.spans.last();
        if secret.is_some_and(|secret| !self.text[secret.end..line.start].contains(&b'\n')) {
            let said = &self.text[line.start + 1..end];
            let blank = said.iter().take_while(|byte| b" \t".contains(byte)).count();
            self.mask(line.start + 1 + blank..end);
            return;
        }
        let Some(value) = value_in_comment(&self.text[line.clone()]) else {
            return;
        };
        let mut from = line.start + value;
        let mut quote = None;
        let mut stop = end;
        loop {
            self.mask(from..stop);
            let continues = open_behind(&self.text[from..stop], &mut quote);
            let next = (stop + 1).min(self.text.len());
            let indent = self.text[next..]
                .iter()
                .take_while(|b| b" \t".contains(b))
                .count();
            if nested || !continues || self.text.get(next + indent) != Some(&b'#') {
                break;
            }
            from = next + indent + 1;
            stop = line_end(self.text, from);
            self.at = stop;
        }
    }

    /// At `<<`: what ends the document that begins behind this line.
    pub(super) fn document(&mut self) {
        self.end_word();
        self.at += 2;
        let tabs = self.byte(0) == b'-';
        self.at += usize::from(tabs);
        while matches!(self.byte(0), b' ' | b'\t') {
            self.at += 1;
        }
        let (mut end, mut quote) = (Vec::new(), None);
        while self.at < self.text.len() {
            let byte = self.byte(0);
            match quote {
                None if b" \t\n;&|<>)(".contains(&byte) => break,
                None if b"'\"".contains(&byte) => quote = Some(byte),
                Some(open) if open == byte => quote = None,
                // nobody writes such a word to end a text: all behind it is shown, since it may be code
                _ if b"\\$`\n".contains(&byte) => {
                    self.at = self.text.len();
                    return;
                }
                _ => end.push(byte),
            }
            self.at += 1;
        }
        let secret = self.top().command == Command::ReadsSecret;
        self.documents.push(Document { end, tabs, secret });
    }

    /// Behind a line: the documents that it began.
    pub(super) fn documents(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            while self.at < self.text.len() {
                let end = line_end(self.text, self.at);
                let line = &self.text[self.at..end];
                let tabs = line.iter().take_while(|byte| **byte == b'\t').count();
                let bare = if document.tabs { &line[tabs..] } else { line };
                let start = self.at;
                self.at = (end + 1).min(self.text.len());
                if bare == document.end {
                    break;
                }
                if document.secret {
                    self.whole(start..end);
                } else {
                    self.quoted(start..end);
                }
            }
        }
    }

    /// A line that is a secret, but for what a shell would run in it.
    fn whole(&mut self, span: Range<usize>) {
        let mut at = span.start;
        while at < span.end {
            let end = run_with(self.text, at, span.end, b"", b"");
            self.mask(at..end);
            // one byte at least: what is run is seen
            at = end + 1;
        }
    }
}
