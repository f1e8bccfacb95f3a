//! A file in the folder of keyfiles that NetworkManager loads, whatever its name.

use std::collections::{HashMap, HashSet};

use super::document::Keyfile;
use crate::lint::{Check, Finding, Fix, Mender, Rule, Severity, Sight};
use crate::readers::{loads_keyfile, named};

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

/// How the names end that NetworkManager gives.
const SUFFIX: &str = ".nmconnection";

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    if sight.readers.network_manager.is_none() {
        return Vec::new();
    }
    let keyfiles = sight.keyfiles.iter();
    let loaded: Vec<_> = keyfiles
        .filter(|keyfile| is_loaded(keyfile, sight.owner))
        .collect();
    if loaded.is_empty() {
        return Vec::new();
    }
    let originals = Originals::of(sight);
    let strays = loaded.into_iter().filter(|file| originals.have(file));
    strays.map(|file| finding(&originals, file)).collect()
}

/// The files with the names that NetworkManager gives.
struct Originals<'k> {
    /// The first of each UUID.
    by_uuid: HashMap<String, &'k Keyfile<'k>>,
    /// The UUIDs, interfaces and names of those that it trusts.
    uuids: HashSet<String>,
    interfaces: HashSet<String>,
    names: HashSet<&'k str>,
}

impl<'k> Originals<'k> {
    fn of(sight: &'k Sight<'_>) -> Self {
        let named = |keyfile: &&Keyfile<'_>| keyfile.path.name().ends_with(SUFFIX);
        let all = || sight.keyfiles.iter().filter(named);
        let trusted = || all().filter(|keyfile| keyfile.is_trusted(sight.owner));
        let said = |key| trusted().filter_map(move |keyfile| keyfile.get("connection", key));
        let mut by_uuid = HashMap::new();
        for keyfile in all() {
            if let Some(uuid) = keyfile.get("connection", "uuid") {
                by_uuid.entry(uuid).or_insert(keyfile);
            }
        }
        Self {
            by_uuid,
            uuids: said("uuid").collect(),
            interfaces: trusted().filter_map(interface).collect(),
            names: trusted().map(|keyfile| keyfile.path.name()).collect(),
        }
    }

    /// Returns whether one of them is what `keyfile` is a copy of: it has the same UUID, interface or beginning of the name.
    fn have(&self, keyfile: &Keyfile<'_>) -> bool {
        let is_in = |key, known: &HashSet<String>| {
            let value = keyfile.get("connection", key);
            value.is_some_and(|value| known.contains(&value))
        };
        let copy = keyfile.path.name();
        let mut ends = copy.match_indices(SUFFIX).map(|(at, _)| at + SUFFIX.len());
        let mut begins = || {
            ends.any(|end| {
                copy[end..].starts_with(['.', '-', '_']) && self.names.contains(&copy[..end])
            })
        };
        let interface = interface(keyfile);
        let has_interface = interface.is_some_and(|name| self.interfaces.contains(&name));
        is_in("uuid", &self.uuids) || has_interface || begins()
    }
}

/// Returns the interface that a file names.
fn interface(keyfile: &Keyfile<'_>) -> Option<String> {
    let name = named(&keyfile.doc)?.name;
    (!name.is_empty()).then_some(name)
}

fn finding(originals: &Originals<'_>, stray: &Keyfile<'_>) -> Finding {
    let interface = interface(stray);
    let interface = interface.map_or("any interface".to_owned(), |name| format!("`{name}`"));
    let uuid = stray.get("connection", "uuid");
    let original = uuid.and_then(|uuid| originals.by_uuid.get(&uuid));
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
    finding.help("kvmnet check --fix keyfile-stray   # moves it to the store of copies")
}

/// Other names than NAME.nmconnection that are loaded, if what they hold is a profile, and they are root's alone. It is a stray
/// only where another file that is loaded is the profile already: NetworkManager wrote names without that ending before version
/// 1.20.
fn is_loaded(keyfile: &Keyfile<'_>, owner: u32) -> bool {
    let name = keyfile.path.name();
    let odd = !name.ends_with(SUFFIX) && loads_keyfile(name);
    odd && keyfile.is_trusted(owner) && keyfile.refusal.is_none()
}

fn fix(_: &Mender<'_>, finding: &Finding) -> Option<Fix> {
    let place = finding.places.first()?;
    Some(Fix::PutAway(place.path.clone()))
}
