//! The VLANs of networks, port groups and interfaces of guests.

use crate::doc::xml::XmlDoc;

/// Returns the numbers of the VLANs in the element at `index`.
pub(super) fn tags(doc: &XmlDoc<'_>, index: usize) -> Vec<u32> {
    let Some((vlan, _)) = doc.child(index, "vlan") else {
        return Vec::new();
    };
    let tags = doc.named(vlan, "tag");
    tags.filter_map(|(_, tag)| tag.value("id")?.parse().ok())
        .collect()
}
