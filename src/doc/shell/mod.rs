//! Files of shell assignments: `ifcfg-*`, `route-*` in its new form, `/etc/sysconfig/network`.
//!
//! A [`ShellDoc`] is the untouched source with its logical lines. Three kinds of line matter: assignments at the top
//! level, comments, and everything else ("code"), which is carried and never evaluated. Parsing never fails: what bash
//! would refuse is code, and [`ShellDoc::syntax_error`] says so.
//! Laws: the source is printed as it was; an edit is a span replacement ([`Edits`](super::edits::Edits)) over it.

mod commands;
mod edit;
mod ends;
mod scan;
pub mod value;

use std::ops::Range;

use super::{SyntaxError, line_end};
use crate::work::{self, Work};
use commands::{Nesting, classify};
pub use ends::with_line_ends;
use scan::Scanner;
pub use value::{Quotes, Value};

/// One assignment `NAME=word`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name on the left.
    pub name: String,
    /// What bash takes the right side for.
    pub value: Value,
    /// From the first byte of the name to behind the word.
    pub span: Range<usize>,
    /// The word on the right, quotes and all.
    pub word: Range<usize>,
    /// Line in the file, counted from 1.
    pub line: u32,
}

/// What a logical line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing but blanks.
    Blank,
    /// A comment alone.
    Comment,
    /// Assignments at the top level, and nothing else.
    Assignments,
    /// Anything else: commands, conditions, functions, text that is no shell at all.
    Code,
}

/// A logical line: with open quotes or a trailing backslash it spans several physical ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// The whole line, line end included.
    pub span: Range<usize>,
    /// The line without its line end.
    pub text: Range<usize>,
    /// Where a comment begins, if it has one.
    pub comment: Option<usize>,
    /// Number of its first physical line, counted from 1.
    pub number: u32,
    /// The assignments; in a line of code those that it may make, each depending on what the code does.
    pub assignments: Vec<Assignment>,
}

/// A file of shell assignments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellDoc {
    source: String,
    lines: Vec<Line>,
    error: Option<SyntaxError>,
}

impl std::fmt::Display for ShellDoc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)
    }
}

