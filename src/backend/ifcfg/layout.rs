//! The settings of an ifcfg file with their places: the part that reading and writing share.
//!
//! A setting that moves takes its line, its trailing comment, and the comment lines directly above it, unless these
//! also head a setting that stays.

use std::ops::Range;

use super::keys::{self, Class};
use super::owned::OwnedText;
use super::text::{Role, Setting};
use crate::doc::shell::{Assignment, Line, LineKind, ShellDoc, Value, with_line_ends};

/// What becomes of a setting when its interface is bridged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bucket {
    Layer3,
    Shared,
    Rest,
}

/// A setting and the bytes that go when it goes.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) setting: Setting,
    pub(super) span: Range<usize>,
    pub(super) bucket: Bucket,
}

/// Returns the settings of `doc`, whose interface is `owner`, in the order of the file.
pub(super) fn layout(doc: &ShellDoc, owner: &str) -> Vec<Placed> {
    let lines = doc.lines();
    let heads = heads(lines);
    let mut placed = Vec::new();
    let overridden = is_overridden(doc);
    for (index, line) in lines.iter().enumerate() {
        match line.kind {
            LineKind::Blank => {}
            LineKind::Comment if heads[index] => {}
            LineKind::Comment | LineKind::Code => {
                placed.push(rest(doc, line.span.clone(), line.number, line.span.clone()));
            }
            LineKind::Assignments => {
                let start = first_of_heading(lines, &heads, index);
                let wholes = doc.wholes(line);
                for (assignment, whole) in line.assignments.iter().zip(wholes) {
                    if overridden && assignment.name == OVERRIDABLE {
                        placed.extend(trailing_comment(doc, line));
                        continue;
                    }
                    placed.extend(place(doc, line, assignment, owner, start..whole.end, whole));
                }
            }
        }
    }
    placed
}

/// What Open vSwitch's scripts hand to ifup-eth for BOOTPROTO.
const OVERRIDABLE: &str = "OVSBOOTPROTO";

/// Returns whether the file's own BOOTPROTO holds, whatever Open vSwitch's scripts are told: they hand theirs on in the
/// environment, and ifup-eth reads the file again.
///
/// Source: `BOOTPROTO=dhcp ${OTHERSCRIPT} ${CONFIG}` in ifup-ovs, source_config() in network-functions.
pub(super) fn is_overridden(doc: &ShellDoc) -> bool {
    doc.get("BOOTPROTO").is_some()
}

/// Returns for each line whether it is a comment directly above settings that all move.
fn heads(lines: &[Line]) -> Vec<bool> {
    let mut heads = vec![false; lines.len()];
    // of the line below: whether it heads, and whether it is one of settings that all move, down to the next other line
    let (mut head_below, mut moving_below) = (false, None);
    for (index, line) in lines.iter().enumerate().rev() {
        match line.kind {
            LineKind::Comment => {
                head_below = head_below || moving_below == Some(true);
                moving_below = None;
                heads[index] = head_below;
            }
            LineKind::Assignments => {
                let all = line.assignments.iter().all(|a| moves(&a.name));
                (head_below, moving_below) = (false, Some(all && moving_below.unwrap_or(true)));
            }
            LineKind::Blank | LineKind::Code => (head_below, moving_below) = (false, None),
        }
    }
    heads
}

fn moves(key: &str) -> bool {
    matches!(keys::class(key), Class::Layer3(_))
}

fn rest(doc: &ShellDoc, text: Range<usize>, number: u32, span: Range<usize>) -> Placed {
    let text = as_lines(&OwnedText::plain(&doc.source()[text]));
    let setting = Setting {
        key: String::new(),
        value: None,
        text,
        role: Role::Unknown,
        line: number,
        word: 0..0,
    };
    Placed {
        setting,
        span,
        bucket: Bucket::Rest,
    }
}

/// Returns the text with LF line ends, closed by one.
fn as_lines(text: &OwnedText) -> OwnedText {
    text.respelled(|text| with_line_ends(text, "\n"))
}

/// Places a setting; `whole` is what goes with it, `headed` the same with the comments above its line.
fn place(
    doc: &ShellDoc,
    line: &Line,
    assignment: &Assignment,
    owner: &str,
    headed: Range<usize>,
    whole: Range<usize>,
) -> Option<Placed> {
    let (bucket, role) = match keys::class(&assignment.name) {
        Class::Layer3(role) => (Bucket::Layer3, role),
        Class::Shared => (Bucket::Shared, Role::Other),
        Class::Unknown => (Bucket::Rest, Role::Unknown),
        Class::Own | Class::Bridge => return trailing_comment(doc, line),
    };
    let alone = line.assignments.len() == 1;
    let span = match bucket == Bucket::Layer3 && alone {
        true => headed,
        false => whole,
    };
    let text = if bucket == Bucket::Shared || !alone {
        assignment.span.clone()
    } else {
        span.clone()
    };
    let text = OwnedText::with_gaps(
        &doc.source()[text.clone()],
        &gaps_in(doc, assignment, owner, text.start),
    );
    let setting = Setting {
        key: assignment
            .name
            .strip_prefix("OVSBOOT")
            .map_or_else(|| assignment.name.clone(), |p| format!("BOOT{p}")),
        value: value_of(assignment, owner),
        text: as_lines(&unprefix(&text, &assignment.name)),
        role,
        line: line.number,
        word: assignment.word.clone(),
    };
    Some(Placed {
        setting,
        span,
        bucket,
    })
}

