//! What an ifcfg file says of a VLAN.

use super::Cannot;
use super::made::{Line, Made};
use super::source::Source;
use crate::backend::ifcfg::Reader;

/// Writes `[vlan]`.
///
/// # Errors
/// The number or the interface beneath is not known.
pub(super) fn write(source: &Source<'_>, device: &str, made: &mut Made) -> Result<(), Cannot> {
    let cannot = |why: &str| Cannot::new(why).at(source.path, source.line("DEVICE"));
    let (before, behind) = match device.split_once('.') {
        Some((parent, id)) => (
            Some(parent).filter(|name| !name.starts_with("vlan")),
            Some(id),
        ),
        None => (None, device.strip_prefix("vlan")),
    };
    let own = ["VLAN_ID", "VID"]
        .into_iter()
        .find_map(|key| Some((key, source.text(key)?)));
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|id| *id <= 4095);
    let id = own.map(|(_, text)| text).or(behind).and_then(number);
    let id = id.ok_or_else(|| cannot("the number of the VLAN is not known"))?;
    let line = own.map_or_else(|| source.line("DEVICE"), |(key, _)| source.line(key));
    made.set("vlan", "id", id.to_string(), line);
    let parent = source.text("PHYSDEV").or(before);
    let parent = parent.ok_or_else(|| cannot("the interface beneath the VLAN is not known"))?;
    let line = source.line("PHYSDEV").or_else(|| source.line("DEVICE"));
    made.set("vlan", "parent", parent, line);
    if let Some(protocol) = source.text("VLAN_PROTOCOL") {
        made.set("vlan", "protocol", protocol, source.line("VLAN_PROTOCOL"));
    }
    let (flags, line) = flags(source);
    made.set("vlan", "flags", flags.to_string(), line);
    for (key, name) in [
        ("VLAN_INGRESS_PRIORITY_MAP", "ingress-priority-map"),
        ("VLAN_EGRESS_PRIORITY_MAP", "egress-priority-map"),
    ] {
        if let Some(list) = source.text(key) {
            let mut items: Vec<&str> = list.split(',').filter(|item| item.contains(':')).collect();
            let number = |item: &&str| item.split(':').next()?.trim().parse::<u32>().ok();
            items.sort_by_key(number);
            made.list("vlan", name, items, source.line(key));
        }
    }
    Ok(())
}

/// Returns the flags of a VLAN: 1 reorders headers, 2 is GVRP, 4 loose binding, 8 MVRP.
fn flags(source: &Source<'_>) -> (u32, Option<Line>) {
    let mut flags = 1;
    let gvrp = source.boolean("GVRP");
    if gvrp == Some(true) {
        flags |= 2;
    }
    let words = source.text("VLAN_FLAGS").unwrap_or_default();
    for word in words.split([',', ' ']) {
        match word {
            "GVRP" if gvrp.is_none() => flags |= 2,
            "LOOSE_BINDING" => flags |= 4,
            "NO_REORDER_HDR" => flags &= !1,
            _ => {}
        }
    }
    // NetworkManager reads VLAN_FLAGS alone, ifup REORDER_HDR
    let reorder = source.text("REORDER_HDR");
    if source.reader == Reader::NetworkScripts && matches!(reorder, Some("no" | "0")) {
        flags &= !1;
    }
    if source.boolean("MVRP") == Some(true) {
        flags |= 8;
    }
    let keys = ["VLAN_FLAGS", "GVRP", "MVRP", "REORDER_HDR"];
    (flags, keys.iter().find_map(|key| source.line(key)))
}
