//! `ifcfg-ens33.old` beside `ifcfg-ens33`, where a program of the host takes it for configuration.

use crate::lint::script::Script;
use crate::lint::{Finding, Fix, Mender, Place, Rule, Severity, Sight};

pub(super) static RULE: Rule = Rule {
    name: "stray-backup",
    severity: Severity::Error,
    finds: "A copy of an ifcfg file that a program of this host loads as a further profile.",
    why: "The interface has two profiles, and either may win. NetworkManager takes the newer of two files
with one UUID, and where the time stamps are equal (`cp -p`) the one whose name sorts last: the copy.
Old initscripts start both, so that the old address is on the port of a bridge again.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33
/etc/sysconfig/network-scripts/ifcfg-ens33.old     loaded by NetworkManager",
    remedy: "Move it out of the folder: kvmnet check --fix stray-backup",
    source: "utils_should_ignore_file() in NetworkManager's nms-ifcfg-rh-utils.c, cmp_fcn() in
nms-ifcfg-rh-storage.c; __sed_discard_ignored_files in init.d/functions of initscripts",
    check,
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let strays = sight.scripts.iter().filter(|script| script.stray);
    strays.map(|stray| finding(sight, stray)).collect()
}

fn finding(sight: &Sight<'_>, stray: &Script<'_>) -> Finding {
    let reader = sight
        .readers
        .loads(stray.path.name())
        .unwrap_or("a program");
    let device = stray.device();
    let original = sight.profiles().find(|script| script.device() == device);
    let message = match original {
        Some(_) => format!("{reader} loads this backup as a second profile of `{device}`"),
        None => format!("{reader} loads this backup as the profile of `{device}`"),
    };
    let place = match stray.get("DEVICE") {
        Some(assignment) => stray.place(assignment),
        None => Place::line(stray.path, 1),
    };
    let place = match original {
        Some(original) => place.label(format!("also configured by {}", original.path.name())),
        None => place,
    };
    RULE.finding(stray.path.as_str(), message)
        .at(place)
        .help("kvmnet check --fix stray-backup   (moves it to the store of copies)")
}

fn fix(_: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let place = finding.places.first()?;
    Some(Fix::PutAway(place.path.clone()))
}
