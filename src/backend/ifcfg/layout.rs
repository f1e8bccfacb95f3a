//! The settings of an ifcfg file with their places: the part that reading and writing share.
//!
//! A setting that moves takes its line, its trailing comment, and the comment lines directly above it, unless these
//! also head a setting that stays.

use std::ops::Range;

use super::keys::{self, Class};
use crate::doc::shell::{Assignment, Line, LineKind, ShellDoc, Value};
use crate::host::profile::{Role, Setting};
use crate::host::value::OwnedText;

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
    let mut placed = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match line.kind {
            LineKind::Blank => {}
            LineKind::Comment if heads_moving(lines, index) => {}
            LineKind::Comment | LineKind::Code => placed.push(rest(doc, line, line.span.clone())),
            LineKind::Assignments => {
                for assignment in &line.assignments {
                    placed.extend(place(doc, index, assignment, owner));
                }
            }
        }
    }
    placed
}

/// Returns whether the comment at `index` stands directly above settings that all move.
fn heads_moving(lines: &[Line], index: usize) -> bool {
    let below = &lines[index..];
    let comments = below
        .iter()
        .take_while(|line| line.kind == LineKind::Comment)
        .count();
    let mut run = below[comments..]
        .iter()
        .take_while(|line| line.kind == LineKind::Assignments)
        .peekable();
    run.peek().is_some() && run.all(|line| line.assignments.iter().all(|a| moves(&a.name)))
}

fn moves(key: &str) -> bool {
    matches!(keys::class(key), Class::Layer3(_))
}

fn rest(doc: &ShellDoc, line: &Line, span: Range<usize>) -> Placed {
    let text = OwnedText::plain(&doc.source()[line.span.clone()]).as_lines();
    let setting = Setting {
        key: String::new(),
        value: None,
        text,
        role: Role::Unknown,
        line: line.number,
    };
    Placed {
        setting,
        span,
        bucket: Bucket::Rest,
    }
}

fn place(doc: &ShellDoc, index: usize, assignment: &Assignment, owner: &str) -> Option<Placed> {
    let line = &doc.lines()[index];
    let (bucket, role) = match keys::class(&assignment.name) {
        Class::Layer3(role) => (Bucket::Layer3, role),
        Class::Shared => (Bucket::Shared, Role::Other),
        Class::Unknown => (Bucket::Rest, Role::Unknown),
        Class::Own | Class::Bridge => return trailing_comment(doc, line),
    };
    let alone = line.assignments.len() == 1;
    let mut span = doc.whole(line, assignment);
    if bucket == Bucket::Layer3 && alone {
        span.start = first_of_heading(doc.lines(), index);
    }
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
        text: unprefix(&text, &assignment.name).as_lines(),
        role,
        line: line.number,
    };
    Some(Placed {
        setting,
        span,
        bucket,
    })
}

/// Open vSwitch's scripts read OVSBOOTPROTO where the others read BOOTPROTO; the model has one of them.
fn unprefix(text: &OwnedText, name: &str) -> OwnedText {
    if name == "OVSBOOTPROTO" {
        text.replace_first("OVSBOOTPROTO", "BOOTPROTO")
    } else {
        text.clone()
    }
}

/// A comment behind a setting of the file's own is worth keeping when the file goes.
fn trailing_comment(doc: &ShellDoc, line: &Line) -> Option<Placed> {
    let start = line.comment?;
    let comment = Line {
        span: start..line.text.end,
        ..line.clone()
    };
    Some(rest(doc, &comment, line.text.end..line.text.end))
}

fn first_of_heading(lines: &[Line], index: usize) -> usize {
    let above = lines[..index]
        .iter()
        .rev()
        .take_while(|line| line.kind == LineKind::Comment)
        .count();
    let first = index - above;
    if above > 0 && heads_moving(lines, first) {
        lines[first].span.start
    } else {
        lines[index].span.start
    }
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
