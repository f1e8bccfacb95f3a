//! An ONBOOT that a reader takes for the opposite.

use super::script::Script;
use crate::host::profile::Profile;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "onboot-off",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "An `ONBOOT` that looks like no, but that a reader of this host takes as yes.",
    why: "The interface is brought up at boot. NetworkManager knows only yes, true, no and false, and takes anything else as\nyes; network-scripts of RHEL 7 take only what begins with `no` as no, at the\nbeginning of a line.",
    example: "
ONBOOT=off",
    remedy: "Write ONBOOT=yes if the interface is in use, as it is now; otherwise ONBOOT=no.",
    source: "svParseBoolean() in NetworkManager's shvar.c (run), init.d/network of initscripts 9.49 (run)",
    check: Check::Files(check),
    fix: None,
};

/// What people write for no, and one reader or another does not know.
const NEGATIVE: &[&str] = &["no", "off", "false", "f", "0", "n", "never", "disabled"];

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let misread = sight
        .profiles()
        .filter(|script| sight.brings_up(script))
        .filter_map(|script| Some((script, script.value("ONBOOT")?)))
        .filter(|(_, value)| NEGATIVE.contains(&value.to_ascii_lowercase().as_str()));
    misread
        .map(|(script, value)| finding(sight, script, value))
        .collect()
}

fn finding(sight: &Sight<'_>, script: &Script<'_>, value: &str) -> Finding {
    let by_nm = sight.readers.managed_by_nm(script.nm_controlled());
    let (reader, them) = match by_nm {
        true => ("NetworkManager brings", "it"),
        false => ("these network-scripts bring", "them"),
    };
    let device = script.device();
    let message =
        format!("{reader} `{device}` up at boot: to {them}, ONBOOT={value} does not mean no");
    let used = match sight.joined.profile(device) {
        Some(profile) if !profile.layer3.gives_no_address() => Some("it has addresses"),
        Some(Profile {
            controller: Some(_),
            ..
        }) => Some("it is the port of a bridge"),
        Some(_) | None => None,
    };
    let help = match used {
        Some(used) => format!(
            "write ONBOOT=yes if `{device}` is in use ({used}), ONBOOT=no if it is to stay down"
        ),
        None => "write ONBOOT=no, or ONBOOT=yes if it is to come up".to_owned(),
    };
    RULE.finding(format!("interface {device}"), message)
        .at(script.place_of("ONBOOT"))
        .help(help)
}
