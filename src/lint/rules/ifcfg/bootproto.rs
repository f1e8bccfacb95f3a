//! A BOOTPROTO that its reader does not know.

use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bootproto",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A `BOOTPROTO` that its reader does not know.",
    why: "The interface gets no address. NetworkManager refuses the whole file: the interface has no profile. network-scripts treat\nany word except exactly dhcp and bootp as static, DHCP in capitals as well.",
    example: "
BOOTPROTO=manual       NetworkManager
BOOTPROTO=DHCP         network-scripts",
    remedy: "Write BOOTPROTO=none for static addresses, or dhcp.",
    source: "make_ip4_setting() in NetworkManager's nms-ifcfg-rh-reader.c: `Unknown BOOTPROTO` (run);\nifup-eth of initscripts: `[ \"${BOOTPROTO}\" = \"bootp\" -o \"${BOOTPROTO}\" = \"dhcp\" ]`",
    check: Check::Files(check),
    fix: None,
};

const KNOWN: &[&str] = &[
    "", "none", "static", "dhcp", "bootp", "autoip", "shared", "ibft",
];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // of Open vSwitch network-scripts alone read it
    let keys = ["BOOTPROTO", "OVSBOOTPROTO"];
    let said = sight.profiles().flat_map(|script| {
        let said = keys.iter().map(move |key| (script, *key));
        said.filter_map(|(script, key)| Some((script, key, script.value(key)?)))
    });
    let wrong = said.filter_map(|(script, key, word)| match script.reader {
        Reader::NetworkManager => refused(script, key, word),
        Reader::NetworkScripts => taken_for_static(script, key, word),
        Reader::Unknown => None,
    });
    wrong.collect()
}

fn refused(script: &Script<'_>, key: &str, word: &str) -> Option<Finding> {
    let known = KNOWN.contains(&word.to_ascii_lowercase().as_str());
    let device = script.device();
    let message =
        format!("NetworkManager refuses the file of `{device}`: it does not know {key}={word}");
    let help = "write BOOTPROTO=none, or dhcp";
    (!known && key == "BOOTPROTO").then(|| finding(script, key, message, help))
}

/// Returns the finding where somebody is to give the interface an address, and nobody does.
fn taken_for_static(script: &Script<'_>, key: &str, word: &str) -> Option<Finding> {
    let asks = ["dhcp", "bootp"].contains(&word.to_ascii_lowercase().as_str());
    let set = |keys: &[&str]| keys.iter().any(|key| script.value(key).is_some());
    let is_port = set(&["BRIDGE", "MASTER", "TEAM_MASTER"]);
    // the firmware, or a dialling program, gives the address
    let known = ["dhcp", "bootp", "ibft", "dialup"].contains(&word);
    let is_static = ["none", "static", "manual"].iter();
    let is_static = is_static
        .into_iter()
        .any(|no| word.eq_ignore_ascii_case(no))
        || set(&["IPADDR", "IPADDR0", "IPADDR1", "IPADDR2"]);
    if known || is_port || (is_static && !asks) {
        return None;
    }
    let device = script.device();
    let message = format!(
        "network-scripts ask no DHCP server for `{device}`: to them, {key}={word} means static addresses"
    );
    let help = match asks {
        true => format!("write {key}={}", word.to_ascii_lowercase()),
        false => format!("write {key}=dhcp, or BOOTPROTO=none and the address as IPADDR"),
    };
    Some(finding(script, key, message, &help))
}

fn finding(script: &Script<'_>, key: &str, message: String, help: &str) -> Finding {
    RULE.finding(format!("interface {}", script.device()), message)
        .at(script.place_of(key))
        .help(help)
}
