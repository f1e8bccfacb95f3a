//! The picture of a change: what hangs on what, before and after it.

use super::args::PictureOptions;
use super::error::CliError;
use super::screen::Screen;
use super::seen::Seen;
use crate::backend::{self, Interest};
use crate::change::ChangeSet;
use crate::picture::tree::{self, Style};
use crate::picture::{Extent, Mark, Picture, Side};
use crate::plan::Source;

/// Returns the picture of a change of what is seen.
pub(super) fn of_change(
    seen: &Seen<'_>,
    options: &PictureOptions,
    set: &ChangeSet,
) -> Result<Picture, CliError> {
    let tree = seen.files(&backend::scope(Interest::All))?;
    let before = backend::inspect(&tree, Interest::All);
    let later = set.apply_to(&tree);
    let after = backend::inspect_again(&later, &before, set, Interest::All);
    let side = |tree, host| Side::of(host, &backend::layer2s(tree, host));
    let extent = match options.extent() {
        Extent::Page => Extent::Changes,
        extent @ (Extent::All | Extent::Changes) => extent,
    };
    Ok(Picture::between(
        side(&tree, &before),
        side(&later, &after),
        extent,
    ))
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
