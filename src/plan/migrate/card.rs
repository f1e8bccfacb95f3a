//! What keeps the name of a card: network-scripts and their udev helper rename one by HWADDR and DEVICE, a keyfile does not.
//!
//! Source: rename_device.c of initscripts; systemd.link(5). `MACAddress=` also fits VLANs, bonds and bridges on top of the
//! card, which have a type of their own (run with udevd).

use std::collections::BTreeSet;

use super::{Moved, create_readable};
use crate::change::Editor;
use crate::layout::LINKS;
use crate::readers::named_cards;
use crate::tree::{HostPath, Tree};

/// A `.link` file.
struct Link<'m> {
    path: HostPath,
    /// The name that the card keeps.
    name: &'m str,
    mac: String,
    /// What systemd calls the kind of the card.
    kind: &'static str,
}

/// Returns the `.link` files of the cards that their ifcfg files name by their hardware addresses.
fn links<'m>(tree: &Tree, moved: &'m [Moved<'_>]) -> Vec<Link<'m>> {
    let named = named_cards(tree).into_iter().map(|(_, name)| name);
    let named: BTreeSet<String> = named.collect();
    let link = |one: &'m Moved<'_>| {
        let said = |key: &str| {
            let mut entries = one.keyfile.said.iter();
            entries.find(|entry| entry.group == "connection" && entry.key == key)
        };
        let kind = match said("type")?.value.as_str() {
            "ethernet" => "ether",
            "wifi" => "wlan",
            _ => return None,
        };
        said("interface-name")?;
        let name = one.profile.interface.as_str();
        let path = HostPath::literal(LINKS).join(&format!("10-{name}.link"));
        let known = named.contains(name) || tree.exists(&path);
        (!known).then_some(Link {
            path,
            name,
            mac: one.profile.mac?.to_string(),
            kind,
        })
    };
    moved.iter().filter_map(link).collect()
}

/// Says what the `.link` files are for.
pub(super) fn told(tree: &Tree, moved: &[Moved<'_>]) -> Vec<String> {
    let links = links(tree, moved);
    let told = links.iter().map(|link| {
        format!(
            "`{}` by its address {} in {}, as HWADDR did",
            link.name,
            link.mac,
            link.path.name()
        )
    });
    told.collect()
}

/// Writes a `.link` file for each card that its ifcfg file names by its hardware address.
pub(super) fn write(editor: &mut Editor<'_>, tree: &Tree, moved: &[Moved<'_>]) {
    for link in links(tree, moved) {
        let Link {
            path,
            name,
            mac,
            kind,
        } = link;
        let text = format!(
            "# {name} was named by HWADDR in its ifcfg file\n[Match]\nMACAddress={mac}\nType={kind}\n\n[Link]\nName={name}\n"
        );
        create_readable(editor, &path, text, "/etc/systemd");
    }
}
