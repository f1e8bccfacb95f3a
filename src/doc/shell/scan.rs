//! Finds the words of shell text: where a word, a comment, a logical line ends, as bash's reader does.
//!
//! It knows quoting, continuation lines, here-documents and nested `$(…)`, and nothing of assignments.
//! Source: bash(1), QUOTING and EXPANSION.

mod quotes;

/// A piece of a logical line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word, quotes and all.
    Word { start: usize, end: usize },
    /// One of `;`, `;;`, `&`, `&&`, `|`, `||`, `(`, `)`, or a redirection.
    Operator { start: usize, end: usize },
    /// A comment, from its `#` to the end of the line.
    Comment { start: usize },
}

/// One logical line: it may span several physical ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    pub(super) start: usize,
    /// Behind the last byte that is not of the line end.
    pub(super) text_end: usize,
    /// Behind the line end.
    pub(super) end: usize,
    pub(super) tokens: Vec<Token>,
}

/// An opening quote or bracket, or a here-document, that is never closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    pub(super) at: usize,
    pub(super) what: char,
}

pub(super) struct Scanner<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    pub(super) unclosed: Option<Unclosed>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            bytes: source.as_bytes(),
            at: 0,
            unclosed: None,
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Returns the length of the line end at the cursor: 1, 2 for CR LF, 0 at the end of the text, or none.
    fn line_end(&self) -> Option<usize> {
        match (self.peek(0), self.peek(1)) {
            (None, _) => Some(0),
            (Some(b'\n'), _) => Some(1),
            (Some(b'\r'), Some(b'\n')) => Some(2),
            (Some(b'\r'), None) => Some(1),
            _ => None,
        }
    }

    fn unclosed(&mut self, at: usize, what: char) {
        self.unclosed.get_or_insert(Unclosed { at, what });
        self.at = self.bytes.len();
    }

    fn is_operator(byte: u8) -> bool {
        matches!(byte, b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        while self.line_end().is_none() {
            let Some(byte) = self.peek(0) else { break };
            match byte {
                b' ' | b'\t' => break,
                b'(' if self.source[start..self.at].ends_with('=') => self.bracket(b'(', b')', 0),
                _ if Self::is_operator(byte) => break,
                b'\\' => self.escape(),
                b'\'' => self.single(false),
                b'"' => self.double(0),
                b'$' if self.peek(1) == Some(b'\'') => {
                    self.at += 1;
                    self.single(true);
                }
                b'$' | b'`' => self.expansion(0),
                _ => self.at += 1,
            }
        }
        Token::Word {
            start,
            end: self.at,
        }
    }

    fn operator(&mut self) -> Token {
        let start = self.at;
        let first = self.peek(0);
        self.at += 1;
        let double =
            matches!(first, Some(b';' | b'&' | b'|' | b'<' | b'>')) && self.peek(0) == first;
        self.at += usize::from(double);
        if double && first == Some(b'<') && matches!(self.peek(0), Some(b'<' | b'-')) {
            self.at += 1;
        }
        Token::Operator {
            start,
            end: self.at,
        }
    }

    /// Skips the bodies of the here-documents that the line announced.
    fn here_documents(&mut self, tokens: &[Token]) {
        for pair in tokens.windows(2) {
            let [
                Token::Operator { start, end },
                Token::Word {
                    start: from,
                    end: to,
                },
            ] = pair
            else {
                continue;
            };
            if !matches!(&self.source[*start..*end], "<<" | "<<-") {
                continue;
            }
            let mark: String = self.source[*from..*to]
                .chars()
                .filter(|c| !matches!(c, '\'' | '"' | '\\'))
                .collect();
            if !self.skip_behind(&mark) {
                // bash goes on with a warning, but whatever is appended would be part of the document
                self.unclosed(*start, '<');
            }
        }
    }

    /// Skips the lines up to one that is `mark`; returns whether there was one.
    fn skip_behind(&mut self, mark: &str) -> bool {
        while self.at < self.bytes.len() {
            let rest = &self.source[self.at..];
            let line = rest.split_inclusive('\n').next().unwrap_or(rest);
            self.at += line.len();
            if line.trim_end_matches(['\n', '\r']).trim_start_matches('\t') == mark {
                return true;
            }
        }
        false
    }
}

impl Iterator for Scanner<'_> {
    type Item = Scanned;

    fn next(&mut self) -> Option<Scanned> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let start = self.at;
        let mut tokens = Vec::new();
        while self.line_end().is_none() {
            match self.peek(0) {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'#') => {
                    tokens.push(Token::Comment { start: self.at });
                    while self.line_end().is_none() {
                        self.at += 1;
                    }
                }
                Some(byte) if Self::is_operator(byte) => tokens.push(self.operator()),
                Some(b'\\') if matches!(self.peek(1), Some(b'\n')) => self.at += 2,
                Some(b'\\') if self.peek(1) == Some(b'\r') && self.peek(2) == Some(b'\n') => {
                    self.at += 3
                }
                _ => tokens.push(self.word()),
            }
        }
        let mut text_end = self.at;
        self.at += self.line_end().unwrap_or(0);
        if tokens
            .iter()
            .any(|token| matches!(token, Token::Operator { .. }))
        {
            let line_end = self.at;
            self.here_documents(&tokens);
            if self.at != line_end {
                text_end = self.at;
            }
        }
        Some(Scanned {
            start,
            text_end,
            end: self.at,
            tokens,
        })
    }
}
