//! The kind of interface that a profile is for: `type`, or else the one group that only such an interface has.

use super::Refusal;
use super::reading::{ETHERNET, Reading, WIFI, canonical, is_mac, spoken};

/// All kinds, also those of newer versions.
///
/// Source: nm-meta-setting-base-impl.c, settings of the priority HW_BASE, 1.42 to 1.58.
const KINDS: &[&str] = &[
    "6lowpan",
    "802-11-olpc-mesh",
    WIFI,
    ETHERNET,
    "adsl",
    "bluetooth",
    "bond",
    "bridge",
    "cdma",
    "dummy",
    "generic",
    "geneve",
    "gsm",
    "hsr",
    "infiniband",
    "ip-tunnel",
    "ipvlan",
    "loopback",
    "macsec",
    "macvlan",
    "ovs-bridge",
    "ovs-dpdk",
    "ovs-interface",
    "ovs-patch",
    "ovs-port",
    "pppoe",
    "team",
    "tun",
    "veth",
    "vlan",
    "vpn",
    "vrf",
    "vxlan",
    "wifi-p2p",
    "wimax",
    "wireguard",
    "wpan",
];

/// Kinds that count for a profile without a type only where there is no other.
const LAST: &[&str] = &["bluetooth", "pppoe"];

/// Kinds of which a profile without their group is refused, since something in it must be said.
const SAY_MORE: &[&str] = &[
    "6lowpan",
    WIFI,
    "adsl",
    "bluetooth",
    "cdma",
    "hsr",
    "infiniband",
    "ip-tunnel",
    "macsec",
    "ovs-patch",
    "pppoe",
    "veth",
    "vpn",
    "vrf",
    "wifi-p2p",
    "wimax",
];

/// Kinds whose group must say what the interface is on top of, if its address is not told.
const ON_TOP: &[&str] = &["macvlan", "vlan"];

/// Returns the kind, in NetworkManager's words.
///
/// Source: `setting_alias_parser()` in nm-keyfile.c, `_nm_connection_find_base_type_setting()` in nm-connection.c.
pub(super) fn of(file: &Reading<'_>) -> Option<String> {
    match file.doc().string("connection", "type") {
        Some(kind) => Some(canonical(&kind).to_owned()),
        None => match candidates(file)[..] {
            [kind] => Some(kind.to_owned()),
            _ => None,
        },
    }
}

fn candidates(file: &Reading<'_>) -> Vec<&'static str> {
    let there = KINDS.iter().copied().filter(|kind| file.has(kind));
    let (last, first): (Vec<_>, Vec<_>) = there.partition(|kind| LAST.contains(kind));
    if first.is_empty() { last } else { first }
}

/// Source: verify() in nm-setting-connection.c.
pub(super) fn refused(file: &Reading<'_>, kind: Option<&str>) -> Option<Refusal> {
    let refusal = |why| file.refusal("connection", "type", why);
    let Some(kind) = kind else {
        return refusal("it has no type".to_owned());
    };
    if kind.is_empty() {
        return file.not_valid("connection", "type");
    }
    if !KINDS.contains(&kind) {
        return refusal(format!("`{kind}` is not a known type"));
    }
    let bare = SAY_MORE.contains(&kind) || (ON_TOP.contains(&kind) && !told_by_address(file));
    let word = spoken(kind);
    let why = || format!("its type, {word}, needs the group [{word}]");
    (bare && !file.has(kind)).then(|| refusal(why()))?
}

/// Returns whether the card that the profile is for, or on top of, is told by its address.
pub(super) fn told_by_address(file: &Reading<'_>) -> bool {
    // in old files it is a list of numbers
    let numbers = file.list(ETHERNET, "mac-address");
    let is_list = numbers.len() == 6 && numbers.iter().all(|n| n.parse::<u8>().is_ok());
    let mac = file.text(ETHERNET, "mac-address");
    is_list || mac.is_some_and(|mac| is_mac(&mac))
}
