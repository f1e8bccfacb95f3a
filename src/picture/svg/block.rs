//! One block of a drawing.

use super::write::{Text, Writer, columns_in, titled};
use super::{Block, Column, GUESTS, LINE, MIDDLE, Role, UPLINKS};
use crate::picture::widths::{columns, fitted, padded};
use crate::picture::{Mark, Part};
use crate::shown::one_line;

/// The height of a box in the columns beside.
const BOX: u32 = 22;
/// From one box to the next.
const STEP: u32 = 26;
/// The room within a box before its text.
const INSET: u32 = 10;
/// The room that a sign takes at the end of a box.
const SIGN: u32 = 24;
/// As many lines of facts a block has that do not change.
const MOST_FACTS: usize = 4;

/// A block with the lines in its box.
pub(super) struct Drawn<'p> {
    block: &'p Block,
    lines: Vec<Row<'p>>,
    pub(super) height: u32,
}

/// A line in the box of a block.
struct Row<'p> {
    text: String,
    /// The part that it is, if it is one.
    part: Option<&'p Part>,
}

fn class(mark: &Mark) -> &'static str {
    match mark {
        Mark::Same => "",
        Mark::New | Mark::Here { .. } => "p",
        Mark::Gone | Mark::Away { .. } => "n",
        Mark::Changed { .. } => "c",
    }
}

impl<'p> Drawn<'p> {
    pub(super) fn of(block: &'p Block) -> Self {
        let lines = lines(block);
        let in_box = (u32::try_from(lines.len()).unwrap_or(u32::MAX / 64) + 1) * LINE + 10;
        let beside = |role: Role| {
            let count = u32::try_from(block.of(role).count()).unwrap_or(u32::MAX / 64);
            (count * STEP).saturating_sub(STEP - BOX) + 8
        };
        let height = in_box.max(beside(Role::Uplink)).max(beside(Role::Guest));
        Self {
            block,
            lines,
            height,
        }
    }

    /// Draws the block at `y`.
    pub(super) fn draw(&self, writer: &mut Writer, y: u32) {
        let block = self.block;
        let word = format!("{:?} {}", block.kind, block.name);
        let mark = marked(&block.mark);
        writer.raw(&format!(
            "<g role=\"group\" aria-label=\"{}{mark}\">\n",
            titled(&word)
        ));
        for (column, role) in [(UPLINKS, Role::Uplink), (GUESTS, Role::Guest)] {
            for (at, part) in (0u32..).zip(block.of(role)) {
                self.beside(writer, column, part, y + 4 + at * STEP);
            }
        }
        self.middle(writer, y);
        writer.raw("</g>\n");
    }

    /// Draws a box beside the block, and the line between them.
    fn beside(&self, writer: &mut Writer, column: Column, part: &Part, y: u32) {
        let class = class(&part.mark);
        let (from, to, link) = match part.role {
            Role::Uplink => (column.x + column.width, MIDDLE.x, "is an uplink of"),
            Role::Fact | Role::Network | Role::Guest => (
                MIDDLE.x + MIDDLE.width,
                column.x,
                "is a guest's interface on",
            ),
        };
        let middle = y + BOX / 2;
        writer.raw(&format!(
            "<path class=\"{class}\" d=\"M{from} {middle}H{to}\"><title>{} {link} {}{}</title></path>\n",
            titled(&part.name),
            titled(&self.block.name),
            marked(&part.mark),
        ));
        let class = match part.is_routing {
            true => format!("{class} v"),
            false => class.to_owned(),
        };
        let said = [&*part.name, &part.detail, &part.mark.note()].join(" ");
        writer.raw(&format!(
            "<g class=\"{}\"><title>{}</title><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{BOX}\" rx=\"5\"/>",
            class.trim(),
            titled(said.trim()),
            column.x,
            column.width,
        ));
        words(writer, column, part, y + 15);
        sign(writer, &part.mark, column, y + 15);
        writer.raw("</g>\n");
    }

