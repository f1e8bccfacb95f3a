//! The lines of a file before and after, side by side.

use std::collections::BTreeMap;

use serde::Serialize;

use super::markup::Markup;
use crate::diff::{Kind, Line, Place, Section};
use crate::tree::HostPath;

/// A hunk.
#[derive(Debug, Serialize)]
pub(super) struct Hunk {
    /// Its head, such as `@@ -1,4 +1,5 @@`.
    head: String,
    pub(super) rows: Vec<Row>,
}

/// A line before and the line after.
#[derive(Debug, Default, Serialize)]
pub(super) struct Row {
    left: Cell,
    right: Cell,
}

impl Row {
    /// Returns whether a run of lines that moved begins here.
    pub(super) fn has_moved(&self) -> bool {
        self.left.moved.is_some() || self.right.moved.is_some()
    }
}

/// One side of a row.
#[derive(Debug, Serialize)]
struct Cell {
    /// The number of the line; there is none where the other side has a line alone.
    number: Option<usize>,
    /// The class of the cell.
    class: &'static str,
    /// What happens to the line, as a sign.
    sign: &'static str,
    text: Markup,
    /// Where the lines from here on moved to, or came from.
    moved: Option<Moved>,
    /// Whether the file ends here without an end of line.
    open: bool,
}

impl Default for Cell {
    fn default() -> Self {
        Self {
            number: None,
            class: "nil",
            sign: "",
            text: Markup::default(),
            moved: None,
            open: false,
        }
    }
}

/// Where lines moved to, or came from.
#[derive(Debug, Serialize)]
struct Moved {
    /// `to` or `from`.
    way: &'static str,
    path: String,
    /// The number of the section of that file.
    section: usize,
    /// Which lines they are there: `line 7`, `lines 7–16`.
    lines: String,
}

/// The files of a patch, with what is known of their lines.
pub(super) struct Files<'s> {
    sections: &'s [Section<'s>],
    moved: BTreeMap<Place, Place>,
    /// The numbers of each line before and after, by section; 0 where it is not there.
    numbers: Vec<Vec<[usize; 2]>>,
}

impl<'s> Files<'s> {
    pub(super) fn of(sections: &'s [Section<'s>]) -> Self {
        Self {
            sections,
            moved: crate::diff::moved(sections),
            numbers: sections.iter().map(numbers).collect(),
        }
    }

    /// Returns the hunks of a section, which is about a link or about a file.
    pub(super) fn hunks(&self, section: usize, is_link: bool) -> Vec<Hunk> {
        let (mut hunks, mut region) = (Vec::<Hunk>::new(), Region::default());
        for (line, of) in self.sections[section].lines.iter().enumerate() {
            let at = Place { section, line };
            match of.kind {
                Kind::Removed => region.removed.push((of.pair, self.cell(at))),
                Kind::Added => region.added.push((of.pair, self.cell(at))),
                // the text of a link has no lines
                Kind::NoNewline if is_link => {}
                Kind::NoNewline => region.ends(hunks.last_mut()),
                Kind::Context => {
                    region.end(hunks.last_mut());
                    if let Some(hunk) = hunks.last_mut() {
                        hunk.rows.push(self.both(at));
                    }
                }
                Kind::Hunk => {
                    region.end(hunks.last_mut());
                    hunks.push(Hunk {
                        head: head(of),
                        rows: Vec::new(),
                    });
                }
                Kind::Header => {}
            }
        }
        region.end(hunks.last_mut());
        hunks
    }

    fn line(&self, at: Place) -> &Line<'s> {
        &self.sections[at.section].lines[at.line]
    }

    /// Returns a line that is on both sides.
    fn both(&self, at: Place) -> Row {
        let [old, new] = self.numbers[at.section][at.line];
        let cell = |number| Cell {
            number: Some(number),
            class: "",
            text: text(self.line(at)),
            ..Cell::default()
        };
        Row {
            left: cell(old),
            right: cell(new),
        }
    }

    /// Returns a line that is on one side.
    fn cell(&self, at: Place) -> Cell {
        let line = self.line(at);
        let [old, new] = self.numbers[at.section][at.line];
        let is_moved = self.moved.contains_key(&at);
        let (number, class, sign) = match (line.kind == Kind::Removed, is_moved) {
            (true, false) => (old, "del", "−"),
            (true, true) => (old, "mvd", "→"),
            (false, false) => (new, "add", "+"),
            (false, true) => (new, "mvd", "←"),
        };
        Cell {
            number: Some(number),
            class,
            sign,
            text: text(line),
            moved: self.moved_from(at),
            open: false,
        }
    }

    /// Returns where a run of lines that begins here moved to, or came from.
    fn moved_from(&self, at: Place) -> Option<Moved> {
        let there = *self.moved.get(&at)?;
        let step = |place: Place, by: usize| Place {
            line: place.line + by,
            ..place
        };
        let runs = |by: usize| self.moved.get(&step(at, by)) == Some(&step(there, by));
        let before = at.line.checked_sub(1).map(|line| Place { line, ..at });
        let before = before.and_then(|before| self.moved.get(&before));
        if before.is_some_and(|before| step(*before, 1) == there) {
            return None;
        }
        let count = (1..).take_while(|by| runs(*by)).count();
        let section = &self.sections[there.section];
        let (way, path, side) = match self.line(at).kind == Kind::Removed {
            true => ("to", section.to, 1),
            false => ("from", section.from, 0),
        };
        let number = |place: Place| self.numbers[place.section][place.line][side];
        let (first, last) = (number(there), number(step(there, count)));
        Some(Moved {
            way,
            path: path.map_or_else(String::new, HostPath::to_string),
            section: there.section,
            lines: match count {
                0 => format!("line {first}"),
                _ => format!("lines {first}–{last}"),
            },
        })
    }
}

