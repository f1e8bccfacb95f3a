//! Secrets in shell text: the literal parts of words that are assigned to a secret's name, wherever a shell would see
//! them. What a shell would run (`$(…)`, backquotes, `${…}`) is never masked: who reviews must see it.
//!
//! One pass over the text, with a stack of what is open. Source of the grammar: bash(1), QUOTING, EXPANSION, Here Documents.

mod elsewhere;
mod expansions;
mod words;

use std::ops::Range;

use words::Command;

/// Deeper nested text is code that nobody reviews: it is shown.
const DEEPEST: usize = 200;

/// Returns where the literal text of secrets is, in order.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut scan = Scan {
        text: text.as_bytes(),
        at: 0,
        spans: Vec::new(),
        open: vec![Open::new(Kind::Command(b'\0'), false)],
        documents: Vec::new(),
    };
    while scan.at < scan.text.len() {
        scan.step();
    }
    // what never ends is read in another way by the shell, or not at all: what seems to be in it is shown
    let unsure = scan.open[1..].iter().find(|open| open.kind != Kind::Double);
    if let Some(from) = unsure.map(|open| open.from) {
        scan.spans.retain(|span| span.end <= from);
    }
    scan.spans
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Commands, up to this closing byte (0: the end of the text).
    Command(u8),
    /// `"…"`.
    Double,
    /// `${…}`.
    Brace,
}

struct Open {
    kind: Kind,
    /// Whether literal text in it is secret.
    secret: bool,
    /// Whether that ends with the word.
    word: bool,
    /// Where the word began.
    start: Option<usize>,
    command: Command,
    /// Whether it is the inner one of double parentheses.
    arithmetic: bool,
    /// Where it begins.
    from: usize,
}

impl Open {
    fn new(kind: Kind, secret: bool) -> Self {
        Self {
            kind,
            secret,
            word: false,
            start: None,
            command: Command::Begins,
            arithmetic: false,
            from: 0,
        }
    }
}

/// A here-document that begins behind the line.
struct Document {
    end: Vec<u8>,
    tabs: bool,
    secret: bool,
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
    spans: Vec<Range<usize>>,
    open: Vec<Open>,
    documents: Vec<Document>,
}

impl Scan<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn top(&mut self) -> &mut Open {
        self.open.last_mut().expect("the text itself stays open")
    }

    /// Passes over `length` bytes of literal text.
    fn literal(&mut self, length: usize) {
        let end = (self.at + length).min(self.text.len());
        let top = self.top();
        if top.secret || top.word {
            self.mask(self.at..end);
        }
        self.at = end;
    }

    fn mask(&mut self, span: Range<usize>) {
        match self.spans.last_mut() {
            Some(last) if last.end >= span.start => last.end = last.end.max(span.end),
            _ if !span.is_empty() => self.spans.push(span),
            _ => {}
        }
    }

    fn push(&mut self, kind: Kind, secret: bool) {
        self.open.push(Open {
            from: self.at,
            ..Open::new(kind, secret)
        });
        if self.open.len() > DEEPEST {
            self.at = self.text.len();
        }
    }

    fn pop(&mut self) {
        if self.open.len() > 1 {
            self.open.pop();
        }
    }

    fn step(&mut self) {
        let kind = self.top().kind;
        match (kind, self.byte(0)) {
            // the line goes on
            (Kind::Command(_), b'\\') if self.byte(1) == b'\n' && self.top().start.is_none() => {
                self.at += 2;
            }
            (_, b'\\') => {
                self.begin();
                self.literal(2);
            }
            (_, b'$') => self.dollar(),
            (Kind::Command(b'`'), b'`') => {
                self.end_word();
                self.at += 1;
                self.pop();
            }
            (_, b'`') => {
                self.begin();
                self.at += 1;
                self.push(Kind::Command(b'`'), false);
            }
            (Kind::Double, b'"') => {
                // the quote goes with what is in it
                let secret = self.top().secret;
                if secret {
                    self.mask(self.at..self.at + 1);
                }
                self.at += 1;
                self.pop();
            }
            (Kind::Brace, b'}') => {
                self.at += 1;
                self.pop();
            }
            (Kind::Brace | Kind::Command(_), b'"') => {
                self.begin();
                let top = self.top();
                let secret = top.secret || top.word;
                self.literal(1);
                self.push(Kind::Double, secret);
            }
            (Kind::Brace | Kind::Command(_), b'\'') => {
                self.begin();
                self.single(1, false);
            }
            (Kind::Double, _) => self.inside(),
            (Kind::Brace, _) => self.literal(1),
            (Kind::Command(close), byte) => self.command(close, byte),
        }
    }

    fn command(&mut self, close: u8, byte: u8) {
        match byte {
            _ if byte == close && close != 0 => {
                self.end_command();
                // the bracket of an array goes with its values
                self.at += 1;
                self.pop();
            }
            b' ' | b'\t' => {
                self.end_word();
                self.at += 1;
            }
            // behind a pattern of `case`
            b')' => {
                self.end_command();
                self.at += 1;
            }
            b'\n' => {
                self.end_command();
                self.at += 1;
                self.documents();
            }
            b';' | b'&' | b'|' => {
                self.end_command();
                self.at += 1;
            }
            b'(' => {
                let array = self.top().word;
                if !array {
                    self.end_command();
                }
                let arithmetic = self.at > 0 && self.text[self.at - 1] == b'(';
                self.at += 1;
                self.push(Kind::Command(b')'), array);
                self.top().arithmetic |= arithmetic;
            }
            b'<' if self.text[self.at..].starts_with(b"<<<") => {
                self.here_string();
            }
            b'<' if self.byte(1) == b'<' && self.shifts() => {
                self.at += 2;
            }
            b'<' if self.byte(1) == b'<' => self.document(),
            b'<' | b'>' => {
                self.end_word();
                self.at += 1;
            }
            b'#' if self.top().start.is_none() => self.comment(),
            b'=' => self.assigned(),
            _ => {
                self.begin();
                self.literal(1);
            }
        }
    }

    /// At `<<<`: a word follows, which `read` reads.
    fn here_string(&mut self) {
        self.end_word();
        self.at += 3;
        while matches!(self.byte(0), b' ' | b'\t') {
            self.at += 1;
        }
        let at = self.at;
        let top = self.top();
        top.start = Some(at);
        top.word = top.command == Command::ReadsSecret;
    }

    /// Returns whether `<<` shifts a number: in double parentheses, or in the index of an element.
    fn shifts(&mut self) -> bool {
        if self.open.iter().any(|open| open.arithmetic) {
            return true;
        }
        let Some(start) = self.top().start else {
            return false;
        };
        let word = &self.text[start..self.at];
        let bracket = word.iter().rev().take(80).find(|byte| b"[]".contains(byte));
        bracket == Some(&b'[')
    }
}
