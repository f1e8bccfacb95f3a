//! Two spellings of one key that say different things.

use std::collections::HashMap;

use super::document::{Keyfile, taken};
use super::known::SPELLINGS;
use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-spellings",
    severity: Severity::Warning,
    readers: &[],
    finds: "A keyfile with both spellings of a key that differ: `master` and `controller`, `slave-type` and `port-type`.",
    why: "The old spelling counts, whatever the order of the lines: a change of the new one alone changes nothing. NetworkManager\n1.46 to 1.48 write both, and who edits the file by hand often sees one.",
    example: "
[connection]
controller=br1
master=br0                    this one counts",
    remedy: "Write the same in both, or delete one of them.",
    source: "read_one_setting_value() in NetworkManager's nm-keyfile.c (run with 1.52 and 1.58)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let names = interfaces(sight);
    let found = taken(&sight.keyfiles).flat_map(|keyfile| {
        SPELLINGS
            .into_iter()
            .filter_map(|spelling| finding(keyfile, spelling, &names))
            .collect::<Vec<_>>()
    });
    found.collect()
}

/// Returns the interfaces of profiles by their UUIDs, in lower case.
fn interfaces<'s>(sight: &'s Sight<'_>) -> HashMap<String, &'s str> {
    let profiles = sight.host.profiles();
    let named = profiles.filter_map(|profile| {
        let uuid = profile.uuid.as_ref()?.to_ascii_lowercase();
        Some((uuid, profile.interface.as_str()))
    });
    named.collect()
}

fn finding(
    keyfile: &Keyfile<'_>,
    [old, new]: [&'static str; 2],
    names: &HashMap<String, &str>,
) -> Option<Finding> {
    let [counts, other] = [old, new].map(|key| keyfile.get("connection", key));
    let (counts, other) = (counts?, other?);
    if counts == other || is_same(&counts, &other, names) {
        return None;
    }
    let message = format!(
        "`{old}={counts}` counts, and not `{new}={other}`: they are one key to NetworkManager"
    );
    let finding = RULE
        .finding(format!("{} {old}", keyfile.path), message)
        .at(keyfile.place_of("connection", new))
        .at(keyfile.place_of("connection", old).label("this one counts"));
    Some(finding.help(format!("write the same in both, or delete {new}={other}")))
}

/// Returns whether two words may name the same interface: one by its name, the other by the UUID of its profile. What an unknown
/// UUID stands for cannot be told.
fn is_same(a: &str, b: &str, names: &HashMap<String, &str>) -> bool {
    let is_uuid = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let interface = |word: &str| match names.get(&word.to_ascii_lowercase()) {
        Some(name) => Some((*name).to_owned()),
        None => (!is_uuid(word)).then(|| word.to_owned()),
    };
    match (interface(a), interface(b)) {
        (Some(a), Some(b)) => a == b,
        (_, _) => true,
    }
}
