//! Reads the words of a command line as the shell will take them.
//!
//! Nothing is run, and nothing is looked up but variables: what only the shell knows stays as it was typed. Sources: bash(1)
//! and zshmisc(1), *Quoting*; fish(1), *Quotes*.

use std::iter::Peekable;
use std::str::CharIndices;

use super::word::{Mark, Quotes, Shell, Word};

/// Reads words.
pub(super) struct Words<'t> {
    shell: Shell,
    text: &'t str,
    rest: Peekable<CharIndices<'t>>,
    variable: &'t dyn Fn(&str) -> Option<String>,
    words: Vec<Word>,
    /// The word that is read, and where it began.
    word: Option<(Word, usize)>,
    quotes: Quotes,
    /// Whether the next word is redirected to.
    redirects: bool,
    /// Whether to stop where another command begins.
    stops: bool,
}

impl<'t> Words<'t> {
    pub(super) fn of(
        shell: Shell,
        text: &'t str,
        quotes: Quotes,
        variable: &'t dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Self {
            shell,
            text,
            rest: text.char_indices().peekable(),
            variable,
            words: Vec::new(),
            word: None,
            quotes,
            redirects: false,
            stops: false,
        }
    }

    /// Returns the words of the last command; the last of them is what is still typed, be it empty.
    pub(super) fn read(mut self) -> Vec<Word> {
        while let Some((at, c)) = self.rest.next() {
            match self.quotes {
                Quotes::None => {
                    if !self.plain(at, c) {
                        break;
                    }
                }
                Quotes::Single => self.single(at, c),
                Quotes::Double => self.double(at, c),
            }
        }
        // where the cursor is, a word begins
        if !self.stops {
            self.begin(self.text.len());
        }
        self.end(self.text.len());
        self.words
    }

    /// Returns the words of the first command; the first of them is what the cursor stands in, be it empty.
    pub(super) fn first_command(mut self) -> Vec<Word> {
        self.stops = true;
        self.begin(0);
        self.read()
    }

    fn begin(&mut self, at: usize) -> &mut Word {
        let (open, redirects) = (self.quotes, &mut self.redirects);
        let fresh = || {
            let word = Word {
                open,
                is_redirect: std::mem::take(redirects),
                ..Word::default()
            };
            (word, at)
        };
        &mut self.word.get_or_insert_with(fresh).0
    }

    fn end(&mut self, at: usize) {
        if let Some((mut word, start)) = self.word.take() {
            word.raw = self.text[start..at].to_owned();
            word.open = self.quotes;
            self.words.push(word);
        }
    }

    /// Adds a character that was written at `at`.
    fn push(&mut self, at: usize, c: char) {
        let quotes = self.quotes;
        self.begin(at);
        if let Some((word, start)) = &mut self.word {
            word.marks.push(Mark {
                value: word.value.len(),
                raw: at - *start,
                quotes,
            });
            word.value.push(c);
        }
    }

    /// Remembers that what stands at `at` is not quoted.
    fn bare(&mut self, at: usize) {
        self.begin(at);
        if let Some((word, start)) = &mut self.word {
            word.bare.push(at - *start);
        }
    }

    /// Takes a character outside of quotes; returns whether to go on.
    fn plain(&mut self, at: usize, c: char) -> bool {
        match c {
            ' ' | '\t' | '\n' => self.end(at),
            '\\' => self.escaped(at),
            '\'' | '"' => {
                self.bare(at);
                self.quotes = match c {
                    '"' => Quotes::Double,
                    _ => Quotes::Single,
                };
            }
            '<' | '>' => self.redirect(at),
            '&' if matches!(self.rest.peek(), Some((_, '>'))) => self.end(at),
            ';' | '|' | '&' | '(' | ')' | '`' => {
                self.end(at);
                if self.stops {
                    return false;
                }
                self.words.clear();
                self.redirects = false;
            }
            '$' => self.expand(at),
            '~' if self.word.is_none() && self.ends_tilde() => {
                self.bare(at);
                self.put(at, "HOME", c);
            }
            _ => {
                self.bare(at);
                self.push(at, c);
            }
        }
        true
    }

    fn ends_tilde(&mut self) -> bool {
        matches!(self.rest.peek(), None | Some((_, '/' | ' ')))
    }

    /// Takes what stands behind a backslash outside of quotes.
    fn escaped(&mut self, at: usize) {
        match self.rest.next() {
            Some((_, '\n')) => {}
            Some((_, c)) => self.push(at, c),
            // it quotes what will be typed
            None => {
                self.begin(at);
            }
        }
    }

    /// Takes an operator that redirects; digits before it name what is redirected.
    fn redirect(&mut self, at: usize) {
        let number = |(word, _): &(Word, usize)| word.value.bytes().all(|b| b.is_ascii_digit());
        if self.word.as_ref().is_some_and(number) {
            self.word = None;
        }
        self.end(at);
        while self.rest.next_if(|(_, c)| "<>&|".contains(*c)).is_some() {}
        self.redirects = true;
    }

    fn single(&mut self, at: usize, c: char) {
        let escapes = self.shell == Shell::Fish && c == '\\';
        match c {
            '\'' => {
                self.begin(at);
                self.quotes = Quotes::None;
            }
            _ if escapes && matches!(self.rest.peek(), Some((_, '\\' | '\''))) => {
                let next = self.rest.next();
                self.push(at, next.map_or(c, |(_, next)| next));
            }
            _ => self.push(at, c),
        }
    }

    fn double(&mut self, at: usize, c: char) {
        let escapes = match self.shell {
            Shell::Fish => "$\"\\",
            Shell::Bash | Shell::Zsh => "$\"\\`",
        };
        match c {
            '"' => {
                self.begin(at);
                self.quotes = Quotes::None;
            }
            '\\' if self
                .rest
                .peek()
                .is_some_and(|(_, next)| escapes.contains(*next)) =>
            {
                let next = self.rest.next();
                self.push(at, next.map_or(c, |(_, next)| next));
            }
            '$' => self.expand(at),
            _ => self.push(at, c),
        }
    }

    /// Takes a `$`: the value of a variable, or itself.
    fn expand(&mut self, at: usize) {
        let text = &self.text[at + 1..];
        let (name, ends) = match text.strip_prefix('{') {
            Some(inner) => (inner.split('}').next().unwrap_or(""), 2),
            None => (text, 0),
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = name.find(|c| !is_name(c)).unwrap_or(name.len());
        let name = &name[..length];
        let whole = at + 1 + length + ends;
        if self.quotes == Quotes::None {
            self.bare(at);
        }
        if name.is_empty() || whole > self.text.len() {
            return self.push(at, '$');
        }
        let known = (self.variable)(name).is_some();
        self.put(at, name, '$');
        if known {
            while self.rest.next_if(|(next, _)| *next < whole).is_some() {}
        }
    }

    /// Adds the value of a variable, or what stands there if it has none.
    fn put(&mut self, at: usize, name: &str, instead: char) {
        match (self.variable)(name) {
            Some(value) => {
                self.begin(at);
                value.chars().for_each(|c| self.push(at, c));
            }
            None => self.push(at, instead),
        }
    }
}
