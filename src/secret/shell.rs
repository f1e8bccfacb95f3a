//! Secrets in shell text: the literal parts of words that are assigned to a secret's name, wherever a shell would see
//! them. What a shell would run (`$(…)`, backquotes, `${…}`) is never masked: who reviews must see it.
//!
//! One pass over the text, with a stack of what is open. Source of the grammar: bash(1), QUOTING, EXPANSION, Here Documents.

mod elsewhere;

use std::ops::Range;

use super::table::is_ifcfg_secret;
use super::text::{name_before, run};

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

/// What a command is known to do with its words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    Begins,
    /// Its words are assignments.
    Declares,
    Read,
    /// `read` with a secret's name: what it reads is one.
    ReadsSecret,
    Printf,
    /// `printf -v`: a name comes.
    PrintfTo,
    /// `printf -v` with a secret's name.
    PrintfSecret,
    Other,
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

    /// Marks where a word begins, and whether that is `NAME=` of a secret.
    fn begin(&mut self) {
        let at = self.at;
        let top = self.top();
        if matches!(top.kind, Kind::Command(_)) && top.start.is_none() {
            top.start = Some(at);
            top.word = top.command == Command::PrintfSecret;
        }
    }

    /// Ends the word that is open: what it is tells what comes.
    fn end_word(&mut self) {
        let at = self.at;
        let top = self.open.last_mut().expect("the text itself stays open");
        top.word = false;
        let Some(start) = top.start.take() else {
            return;
        };
        let word = str::from_utf8(&self.text[start..at]).unwrap_or("");
        let secret = is_ifcfg_secret(word.trim_matches(['"', '\'']));
        top.command = match (top.command, word) {
            (Command::Begins, "declare" | "env" | "export" | "local" | "readonly" | "typeset") => {
                Command::Declares
            }
            // a command follows these
            (
                Command::Begins,
                "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "{",
            ) => Command::Begins,
            (Command::Begins, "read") => Command::Read,
            (Command::Begins, "printf") => Command::Printf,
            (Command::Begins, word) if word.contains('=') => Command::Begins,
            (Command::Read | Command::ReadsSecret, _) if secret => Command::ReadsSecret,
            (Command::Printf, "-v") => Command::PrintfTo,
            (Command::PrintfTo, _) if secret => Command::PrintfSecret,
            (Command::Begins | Command::PrintfTo, _) => Command::Other,
            (known, _) => known,
        };
    }

    fn end_command(&mut self) {
        self.end_word();
        self.top().command = Command::Begins;
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

    /// At `=` of a word: what stands before it may be the name of a secret, an element of it, or `NAME+`.
    fn assigned(&mut self) {
        self.begin();
        let start = self.top().start.unwrap_or(self.at);
        let name = name_before(&self.text[start..self.at]);
        self.literal(1);
        let top = self.top();
        if !name || top.word {
            return;
        }
        if matches!(top.command, Command::Begins | Command::Declares) {
            top.word = true;
            return;
        }
        // an argument, which `eval` and the like look at once more
        let end = run(self.text, self.at, self.text.len(), b"");
        self.mask(self.at..end);
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

    fn dollar(&mut self) {
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
    fn single(&mut self, lead: usize, ansi: bool) {
        let start = self.at;
        let mut end = start + lead;
        while end < self.text.len() && self.text[end] != b'\'' {
            end += if ansi && self.text[end] == b'\\' {
                2
            } else {
                1
            };
        }
        let end = (end + 1).min(self.text.len());
        let top = self.top();
        if top.secret || top.word {
            self.mask(start..end);
        } else {
            self.quoted(start + lead..end.saturating_sub(1).max(start + lead));
        }
        self.at = end;
    }
}
