//! HWADDR in the file of a bridge.

use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-hwaddr",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "The file of a bridge with an `HWADDR`.",
    why: "At the next boot the network card gets the name of the bridge, and the bridge cannot be created. udev names cards by\nHWADDR: DEVICE of the file that has a card's address becomes the card's name.",
    example: "
TYPE=Bridge
DEVICE=br0
HWADDR=52:54:00:12:34:56",
    remedy: "Delete the line. To give the bridge an address, use MACADDR.",
    source: "60-net.rules and rename_device of initscripts (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // rename_device comes with initscripts
    if sight.readers.scripts.is_none() {
        return Vec::new();
    }
    let bridges = sight.profiles().filter(|script| {
        let word = script.value("TYPE").unwrap_or("");
        word.eq_ignore_ascii_case("Bridge") || word == "OVSBridge"
    });
    let wrong = bridges.filter_map(|script| {
        let address = script.value("HWADDR")?;
        let device = script.device();
        let message = format!(
            "udev names the network card with the address {address} `{device}`, like this bridge"
        );
        Some(
            RULE.finding(format!("bridge {device}"), message)
                .at(script.place_of("HWADDR"))
                .help("delete the line; the bridge's own address is MACADDR"),
        )
    });
    wrong.collect()
}
