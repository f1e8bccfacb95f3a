//! The group [bridge], and the VLANs of bridges and of their ports.

use std::ops::RangeInclusive;

use super::reading::{ANY, Reading, is_mac};
use super::{Fault, Refusal};

/// Times: the least value beside 0, and the highest that the property takes. 0 is taken without STP.
///
/// Source: nm-setting-bridge.c, `check_range()` and the properties.
const TIMES: &[(&str, i64, i64)] = &[
    ("forward-delay", 2, 30),
    ("hello-time", 1, 10),
    ("max-age", 6, 40),
];

/// Source: verify() in nm-setting-bridge.c.
pub(super) fn refused(file: &Reading<'_>, _: Option<&str>) -> Option<Refusal> {
    let group = "bridge";
    let vlans = ["bridge", "bridge-port"];
    times(file)
        .or_else(|| {
            let mask = file.number(group, "group-forward-mask", 0..=0xffff)?;
            (mask & 7 != 0).then(|| file.not_valid(group, "group-forward-mask"))?
        })
        .or_else(|| {
            let address = file.text(group, "group-address")?;
            (!is_link_local(&address)).then(|| file.not_valid(group, "group-address"))?
        })
        .or_else(|| {
            let most = file.number(group, "multicast-hash-max", ANY)?;
            let odd = most > 0 && !most.unsigned_abs().is_power_of_two();
            odd.then(|| file.not_valid(group, "multicast-hash-max"))?
        })
        .or_else(|| vlans.iter().find_map(|group| vlan_list(file, group)))
}

fn times(file: &Reading<'_>) -> Option<Refusal> {
    // on where the file is silent, or says what is no boolean
    let stp = file.boolean("bridge", "stp").unwrap_or(true);
    let wrong = |(key, least, most): &&(&str, i64, i64)| {
        let time = file.number("bridge", key, 0..=*most);
        time.is_some_and(|time| time < *least && (stp || time != 0))
    };
    let (key, least, most) = TIMES.iter().find(wrong)?;
    if *key != "forward-delay" {
        let why = format!("{key} must be {least} to {most} seconds");
        return file.refusal("bridge", key, why);
    }
    let with = if stp { "with STP " } else { "" };
    let why = format!("{with}the forward delay must be {least} to {most} seconds");
    let refusal = file.refusal("bridge", key, why)?;
    let fault = Fault::ForwardDelay;
    Some(Refusal { fault, ..refusal })
}

/// Returns whether an address is one of those that a bridge may be told to take for its own protocol.
///
/// Source: `_nm_utils_hwaddr_link_local_valid()` in nm-utils.c.
fn is_link_local(text: &str) -> bool {
    let bytes = text
        .split([':', '-'])
        .map(|part| u8::from_str_radix(part, 16).ok());
    let bytes: Vec<Option<u8>> = bytes.collect();
    let base = [0x01, 0x80, 0xc2, 0, 0].map(Some);
    let last = |byte: Option<u8>| byte.is_some_and(|byte| matches!(byte, 0 | 4..=15));
    is_mac(text) && bytes[..5] == base && last(bytes[5])
}

/// Says that the VLANs of a bridge or a port overlap, or that two of them are that of untagged frames.
///
/// Source: `bridge_vlan_parser()` in nm-keyfile.c, `_nm_utils_bridge_vlan_verify_list()` in nm-utils.c.
fn vlan_list(file: &Reading<'_>, group: &str) -> Option<Refusal> {
    let text = file.doc().string(group, "vlans")?;
    let vlans: Vec<(RangeInclusive<u16>, bool)> = text.split(',').filter_map(vlan).collect();
    let twice = |(at, (range, pvid)): (usize, &(RangeInclusive<u16>, bool))| {
        let earlier = &vlans[..at];
        let overlaps = |other: &RangeInclusive<u16>| {
            other.start() <= range.end() && range.start() <= other.end()
        };
        earlier
            .iter()
            .any(|(other, main)| overlaps(other) || (*main && *pvid))
    };
    let wrong = vlans.iter().enumerate().any(twice);
    wrong.then(|| file.not_valid(group, "vlans"))?
}

/// Returns whether NetworkManager takes an item of a list of VLANs.
///
/// Source: `nm_bridge_vlan_from_str()` in nm-setting-bridge.c (run).
#[must_use]
pub fn is_bridge_vlan(item: &str) -> bool {
    vlan(item).is_some()
}

/// Returns the numbers of one item, and whether untagged frames belong to it; what is no VLAN is dropped.
fn vlan(item: &str) -> Option<(RangeInclusive<u16>, bool)> {
    let mut words = item.split_ascii_whitespace();
    let range = words.next()?;
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let number = |text: &str| text.parse().ok().filter(|n| (1..=4094).contains(n));
    let (first, last): (u16, u16) = (number(first)?, number(last)?);
    let rest: Vec<&str> = words.collect();
    let pvid = rest.contains(&"pvid");
    let known = rest.iter().all(|word| ["pvid", "untagged"].contains(word));
    let good = known && first <= last && !(pvid && first != last);
    good.then_some((first..=last, pvid))
}