    fn middle(&self, writer: &mut Writer, y: u32) {
        let block = self.block;
        let mark = class(&block.mark);
        let said: Vec<&str> = block.of(Role::Fact).map(|part| &*part.name).collect();
        let said = format!("{}: {}", block.name, said.join(", "));
        writer.raw(&format!(
            "<g class=\"{mark}\"><title>{}</title><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"5\"/>",
            titled(&said),
            MIDDLE.x,
            MIDDLE.width,
            self.height,
        ));
        let x = MIDDLE.x + INSET;
        let room = columns_in(MIDDLE.width - INSET - SIGN);
        let title = if block.mark.stays() { "b" } else { "b s" };
        writer.text(&Text {
            x,
            y: y + 18,
            class: title,
            text: &block.name,
            columns: room,
        });
        sign(writer, &block.mark, MIDDLE, y + 18);
        writer.raw("</g>\n");
        let mut base = y + 18;
        for line in &self.lines {
            base += LINE;
            let mark = line.part.map_or(&Mark::Same, |part| &part.mark);
            // where it went is not struck out
            let gone = if *mark == Mark::Gone { "d s" } else { "d" };
            let room = match *mark == Mark::Same {
                true => columns_in(MIDDLE.width - 2 * INSET),
                false => room,
            };
            let link = line.part.filter(|part| part.role == Role::Network);
            let title = link.map_or_else(String::new, |part| {
                let (name, block) = (titled(&part.name), titled(&block.name));
                format!(
                    "<title>{name} is a network on {block}{}</title>",
                    marked(mark)
                )
            });
            writer.raw(&format!("<g class=\"{}\">{title}", class(mark)));
            writer.text(&Text {
                x,
                y: base,
                class: gone,
                text: &line.text,
                columns: room,
            });
            sign(writer, mark, MIDDLE, base);
            writer.raw("</g>\n");
        }
    }
}

/// Writes the name of a part, and what is said of it, into its box.
fn words(writer: &mut Writer, column: Column, part: &Part, base: u32) {
    let room = columns_in(column.width - INSET - SIGN);
    // a name has half of the room, and what the rest leaves
    let note = part.mark.note();
    let behind = if note.is_empty() { &part.detail } else { &note };
    let behind = one_line(behind);
    let name = one_line(&part.name);
    let wanted = match behind.is_empty() {
        true => room,
        false => (room / 2).max(room.saturating_sub(columns(&behind) + 2)),
    };
    let name = fitted(&name, wanted);
    let used = columns(&name);
    let x = column.x + INSET;
    let gone = if part.mark.stays() { "" } else { "s" };
    writer.text(&Text {
        x,
        y: base,
        class: gone,
        text: &name,
        columns: room,
    });
    if !behind.is_empty() && used + 4 < room {
        let offset = u32::try_from((used + 2) * 72 / 10).unwrap_or(0);
        let columns = room - used - 2;
        writer.text(&Text {
            x: x + offset,
            y: base,
            class: "d",
            text: &behind,
            columns,
        });
    }
}

/// Returns what becomes of something, for who cannot see the sign.
fn marked(mark: &Mark) -> String {
    match mark {
        Mark::Same => String::new(),
        Mark::New => "; new".to_owned(),
        Mark::Gone => "; gone".to_owned(),
        Mark::Changed { was } => format!("; changed, was {}", titled(was)),
        Mark::Here { from } => format!("; moved here from {}", titled(from)),
        Mark::Away { to } => format!("; moved away to {}", titled(to)),
    }
}

fn sign(writer: &mut Writer, mark: &Mark, column: Column, y: u32) {
    if *mark != Mark::Same {
        let sign = mark.sign().to_string();
        let x = column.x + column.width - 17;
        writer.text(&Text {
            x,
            y,
            class: "k",
            text: &sign,
            columns: 2,
        });
    }
}

/// Returns the lines in the box of a block, under its name: facts that stay, facts that change, networks, what is not drawn.
fn lines(block: &Block) -> Vec<Row<'_>> {
    let room = columns_in(MIDDLE.width - 2 * INSET);
    let (same, moved): (Vec<&Part>, Vec<&Part>) = block
        .of(Role::Fact)
        .partition(|part| part.mark == Mark::Same || part.mark == block.mark);
    let mut lines: Vec<Row<'_>> = Vec::new();
    let mut facts: Vec<String> = Vec::new();
    for part in same {
        let fact = one_line(&part.name);
        match facts.last_mut() {
            Some(last) if columns(last) + columns(&fact) + 2 <= room => {
                *last += ", ";
                *last += &fact;
            }
            _ => facts.push(fact),
        }
    }
    if facts.len() > MOST_FACTS {
        facts.truncate(MOST_FACTS);
        facts.push("…".to_owned());
    }
    lines.extend(facts.into_iter().map(|text| Row { text, part: None }));
    let with_note = |part: &Part, text: String| match part.mark.note() {
        note if note.is_empty() => text,
        note => format!("{text}  {note}"),
    };
    lines.extend(moved.into_iter().map(|part| Row {
        text: with_note(part, one_line(&part.name)),
        part: Some(part),
    }));
    let widest = block
        .of(Role::Network)
        .map(|part| columns(&one_line(&part.name)));
    let widest = widest.max().unwrap_or(0).min(16);
    lines.extend(block.of(Role::Network).map(|part| {
        let name = padded(&one_line(&part.name), widest);
        Row {
            text: with_note(part, format!("{name}  {}", part.detail)),
            part: Some(part),
        }
    }));
    lines.extend(block.rest().map(|text| Row { text, part: None }));
    lines
}