impl ShellDoc {
    /// Returns the document that `source` is.
    #[must_use]
    pub fn parse(source: &str) -> Self {
        work::count(Work::Parsed, source.len());
        let mut scanner = Scanner::new(source);
        let mut nesting = Nesting::default();
        let mut number = 1;
        let physical = |text: &str| memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let mut lines = Vec::with_capacity(physical(source) + 1);
        for scanned in scanner.by_ref() {
            let span = scanned.start..scanned.end;
            lines.push(classify(source, &scanned, number, &mut nesting));
            number += u32::try_from(physical(&source[span])).unwrap_or(0);
        }
        let unclosed = scanner
            .unclosed
            .map(|unclosed| (unclosed.at, unclosed.what.to_string()));
        let open = nesting.0.first().map(|open| (open.at, open.by.to_owned()));
        let error = unclosed
            .or(open)
            .map(|(at, what)| SyntaxError::at(source, at, format!("`{what}` is never closed")));
        Self {
            source: source.to_owned(),
            lines,
            error,
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns why bash could not read the file to its end.
    #[must_use]
    pub fn syntax_error(&self) -> Option<&SyntaxError> {
        self.error.as_ref()
    }

    /// Returns the logical lines.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns all assignments at the top level, in the order of the file.
    pub fn assignments(&self) -> impl DoubleEndedIterator<Item = &Assignment> {
        self.lines
            .iter()
            .filter(|line| line.kind == LineKind::Assignments)
            .flat_map(|line| &line.assignments)
            .inspect(|_| work::count(Work::Visited, 1))
    }

    /// Returns the assignments that code may make.
    pub fn in_code(&self) -> impl Iterator<Item = &Assignment> {
        self.lines
            .iter()
            .filter(|line| line.kind == LineKind::Code)
            .flat_map(|line| &line.assignments)
            .inspect(|_| work::count(Work::Visited, 1))
    }

    /// Returns the assignment of `name` that holds: the last one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Assignment> {
        self.assignments()
            .rev()
            .find(|assignment| assignment.name == name)
    }

    /// Returns the literal value of `name`; `None` if it is absent or a shell would have to be asked.
    #[must_use]
    pub fn literal(&self, name: &str) -> Option<&str> {
        self.get(name)?.value.literal()
    }

    /// Returns the line end of this file: that of its first line, LF where there is none.
    #[must_use]
    pub fn line_end(&self) -> &'static str {
        line_end(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compound_command_must_end() {
        let error = |source: &str| {
            ShellDoc::parse(source)
                .syntax_error()
                .map(|e| (e.line, e.message.clone()))
        };
        assert_eq!(
            error("A=1\nif true; then\nB=2\n"),
            Some((2, "`if` is never closed".to_owned()))
        );
        for whole in [
            "if a; then if b\nthen c; fi; fi\n",
            "case $x in a) b;; (c) d;; esac\n",
            "f() { g; }; ( h )\n",
            "for i in if case; do echo; done\n",
        ] {
            assert_eq!(error(whole), None, "{whole}");
        }
    }

    fn kinds(source: &str) -> Vec<LineKind> {
        ShellDoc::parse(source)
            .lines()
            .iter()
            .map(|line| line.kind)
            .collect()
    }

    #[test]
    fn tells_assignments_from_code() {
        use LineKind::{Assignments as A, Blank as B, Code as X, Comment as C};
        let cases: &[(&str, &[LineKind])] = &[
            ("A=b\n", &[A]),
            (" # c\n\n\tA='x' # d\n", &[C, B, A]),
            ("export A=b\n", &[A]),
            ("A=1; B=2\nA=1 B=2\n", &[A, A]),
            (";\n; A=1\nA=1; ;\nA=1;\n", &[X, X, X, A]),
            ("A=b cmd\n", &[X]),
            ("A=b c", &[X]),
            ("A=b export B=c\n", &[X]),
            ("A=b if\nB=c\n", &[X, A]),
            ("[ -n \"$X\" ] && A=b\n", &[X]),
            ("if true; then\nA=b\nfi\nB=c\n", &[X, X, X, A]),
            ("f() {\n A=b\n}\nB=c\n", &[X, X, X, A]),
            ("function f {\n A=b\n}\nB=c\n", &[X, X, X, A]),
            ("A=\"x\ny\"\nB=c\n", &[A, A]),
            ("A=x\\\ny\nB=c", &[A, A]),
            ("cat <<E\nA=b\nE\nB=c\n", &[X, A]),
            ("A=(x y)\n", &[A]),
            ("A=b\r\nB=c\r\n", &[A, A]),
            ("case $x in\na) A=b;;\nesac\nB=c\n", &[X, X, X, A]),
            ("A=`x`; B=\"$(y \"z\")\"\n", &[A]),
            (". ./other\nunset A\nA+=x\n", &[X, X, X]),
            ("export A\n", &[X]),
        ];
        for (source, expected) in cases {
            assert_eq!(kinds(source), *expected, "{source:?}");
        }
    }

    #[test]
    fn last_assignment_holds() {
        let doc = ShellDoc::parse("IPADDR=1\nIPADDR='2' # x\n");
        assert_eq!(doc.literal("IPADDR"), Some("2"));
        assert_eq!(doc.get("IPADDR").unwrap().line, 2);
    }

    #[test]
    fn braces_expand_behind_export() {
        let doc = ShellDoc::parse("A={a,b}\nexport B={a,b}\nexport C=\"{a,b}\"\n");
        assert_eq!(doc.literal("C"), Some("{a,b}"));
        assert_eq!(doc.literal("A"), Some("{a,b}"));
        assert_eq!(doc.literal("B"), None);
    }

    #[test]
    fn carriage_return_belongs_to_the_line_end() {
        let doc = ShellDoc::parse("DEVICE=\"eth0\"\r\nA=b\r\n");
        assert_eq!(doc.literal("DEVICE"), Some("eth0"));
        assert_eq!(doc.line_end(), "\r\n");
    }

    #[test]
    fn unclosed_command_is_a_syntax_error_with_its_place() {
        let doc = ShellDoc::parse("A=b\n  if x; then\nC=d\n");
        let error = doc.syntax_error().unwrap();
        assert_eq!((error.line, error.column), (2, 3));
        assert_eq!(error.message, "`if` is never closed");
    }

    #[test]
    fn unclosed_quote_is_a_syntax_error_with_its_place() {
        let doc = ShellDoc::parse("A=b\nC=\"x\nD=y\n");
        let error = doc.syntax_error().unwrap();
        assert_eq!(
            (error.line, error.column, error.excerpt.as_str()),
            (2, 3, "C=\"x")
        );
        assert_eq!(doc.to_string(), "A=b\nC=\"x\nD=y\n");
    }
}
