//! A picture as text: a block a bridge, network or interface, and what hangs on it.

use super::widths::{self, columns, padded};
use super::{Block, Mark, Part, Picture, Role};
use crate::shown::one_line;

/// How a picture of text is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether only ASCII can be shown.
    pub ascii: bool,
    /// Whether each line begins with a sign that says what becomes of it.
    pub signs: bool,
}

/// A line, and what becomes of what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// What becomes of it.
    pub mark: Mark,
}

/// The widest that a column of names is made.
const WIDEST: usize = 32;

/// Returns the lines of a picture; blocks are parted by empty ones.
#[must_use]
pub fn draw(picture: &Picture, style: Style) -> Vec<Line> {
    let plain = |text: String| Line {
        text,
        mark: Mark::Same,
    };
    let mut lines = Vec::new();
    for block in &picture.blocks {
        if !lines.is_empty() {
            lines.push(plain(String::new()));
        }
        of_block(block, style, &mut lines);
    }
    if !picture.rest.is_empty() && !lines.is_empty() {
        lines.push(plain(String::new()));
    }
    let rest = picture.rest.iter();
    lines.extend(rest.map(|rest| line(style, &Mark::Same, &one_line(rest))));
    lines
}

fn of_block(block: &Block, style: Style, lines: &mut Vec<Line>) {
    let (same, moved): (Vec<&Part>, Vec<&Part>) = block
        .of(Role::Fact)
        .partition(|part| part.mark == Mark::Same || part.mark == block.mark);
    let facts: Vec<String> = same.iter().map(|part| said(part)).collect();
    let mut text = one_line(&block.name);
    if !facts.is_empty() {
        text = format!("{text}  {}", facts.join(", "));
    }
    let note = one_line(&block.mark.note());
    if !note.is_empty() {
        text = format!("{text}  {note}");
    }
    lines.push(line(style, &block.mark, &text));
    let hanging = block.parts.iter().filter(|part| part.role != Role::Fact);
    let parts: Vec<&Part> = moved.into_iter().chain(hanging).collect();
    let named = parts.iter().filter(|part| part.role != Role::Fact);
    let name = named.map(|part| columns(&one_line(&part.name)));
    let widest = name.filter(|width| *width <= WIDEST).max().unwrap_or(0);
    let rest = block.rest();
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len() && rest.is_none();
        let (word, name) = (part.role.word(), one_line(&part.name));
        let note = part.mark.note();
        // on a narrow terminal the end is cut off
        let behind = [one_line(&note), one_line(&part.detail)];
        let behind: Vec<&str> = behind
            .iter()
            .map(String::as_str)
            .filter(|t| !t.is_empty())
            .collect();
        let text = match part.role {
            Role::Fact => format!("{name}  {}", behind.join("  ")),
            Role::Uplink | Role::Network | Role::Guest => {
                format!("{word:7}  {}  {}", padded(&name, widest), behind.join("  "))
            }
        };
        let branch = branch(style, is_last);
        lines.push(line(
            style,
            &part.mark,
            &format!("{branch} {}", text.trim_end()),
        ));
    }
    if let Some(rest) = rest {
        lines.push(line(
            style,
            &Mark::Same,
            &format!("{} {rest}", branch(style, true)),
        ));
    }
}

fn said(part: &Part) -> String {
    match part.detail.is_empty() {
        true => one_line(&part.name),
        false => one_line(&format!("{} {}", part.name, part.detail)),
    }
}

fn branch(style: Style, is_last: bool) -> &'static str {
    match (style.ascii, is_last) {
        (false, false) => "├─",
        (false, true) => "└─",
        (true, false) => "|-",
        (true, true) => "`-",
    }
}

fn line(style: Style, mark: &Mark, text: &str) -> Line {
    let sign = if style.ascii {
        mark.ascii()
    } else {
        mark.sign()
    };
    let text = match style.signs {
        true => format!("{sign} {text}"),
        false => text.to_owned(),
    };
    let text = match style.ascii {
        true => ascii(&text),
        false => text,
    };
    Line {
        text: text.trim_end().to_owned(),
        mark: mark.clone(),
    }
}

/// Returns as much of a line as `width` columns hold.
#[must_use]
pub fn fitted(text: &str, width: usize, ascii: bool) -> String {
    match ascii {
        true => widths::fitted(text, width).replace('…', "."),
        false => widths::fitted(text, width),
    }
}

/// Returns a text in ASCII: what is not is escaped.
fn ascii(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_ascii() {
            true => shown.push(c),
            false => shown.extend(c.escape_unicode()),
        }
    }
    shown
}
