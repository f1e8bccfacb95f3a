//! What the running host is doing, as far as the kernel and libvirt show it in files: read apart from the configuration.

use std::collections::BTreeMap;

use super::{kernel, libvirt};
use crate::host::live::{Attached, Live};
use crate::host::value::InterfaceName;
use crate::tree::{Entry, HostPath, Pick, Picker, Scope, Tree};

/// Where the kernel says when the host was booted: proc_stat(5), `btime`.
const STAT: &str = "/proc/stat";

/// In the folder of an interface, the link to what it is a port of, and the folder that bridges have:
/// Documentation/ABI/testing/sysfs-class-net of the kernel, br_sysfs_addbr() in net/bridge/br_sysfs_br.c.
const CONTROLLER: &str = "master";
const BRIDGE: &str = "bridge";

/// Returns what is read.
#[must_use]
pub fn scope() -> Scope {
    let interfaces: Picker = |name| match name {
        "bonding_masters" => Pick::Skip,
        _ => Pick::Enter(|name| match name {
            CONTROLLER => Pick::Point,
            // every interface has this one
            BRIDGE | "address" => Pick::Note,
            _ => Pick::Skip,
        }),
    };
    let folder = HostPath::literal;
    Scope {
        folders: vec![
            (folder(kernel::INTERFACES), interfaces),
            (folder(libvirt::ACTIVE), libvirt::pick_xml),
            (folder(libvirt::RUNNING), libvirt::pick_xml),
        ],
        files: vec![folder(STAT)],
        present: Vec::new(),
    }
}

/// Returns what the running host is doing; `runs` tells whether libvirt's run-time folders show that.
#[must_use]
pub fn live(tree: &Tree, runs: bool) -> Live {
    let interfaces = interfaces(tree);
    Live {
        interfaces: (!interfaces.is_empty()).then_some(interfaces),
        networks: runs.then(|| libvirt::active_networks(tree)),
        guests: runs.then(|| libvirt::running_guests(tree)),
        booted: booted(tree),
    }
}

fn interfaces(tree: &Tree) -> BTreeMap<String, Attached> {
    let names = kernel::interfaces(tree);
    let attached = names.into_iter().map(|name| {
        let folder = HostPath::literal(kernel::INTERFACES).join(name.as_str());
        let controller = match tree.get(&folder.join(CONTROLLER)) {
            Some(Entry::Link { target, .. }) => {
                let name = target.rsplit('/').next();
                name.and_then(|name| InterfaceName::parse(name).ok())
            }
            Some(Entry::File(_) | Entry::Unread | Entry::Other(_) | Entry::Unreadable(_))
            | None => None,
        };
        let is_bridge = tree.exists(&folder.join(BRIDGE));
        let attached = Attached {
            controller: controller.map(|name| name.as_str().to_owned()),
            is_bridge,
        };
        (name.as_str().to_owned(), attached)
    });
    attached.collect()
}

fn booted(tree: &Tree) -> Option<i64> {
    let text = str::from_utf8(&tree.file(&HostPath::literal(STAT))?.bytes).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("btime "));
    line?.trim().parse().ok()
}
