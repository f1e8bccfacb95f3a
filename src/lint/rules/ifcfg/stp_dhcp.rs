//! DHCP on a bridge with STP, and no DELAY.

use crate::host::layer3::Method;
use crate::lint::{Check, Finding, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "stp-dhcp",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "A bridge with STP and DHCP whose file has no DELAY, or one that is not a whole number.",
    why: "The bridge gets no address. network-scripts wait for twice the forward delay before they ask the DHCP server, and\nwithout DELAY they compute with `15.00`, which bash cannot: no address, and the exit status says all is well.",
    example: "
TYPE=Bridge
STP=yes
BOOTPROTO=dhcp",
    remedy: "Write STP=no and DELAY=0, or a whole number for DELAY.",
    source: "check_link_down() in network-functions of initscripts (run: 9.49.17 to 9.49.54 and 10.00.4 to 10.09)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let by_scripts = sight.profiles().filter(|script| {
        let scripts = sight.readers.scripts.is_some();
        scripts && !sight.readers.managed_by_nm(script.nm_controlled())
    });
    let mut found = Vec::new();
    for script in by_scripts.filter(|script| script.value("TYPE") == Some("Bridge")) {
        let word = |key: &str| script.value(key).unwrap_or("");
        let stp = script.reader.is_yes("STP", word("STP"));
        let dhcp = script.reader.method(word("BOOTPROTO"), false) == Method::Dhcp;
        let delay = script.get("DELAY");
        let shell = delay.is_some_and(|found| found.value.literal().is_none());
        let whole = word("DELAY").parse::<u32>().is_ok();
        if stp && dhcp && !whole && !shell {
            let device = script.device();
            let message = format!(
                "`{device}` gets no address: with STP and DHCP it needs a whole number for DELAY"
            );
            let hundredths = sight.readers.delay_in_hundredths(script.nm_controlled());
            let seconds = if hundredths { 1500 } else { 15 };
            let place = script.place_of(if delay.is_some() { "DELAY" } else { "STP" });
            found.push(
                RULE.finding(format!("bridge {device}"), message)
                    .at(place)
                    .help(format!("write STP=no and DELAY=0, or DELAY={seconds}")),
            );
        }
    }
    found
}
