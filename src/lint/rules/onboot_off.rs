//! An ONBOOT that a reader takes for the opposite.

use crate::lint::{Finding, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "onboot-off",
    severity: Severity::Warning,
    finds: "An `ONBOOT` that looks like no, and that a reader of this host takes for yes.",
    why: "The interface is brought up at boot. NetworkManager knows only yes, true, no and false, and takes anything else for\nyes; network-scripts of RHEL 7 take only what begins with `no` for no.",
    example: "
ONBOOT=off",
    remedy: "Write ONBOOT=no",
    source: "svParseBoolean() in NetworkManager's shvar.c (run), init.d/network of initscripts 9.49 (run)",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let readers = &sight.readers;
    let old = readers
        .scripts
        .as_ref()
        .is_some_and(|scripts| scripts.needs_brctl);
    let mut found = Vec::new();
    for script in sight.profiles() {
        let Some(value) = script.value("ONBOOT") else {
            continue;
        };
        let word = value.to_ascii_lowercase();
        let negative = matches!(
            word.as_str(),
            "off" | "false" | "f" | "0" | "n" | "never" | "disabled"
        );
        let by_nm = readers.managed_by_nm(!script.is_no("NM_CONTROLLED"));
        let misread = match by_nm {
            true => !matches!(word.as_str(), "false" | "f" | "0" | "n"),
            false => old && readers.scripts.is_some(),
        };
        if !(negative && misread) {
            continue;
        }
        let reader = if by_nm {
            "NetworkManager"
        } else {
            "these network-scripts"
        };
        let device = script.device();
        let message =
            format!("{reader} bring `{device}` up at boot: ONBOOT={value} is not no to them");
        let message = message
            .replace("NetworkManager bring", "NetworkManager brings")
            .replace("no to them", if by_nm { "no to it" } else { "no to them" });
        found.push(
            RULE.finding(format!("interface {device}"), message)
                .at(script.place_of("ONBOOT"))
                .help("write ONBOOT=no"),
        );
    }
    found
}
