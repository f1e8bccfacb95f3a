//! A picture as SVG: three columns, uplinks, bridges and networks, guests. Each block is as high as what hangs on it, so that
//! every line is level and none crosses another; what becomes of a part is told by a sign, by its lines and by colour.

mod block;
mod write;

use super::{Block, Kind, Picture, Role, counted};
use block::Drawn;
use write::{Text, Writer};

/// How the drawing looks.
///
/// Colours hold 4.5:1 against what is behind them, in light and dark; on paper signs and lines tell the same.
const STYLE: &str = include_str!("style.css");

/// How wide the drawing is, in pixels.
const WIDTH: u32 = 980;

/// Where a column begins, and how wide it is.
#[derive(Clone, Copy, Debug)]
struct Column {
    x: u32,
    width: u32,
}

const UPLINKS: Column = Column { x: 12, width: 190 };
const MIDDLE: Column = Column { x: 240, width: 384 };
const GUESTS: Column = Column { x: 662, width: 306 };

/// Where the first block begins.
const TOP: u32 = 34;
/// The gap between two blocks.
const GAP: u32 = 14;
/// The height of a line of text.
const LINE: u32 = 17;

/// Returns a picture as SVG: with `alone` as a file of its own, else as an element of a page.
#[must_use]
pub fn draw(picture: &Picture, alone: bool) -> String {
    let drawn: Vec<Drawn<'_>> = picture.blocks.iter().map(Drawn::of).collect();
    let blocks: u32 = drawn.iter().map(|block| block.height + GAP).sum();
    let rest = u32::try_from(picture.rest.len()).unwrap_or(0) * LINE;
    let height = TOP + blocks + rest + 10;
    let about = about(picture);
    let space = match alone {
        true => " xmlns=\"http://www.w3.org/2000/svg\"",
        false => "",
    };
    let mut writer = Writer::default();
    writer.raw(&format!(
        "<svg{space} class=\"t\" role=\"group\" aria-label=\"{about}\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n<title>{about}</title>\n<style>{STYLE}</style>\n",
    ));
    writer.raw(&format!(
        "<rect class=\"bg\" x=\"0\" y=\"0\" width=\"{WIDTH}\" height=\"{height}\"/>\n"
    ));
    let headings = [
        (UPLINKS, "UPLINKS"),
        (MIDDLE, "BRIDGES AND NETWORKS"),
        (GUESTS, "GUESTS"),
    ];
    for (column, heading) in headings {
        writer.text(&Text {
            x: column.x,
            y: 20,
            class: "d",
            text: heading,
            columns: 30,
        });
    }
    let mut y = TOP;
    for block in &drawn {
        block.draw(&mut writer, y);
        y += block.height + GAP;
    }
    for line in &picture.rest {
        y += LINE;
        writer.text(&Text {
            x: UPLINKS.x,
            y,
            class: "d",
            text: line,
            columns: 100,
        });
    }
    writer.raw("</svg>\n");
    writer.into_string()
}

/// Returns what the drawing is of, in one line.
fn about(picture: &Picture) -> String {
    let of = |kinds: &[Kind]| {
        picture
            .blocks
            .iter()
            .filter(|b| kinds.contains(&b.kind))
            .count()
    };
    let bridges = counted(of(&[Kind::Bridge]), "bridge");
    let others = counted(of(&[Kind::Network, Kind::Interface]), "other block");
    let guests: usize = picture
        .blocks
        .iter()
        .map(|block| block.of(Role::Guest).count())
        .sum();
    let guests = counted(guests, "guest interface");
    match picture
        .blocks
        .iter()
        .filter(|block| block.changes())
        .count()
    {
        0 => format!("Network topology: {bridges}, {others}, {guests}"),
        changed => format!("Network topology: {bridges}, {others}, {guests}; {changed} changed"),
    }
}