/// Open vSwitch's scripts read OVSBOOTPROTO where the others read BOOTPROTO; the model has one of them.
fn unprefix(text: &OwnedText, name: &str) -> OwnedText {
    if name == OVERRIDABLE {
        text.replace_first(OVERRIDABLE, "BOOTPROTO")
    } else {
        text.clone()
    }
}

/// A comment behind a setting of the file's own is worth keeping when the file goes.
fn trailing_comment(doc: &ShellDoc, line: &Line) -> Option<Placed> {
    let start = line.comment?;
    let end = line.text.end;
    Some(rest(doc, start..end, line.number, end..end))
}

fn first_of_heading(lines: &[Line], heads: &[bool], index: usize) -> usize {
    let above = heads[..index].iter().rev().take_while(|head| **head);
    lines[index - above.count()].span.start
}

fn value_of(assignment: &Assignment, owner: &str) -> Option<OwnedText> {
    let text = assignment.value.literal()?;
    Some(OwnedText::with_gaps(
        text,
        &own_name(&assignment.name, text, owner),
    ))
}

/// Returns where the owner's name stands in the assignment, counted from `base`.
fn gaps_in(doc: &ShellDoc, assignment: &Assignment, owner: &str, base: usize) -> Vec<Range<usize>> {
    if assignment.value == Value::Shell {
        return Vec::new();
    }
    let word = &doc.source()[assignment.word.clone()];
    let shift = assignment.word.start - base;
    let spans = own_name(&assignment.name, word, owner);
    spans
        .into_iter()
        .map(|span| span.start + shift..span.end + shift)
        .collect()
}

/// Returns where the value of `key` names the interface itself.
///
/// Source: ifup-eth (GATEWAYDEV), network-functions-ipv6 (`%dev` and IPV6_DEFAULTDEV), ifup-ipv6 (IPV6TO4_ROUTING).
pub(super) fn own_name(key: &str, text: &str, owner: &str) -> Vec<Range<usize>> {
    let fits: fn(Option<char>, Option<char>) -> bool = match key {
        "GATEWAYDEV" | "IPV6_DEFAULTDEV" => {
            |before, after| quote_or_end(before) && quote_or_end(after)
        }
        "IPV6_DEFAULTGW" => |before, after| before == Some('%') && quote_or_end(after),
        "IPV6TO4_ROUTING" => {
            |before, after| (quote_or_end(before) || before == Some(' ')) && after == Some('-')
        }
        _ => return Vec::new(),
    };
    let found = text.match_indices(owner).filter(|(at, name)| {
        fits(
            text[..*at].chars().next_back(),
            text[at + name.len()..].chars().next(),
        )
    });
    found.map(|(at, name)| at..at + name.len()).collect()
}

fn quote_or_end(c: Option<char>) -> bool {
    matches!(c, None | Some('"' | '\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<(Bucket, String)> {
        let doc = ShellDoc::parse(source);
        layout(&doc, "ens33")
            .into_iter()
            .map(|p| (p.bucket, p.setting.text.raw().to_owned()))
            .collect()
    }

    #[test]
    fn takes_the_comments_directly_above() {
        let source =
            "# card\nDEVICE=ens33\n\n# ticket\n# 4711\nIPADDR=1.2.3.4 # x\nPREFIX=24\n\nSITE=a\n";
        assert_eq!(
            texts(source),
            [
                (Bucket::Rest, "# card\n".to_owned()),
                (
                    Bucket::Layer3,
                    "# ticket\n# 4711\nIPADDR=1.2.3.4 # x\n".to_owned()
                ),
                (Bucket::Layer3, "PREFIX=24\n".to_owned()),
                (Bucket::Rest, "SITE=a\n".to_owned()),
            ]
        );
    }

    #[test]
    fn leaves_a_comment_that_also_heads_a_setting_that_stays() {
        let found = texts("# made by hand\nBOOTPROTO=dhcp\nDEVICE=ens33\n");
        assert_eq!(found[0], (Bucket::Rest, "# made by hand\n".to_owned()));
        assert_eq!(found[1], (Bucket::Layer3, "BOOTPROTO=dhcp\n".to_owned()));
    }

    #[test]
    fn leaves_the_own_name_open() {
        let found = texts(
            "IPV6_DEFAULTGW=\"fe80::1%ens33\"\nGATEWAYDEV=ens33\nIPV6TO4_ROUTING=\"ens33-:1 ens331-:2\"\n",
        );
        assert_eq!(found[0].1, "IPV6_DEFAULTGW=\"fe80::1%\0\"\n");
        assert_eq!(found[1].1, "GATEWAYDEV=\0\n");
        assert_eq!(found[2].1, "IPV6TO4_ROUTING=\"\0-:1 ens331-:2\"\n");
    }
}
