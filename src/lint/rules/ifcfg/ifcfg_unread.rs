//! An ifcfg file that nothing reads any more.

use std::collections::HashMap;

use crate::host::profile::{Backend, Manager, Profile};
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::tree::word_of;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "ifcfg-unread",
    severity: Severity::Warning,
    readers: &[],
    finds: "An ifcfg file on a host where nothing reads ifcfg files any more.",
    why: "What it says has no effect: without a keyfile the interface has no profile, and NetworkManager may make one up that asks\na DHCP server. It is left over after an upgrade to a release without the plugin for such files (RHEL 10, Fedora 41).",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens34          on RHEL 10",
    remedy: "Move it out of the folder, and if it is still wanted make a keyfile of it.",
    source: "contrib/fedora/rpm/NetworkManager.spec (ifcfg_rh), `plugins` in NetworkManager.conf(5)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let readers = &sight.readers;
    let scripts = readers.scripts.as_ref();
    let by_scripts = scripts.is_some_and(|scripts| !scripts.starts.never());
    let nm = readers.network_manager.as_ref();
    let Some(nm) = nm.filter(|nm| !nm.starts.never() && !by_scripts) else {
        return Vec::new();
    };
    let Some(no) = &nm.no_ifcfg else {
        return Vec::new();
    };
    let is_keyfile = |profile: &&Profile| profile.home.backend == Backend::NmKeyfile;
    let keyfiles = sight.host.profiles().filter(is_keyfile);
    let keyfiles: HashMap<&str, &Profile> = keyfiles
        .map(|profile| (profile.interface.as_str(), profile))
        .collect();
    let left = sight.host.profiles().filter(|profile| is_left(profile));
    left.filter_map(|profile| finding(&keyfiles, profile, &no.because))
        .collect()
}

fn is_left(profile: &Profile) -> bool {
    let is_ifcfg = profile.home.backend == Backend::Ifcfg;
    is_ifcfg && matches!(profile.manager, Manager::Nobody(_)) && profile.interface.as_str() != "lo"
}

fn finding(
    keyfiles: &HashMap<&str, &Profile>,
    profile: &Profile,
    because: &str,
) -> Option<Finding> {
    let path = profile.home.file.as_ref()?;
    let name = &profile.interface;
    let message = format!("nothing reads `{}`: NetworkManager {because}", path.name());
    let other = keyfiles.get(name.as_str());
    let finding = RULE.finding(path.as_str(), message).at(Place::file(path));
    Some(match other.and_then(|other| other.home.file.as_ref()) {
        Some(keyfile) => finding
            .at(Place::file(keyfile).label("is its profile"))
            .help("move the left-over file out of the folder"),
        None => finding.help(format!(
            "make it a keyfile: kvmnet migrate keyfile {}",
            word_of(name.as_str())
        )),
    })
}
