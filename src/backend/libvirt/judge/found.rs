//! What is found in a document, and the checks that libvirt's parsers share.

use std::fmt::Display;
use std::ops::Range;

use super::near::near;
use super::page::{Node, Value};
use super::values::Number;
use crate::host::network::{Fault, Faults, Verdict};

/// What was found so far.
#[derive(Default)]
pub(super) struct Found(Vec<Fault>);

impl Found {
    /// Returns it in the order of the document, one of one cause: where a tag is refused for what it lacks, and has a word
    /// that libvirt does not know, the one is the other.
    pub(super) fn faults(mut self) -> Faults {
        self.0
            .sort_by_key(|fault| (fault.span.start, fault.verdict));
        let refused = |fault: &&Fault| fault.verdict == Verdict::Refused;
        let refused: Vec<usize> = (self.0.iter().filter(refused))
            .map(|fault| fault.span.start)
            .collect();
        let mut kept: Vec<Fault> = Vec::new();
        let mut tag: Option<usize> = None;
        for fault in self.0 {
            let inside = refused.partition_point(|start| *start < fault.span.start);
            let holds = refused
                .get(inside)
                .is_some_and(|start| *start < fault.span.end);
            // what cannot be read has no further fault
            if holds && !matches!(fault.verdict, Verdict::Refused | Verdict::Ignored) {
                continue;
            }
            let first = tag.and_then(|index| kept.get_mut(index));
            match first.filter(|first| fault.span.start < first.span.end) {
                Some(first) if fault.verdict == Verdict::Ignored => {
                    if fault.help.starts_with("write ") {
                        first.help = fault.help;
                    }
                    continue;
                }
                Some(_) | None => {}
            }
            if fault.verdict == Verdict::Refused {
                tag = Some(kept.len());
            }
            kept.push(fault);
        }
        kept.dedup();
        Faults(kept)
    }

    pub(super) fn add(
        &mut self,
        verdict: Verdict,
        span: Range<usize>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Fault {
            verdict,
            span,
            why: why.into(),
            help: help.into(),
            by_version: false,
        });
    }

    /// Bridges of the kernel have tags from libvirt 11.0 on.
    pub(super) fn tagged_bridge(&mut self, verdict: Verdict, span: Range<usize>) {
        self.0.push(Fault {
            verdict,
            span,
            why: "`<vlan>` on a bridge without `<virtualport type='openvswitch'/>`, which libvirt takes from version 11.0 on".to_owned(),
            help: "delete it, or add <virtualport type='openvswitch'/> if the bridge is one of Open vSwitch".to_owned(),
            by_version: true,
        });
    }

    pub(super) fn refuse(
        &mut self,
        span: Range<usize>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Verdict::Refused, span, why, help);
    }

    /// The value is not one that libvirt takes.
    pub(super) fn bad(&mut self, value: &Value<'_>, wanted: impl Display) {
        let why = format!("`{}` of `{}` is not {wanted}", value.text, value.name);
        self.refuse(value.span.clone(), why, format!("write {wanted}"));
    }

    /// Returns the value of an attribute that must be there.
    pub(super) fn needed<'p>(&mut self, node: &Node<'p>, name: &'static str) -> Option<Value<'p>> {
        let value = node.prop(name);
        if value.is_none() {
            self.lacks(node, name);
        }
        value
    }

    /// An attribute is missing.
    pub(super) fn lacks(&mut self, node: &Node<'_>, name: &str) {
        let why = format!("`<{}>` without `{name}`", node.name());
        self.refuse(
            node.tag(),
            why,
            format!("add {name}='…' to it, or delete it"),
        );
    }

    /// Returns which of `words` the value is; anything else is refused.
    pub(super) fn word(&mut self, value: &Value<'_>, words: &[&str]) -> Option<usize> {
        let found = words.iter().position(|word| *word == value.text);
        if found.is_none() {
            let (name, text) = (value.name, value.text);
            let help = match near(text, words.iter().copied()) {
                Some(word) => format!("write {name}='{word}'"),
                None => format!("write {name}= with one of: {}", words.join(", ")),
            };
            let why = format!("`{text}` is no value of `{name}`");
            self.refuse(value.span.clone(), why, help);
        }
        found
    }

    /// Returns what `yes` or `no` says; anything else is refused (`virXMLPropTristateBool()`).
    pub(super) fn yes_no(&mut self, value: Option<Value<'_>>) -> Option<bool> {
        self.word(&value?, &["yes", "no"]).map(|index| index == 0)
    }

    /// Returns what `on` or `off` says; anything else is refused (`virXMLPropTristateSwitch()`).
    pub(super) fn on_off(&mut self, value: Option<Value<'_>>) -> Option<bool> {
        self.word(&value?, &["on", "off"]).map(|index| index == 0)
    }

    /// Returns the number that a value is; anything else is refused.
    pub(super) fn number(&mut self, value: Option<Value<'_>>, number: Number) -> Option<u64> {
        let value = value?;
        let read = number.read(value.text);
        if read.is_none() {
            self.bad(&value, "a number");
        }
        read
    }

    /// Returns the number that a value is, which must not be 0.
    pub(super) fn nonzero(&mut self, value: Option<Value<'_>>, number: Number) -> Option<u64> {
        let value = value?;
        let read = self.number(Some(value.clone()), number)?;
        if read == 0 {
            self.bad(&value, "a number greater than 0");
        }
        (read != 0).then_some(read)
    }
}
