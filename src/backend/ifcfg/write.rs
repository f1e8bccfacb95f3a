//! From the difference of two hosts to edits of ifcfg files: only what differs is written.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

use super::create::create;
use super::difference::{Difference, joins_new};
use super::layout::{Bucket, layout};
use super::text::{Setting, Text};
use super::words::{ByInterface, dhcp_interfaces, switch_of, type_of, yes_no};
use super::{addressing, moves};
use crate::backend::{EmitError, Emitter};
use crate::doc::edits::Edits;
use crate::doc::shell::{Line, LineKind, Quotes, ShellDoc, value, with_line_ends};
use crate::host::profile::{Profile, Switch};

/// Writes the ifcfg profiles in which `after` differs from `before`.
pub(super) fn write(
    emitter: &mut Emitter<'_>,
    difference: &Difference<'_>,
) -> Result<(), EmitError> {
    for wanted in difference.changed() {
        let carried = difference.carried(wanted);
        match (difference.current(wanted), difference.text(wanted)) {
            (Some(current), Some(own)) => {
                rewrite(emitter, (current, own), (wanted, &carried), difference);
            }
            _ => create(emitter, wanted, &carried, difference)?,
        }
    }
    for origin in difference.gone() {
        emitter.editor.delete(origin);
    }
    moves::write(emitter, difference)
}

/// A document being rewritten: edits of what is there, and lines to come behind it.
struct Rewriter {
    doc: ShellDoc,
    edits: Edits,
    appended: String,
}

impl Rewriter {
    fn append(&mut self, text: &str) {
        self.appended.push_str(text);
        if !text.ends_with('\n') {
            self.appended.push('\n');
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        match self.doc.get(name) {
            Some(_) => self.doc.set(&mut self.edits, name, value),
            None => self.append(&format!("{name}={}", value::write(value, Quotes::Bare))),
        }
    }

    fn unset(&mut self, names: &[&str]) {
        self.doc.unset(&mut self.edits, names);
    }

    /// Returns the new text, closed by a line end if the old one was.
    fn finish(self) -> String {
        let (end, half) = (self.doc.line_end(), self.doc.ends_half());
        let source = self.doc.source();
        let closed = source.is_empty() || source.ends_with('\n');
        let mut text = self.edits.apply(source);
        if !self.appended.is_empty() {
            text.push_str(&ShellDoc::parse(&text).lead());
            text.push_str(&with_line_ends(&self.appended, end));
            if !closed {
                text.truncate(text.len() - if half { 1 } else { end.len() });
            }
        }
        text
    }
}

/// Writes a profile as it is wanted; the pairs are what was, and what shall be.
fn rewrite(
    emitter: &mut Emitter<'_>,
    (current, own): (&Profile, &Text),
    (wanted, carried): (&Profile, &Text),
    difference: &Difference<'_>,
) {
    let Some(origin) = &current.home.file else {
        return;
    };
    let Some(file) = emitter.tree.file(origin) else {
        return;
    };
    let doc = ShellDoc::parse(&String::from_utf8_lossy(&file.bytes));
    let mut rewriter = Rewriter {
        doc,
        edits: Edits::default(),
        appended: String::new(),
    };
    settings(&mut rewriter, (current, own), (wanted, carried));
    if current.controller != wanted.controller || joins_new(wanted, &difference.are) {
        controller(&mut rewriter, wanted, &difference.are);
    }
    if current.autostart != wanted.autostart {
        rewriter.set("ONBOOT", yes_no(wanted.autostart));
    }
    if current.nm_controlled != wanted.nm_controlled {
        rewriter.set("NM_CONTROLLED", yes_no(wanted.nm_controlled));
    }
    let interfaces = dhcp_interfaces(wanted, difference.after);
    if let Some(interfaces) = interfaces.filter(|interfaces| {
        let others = dhcp_interfaces(current, difference.before).as_ref() != Some(interfaces);
        others && rewriter.doc.get("OVSDHCPINTERFACES").is_some()
    }) {
        rewriter.set("OVSDHCPINTERFACES", &interfaces);
    }
    emitter.rewrite(origin, rewriter.finish());
}

/// Takes away the settings that went, and puts the new ones in their places, or at the end.
fn settings(
    rewriter: &mut Rewriter,
    (current, own): (&Profile, &Text),
    (wanted, carried): (&Profile, &Text),
) {
    let stays: HashSet<&Setting> = carried.settings.iter().collect();
    let mut free: HashMap<String, VecDeque<Range<usize>>> = HashMap::new();
    for placed in layout(&rewriter.doc, current.interface.as_str()) {
        if placed.bucket == Bucket::Layer3 && !stays.contains(&placed.setting) {
            let spans = free.entry(placed.setting.key).or_default();
            spans.push_back(placed.span);
        }
    }
    let spelled = |setting: &Setting| setting.text.named(&wanted.interface);
    // its own come first
    for setting in carried.rest.iter().skip(own.rest.len()) {
        rewriter.append(&spelled(setting));
    }
    let there: HashSet<&Setting> = own.settings.iter().collect();
    let new = carried.settings.iter();
    for setting in new.filter(|setting| !there.contains(setting)) {
        let text = with_line_ends(&spelled(setting), rewriter.doc.line_end());
        match free.get_mut(&setting.key).and_then(VecDeque::pop_front) {
            Some(span) => rewriter.edits.replace(span, text),
            None => rewriter.append(&spelled(setting)),
        }
    }
    let mut left: Vec<_> = free.into_values().flatten().collect();
    left.sort_by_key(|span| (span.start, span.end));
    for span in with_blank_lines(&rewriter.doc, left) {
        rewriter.edits.delete(span);
    }
    let silent = wanted.controller.is_some() && wanted.layer3.gives_no_address();
    if !current.layer3.addresses_alike(&wanted.layer3) && !silent {
        for line in addressing::spell(wanted, &carried.settings) {
            rewriter.append(&line);
        }
    }
}

/// Adds the blank line behind a paragraph that goes as a whole, so that no two blank lines meet; `spans` are sorted.
fn with_blank_lines(doc: &ShellDoc, mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let gone = Gone::of(&spans);
    let lines = doc.lines().iter();
    let emptied: Vec<_> = lines.filter_map(|line| emptied(line, &gone)).collect();
    spans.extend(emptied);
    spans.sort_by_key(|span| (span.start, span.end));
    let gone = Gone::of(&spans);
    let goes = |line: &Line| gone.covers(&line.span);
    let (mut inside, mut first_above, mut blank) = (false, true, Vec::new());
    for line in doc.lines() {
        match (goes(line), line.kind == LineKind::Blank) {
            (true, _) => inside = true,
            (false, true) if inside && first_above => {
                blank.push(line.span.clone());
                inside = false;
            }
            (false, is_blank) => (inside, first_above) = (false, is_blank),
        }
    }
    spans.extend(blank);
    spans
}

/// Spans that go, by where they begin, each with the end of the one that reaches farthest so far.
struct Gone(Vec<(usize, usize)>);

impl Gone {
    /// Returns those of `spans`, which are sorted.
    fn of(spans: &[Range<usize>]) -> Self {
        let mut farthest = 0;
        let ends = spans.iter().map(|span| {
            farthest = span.end.max(farthest);
            (span.start, farthest)
        });
        Self(ends.collect())
    }

