//! An alias or range without its base.

use std::collections::{HashMap, HashSet};

use super::script::{Role, Script};
use crate::backend::ifcfg::Reader;
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "alias-orphan",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A file of further addresses (ifcfg-ens33:0, ifcfg-ens33-range0) whose interface has no file, or one of another name.",
    why: "The addresses are silently gone: network-scripts find such files by the name of the interface only, and\nNetworkManager by the name of its file. It treats an alias without its base file as a separate profile, for any network card.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33:0
/etc/sysconfig/network-scripts/ifcfg-ens33         missing",
    remedy: "Rename it to the interface that now has the address (its DEVICE as well), or remove it.",
    source: "ifup-aliases of initscripts (run), utils_detect_ifcfg_path() in NetworkManager's nms-ifcfg-rh-utils.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let names = |script| Script::names_of_aliases(script);
    let known: HashSet<&str> = sight.profiles().flat_map(names).collect();
    let other = |script| [(Script::device(script), script), (script.suffix, script)];
    let other: HashMap<&str, &Script<'_>> = sight.profiles().flat_map(other).collect();
    let further = sight.scripts.iter().filter_map(|script| match script.role {
        Role::Alias(base) | Role::Range(base) => Some((script, base)),
        // brought up by itself: not lost
        Role::Profile | Role::OwnAlias => None,
    });
    // network-scripts bring up `lo` with its aliases
    let of_lo = |base: &str| base == "lo" && sight.readers.scripts.is_some();
    let orphans = further.filter(|(_, base)| !known.contains(base) && !of_lo(base));
    orphans
        .map(|(script, base)| match other.get(base) {
            Some(profile) => misnamed(script, base, profile),
            None => orphan(script, base),
        })
        .collect()
}

fn orphan(script: &Script<'_>, base: &str) -> Finding {
    let message = format!(
        "the addresses of `{}` are lost: there is no ifcfg-{base}",
        script.path.name()
    );
    RULE.finding(script.path.as_str(), message)
        .at(Place::line(script.path, 1))
        .help(format!(
            "rename it to the interface that replaced `{base}`, or: rm {}",
            script.path.word()
        ))
}

/// The interface has a file, whose reader looks under its other name: scripts under DEVICE, NetworkManager under that of the
/// file.
fn misnamed(script: &Script<'_>, base: &str, profile: &Script<'_>) -> Finding {
    let reader = match profile.reader {
        Reader::NetworkManager => "NetworkManager looks",
        Reader::NetworkScripts | Reader::Unknown => "network-scripts look",
    };
    let [name, _] = profile.names_of_aliases();
    let label = &script.suffix[base.len()..];
    let message = format!(
        "the addresses of `{}` are lost: {reader} for those of `{}` in ifcfg-{name}{label}",
        script.path.name(),
        profile.device()
    );
    let help = match script.role {
        Role::Alias(_) => {
            format!("rename it to ifcfg-{name}{label}, and write DEVICE={name}{label}")
        }
        Role::Range(_) | Role::Profile | Role::OwnAlias => {
            format!("rename it to ifcfg-{name}{label}")
        }
    };
    RULE.finding(script.path.as_str(), message)
        .at(Place::line(script.path, 1))
        .at(Place::file(profile.path).label(format!("configures `{}`", profile.device())))
        .help(help)
}
