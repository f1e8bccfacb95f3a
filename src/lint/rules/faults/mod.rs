//! Rules about what cannot be used: the reader of the format says what is wrong, and where; the rule prints it.

pub(in crate::lint) mod guest_refused;
pub(in crate::lint) mod ifcfg_syntax;
pub(in crate::lint) mod network_ignored_settings;
pub(in crate::lint) mod network_refused;
pub(in crate::lint) mod not_understood;
pub(in crate::lint) mod zone_refused;

use crate::host::{Broken, Cause, Subject};
use crate::lint::{Finding, Meaning, Place, Rule};

/// Returns the finding with the places that are at fault.
fn at(finding: Finding, broken: &Broken) -> Finding {
    let finding = finding.at(Place::line(&broken.path, broken.line));
    let also = broken.also.map(|line| {
        let line = line.get();
        let label = match broken.line.is_some_and(|own| line > own) {
            true => "noticed here",
            false => "opened here",
        };
        Place::line(&broken.path, line).label(label)
    });
    also.into_iter().fold(finding, Finding::at)
}

/// Returns a finding of `rule` for each file about `subject`, a `word` of libvirt's, that libvirt does not load.
fn not_loaded<'m>(
    rule: &'static Rule,
    meaning: &'m Meaning<'_>,
    subject: Subject,
    word: &'m str,
) -> impl Iterator<Item = Finding> + 'm {
    let broken = meaning.host.broken.iter();
    let broken = broken.filter(move |b| b.subject == subject && b.cause == Cause::Fault);
    broken.map(move |broken| {
        let message = format!("libvirt does not load this {word}: {}", broken.why);
        at(rule.finding(broken.path.as_str(), message), broken).help(format!(
            "correct it, or put it where libvirt does not look: mv {0} {0}.broken",
            broken.path.word()
        ))
    })
}
