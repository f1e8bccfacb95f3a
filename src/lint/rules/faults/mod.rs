//! Rules about what cannot be used: the reader of the format says what is wrong, and where; the rule prints it.

pub(in crate::lint) mod guest_refused;
pub(in crate::lint) mod ifcfg_syntax;
pub(in crate::lint) mod network_ignored_settings;
pub(in crate::lint) mod network_refused;
pub(in crate::lint) mod not_understood;

use crate::host::{Cause, Subject};
use crate::lint::{Finding, Meaning, Place, Rule};

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
        rule.finding(broken.path.as_str(), message)
            .at(Place::line(&broken.path, broken.line))
            .help(format!(
                "correct it, or put it where libvirt does not look: mv {0} {0}.broken",
                broken.path.word()
            ))
    })
}
