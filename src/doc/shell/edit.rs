//! Edits of shell assignments: a value in its quotes, a new last line, and what goes of a line when an assignment goes.

use std::ops::Range;

use super::{Assignment, Line, LineKind, Quotes, ShellDoc, value};
use crate::doc::edits::Edits;

impl ShellDoc {
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
}
