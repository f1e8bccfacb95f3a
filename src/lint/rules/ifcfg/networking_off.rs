//! A host whose network service does nothing.

use crate::lint::{Check, Finding, Place, Rule, SCRIPTS, Severity, Sight};
use crate::readers::Starts;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "networking-off",
    severity: Severity::Error,
    readers: SCRIPTS,
    finds: "`NETWORKING=no` in /etc/sysconfig/network, where network-scripts bring interfaces up.",
    why: "No interface comes up: the network service ends before it reads the first file. NetworkManager does not ask for it.",
    example: "
/etc/sysconfig/network:
    NETWORKING=no",
    remedy: "Write NETWORKING=yes.",
    source: "init.d/network of initscripts: `[ \"${NETWORKING}\" = \"no\" ] && exit 6`",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let scripts = sight.readers.scripts.as_ref();
    let Some(Starts::Idle(at)) = scripts.map(|scripts| &scripts.starts) else {
        return Vec::new();
    };
    // NetworkManager brings up what it may have
    let theirs = |profile: &crate::host::profile::Profile| {
        !sight.readers.managed_by_nm(profile.nm_controlled) && profile.interface.as_str() != "lo"
    };
    if !sight.host.profiles().any(theirs) {
        return Vec::new();
    }
    let message = "no interface comes up: the network service does nothing with NETWORKING=no";
    let found = RULE.finding(at.path.as_str(), message);
    vec![
        found
            .at(Place::line(&at.path, at.line))
            .help("write NETWORKING=yes"),
    ]
}
