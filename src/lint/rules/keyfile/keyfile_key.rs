//! A key or a group of a keyfile that NetworkManager does not know, and that is nearly one that it knows.

use std::collections::HashSet;

use super::document::Keyfile;
use super::known::{self, Group};
use crate::doc::keyfile::Pair;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-key",
    severity: Severity::Warning,
    readers: &[],
    finds: "A misspelt key or group of a keyfile (`gatway`, `adress1`, `slave_type`, `Method`, `[IPv4]`), or a key in the wrong group.",
    why: "NetworkManager drops the line, and the setting has its default. Its log says so of the options of bonds alone. Names are\ncase-sensitive, and have hyphens but for those options.",
    example: "
[ipv4]
gatway=192.168.50.1",
    remedy: "Write the key that is meant.",
    source: "read_one_setting_value() and nm_keyfile_read() in NetworkManager's nm-keyfile.c ask for the groups and keys that they know (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let profiles = sight.keyfiles.iter().filter(|keyfile| keyfile.is_profile());
    let found = profiles.flat_map(|keyfile| {
        let pairs = keyfile.doc.in_force();
        let mut groups = HashSet::new();
        let mut sought = 0;
        pairs
            .filter_map(|pair| {
                if known::is_group(&pair.group) {
                    let group = strange_in(pair)?;
                    sought += 1;
                    return (sought <= MOST_SOUGHT).then(|| finding(keyfile, pair, group))?;
                }
                let first = groups.len() < MOST_SOUGHT && groups.insert(&pair.group);
                first.then(|| of_group(keyfile, pair))?
            })
            .collect::<Vec<_>>()
    });
    found.collect()
}

/// For as many keys of one file a near one is sought at most: each is compared with all that are known.
pub(super) const MOST_SOUGHT: usize = 64;

/// Returns the group of a key that it does not have.
fn strange_in(pair: &Pair) -> Option<&'static Group> {
    known::group(&pair.group).filter(|group| !group.has(&pair.key))
}

/// Says it of a group, at its first key.
fn of_group(keyfile: &Keyfile<'_>, pair: &Pair) -> Option<Finding> {
    let group = &pair.group;
    let meant = known::group_meant(group)?;
    let message =
        format!("NetworkManager knows no group [{group}], and drops it: [{meant}] may be meant");
    let finding = RULE.finding(format!("{} [{group}]", keyfile.path), message);
    Some(
        finding
            .at(Place::line(keyfile.path, pair.line))
            .help(format!("write [{meant}] for [{group}]")),
    )
}

fn finding(keyfile: &Keyfile<'_>, pair: &Pair, known: &Group) -> Option<Finding> {
    let Pair { group, key, .. } = pair;
    if let Some(other) = known::elsewhere(key) {
        let message = format!(
            "NetworkManager knows no `{key}` in [{group}], and drops it: it belongs in [{other}]"
        );
        let finding = RULE.finding(format!("{} {key}", keyfile.path), message);
        return Some(
            finding
                .at(Place::word(keyfile.path, pair.line, key))
                .help(format!("move the line into [{other}]")),
        );
    }
    let meant = known.meant(key)?;
    let message = format!(
        "NetworkManager knows no `{key}` in [{group}], and drops it: `{meant}` may be meant"
    );
    let finding = RULE
        .finding(format!("{} {key}", keyfile.path), message)
        .at(Place::word(keyfile.path, pair.line, key));
    let counts = keyfile.doc.get(group, &meant);
    Some(match counts {
        Some(pair) => finding
            .at(Place::line(keyfile.path, pair.line).label("this one counts"))
            .help(format!("delete one of the two lines; the key is {meant}")),
        None => finding.help(format!("write {meant}")),
    })
}
