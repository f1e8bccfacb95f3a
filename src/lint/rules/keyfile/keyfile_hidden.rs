//! A keyfile that a tombstone hides.

use std::collections::HashMap;

use super::document::taken;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::KEYFILES;
use crate::tree::{Entry, HostPath};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-hidden",
    severity: Severity::Error,
    readers: &[],
    finds: "A keyfile in /etc whose profile a link UUID.nmmeta to /dev/null hides.",
    why: "NetworkManager takes no notice of the file, and the interface has no profile. It makes such links when a profile is\ndeleted that lies in /usr or /run too, and they stay when a file of that UUID is put back.",
    example: "
/etc/NetworkManager/system-connections/
    br0.nmconnection                             uuid=5f607182-93a4-…
    5f607182-93a4-….nmmeta -> /dev/null",
    remedy: "Delete the link, or the keyfile if it is not wanted; then nmcli connection reload",
    source: "nms_keyfile_nmmeta_check_filename() in NetworkManager's nms-keyfile-utils.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let hides = |(name, path, entry)| is_tombstone(name, entry).map(|uuid| (uuid, path));
    let listed = sight.tree.listed(&HostPath::literal(KEYFILES));
    let hidden: HashMap<&str, &HostPath> = listed.filter_map(hides).collect();
    let found = taken(&sight.keyfiles).filter_map(|keyfile| {
        let uuid = keyfile.get("connection", "uuid")?.to_ascii_lowercase();
        let tombstone = *hidden.get(uuid.as_str())?;
        let (name, by) = (keyfile.path.name(), tombstone.name());
        let message = format!("NetworkManager ignores `{name}`: `{by}` hides its UUID");
        let finding = RULE
            .finding(keyfile.path.as_str(), message)
            .at(keyfile.place_of("connection", "uuid"))
            .at(Place::file(tombstone).label("hides it"));
        Some(finding.help(format!("rm {}; nmcli connection reload", tombstone.word())))
    });
    found.collect()
}

/// Returns the UUID that an entry hides, if it does.
fn is_tombstone<'t>(name: &'t str, entry: &Entry) -> Option<&'t str> {
    match entry {
        Entry::Link { target, .. } if target == "/dev/null" => name.strip_suffix(".nmmeta"),
        Entry::Link { .. }
        | Entry::File(_)
        | Entry::Unread
        | Entry::Other(_)
        | Entry::Unreadable(_) => None,
    }
}
