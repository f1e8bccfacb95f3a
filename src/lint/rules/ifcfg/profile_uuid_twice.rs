//! One UUID on two profiles.

use std::collections::HashMap;

use crate::host::profile::Backend;
use crate::lint::{Check, Finding, NM, Place, Rule, Severity, Sight};
use crate::readers::UUID_TWICE;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "profile-uuid-twice",
    severity: Severity::Error,
    readers: NM,
    finds: "A UUID that two connection profiles have, in ifcfg files, keyfiles or one of each.",
    why: "NetworkManager keeps one of the two and ignores the other: what that one says is not in force. Of two keyfiles or two ifcfg files the\nnewer one wins; between the formats the plugin that is named first in `plugins=`.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33:
    UUID=0d2c7b1e-63f4-4a58-9e0b-7a1d5c48f3b6
/etc/sysconfig/network-scripts/ifcfg-ens34:
    the same",
    remedy: "Move the one that is not meant out of its folder. If both are meant, give one of them another UUID (uuidgen), or\ndelete the line: an ifcfg file needs none.",
    source: "cmp_fcn() in nms-ifcfg-rh-storage.c and nms-keyfile-storage.c of NetworkManager (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    if sight.readers.network_manager.is_none() {
        return Vec::new();
    }
    let scripts = sight
        .profiles()
        .filter(|script| sight.readers.managed_by_nm(script.nm_controlled()));
    let of_scripts = scripts
        .filter_map(|script| Some((script.value("UUID")?.to_owned(), script.place_of("UUID"))));
    let profiles = sight.keyfiles.iter();
    let profiles = profiles.filter(|keyfile| keyfile.is_profile() && keyfile.refusal.is_none());
    let of_keyfiles = profiles.filter_map(|keyfile| {
        Some((
            keyfile.get("connection", "uuid")?,
            keyfile.place_of("connection", "uuid"),
        ))
    });
    let (mut known, mut found) = (HashMap::<String, Place>::new(), Vec::new());
    for (uuid, place) in of_scripts.chain(of_keyfiles) {
        let uuid = uuid.to_ascii_lowercase();
        match known.get(&uuid) {
            Some(first) => {
                let (one, other) = (first.path.name(), place.path.name());
                let used = sight.readers.used_of(
                    (one, backend_of(&first.path)),
                    (other, backend_of(&place.path)),
                );
                let message = format!("`{one}` and `{other}` have the same UUID: {used}");
                let subject = format!("{} and {}", first.path, place.path);
                let first = first.clone().label("and here");
                found.push(
                    RULE.finding(subject, message)
                        .at(place)
                        .at(first)
                        .help(UUID_TWICE),
                );
            }
            None => {
                known.insert(uuid, place);
            }
        }
    }
    found
}

/// Returns the format of the profile at `path`.
fn backend_of(path: &HostPath) -> Backend {
    match path.name().starts_with("ifcfg-") {
        true => Backend::Ifcfg,
        false => Backend::NmKeyfile,
    }
}
