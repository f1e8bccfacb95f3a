//! Rules about what cannot be used: the reader of the format says what is wrong, and where; the rule prints it.

pub(in crate::lint) mod guest_ignored_settings;
pub(in crate::lint) mod guest_not_startable;
pub(in crate::lint) mod guest_refused;
pub(in crate::lint) mod ifcfg_syntax;
pub(in crate::lint) mod network_ignored_settings;
pub(in crate::lint) mod network_not_definable;
pub(in crate::lint) mod network_not_startable;
pub(in crate::lint) mod network_refused;
pub(in crate::lint) mod not_understood;
pub(in crate::lint) mod zone_refused;

use std::borrow::Cow;
use std::cell::OnceCell;

use super::meaning::{vlan_linux_bridge, vlans};
use crate::backend::judged;
use crate::host::network::{Faults, Verdict};
use crate::host::{Broken, Cause, Subject};
use crate::lint::{Finding, Place, Rule, Sight};
use crate::tree::HostPath;

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

/// Returns a finding of `rule` for each file about `subject`, a `word` of libvirt's, that is no XML, or no file at all.
fn not_loaded(
    rule: &'static Rule,
    sight: &Sight<'_>,
    subject: Subject,
    word: &str,
) -> Vec<Finding> {
    let unread = |broken: &&Broken| {
        let judged = judged(sight.tree, &broken.path, subject);
        broken.cause == Cause::Fault && judged.is_none_or(|faults| faults.refused().is_none())
    };
    let broken = sight.host.broken.iter();
    let broken = broken.filter(move |b| b.subject == subject).filter(unread);
    let finding = |broken: &Broken| {
        let message = format!("libvirt does not load this {word}: {}", broken.why);
        let found = rule.finding(broken.path.as_str(), message);
        at(found, broken).help(move_away(&broken.path, "correct it"))
    };
    broken.map(finding).collect()
}

fn move_away(path: &HostPath, mend: &str) -> String {
    format!(
        "{mend}, or put the file where libvirt does not look: mv {0} {0}.broken",
        path.word()
    )
}

/// A file of libvirt's that could be parsed.
struct Parsed<'s> {
    path: &'s HostPath,
    name: &'s str,
    faults: Cow<'s, Faults>,
}

/// Returns the files about `subject` that libvirt reads, those that the model cannot hold included.
fn parsed<'s>(sight: &'s Sight<'_>, subject: Subject) -> Vec<Parsed<'s>> {
    let host = sight.host;
    let broken = host
        .broken
        .iter()
        .filter(|broken| broken.subject == subject);
    let mut all: Vec<Parsed<'s>> = broken
        .filter_map(|broken| {
            Some(Parsed {
                path: &broken.path,
                name: &broken.about,
                faults: Cow::Owned(judged(sight.tree, &broken.path, subject)?),
            })
        })
        .collect();
    match subject {
        Subject::Network => {
            let loaded = host.networks().filter(|network| network.is_loaded());
            all.extend(loaded.filter_map(|network| {
                Some(Parsed {
                    path: network.origin.as_ref()?,
                    name: &network.name,
                    faults: Cow::Borrowed(&network.faults),
                })
            }));
        }
        Subject::Guest => all.extend(host.guests().map(|guest| Parsed {
            path: &guest.origin,
            name: &guest.name,
            faults: Cow::Borrowed(&guest.faults),
        })),
        Subject::Interface | Subject::Leases => {}
    }
    all
}

/// Returns a finding of `rule` for each part of a file about `subject` on which libvirt's verdict is `verdict`; `says` makes
/// a sentence of the name and of what is wrong.
fn by_verdict(
    rule: &'static Rule,
    sight: &Sight<'_>,
    subject: Subject,
    verdict: Verdict,
    says: fn(&str, &str) -> String,
) -> Vec<Finding> {
    let mut found = Vec::new();
    // what hangs on the version of libvirt other rules tell, where they know of it
    let by_version = OnceCell::new();
    for file in parsed(sight, subject) {
        let faults = file.faults.0.iter().filter(|f| f.verdict == verdict);
        let faults = faults.filter(|fault| {
            let told = || {
                by_version
                    .get_or_init(|| vlans::told(&vlan_linux_bridge::RULE, sight))
                    .contains(file.path)
            };
            !fault.by_version || !(vlans::can_tag(sight) || told())
        });
        found.extend(faults.map(|fault| {
            let subject = format!("{}: {}", file.name, fault.why);
            rule.finding(subject, says(file.name, &fault.why))
                .at(Place::span(file.path, fault.span.clone()))
                .help(fault.help.clone())
        }));
    }
    found
}
