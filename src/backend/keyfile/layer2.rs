//! What a keyfile says of layer 2 that is shown alone.

use super::keys::ETHERNET;
use crate::doc::keyfile::KeyfileDoc;
use crate::host::layer2::Layer2;
use crate::host::profile::Profile;
use crate::readers::Docs;
use crate::tree::Tree;

/// Names of kinds of interfaces, and what each is called here; any other is called as it is.
const KINDS: &[(&str, &str)] = &[
    ("802-3-ethernet", "ethernet"),
    ("802-11-wireless", "wifi"),
    ("ovs-bridge", "bridge"),
    ("ovs-port", "ovs-port"),
    ("ovs-interface", "ovs-interface"),
];

/// Returns what the file of a profile says of layer 2.
pub(super) fn layer2(tree: &Tree, docs: &Docs, profile: &Profile) -> Layer2 {
    let path = profile.home.file.as_ref();
    let file = path.and_then(|path| Some((path, tree.file(path)?)));
    let text = file.and_then(|(path, file)| Some((path, std::str::from_utf8(&file.bytes).ok()?)));
    let Some((path, text)) = text else {
        return Layer2::default();
    };
    let doc = docs.of(path, text).doc;
    let said = said(&doc);
    let kind = said("connection", "type");
    let mtu = |group: &&str| said(group, "mtu").and_then(|mtu| mtu.parse().ok());
    let wireless = ["wifi", "802-11-wireless", "infiniband"];
    Layer2 {
        // 0 is none of its own
        mtu: ETHERNET
            .iter()
            .chain(&wireless)
            .find_map(mtu)
            .filter(|mtu| *mtu > 0),
        vlan: said("vlan", "id").and_then(|id| id.parse().ok()),
        bond_mode: said("bond", "mode"),
        ports: Vec::new(),
        parent: said("infiniband", "parent"),
        controller: ["master", "controller"]
            .iter()
            .find_map(|key| said("connection", key)),
        kind: kind.map(|kind| {
            let known = KINDS.iter().find(|(name, _)| *name == kind);
            known.map_or(kind, |(_, word)| (*word).to_owned())
        }),
    }
}

fn said(doc: &KeyfileDoc) -> impl Fn(&str, &str) -> Option<String> {
    |group, key| {
        let value = doc.string(group, key)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
}
