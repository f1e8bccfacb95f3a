//! A keyfile that NetworkManager ignores because of its mode or owner.

use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::KEYFILES;
use crate::tree::{Entry, HostPath};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-permissions",
    severity: Severity::Error,
    readers: &[],
    finds: "A keyfile that others than root can read or write, or that is not owned by root.",
    why: "NetworkManager ignores it, and only its log says so: keyfiles may hold passwords. The interface has no profile.",
    example: "
-rw-r--r-- root root /etc/NetworkManager/system-connections/br0.nmconnection",
    remedy: "chmod 600 FILE; chown root FILE; nmcli connection reload",
    source: "nms_keyfile_utils_check_file_permissions_stat() in NetworkManager's nms-keyfile-utils.c (run)",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let files = sight.tree.listed(&HostPath::literal(KEYFILES));
    let profiles =
        files.filter(|(name, ..)| name.ends_with(".nmconnection") && !name.starts_with('.'));
    let ignored = profiles.filter_map(|(name, path, entry)| {
        if matches!(entry, Entry::Other(_)) {
            return None;
        }
        let attrs = sight.tree.file_in(entry)?.attrs;
        let why = match attrs {
            attrs if attrs.mode & 0o077 != 0 => format!("its mode is {:04o}", attrs.mode),
            attrs if attrs.uid != sight.owner => format!("its owner is {}", attrs.uid),
            _ => return None,
        };
        let message = format!("NetworkManager ignores `{name}`: {why}");
        let path_word = path.word();
        let help =
            format!("chown root {path_word}; chmod 600 {path_word}; nmcli connection reload");
        Some(
            RULE.finding(path.as_str(), message)
                .at(Place::file(path))
                .help(help),
        )
    });
    ignored.collect()
}
