//! A forward delay that NetworkManager refuses, in a keyfile.

use crate::lint::{Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-delay",
    severity: Severity::Error,
    readers: &[],
    finds: "A bridge in a keyfile with a forward delay that NetworkManager refuses.",
    why: "NetworkManager refuses the file: there is no bridge. STP is on unless the file says `stp=false`, and with STP the\ndelay must be 2 to 30 seconds.",
    example: "
[bridge]
forward-delay=0",
    remedy: "Add stp=false, or give a delay from 2 to 30.",
    source: "verify() in NetworkManager's nm-setting-bridge.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let bridges = sight.keyfiles.iter().filter(|keyfile| keyfile.is_profile());
    let wrong = bridges.filter_map(|keyfile| {
        let text = keyfile.get("bridge", "forward-delay")?;
        let delay = text.parse::<u32>().ok()?;
        // other words than these are no booleans, and leave STP on
        let off = matches!(keyfile.get("bridge", "stp"), Some("false" | "0"));
        let refused = !off && delay < 2;
        let message = format!(
            "NetworkManager refuses `{}`: with STP the forward delay must be 2 to 30 seconds",
            keyfile.path.name()
        );
        let finding = RULE.finding(keyfile.path.as_str(), message);
        refused.then(|| {
            finding
                .at(keyfile.place_of("bridge", "forward-delay"))
                .help("add stp=false, or give a delay from 2 to 30")
        })
    });
    wrong.collect()
}
