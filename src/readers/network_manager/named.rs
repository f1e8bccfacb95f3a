//! Which interface a keyfile names.

use super::refused::reading::{canonical, number};
use crate::doc::keyfile::{KeyfileDoc, Pair, value};

/// A name of an interface that a keyfile says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'d> {
    /// What says it.
    pub pair: &'d Pair,
    /// The name, which may be none that an interface can have.
    pub name: String,
}

/// Returns what names the interface: in [connection], or where old files have it, in the group that is called like the kind.
///
/// Source: `nm_keyfile_read()` in nm-keyfile.c; run with 1.42 and 1.52: the group of a card is `802-3-ethernet` there, and not
/// `ethernet`.
#[must_use]
pub fn named(doc: &KeyfileDoc) -> Option<Named<'_>> {
    let in_group = |group: &str| {
        let pair = doc.get(group, "interface-name")?;
        let raw = doc.raw(pair);
        let name = value::is_escaped(raw, false).then(|| value::unescape(raw))?;
        Some(Named { pair, name })
    };
    let by_kind = || {
        let kind = doc.string("connection", "type")?;
        in_group(canonical(&kind))
    };
    in_group("connection").or_else(by_kind)
}

/// The longest name of an interface, in bytes.
const LONGEST: usize = 15;

/// Returns the name that a VLAN is given whose file says none; of a parent with a long name only the beginning is in it.
///
/// Source: `nm_utils_new_vlan_name()` in nm-core-utils.c.
#[must_use]
pub fn name_of_vlan(doc: &KeyfileDoc, parent: &str) -> Option<String> {
    let said = doc.get("vlan", "id").and_then(|pair| number(doc.raw(pair)));
    let id = said.filter(|id| (0..=4095).contains(id)).unwrap_or(0);
    let end = format!(".{id}");
    let parent = parent.get(..parent.len().min(LONGEST - end.len()))?;
    Some(format!("{parent}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_of_the_kind_names_the_interface_where_connection_does_not() {
        for (text, expected) in [
            (
                "[connection]\ntype=bridge\ninterface-name=br0\n[bridge]\ninterface-name=br1\n",
                Some("br0"),
            ),
            (
                "[connection]\ntype=bridge\n[bridge]\ninterface-name=br1\n",
                Some("br1"),
            ),
            (
                "[connection]\ninterface-name=\ntype=bridge\n[bridge]\ninterface-name=br1\n",
                Some(""),
            ),
            (
                "[connection]\ntype=ethernet\n[802-3-ethernet]\ninterface-name=e1\n",
                Some("e1"),
            ),
            (
                "[connection]\ntype=ethernet\n[ethernet]\ninterface-name=e1\n",
                None,
            ),
            (
                "[connection]\ntype=vlan\n[bridge]\ninterface-name=br1\n",
                None,
            ),
            ("[bridge]\ninterface-name=br1\n", None),
        ] {
            let doc = KeyfileDoc::parse(text);
            let found = named(&doc).map(|named| named.name);
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_vlan_is_called_after_its_parent() {
        for (id, parent, expected) in [
            ("5", "ens33", "ens33.5"),
            ("0x10", "ens33", "ens33.16"),
            ("x", "ens33", "ens33.0"),
            ("4094", "enp130s0f1np1", "enp130s0f1.4094"),
        ] {
            let doc = KeyfileDoc::parse(&format!("[vlan]\nid={id}\n"));
            assert_eq!(name_of_vlan(&doc, parent).as_deref(), Some(expected));
        }
    }
}
