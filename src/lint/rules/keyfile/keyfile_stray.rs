//! A file in the folder of keyfiles that NetworkManager loads, whatever its name.

use super::document::Keyfile;
use crate::lint::{Check, Finding, Fix, Mender, Rule, Severity, Sight};
use crate::readers::loads_keyfile;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-stray",
    severity: Severity::Error,
    readers: &[],
    finds: "A copy of a keyfile, or another stray file, that NetworkManager loads as a profile.",
    why: "It is an additional profile of the interface, and with the same UUID it may win over the intended one.\nNetworkManager does not require a suffix in this folder; only names that begin with a dot or end in `~` are safe.",
    example: "
/etc/NetworkManager/system-connections/br0.nmconnection
/etc/NetworkManager/system-connections/br0.nmconnection.old",
    remedy: "Move it out of the folder: kvmnet check --fix keyfile-stray",
    source: "nm_keyfile_utils_ignore_filename() in NetworkManager's nm-keyfile.c, _ignore_filename() in\nnms-keyfile-plugin.c (run)",
    check: Check::Files(check),
    fix: Some(fix),
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    if sight.readers.network_manager.is_none() {
        return Vec::new();
    }
    let strays = sight
        .keyfiles
        .iter()
        .filter(|keyfile| is_loaded(sight, keyfile));
    strays.map(|stray| finding(sight, stray)).collect()
}

fn finding(sight: &Sight<'_>, stray: &Keyfile<'_>) -> Finding {
    let interface = stray.get("connection", "interface-name");
    let interface = interface.map_or("any interface".to_owned(), |name| format!("`{name}`"));
    let mut others = sight
        .keyfiles
        .iter()
        .filter(|other| other.path.name().ends_with(".nmconnection"));
    let original = others.find(|other| {
        let uuid = stray.get("connection", "uuid");
        uuid.is_some() && other.get("connection", "uuid") == uuid
    });
    let message = format!(
        "NetworkManager loads `{}` as a profile of {}",
        stray.path.name(),
        interface
    );
    let finding = RULE
        .finding(stray.path.as_str(), message)
        .at(stray.place_of("connection", "uuid"));
    let finding = match original {
        Some(original) => finding.at(original
            .place_of("connection", "uuid")
            .label("has the same UUID")),
        None => finding,
    };
    finding.help("kvmnet check --fix keyfile-stray   (moves it to the store of copies)")
}

/// Other names than NAME.nmconnection that are loaded, if what they hold is a profile, they are root's alone, and another file
/// that is loaded is the profile already: a name without that ending alone is none, NetworkManager wrote such before version 1.20.
fn is_loaded(sight: &Sight<'_>, keyfile: &Keyfile<'_>) -> bool {
    let name = keyfile.path.name();
    let profile = keyfile.refusal.is_none();
    let odd = !name.ends_with(".nmconnection") && loads_keyfile(name);
    let owner = sight.owner;
    odd && keyfile.is_trusted(owner)
        && profile
        && sight
            .keyfiles
            .iter()
            .any(|other| other.is_trusted(owner) && is_the_profile(other, keyfile))
}

/// Returns whether `other` is the profile of which `keyfile` is a copy: the same UUID, interface or beginning of the name.
fn is_the_profile(other: &Keyfile<'_>, keyfile: &Keyfile<'_>) -> bool {
    let same = |key| {
        let value = keyfile.get("connection", key);
        value.is_some() && other.get("connection", key) == value
    };
    let (name, copy) = (other.path.name(), keyfile.path.name());
    let begins = copy
        .strip_prefix(name)
        .is_some_and(|rest| rest.starts_with(['.', '-', '_']));
    name.ends_with(".nmconnection") && (same("uuid") || same("interface-name") || begins)
}

fn fix(_: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let place = finding.places.first()?;
    Some(Fix::PutAway(place.path.clone()))
}
