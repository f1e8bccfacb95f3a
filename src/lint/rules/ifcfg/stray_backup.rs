//! `ifcfg-ens33.old` beside `ifcfg-ens33`, where a program of the host takes it for configuration.

use super::script::Script;
use crate::lint::{BOTH, Check, Finding, Fix, Mender, Place, Rule, Severity, Sight};
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "stray-backup",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A copy of an ifcfg file that a program of this host loads as an additional profile.",
    why: "A copy that is loaded configures the interface: either it or its original may win. NetworkManager takes the newer of two files
with one UUID, and where the time stamps are equal (`cp -p`) the one whose name sorts last: the copy.
Old initscripts start both, so that the old address is on the port of a bridge again.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33
/etc/sysconfig/network-scripts/ifcfg-ens33.old     loaded by NetworkManager",
    remedy: "Move it out of the folder: kvmnet check --fix stray-backup",
    source: "utils_should_ignore_file() in NetworkManager's nms-ifcfg-rh-utils.c, cmp_fcn() in
nms-ifcfg-rh-storage.c; __sed_discard_ignored_files in init.d/functions of initscripts",
    check: Check::Files(check),
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
    let original = original(sight, stray);
    let message = match original {
        Some(_) => format!("this backup is loaded by {reader}, as a second profile of `{device}`"),
        None => format!("this backup is loaded by {reader}, as the profile of `{device}`"),
    };
    let place = match stray.get("DEVICE") {
        Some(assignment) => stray.place(assignment),
        None => Place::line(stray.path, 1),
    };
    let place = match original {
        Some(original) => place.label(format!("also configured by {}", original.path.name())),
        None => place,
    };
    let help = match (original, name_of(sight, stray)) {
        (Some(_), _) => {
            "kvmnet check --fix stray-backup   # moves it to the store of copies".to_owned()
        }
        (None, Some(name)) => format!(
            "mv {} {}   (it is the only file of `{device}`)",
            stray.path.word(),
            name.word()
        ),
        (None, None) => format!("rename it to a free name: it is the only file of `{device}`"),
    };
    RULE.finding(stray.path.as_str(), message)
        .at(place)
        .help(help)
}

/// Returns the profile of which `stray` is a copy, if it is there.
fn original<'s, 't>(sight: &'s Sight<'t>, stray: &Script<'t>) -> Option<&'s Script<'t>> {
    let named = stray.value("DEVICE").is_some();
    sight.profiles().find(|script| {
        script.device() == stray.device() || (!named && stray.suffix.starts_with(script.suffix))
    })
}

/// Returns the name that a copy should have which is all that its interface has, if that is free.
fn name_of(sight: &Sight<'_>, stray: &Script<'_>) -> Option<HostPath> {
    let device = stray.device();
    let name = stray.path.folder().join(&format!("ifcfg-{device}"));
    (!device.contains('/') && !sight.tree.exists(&name)).then_some(name)
}

fn fix(mender: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let path = &finding.places.first()?.path;
    let stray = mender.script(path)?;
    Some(match original(mender, stray) {
        Some(_) => Fix::PutAway(path.clone()),
        None => Fix::Leave(format!(
            "{} is left unchanged: it is the only file of `{}`, and needs a name of its own: {}",
            path.name(),
            stray.device(),
            finding.help.split("   # ").next().unwrap_or("")
        )),
    })
}
