//! From places to lines, columns and excerpts: the lines of each file are found once, however many places are in it.

use std::collections::HashMap;
use std::ops::Range;

use super::place::{Located, Mark, Place};
use crate::doc::character_at;
use crate::doc::lines::Lines;
use crate::secret;
use crate::tree::{HostPath, Tree};

/// The longest line that is shown as a whole, in bytes. Many places may be in one line, and each has its excerpt.
const LONGEST: usize = 400;

/// Of a longer line, this many bytes before a place, and from it on.
const AROUND: (usize, usize) = (40, LONGEST - 40);

/// Finds places in the files of a tree.
pub(super) struct Locator<'t> {
    tree: &'t Tree,
    files: HashMap<&'t HostPath, Found<'t>>,
}

struct Found<'t> {
    bytes: &'t [u8],
    lines: Lines,
    /// Where its secrets are: a line may begin in the middle of one. `None` where the text is in no UTF-8.
    secrets: Option<Vec<Range<usize>>>,
}

impl<'t> Locator<'t> {
    /// Returns one that has found nothing yet.
    pub(super) fn of(tree: &'t Tree) -> Self {
        let files = HashMap::new();
        Self { tree, files }
    }

    /// Returns line, column and text of the place, as far as the tree has its file.
    pub(super) fn locate(&mut self, place: &Place) -> Located {
        let found = match place.mark {
            Mark::File => None,
            Mark::Line(_) | Mark::Word(..) | Mark::Span(_) => self.look(place),
        };
        found.unwrap_or(Located {
            line: 1,
            column: 1,
            excerpt: None,
            span: 0..0,
        })
    }

    fn look(&mut self, place: &Place) -> Option<Located> {
        let file = self.file(&place.path)?;
        let line = match &place.mark {
            Mark::File => return None,
            Mark::Line(line) | Mark::Word(line, _) => *line,
            Mark::Span(span) => file.lines.line(span.start.min(file.bytes.len())),
        };
        let whole = file.lines.span(line)?;
        let shown = file.shown(place, whole.clone());
        let text = String::from_utf8_lossy(&file.bytes[shown.clone()]);
        let text = text.trim_end_matches('\r');
        let span = place.underlined(text, shown.start);
        let before = file.lines.characters(file.bytes, whole.start, shown.start);
        let column = before + text[..span.start].chars().count() + 1;
        let (text, span) = file.masked(&place.path, shown, text, span);
        Some(Located {
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
            excerpt: Some(text),
            span,
        })
    }

    fn file(&mut self, path: &HostPath) -> Option<&mut Found<'t>> {
        if !self.files.contains_key(path) {
            let (path, entry) = self.tree.entry(path)?;
            let bytes = self.tree.file_in(entry)?.bytes.as_slice();
            let text = str::from_utf8(bytes).ok();
            let (lines, secrets) = (
                Lines::of(bytes),
                text.map(|text| secret::places(path, text)),
            );
            let found = Found {
                bytes,
                lines,
                secrets,
            };
            self.files.insert(path, found);
        }
        self.files.get_mut(path)
    }
}

impl Found<'_> {
    /// Returns what is shown of the line at `whole`.
    fn shown(&self, place: &Place, whole: Range<usize>) -> Range<usize> {
        if whole.len() <= LONGEST {
            return whole;
        }
        let at = match &place.mark {
            Mark::Span(span) => span.start.clamp(whole.start, whole.end),
            Mark::File | Mark::Line(_) | Mark::Word(..) => whole.start,
        };
        let start = at.saturating_sub(AROUND.0).max(whole.start);
        let end = (at + AROUND.1).min(whole.end);
        self.boundary(start)..self.boundary(end)
    }

    /// Returns the next place at which a character begins.
    fn boundary(&self, at: usize) -> usize {
        let inside = self.bytes[at..].iter().take(3);
        at + inside.take_while(|byte| **byte & 0xc0 == 0x80).count()
    }

    /// Returns the part `text` of the file, which is at `shown`, without secrets, and what is underlined then.
    fn masked(
        &self,
        path: &HostPath,
        shown: Range<usize>,
        text: &str,
        span: Range<usize>,
    ) -> (String, Range<usize>) {
        let hidden = match &self.secrets {
            Some(secrets) => {
                let first = secrets.partition_point(|secret| secret.end <= shown.start);
                let here = secrets[first..]
                    .iter()
                    .take_while(|secret| secret.start < shown.end);
                let clip = |at: usize| at.clamp(shown.start, shown.end) - shown.start;
                here.map(|secret| clip(secret.start)..clip(secret.end).min(text.len()))
                    .collect()
            }
            None => secret::places(path, text),
        };
        if hidden.is_empty() {
            return (text.to_owned(), span);
        }
        let masked = secret::without(text, &hidden);
        let [start, end] = [span.start, span.end].map(|at| character_at(&masked, at));
        (masked, start..end)
    }
}
