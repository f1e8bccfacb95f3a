//! A port in a keyfile without its kind, or the kind without the controller.

use super::document::refused;
use crate::lint::{Check, Finding, Rule, Severity, Sight};
use crate::readers::refused::Fault;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-port",
    severity: Severity::Error,
    readers: &[],
    finds: "A keyfile that names a controller but not the kind of port, or the reverse.",
    why: "NetworkManager refuses the file: the interface has no profile.",
    example: "
[connection]
master=br0",
    remedy: "Add slave-type=bridge (port-type from NetworkManager 1.46 on).",
    source: "verify() in NetworkManager's nm-setting-connection.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let wrong = refused(&sight.keyfiles).filter_map(|(keyfile, refusal)| {
        let missing = match refusal.fault {
            Fault::Port(missing) => missing,
            Fault::ForwardDelay | Fault::Other => return None,
        };
        let finding = keyfile.refused_by(&RULE, refusal);
        Some(finding.help(format!("add {missing}= to [connection]")))
    });
    wrong.collect()
}
