//! A forward delay that NetworkManager refuses.

use crate::lint::{Check, Finding, NM, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "stp-delay",
    severity: Severity::Error,
    readers: NM,
    finds: "A bridge with STP and a `DELAY` that NetworkManager refuses.",
    why: "NetworkManager refuses the whole file: there is no bridge at all. With STP it takes a forward delay of 2 to 30\nseconds, nothing else.",
    example: "
TYPE=Bridge
STP=on
DELAY=0",
    remedy: "Write STP=no, or a DELAY from 2 to 30.",
    source: "nm-setting-bridge.c of NetworkManager, verify() (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let bridges = sight.profiles().filter(|script| {
        let bridge = script
            .value("TYPE")
            .is_some_and(|word| word.eq_ignore_ascii_case("Bridge"));
        bridge && sight.readers.managed_by_nm(script.nm_controlled())
    });
    let mut found = Vec::new();
    for script in bridges {
        let stp = script.value("STP");
        let stp = stp.is_some_and(|word| script.reader.is_yes("STP", word));
        let Some(delay) = script
            .value("DELAY")
            .and_then(|text| text.parse::<u32>().ok())
        else {
            continue;
        };
        // what is above it drops, and keeps the default
        if stp && delay < 2 {
            let device = script.device();
            let message = format!(
                "NetworkManager refuses the file of the bridge `{device}`: with STP, DELAY is 2 to 30"
            );
            found.push(
                RULE.finding(format!("bridge {device}"), message)
                    .at(script.place_of("DELAY"))
                    .at(script.place_of("STP").label("STP is on"))
                    .help("write STP=no, or a DELAY from 2 to 30"),
            );
        }
    }
    found
}
