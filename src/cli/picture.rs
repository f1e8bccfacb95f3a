//! The picture of a change: what hangs on what, before and after it.

use camino::Utf8Path;

use super::error::CliError;
use super::named_file::{self, What};
use super::screen::Screen;
use super::seen::Seen;
use crate::backend::{self, Interest};
use crate::change::ChangeSet;
use crate::picture::tree::{self, Style};
use crate::picture::{Mark, Picture, Side};
use crate::plan::Source;
use crate::root::Root;

/// A picture, as a file that is written.
const PICTURE: What = What {
    noun: "picture",
    found: "a picture that kvmnet wrote",
    is_ours,
    misplaced: |message| CliError::failed(message),
};

/// By this a picture of kvmnet is known,
const MARK: &[u8] = b" class=\"t\" role=\"group\" aria-label=\"Network topology: ";
/// in so many of its first bytes.
const HEAD: usize = 256;

fn is_ours(file: &Utf8Path) -> bool {
    let head = named_file::head(file, HEAD).unwrap_or_default();
    memchr::memmem::find(&head, MARK).is_some()
}

/// Looks whether a picture may be written to `file`.
pub(super) fn check(root: &Root, file: &Utf8Path) -> Result<(), CliError> {
    named_file::check(root, file, &PICTURE).map(drop)
}

/// Writes a picture; it shows names, which are no secret, and nothing else of files.
pub(super) fn write(root: &Root, file: &Utf8Path, drawn: &str) -> Result<(), CliError> {
    named_file::write(root, file, &PICTURE, drawn, 0o666)
}

/// Returns the picture of a change of what is seen.
pub(super) fn of_change(seen: &Seen<'_>, set: &ChangeSet) -> Result<Picture, CliError> {
    let tree = seen.files(&backend::scope(Interest::All))?;
    let before = backend::inspect(&tree, Interest::All);
    let later = set.apply_to(&tree);
    let after = backend::inspect_again(&later, &before, set, Interest::All);
    let side = |tree, host| Side::of(host, &backend::layer2s(tree, host));
    Ok(Picture::between(side(&tree, &before), side(&later, &after)))
}

/// Returns whether the locale can show more than ASCII.
///
/// Source: setlocale(3): LC_ALL comes before LC_CTYPE, that before LANG.
fn is_utf8() -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| {
        let value = std::env::var(name).ok()?;
        (!value.is_empty()).then_some(value)
    });
    let said = said.unwrap_or_default().to_ascii_lowercase();
    said.contains("utf-8") || said.contains("utf8")
}

impl Screen<'_> {
    /// Prints a picture as text; with `signs`, what becomes of each line.
    pub(super) fn tree(&mut self, picture: &Picture, signs: bool) -> Result<(), CliError> {
        let style = Style {
            ascii: !is_utf8(),
            signs,
        };
        let lines = tree::draw(picture, style);
        if lines.is_empty() {
            return self.line("There is nothing to draw.");
        }
        for line in lines {
            let text = match self.width {
                Some(width) => tree::fitted(&line.text, width, style.ascii),
                None => line.text,
            };
            let word = match line.mark {
                Mark::Same => "",
                Mark::New => "new",
                Mark::Gone => "gone",
                Mark::Changed { .. } => "changed",
                Mark::Here { .. } | Mark::Away { .. } => "moved",
            };
            self.marked(word, &text)?;
        }
        Ok(())
    }
}