/// Lines that are replaced: the removed ones and the added ones, each with the number of its pair.
#[derive(Default)]
struct Region {
    removed: Vec<(Option<usize>, Cell)>,
    added: Vec<(Option<usize>, Cell)>,
}

impl Region {
    /// Puts its rows behind those of a hunk, and begins anew.
    fn end(&mut self, hunk: Option<&mut Hunk>) {
        let rows = std::mem::take(self).rows();
        if let Some(hunk) = hunk {
            hunk.rows.extend(rows);
        }
    }

    /// Notes that the file ends at the last line without an end of line.
    fn ends(&mut self, hunk: Option<&mut Hunk>) {
        let last = self.added.last_mut().or(self.removed.last_mut());
        match (last, hunk.and_then(|hunk| hunk.rows.last_mut())) {
            (Some((_, cell)), _) => cell.open = true,
            (None, Some(row)) => (row.left.open, row.right.open) = (true, true),
            (None, None) => {}
        }
    }

    /// Returns the rows: lines of a pair beside each other, others alone.
    fn rows(self) -> Vec<Row> {
        let alone = |right| Row {
            left: Cell::default(),
            right,
        };
        let (mut rows, mut added) = (Vec::new(), self.added.into_iter().peekable());
        for (pair, left) in self.removed {
            let mut right = Cell::default();
            if pair.is_some() {
                // what stands before its other half
                while let Some((_, cell)) = added.next_if(|(other, _)| *other != pair) {
                    rows.push(alone(cell));
                }
                right = added.next().map(|(_, cell)| cell).unwrap_or_default();
            }
            rows.push(Row { left, right });
        }
        rows.extend(added.map(|(_, cell)| alone(cell)));
        rows
    }
}

/// Returns the text of a line, without its sign and its end.
fn text(line: &Line<'_>) -> Markup {
    let mut text = Markup::default();
    for piece in line.pieces.iter().skip(1) {
        let bytes = piece.text.strip_suffix(b"\n").unwrap_or(&piece.text);
        match piece.emphasised {
            true => text.marked(bytes),
            false => text.text(bytes),
        }
    }
    text
}

