//! A key of a keyfile that NetworkManager does not know, and that is nearly one that it knows.

use super::document::Keyfile;
use super::known;
use crate::doc::keyfile::Pair;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-key",
    severity: Severity::Warning,
    readers: &[],
    finds: "A misspelt key of a keyfile: `gatway`, `adress1`, `slave_type`, `Method`.",
    why: "NetworkManager drops the line, and the setting has its default. Its log says so of the options of bonds alone. Names are\ncase-sensitive, and have hyphens but for those options.",
    example: "
[ipv4]
gatway=192.168.50.1",
    remedy: "Write the key that is meant.",
    source: "read_one_setting_value() in NetworkManager's nm-keyfile.c asks for the keys that it knows (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let profiles = sight.keyfiles.iter().filter(|keyfile| keyfile.is_profile());
    let found = profiles.flat_map(|keyfile| {
        let pairs = keyfile.doc.in_force();
        pairs
            .filter_map(|pair| finding(keyfile, pair))
            .collect::<Vec<_>>()
    });
    found.collect()
}

fn finding(keyfile: &Keyfile<'_>, pair: &Pair) -> Option<Finding> {
    let meant = known::group(&pair.group)?.meant(&pair.key)?;
    let Pair { group, key, .. } = pair;
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
