//! A port in a keyfile that names no card.

use super::document::{Keyfile, taken};
use super::known::{ETHERNET, SPELLINGS};
use crate::doc::keyfile::{Pair, value};
use crate::lint::{Check, Finding, Rule, Severity, Sight};
use crate::readers::named;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-any-card",
    severity: Severity::Warning,
    readers: &[],
    finds: "A keyfile of a port that names no card: neither interface-name nor mac-address, and nothing in [match].",
    why: "Any card may become the port. NetworkManager starts the profile on the first card that is free: with two cards, the\nbridge may get the other one, which is then without its address.",
    example: "
[connection]
type=ethernet
master=br0
slave-type=bridge             and no interface-name",
    remedy: "Name the card in [connection]: interface-name=NAME",
    source: "check_connection_compatible() in NetworkManager's nm-device-ethernet.c (run: with two cards br0 got the wrong\none); nmcli connection add type bridge-slave without ifname writes such files",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    taken(&sight.keyfiles).filter_map(finding).collect()
}

fn finding(keyfile: &Keyfile<'_>) -> Option<Finding> {
    let spellings = SPELLINGS[0].into_iter();
    let mut said = spellings.filter_map(|key| Some((key, keyfile.get("connection", key)?)));
    let (key, controller) = said.next()?;
    let kind = keyfile.get("connection", "type")?;
    let autoconnect = keyfile.doc.get("connection", "autoconnect");
    let starts = autoconnect.and_then(|pair| value::boolean(keyfile.doc.raw(pair)));
    if !ETHERNET.contains(&kind.as_str()) || names_card(keyfile) || starts == Some(false) {
        return None;
    }
    let message = format!(
        "`{}` names no card: any one may become the port of `{controller}`",
        keyfile.path.name()
    );
    let finding = RULE
        .finding(keyfile.path.as_str(), message)
        .at(keyfile.place_of("connection", key));
    Some(finding.help("name the card in [connection]: interface-name=NAME"))
}

/// Returns whether something in a file says for which cards it is.
fn names_card(keyfile: &Keyfile<'_>) -> bool {
    let of_group = |key| {
        ETHERNET
            .iter()
            .any(|group| keyfile.get(group, key).is_some())
    };
    let matches = |pair: &Pair| pair.group == "match" && !pair.word.is_empty();
    named(&keyfile.doc).is_some()
        || of_group("mac-address")
        || of_group("s390-subchannels")
        || keyfile.doc.in_force().any(matches)
}
