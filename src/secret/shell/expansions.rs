//! What `$` and quotes begin: an expansion, which is shown since a shell would run it, or text that stands for itself.

use super::super::text::name_before;
use super::words::Command;
use super::{Kind, Scan};

impl Scan<'_> {
    pub(super) fn dollar(&mut self) {
        self.begin();
        let (secret, kind) = {
            let top = self.top();
            (top.secret || top.word, top.kind)
        };
        match self.byte(1) {
            b'(' => {
                self.at += 2;
                self.push(Kind::Command(b')'), false);
            }
            b'{' => {
                self.at += 2;
                let start = self.at;
                while matches!(self.byte(0), b'!' | b'#' | b'_' | b'[' | b']' | b'@' | b'*')
                    || self.byte(0).is_ascii_alphanumeric()
                {
                    self.at += 1;
                }
                // as the name of a command it would be run
                let runs = matches!(kind, Kind::Command(_))
                    && self.top().command == Command::Begins
                    && self.top().start == Some(start - 2);
                let own = name_before(&self.text[start..self.at]) && !runs;
                // the operator is seen
                while matches!(self.byte(0), b':' | b'=' | b'-' | b'+' | b'?') {
                    self.at += 1;
                }
                self.push(Kind::Brace, secret || own);
            }
            b'\'' if kind != Kind::Double => self.single(2, true),
            b'"' if kind != Kind::Double => self.literal(1),
            byte if byte.is_ascii_alphanumeric() || b"_@*#?$!-".contains(&byte) => {
                // the name of a variable is no secret
                self.at += 2;
                if byte == b'_' || byte.is_ascii_alphabetic() {
                    while self.byte(0) == b'_' || self.byte(0).is_ascii_alphanumeric() {
                        self.at += 1;
                    }
                }
            }
            _ => self.literal(1),
        }
    }

    /// A quoted text without expansions; with `ansi`, a backslash quotes.
    pub(super) fn single(&mut self, lead: usize, ansi: bool) {
        let start = self.at;
        let mut end = start + lead;
        while end < self.text.len() && self.text[end] != b'\'' {
            end += if ansi && self.text[end] == b'\\' {
                2
            } else {
                1
            };
        }
        // without a closing quote it goes to the end of the text
        let inner = end.min(self.text.len());
        let end = (end + 1).min(self.text.len());
        let top = self.top();
        if top.secret || top.word {
            self.mask(start..end);
        } else {
            self.quoted(start + lead..inner.max(start + lead));
        }
        self.at = end;
    }
}
