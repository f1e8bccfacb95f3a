//! Keys and groups of a keyfile that NetworkManager does not know, and that are near to none.

use super::document::Keyfile;
use super::keyfile_key::MOST_SOUGHT;
use super::known;
use crate::doc::keyfile::Pair;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-unread",
    severity: Severity::Note,
    readers: &[],
    finds: "Keys or groups of a keyfile that NetworkManager (up to 1.58) does not know, and that are near to none that it knows.",
    why: "It drops them when it reads the file, and the next `nmcli connection modify` deletes them. kvmnet keeps them where they are.",
    example: "
[ipv4]
rack=4",
    remedy: "Nothing, or write them as comments, or into [user].",
    source: "read_one_setting_value() and nm_keyfile_read() in NetworkManager's nm-keyfile.c ask for the groups and keys that they know (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let profiles = sight.keyfiles.iter().filter(|keyfile| keyfile.is_profile());
    profiles.filter_map(finding).collect()
}

/// The most names that a message lists.
const MOST_NAMED: usize = 5;

fn finding(keyfile: &Keyfile<'_>) -> Option<Finding> {
    let pairs = keyfile.doc.in_force().filter(|pair| is_strange(pair));
    let pairs = pairs.enumerate();
    let unread = pairs.filter(|(n, pair)| *n >= MOST_SOUGHT || is_far(pair));
    let unread: Vec<&Pair> = unread.map(|(_, pair)| pair).collect();
    let first = unread.first()?;
    let names = unread.iter().take(MOST_NAMED);
    let names: Vec<String> = names
        .map(|p| format!("[{}] `{}`", p.group, p.key))
        .collect();
    let more = match unread.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("NetworkManager knows no {}{more}", names.join(", "));
    let found = RULE.finding(keyfile.path.as_str(), message);
    Some(
        found
            .at(Place::word(keyfile.path, first.line, &first.key))
            .help("write it as a comment, or into [user]"),
    )
}

/// Returns whether NetworkManager knows it nowhere.
fn is_strange(pair: &Pair) -> bool {
    match known::group(&pair.group) {
        Some(group) => !group.has(&pair.key) && known::elsewhere(&pair.key).is_none(),
        None => !known::is_group(&pair.group),
    }
}

/// Returns whether it is near to nothing that is known.
fn is_far(pair: &Pair) -> bool {
    match known::group(&pair.group) {
        Some(group) => group.meant(&pair.key).is_none(),
        None => known::group_meant(&pair.group).is_none(),
    }
}
