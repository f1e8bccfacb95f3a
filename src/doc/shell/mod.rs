//! Files of shell assignments: `ifcfg-*`, `route-*` in its new form, `/etc/sysconfig/network`.
//!
//! A [`ShellDoc`] is the untouched source with its logical lines. Three kinds of line matter: assignments at the top
//! level, comments, and everything else ("code"), which is carried and never evaluated. Parsing never fails: what bash
//! would refuse is code, and [`ShellDoc::syntax_error`] says so.
//! Laws: the source is printed as it was; an edit is a span replacement ([`Edits`]) over it.

mod commands;
mod ends;
mod scan;
pub mod value;

use std::ops::Range;

use super::SyntaxError;
use super::edits::Edits;
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
        let mut lines = Vec::new();
        for scanned in scanner.by_ref() {
            let span = scanned.start..scanned.end;
            lines.push(classify(source, &scanned, number, &mut nesting));
            number +=
                u32::try_from(source[span].bytes().filter(|b| *b == b'\n').count()).unwrap_or(0);
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
        let first = self.source.find('\n').unwrap_or(0);
        if self.source[..first].ends_with('\r') {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// Asks for a new value in the place of `assignment`, in its quotes where they fit.
    pub fn replace_value(&self, edits: &mut Edits, assignment: &Assignment, value: &str) {
        if assignment.value.literal() == Some(value) {
            return;
        }
        let quotes = Quotes::of(&self.source[assignment.word.clone()]);
        edits.replace(assignment.word.clone(), value::write(value, quotes));
    }

    /// Asks for `name` to have `value`: in its place if it is there, else as a new last line.
    pub fn set(&self, edits: &mut Edits, name: &str, value: &str) {
        match self.get(name) {
            Some(assignment) => self.replace_value(edits, assignment, value),
            None => self.append(
                edits,
                &format!("{name}={}", value::write(value, Quotes::Bare)),
            ),
        }
    }

    /// Asks for every assignment of one of `names` to go; a comment behind it stays.
    pub fn unset(&self, edits: &mut Edits, names: &[&str]) {
        for line in self
            .lines
            .iter()
            .filter(|line| line.kind == LineKind::Assignments)
        {
            let goes = |assignment: &&Assignment| names.contains(&assignment.name.as_str());
            if line.assignments.iter().all(|assignment| goes(&assignment)) {
                edits.delete(line.span.start..line.comment.unwrap_or(line.span.end));
                continue;
            }
            for span in self.without(line, |assignment| goes(&assignment)) {
                edits.delete(span);
            }
        }
    }

    /// Asks for `text` (without line end) as new last lines.
    pub fn append(&self, edits: &mut Edits, text: &str) {
        let (end, lead) = (self.line_end(), self.lead());
        let text = text.replace('\n', end);
        // several insertions at the end of a file without a last newline: each begins a line of its own
        if self.source.is_empty() || self.source.ends_with('\n') {
            edits.insert(self.source.len(), format!("{lead}{text}{end}"));
        } else {
            let half = if self.ends_half() { "\r" } else { "" };
            edits.insert(self.source.len(), format!("{lead}{text}{half}"));
        }
    }

    /// Returns whether the last line has the first half of a line end, the CR of CR LF.
    #[must_use]
    pub fn ends_half(&self) -> bool {
        self.line_end() == "\r\n" && self.source.ends_with('\r')
    }

    /// Returns what must stand between the text and a new last line: a line end where the last line has none, or where
    /// a backslash would join the two.
    #[must_use]
    pub fn lead(&self) -> String {
        let end = self.line_end();
        let closed = self.source.is_empty() || self.source.ends_with('\n');
        let text = self.source.trim_end_matches(['\r', '\n']);
        let backslashes = text.len() - text.trim_end_matches('\\').len();
        let joins = self.lines.last().is_some_and(|line| {
            line.comment.is_none() && line.text.end == line.span.end && backslashes % 2 == 1
        });
        match (closed, joins) {
            (false, false) if self.ends_half() => "\n".to_owned(),
            (true, false) => String::new(),
            (true, true) | (false, false) => end.to_owned(),
            (false, true) => format!("\\{end}"),
        }
    }

    /// Returns for each assignment of a line what goes when it goes: the whole line if it stands alone, else itself and a
    /// separator.
    #[must_use]
    pub fn wholes(&self, line: &Line) -> Vec<Range<usize>> {
        if line.assignments.len() == 1 {
            return vec![line.span.clone()];
        }
        let mut spans = Vec::with_capacity(line.assignments.len());
        for (command, whole) in self.commands(line) {
            match command {
                [_] => spans.push(whole),
                _ => spans.extend((0..command.len()).map(|at| one_of(command, at))),
            }
        }
        spans
    }

    /// Returns what goes of a line when some of its assignments go; `export` goes with the last one behind it.
    fn without(&self, line: &Line, goes: impl Fn(&Assignment) -> bool) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        for (command, whole) in self.commands(line) {
            if command.iter().all(&goes) {
                spans.push(whole);
            } else {
                let others = (0..command.len()).filter(|at| goes(&command[*at]));
                spans.extend(others.map(|at| one_of(command, at)));
            }
        }
        spans
    }

    /// Returns the commands of a line, each with what goes when it goes.
    fn commands<'l>(&self, line: &'l Line) -> Vec<(&'l [Assignment], Range<usize>)> {
        let all = &line.assignments;
        let gap = |from: usize, to: usize| &self.source[from..to];
        let same_command =
            |a: &Assignment, b: &Assignment| !gap(a.span.end, b.span.start).contains(';');
        let blank = [' ', '\t', ';'];
        let (mut commands, mut done, mut index) = (Vec::new(), line.span.start, 0);
        for command in all.chunk_by(same_command) {
            index += command.len();
            let (first, end) = (&command[0], command[command.len() - 1].span.end);
            let before = gap(done, first.span.start);
            let exported = before.trim_end().strip_suffix("export").unwrap_or(before);
            let rest = gap(end, line.comment.unwrap_or(line.text.end));
            let behind = rest.len() - rest.trim_start_matches(blank).len();
            let whole = match index == all.len() {
                false => done + exported.len()..end + behind,
                true => {
                    let semicolon = rest.len() - rest.trim_start_matches(';').len();
                    done + exported.trim_end_matches(blank).len()..end + semicolon
                }
            };
            commands.push((command, whole));
            done = end;
        }
        commands
    }
}

