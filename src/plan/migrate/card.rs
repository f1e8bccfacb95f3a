//! What keeps the name of a card: network-scripts and their udev helper rename one by HWADDR and DEVICE, a keyfile does not.
//!
//! Source: rename_device.c of initscripts; systemd.link(5). `MACAddress=` also fits VLANs, bonds and bridges on top of the
//! card, which have a type of their own (run with udevd).

use std::collections::BTreeSet;

use super::Moved;
use crate::change::Editor;
use crate::layout::LINKS;
use crate::readers::named_cards;
use crate::tree::{Attrs, HostPath, Tree};

/// The mode of a `.link` file.
const MODE: u32 = 0o644;

/// Writes a `.link` file for each card that its ifcfg file names by its hardware address.
pub(super) fn write(editor: &mut Editor<'_>, tree: &Tree, moved: &[Moved<'_>]) {
    let named = named_cards(tree).into_iter().map(|(_, name)| name);
    let named: BTreeSet<String> = named.collect();
    for one in moved {
        let profile = one.profile;
        let said = |key: &str| {
            let mut entries = one.keyfile.said.iter();
            entries.find(|entry| entry.group == "connection" && entry.key == key)
        };
        let is_card = said("type").is_some_and(|entry| entry.value == "ethernet");
        let (Some(mac), true, Some(_)) = (profile.mac, is_card, said("interface-name")) else {
            continue;
        };
        let name = profile.interface.as_str();
        let path = HostPath::literal(LINKS).join(&format!("10-{name}.link"));
        let known = named.contains(name);
        if known || tree.exists(&path) {
            continue;
        }
        let text = format!(
            "# {name} was named by HWADDR in its ifcfg file\n[Match]\nMACAddress={mac}\nType=ether\n\n[Link]\nName={name}\n"
        );
        let attrs = Attrs {
            mode: MODE,
            uid: 0,
            gid: 0,
        };
        editor.create(
            &path,
            text.into_bytes(),
            attrs,
            &HostPath::literal("/etc/systemd"),
        );
    }
}
