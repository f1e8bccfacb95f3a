//! A profile whose file has a name that no program looks for.

use std::collections::HashSet;

use crate::backend::ifcfg;
use crate::doc::shell::ShellDoc;
use crate::host::value::InterfaceName;
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::NETWORK_SCRIPTS;
use crate::tree::HostPath;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "profile-name",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A profile in the folder of ifcfg files whose name does not begin with `ifcfg-`.",
    why: "No program reads it, and its interface is not configured. Both look for names that begin with `ifcfg-`, in small letters.",
    example: "
/etc/sysconfig/network-scripts/eth0.10      DEVICE=eth0.10 VLAN=yes",
    remedy: "Rename it, or move it out of the folder if it is not wanted.",
    source: "init.d/network of initscripts (`ls ifcfg-*`), utils_get_ifcfg_name() in NetworkManager's nms-ifcfg-rh-utils.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let read = |name: &str| sight.readers.loads(name).is_some();
    if !read("ifcfg-eth0") {
        return Vec::new();
    }
    let folder = HostPath::literal(NETWORK_SCRIPTS);
    let files = sight.tree.names_with(&folder, "");
    let misnamed = files.filter(|(name, _)| ifcfg::may_be_misnamed(name));
    let configured: HashSet<&str> = sight.profiles().map(|script| script.device()).collect();
    let keyfiles = sight
        .host
        .profiles()
        .map(|profile| profile.interface.as_str());
    let configured: HashSet<&str> = keyfiles.chain(configured).collect();
    misnamed
        .filter_map(|(name, path)| finding(sight, &configured, name, path))
        .collect()
}

fn finding(
    sight: &Sight<'_>,
    configured: &HashSet<&str>,
    name: &str,
    path: &HostPath,
) -> Option<Finding> {
    let file = sight.tree.file(path)?;
    let doc = ShellDoc::parse(std::str::from_utf8(&file.bytes).ok()?);
    let keys = [
        "BOOTPROTO",
        "ONBOOT",
        "IPADDR",
        "TYPE",
        "BRIDGE",
        "VLAN",
        "MASTER",
    ];
    let says = keys.iter().any(|key| doc.get(key).is_some());
    let device = doc
        .literal("DEVICE")
        .filter(|device| !device.is_empty() && says)?;
    // what another file configures is a copy that somebody put away
    if configured.contains(device) || doc.literal("ONBOOT") == Some("no") {
        return None;
    }
    let message = format!("no program reads `{name}`, and nothing else configures `{device}`");
    let place = Place::file(path);
    let found = RULE.finding(path.as_str(), message).at(place);
    let proper = InterfaceName::parse(device).ok();
    let proper = proper.map(|name| path.folder().join(&format!("ifcfg-{name}")));
    let free = proper.filter(|proper| !sight.tree.exists(proper));
    Some(match free {
        Some(proper) => found.help(format!("mv -n {} {}", path.word(), proper.word())),
        None => {
            found.help("give it a free name that begins with ifcfg-, or move it out of the folder")
        }
    })
}