/// Returns what goes when one of several assignments of a command goes.
fn one_of(command: &[Assignment], at: usize) -> Range<usize> {
    let span = &command[at].span;
    match command.get(at + 1) {
        Some(next) => span.start..next.span.start,
        None => command[at - 1].span.end..span.end,
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
    fn a_new_line_is_not_joined_to_the_last_one() {
        for source in ["A=1 \\\n", "A=1 \\", "A=1 # c\\", "A=1\\\\", "# \\\n"] {
            let doc = ShellDoc::parse(source);
            let mut edits = Edits::default();
            doc.set(&mut edits, "B", "2");
            let text = edits.apply(source);
            assert_eq!(ShellDoc::parse(&text).literal("B"), Some("2"), "{text:?}");
        }
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
    fn new_last_lines_end_as_the_last_line_did() {
        for (source, expected) in [
            ("A=b\r\n", "A=b\r\nC=d\r\nE=f\r\n"),
            ("A=b\r\nB=c", "A=b\r\nB=c\r\nC=d\r\nE=f"),
            ("A=b\r\nB=c\r", "A=b\r\nB=c\r\nC=d\r\nE=f\r"),
        ] {
            let doc = ShellDoc::parse(source);
            let mut edits = Edits::default();
            doc.append(&mut edits, "C=d");
            doc.append(&mut edits, "E=f");
            assert_eq!(edits.apply(source), expected, "{source:?}");
        }
    }

    #[test]
    fn edits_touch_one_value() {
        let doc = ShellDoc::parse("  A='x'   # why\nB=1; C=2; D=3\nlast=1");
        let mut edits = Edits::default();
        doc.set(&mut edits, "A", "it");
        doc.unset(&mut edits, &["C"]);
        doc.set(&mut edits, "NEW", "$x");
        assert_eq!(
            edits.apply(doc.source()),
            "  A='it'   # why\nB=1; D=3\nlast=1\nNEW=\"\\$x\""
        );
    }

    #[test]
    fn what_goes_leaves_its_comment_and_no_bare_export() {
        let cases = [
            ("BRIDGE=br1   # hall 2\nA=1\n", "# hall 2\nA=1\n"),
            ("A=1; export BRIDGE=br1; B=2\n", "A=1; B=2\n"),
            ("A=1; export BRIDGE=br1 # x\n", "A=1 # x\n"),
            ("A=\\;; BRIDGE=br1\n", "A=\\;\n"),
            ("BRIDGE=br1; export A=1\n", "export A=1\n"),
            ("export BRIDGE=br1 BRIDGE_UUID=x; A=1\n", "A=1\n"),
            ("export BRIDGE=br1 A=1 BRIDGE_UUID=x\n", "export A=1\n"),
            ("export BRIDGE=br1 BRIDGE_UUID=x\n", ""),
        ];
        for (source, expected) in cases {
            let doc = ShellDoc::parse(source);
            let mut edits = Edits::default();
            doc.unset(&mut edits, &["BRIDGE", "BRIDGE_UUID"]);
            assert_eq!(edits.apply(source), expected, "{source:?}");
        }
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
