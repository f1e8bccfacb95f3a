//! A commented-out `TYPE=` above the real one.

use crate::lint::{Check, Finding, Place, Rule, SCRIPTS, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bridge-type-commented",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "The file of a bridge with a commented-out `TYPE=` line above the real one.",
    why: "network-scripts do not see the real one. To sort interfaces they join all lines with `TYPE=` into one, so that the\n`#` hides the rest: the bridge is started before its port, and DHCP gets no answer.",
    example: "
#TYPE=Ethernet
TYPE=Bridge
DEVICE=br0",
    remedy: "Delete the commented-out line, or move it below the real one.",
    source: "init.d/network of initscripts, `eval $(LANG=C grep -F \"TYPE=\" ifcfg-$i)` (run with 9.49 and 10.00)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let bridges = sight
        .profiles()
        .filter(|script| script.value("TYPE") == Some("Bridge"));
    let by_scripts =
        bridges.filter(|script| !sight.readers.managed_by_nm(script.nm_controlled()));
    let mut found = Vec::new();
    for script in by_scripts {
        let Some(real) = script.get("TYPE") else {
            continue;
        };
        let lines = script.doc.source().lines().zip(1..);
        let above = lines.take_while(|(_, number)| *number < real.line);
        let commented = above
            .filter(|(line, _)| line.trim_start().starts_with('#') && line.contains("TYPE="))
            .map(|(_, number)| number)
            .next();
        if let Some(number) = commented {
            let device = script.device();
            let message = format!(
                "network-scripts start `{device}` as a network card: a comment hides its TYPE"
            );
            found.push(
                RULE.finding(format!("bridge {device}"), message)
                    .at(Place::line(script.path, number))
                    .at(script.place(real).label("not seen"))
                    .help(format!("sed -i {number}d {}", script.path)),
            );
        }
    }
    found
}