    /// Returns whether one of them holds all of `span`.
    fn covers(&self, span: &Range<usize>) -> bool {
        let before = self.0.partition_point(|(start, _)| *start <= span.start);
        let reached = before.checked_sub(1).map(|last| self.0[last].1);
        reached.is_some_and(|end| span.end <= end)
    }
}

/// Returns what is left to delete of a line with several assignments that all go: all but a comment.
fn emptied(line: &Line, gone: &Gone) -> Option<Range<usize>> {
    let goes = |span: &Range<usize>| gone.covers(span);
    let all = line.assignments.len() > 1
        && line
            .assignments
            .iter()
            .all(|assignment| goes(&assignment.span));
    all.then(|| line.span.start..line.comment.unwrap_or(line.span.end))
}

fn controller(rewriter: &mut Rewriter, wanted: &Profile, after: &ByInterface<'_>) {
    if says_already(&rewriter.doc, wanted, after) {
        return;
    }
    if rewriter.doc.get("OVS_BRIDGE").is_some() {
        rewriter.unset(&["OVS_BRIDGE", "DEVICETYPE"]);
        rewriter.set("TYPE", type_of(&wanted.link));
        if rewriter.doc.literal("HOTPLUG") == Some("no") {
            rewriter.unset(&["HOTPLUG"]);
        }
    }
    let Some(bridge) = &wanted.controller else {
        return rewriter.unset(&["BRIDGE", "BRIDGE_UUID"]);
    };
    match switch_of(after, bridge) {
        Switch::Linux => {
            rewriter.unset(&["BRIDGE_UUID"]);
            rewriter.set("BRIDGE", bridge.as_str());
        }
        Switch::Ovs => {
            rewriter.unset(&["BRIDGE", "BRIDGE_UUID"]);
            rewriter.set("TYPE", "OVSPort");
            rewriter.set("DEVICETYPE", "ovs");
            rewriter.set("OVS_BRIDGE", bridge.as_str());
            // udev must not bring a port up before its bridge: README.RHEL of openvswitch has it in every example
            if rewriter.doc.get("HOTPLUG").is_none() {
                rewriter.set("HOTPLUG", "no");
            }
        }
    }
}

/// Returns whether the file names the bridge in the spelling of its software.
fn says_already(doc: &ShellDoc, wanted: &Profile, after: &ByInterface<'_>) -> bool {
    let Some(bridge) = &wanted.controller else {
        return false;
    };
    let (own, other) = match switch_of(after, bridge) {
        Switch::Linux => ("BRIDGE", "OVS_BRIDGE"),
        Switch::Ovs => ("OVS_BRIDGE", "BRIDGE"),
    };
    doc.literal(own) == Some(bridge.as_str()) && doc.get(other).is_none()
}
