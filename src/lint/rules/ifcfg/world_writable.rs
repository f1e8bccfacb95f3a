//! A file that is run as root, and that others may write.

use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::{Entry, HostPath};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "world-writable",
    severity: Severity::Error,
    readers: &[],
    finds: "A file of network-scripts that is writable by others than its owner.",
    why: "Whoever can write it can become root: network-scripts run ifcfg files, and route files of the new format, as shell\ncode.",
    example: "
-rw-rw-rw- root root /etc/sysconfig/network-scripts/ifcfg-ens33",
    remedy: "chmod go-w FILE",
    source: "source_config() in network-functions of initscripts",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let files = sight.tree.listed(&HostPath::literal(NETWORK_SCRIPTS));
    let writable = files.filter_map(|(name, path, entry)| {
        let Entry::File(file) = entry else {
            return None;
        };
        let others = file.attrs.mode & 0o002 != 0;
        // a group of its own is nobody else
        let group = file.attrs.mode & 0o020 != 0 && file.attrs.gid != file.attrs.uid;
        let message = format!(
            "`{name}` is writable by others, and root runs it (mode {:04o})",
            file.attrs.mode
        );
        let finding = RULE.finding(path.as_str(), message);
        (others || group).then(|| {
            finding
                .at(Place::file(path))
                .help(format!("chmod go-w {}", path.word()))
        })
    });
    writable.collect()
}
