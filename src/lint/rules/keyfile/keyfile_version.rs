//! A port in words that the host's NetworkManager is too old for.

use super::document::{Keyfile, taken};
use super::known::SPELLINGS;
use crate::lint::{Check, Finding, Rule, Severity, Sight};
use crate::readers::Version;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-version",
    severity: Severity::Error,
    readers: &[],
    finds: "A port that is spelled `controller` or `port-type` alone, where NetworkManager is older than 1.46.",
    why: "NetworkManager drops the line without a word, and the card is no port: it has a profile of its own, which asks a\nDHCP server. The bridge has no port.",
    example: "
[connection]
controller=br0
port-type=bridge              NetworkManager 1.42",
    remedy: "Write master= and slave-type=, which every version reads.",
    source: "nm-settings-keyfile(5) of 1.46 (run with 1.42: the lines are dropped; with 1.52 and 1.58: both are read)",
    check: Check::Files(check),
    fix: None,
};

/// The first version that knows the new words.
const FIRST: [u32; 2] = [1, 46];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let nm = sight.readers.network_manager.as_ref();
    let Some(version) = nm.and_then(|nm| nm.version.as_ref()) else {
        return Vec::new();
    };
    if *version >= Version::of(&FIRST) {
        return Vec::new();
    }
    let found = taken(&sight.keyfiles).filter_map(|keyfile| finding(keyfile, version));
    found.collect()
}

fn finding(keyfile: &Keyfile<'_>, version: &Version) -> Option<Finding> {
    let [controller, kind, _] = SPELLINGS;
    let new_alone = |[old, new]: [&'static str; 2]| {
        let said = |key| keyfile.get("connection", key).is_some();
        (said(new) && !said(old)).then_some((old, new))
    };
    // the group of a port tells the kind as well
    let is_told = keyfile.doc.has_group("bridge-port");
    let kind = new_alone(kind).filter(|_| !is_told);
    let (old, new) = new_alone(controller).or(kind)?;
    let message = format!(
        "NetworkManager {version} does not know `{new}`, and drops it: `{}` is no port",
        keyfile.path.name()
    );
    let finding = RULE
        .finding(keyfile.path.as_str(), message)
        .at(keyfile.place_of("connection", new));
    Some(finding.help(format!("write {old}= in the place of {new}=")))
}
