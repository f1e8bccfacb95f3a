//! A keyfile that NetworkManager refuses for what it says.

use super::document::{Keyfile, refused};
use crate::lint::{Check, Finding, Rule, Severity, Sight};
use crate::readers::refused::Fault;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-refused",
    severity: Severity::Error,
    readers: &[],
    finds: "A keyfile that NetworkManager refuses because of a line that is wrong or missing.",
    why: "The interface has no profile, and only the log says so. One wrong line is enough for the whole file.",
    example: "
[connection]
id=br0
type=bridge
interface-name=br0

[ipv4]
method=manual                 and no address",
    remedy: "Correct the line that is shown; nmcli --offline connection modify <FILE says what NetworkManager makes of it.",
    source: "nm_keyfile_read() in NetworkManager's nm-keyfile.c, verify() of its settings (run with 1.42 and 1.52, see\ntests/daemons/refused.txt)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let others = refused(&sight.keyfiles).filter(|(_, refusal)| refusal.fault == Fault::Other);
    let finding = |(keyfile, refusal): (&Keyfile<'_>, _)| {
        let finding = keyfile.refused_by(&RULE, refusal);
        finding.help("correct this, then: nmcli connection reload")
    };
    others.map(finding).collect()
}