/// Returns the head of a hunk.
fn head(line: &Line<'_>) -> String {
    let bytes: Vec<u8> = line
        .pieces
        .iter()
        .flat_map(|piece| piece.text.to_vec())
        .collect();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

/// Returns the numbers of each line before and after; 0 where it is not there.
fn numbers(section: &Section<'_>) -> Vec<[usize; 2]> {
    let mut next = [0, 0];
    let lines = section.lines.iter();
    let numbers = lines.map(|line| {
        let sides = match line.kind {
            Kind::Context => [true, true],
            Kind::Removed => [true, false],
            Kind::Added => [false, true],
            Kind::Header | Kind::Hunk | Kind::NoNewline => [false, false],
        };
        if line.kind == Kind::Hunk {
            next = starts(&head(line));
        }
        let here = [0, 1].map(|side| if sides[side] { next[side] } else { 0 });
        next = [0, 1].map(|side| next[side] + usize::from(sides[side]));
        here
    });
    numbers.collect()
}

/// Returns the first lines of a hunk, which its head tells.
fn starts(head: &str) -> [usize; 2] {
    let start = |sign: char| {
        let (_, rest) = head.split_once(sign)?;
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        rest[..end].parse().ok()
    };
    [start('-'), start('+')].map(|number| number.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Change, ChangeSet, Labels};
    use crate::diff::sections;
    use crate::tree::{Attrs, File, Node};

    fn set(files: &[(&str, &str, &str)]) -> ChangeSet {
        let node = |text: &str| {
            let attrs = Attrs {
                mode: 0o644,
                uid: 0,
                gid: 0,
            };
            let bytes = text.as_bytes().to_vec();
            (!text.is_empty()).then_some(Node::File(File { bytes, attrs }))
        };
        let mut set = ChangeSet::default();
        for (name, before, after) in files {
            let path = HostPath::parse(name).unwrap();
            set.put(Change {
                before: node(before),
                after: node(after),
                labels: Labels::Like(path.clone()),
                path,
            });
        }
        set
    }

    /// Returns the rows of a file: `1 -text | 2 +text`, `$` where no end of line is, and where lines moved.
    fn rows(files: &[(&str, &str, &str)], section: usize) -> Vec<String> {
        let set = set(files);
        let sections = sections(&set);
        let cell = |cell: &Cell| {
            let text = serde_json::to_string(&cell.text).unwrap();
            let text: String = text.trim_matches('"').to_owned();
            let number = cell.number.map_or_else(String::new, |n| format!("{n} "));
            let moved = cell.moved.as_ref();
            let moved = moved.map(|m| format!(" ({} {} {})", m.way, m.path, m.lines));
            let end = if cell.open { "$" } else { "" };
            let moved = moved.unwrap_or_default();
            format!("{number}{}{text}{end}{moved}", cell.sign)
        };
        let hunks = Files::of(&sections).hunks(section, false);
        let rows = hunks.iter().flat_map(|hunk| &hunk.rows);
        rows.map(|row| format!("{} | {}", cell(&row.left), cell(&row.right)))
            .collect()
    }

    #[test]
    fn what_replaces_a_line_stands_beside_it() {
        let found = rows(
            &[("/a", "A=1\nONBOOT=yes\nC=3\n", "A=1\nX<0\nONBOOT=no\nC=3\n")],
            0,
        );
        assert_eq!(
            found,
            [
                "1 A=1 | 1 A=1",
                " | 2 +X&lt;0",
                "2 −ONBOOT=<b>yes</b> | 3 +ONBOOT=<b>no</b>",
                "3 C=3 | 4 C=3"
            ]
        );
        let found = rows(&[("/a", "qqq\nONBOOT=yes\n", "zzz\nONBOOT=no\n")], 0);
        let expected = [
            "1 −qqq | ",
            " | 1 +zzz",
            "2 −ONBOOT=<b>yes</b> | 2 +ONBOOT=<b>no</b>",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_have_the_numbers_that_they_have_in_their_files() {
        let many = |first: &str, last: &str| {
            let between: String = (2..20).map(|n| format!("{n}\n")).collect();
            format!("{first}{between}{last}\n")
        };
        let found = rows(&[("/a", &many("x\n", "A=1"), &many("", "A=2"))], 0);
        assert_eq!(found.first().unwrap(), "1 −x | ");
        assert_eq!(found[1], "2 2 | 1 2");
        assert_eq!(found.last().unwrap(), "20 −A=<b>1</b> | 19 +A=<b>2</b>");
    }

    #[test]
    fn a_last_line_without_an_end_is_told() {
        assert_eq!(rows(&[("/a", "x", "y\n")], 0), ["1 −x$ | ", " | 1 +y"]);
        assert_eq!(rows(&[("/a", "x\n", "y")], 0), ["1 −x | ", " | 1 +y$"]);
        assert_eq!(rows(&[("/a", "x\nz", "z")], 0), ["1 −x | ", "2 z$ | 1 z$"]);
    }

    #[test]
    fn a_run_of_lines_that_moved_says_once_where_to() {
        let files = [
            ("/a", "x\nA=1\nB=2\nC=3\n", "x\n"),
            ("/b", "", "B=2\nA=1\n"),
            ("/c", "y\n", "y\nC=3\n"),
        ];
        assert_eq!(
            rows(&files, 0),
            [
                "1 x | 1 x",
                "2 →A=1 (to /b line 2) | ",
                "3 →B=2 (to /b line 1) | ",
                "4 →C=3 (to /c line 2) | "
            ]
        );
        assert_eq!(rows(&files, 2), ["1 y | 1 y", " | 2 ←C=3 (from /a line 4)"]);
        let files = [files[0], ("/b", "", "A=1\nB=2\nC=3\n")];
        assert_eq!(rows(&files, 0)[1], "2 →A=1 (to /b lines 1–3) | ");
        assert_eq!(rows(&files, 0)[2], "3 →B=2 | ");
        assert_eq!(rows(&files, 1)[0], " | 1 ←A=1 (from /a lines 2–4)");
    }
}
