//! The group [ethernet], which bridges and VLANs have, too; and keys that take certain words only.

use super::Refusal;
use super::reading::{ETHERNET, Reading, is_mac};

/// Keys that take one of some words.
const WORDS: &[(&str, &str, &[&str])] = &[
    (ETHERNET, "port", &["tp", "aui", "bnc", "mii"]),
    (ETHERNET, "duplex", &["half", "full"]),
    (ETHERNET, "s390-nettype", &["qeth", "lcs", "ctc"]),
    ("bridge", "vlan-protocol", &["802.1Q", "802.1ad"]),
    (
        "bridge",
        "multicast-router",
        &["auto", "enabled", "disabled"],
    ),
    ("vlan", "protocol", &["802.1Q", "802.1ad"]),
];

/// The bits of `wake-on-lan`: those that stand alone, and that of the magic packet.
const WAKE: [i64; 2] = [0x8001, 0x40];

/// Source: verify() in nm-setting-wired.c, nm-setting-bridge.c, nm-setting-vlan.c.
pub(super) fn refused(file: &Reading<'_>, _: Option<&str>) -> Option<Refusal> {
    let odd = |(group, key, words): &&(&str, &str, &[&str])| {
        let said = file.text(group, key);
        said.is_some_and(|said| !words.contains(&said.as_str()))
    };
    if let Some((group, key, _)) = WORDS.iter().find(odd) {
        return file.not_valid(group, key);
    }
    let blacklist = "mac-address-blacklist";
    let listed = file.list(ETHERNET, blacklist);
    if !listed.iter().all(|mac| is_mac(mac)) {
        return file.not_valid(ETHERNET, blacklist);
    }
    let mask = "generate-mac-address-mask";
    if file
        .text(ETHERNET, mask)
        .is_some_and(|text| !is_mask(&text))
    {
        return file.not_valid(ETHERNET, mask);
    }
    wake(file)
}

/// Source: `_nm_utils_generate_mac_address_mask_parse()` in nm-utils.c.
fn is_mask(text: &str) -> bool {
    let is_blank = text.trim_ascii().is_empty();
    let mut words = text.split_ascii_whitespace();
    text.is_empty() || (!is_blank && words.all(is_mac))
}

fn wake(file: &Reading<'_>) -> Option<Refusal> {
    let (key, [alone, magic]) = ("wake-on-lan", WAKE);
    let wake = file.number(ETHERNET, key, 0..=i64::from(u32::MAX));
    if wake.is_some_and(|wake| wake & alone != 0 && wake.count_ones() > 1) {
        return file.not_valid(ETHERNET, key);
    }
    let key = "wake-on-lan-password";
    let password = file.text(ETHERNET, key)?;
    if wake.is_none_or(|wake| wake & magic == 0) {
        let why =
            "wake-on-lan-password is for the magic packet, which wake-on-lan does not ask for";
        return file.refusal(ETHERNET, key, why.to_owned());
    }
    // it is a secret
    let why = "wake-on-lan-password is not a hardware address";
    (!is_mac(&password)).then(|| file.refusal(ETHERNET, key, why.to_owned()))?
}
