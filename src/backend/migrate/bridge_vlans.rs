//! The VLANs of a bridge, or of its port.

use super::loss::{Loss, Weight};
use super::made::Made;
use super::options::lost_key;
use super::source::Source;
use crate::readers::refused::is_bridge_vlan;

/// Writes the VLANs that `key` lists.
pub(super) fn vlans(
    source: &Source<'_>,
    key: &str,
    group: &'static str,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) {
    let Some(list) = source.text(key) else {
        return;
    };
    let (taken, odd): (Vec<&str>, Vec<&str>) = list
        .split(',')
        .map(str::trim)
        .partition(|item| is_bridge_vlan(item));
    losses.extend(odd.iter().filter(|item| !item.is_empty()).map(|item| {
        let meant = format!("nothing: NetworkManager does not take `{item}`");
        lost_key(source, key, &meant, Weight::Idle)
    }));
    if !taken.is_empty() {
        made.set(group, "vlans", taken.join(","), source.line(key));
    }
}
