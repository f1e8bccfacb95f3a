//! What an ifcfg file says of the card: `[ethernet]`, and the options of s390.

use super::made::Made;
use super::plain::{self, not_valid};
use super::source::Source;
use super::{Cannot, Loss, refused};
use crate::host::value::MacAddress;

/// Keys that make `[ethernet]`, be it that their value is empty or not valid: `make_wired_setting()` and
/// `parse_ethtool_options()` in nms-ifcfg-rh-reader.c.
const MAKES_GROUP: &[&str] = &[
    "CTCPROT",
    "ETHTOOL_OPTS",
    "ETHTOOL_WAKE_ON_LAN",
    "HWADDR",
    "KEY_MGMT",
    "MTU",
    "NETTYPE",
    "OPTIONS",
    "PORTNAME",
    "SUBCHANNELS",
];

/// Writes `[ethernet]`; it is there for a card, a bridge and a VLAN, be it that it stays empty, and for a bond whose file says
/// something of it.
///
/// # Errors
/// A hardware address is not valid.
pub(super) fn write(
    source: &Source<'_>,
    kind: &str,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    const GROUP: &str = "ethernet";
    if kind != "bond" || MAKES_GROUP.iter().any(|key| source.line(key).is_some()) {
        made.group(GROUP);
    }
    mtu(source, GROUP, made, losses);
    addresses(source, GROUP, made)?;
    plain::write(plain::ETHERNET, source, made, losses);
    s390(source, made);
    Ok(())
}

/// Writes which card it is, and which hardware address it is given.
///
/// # Errors
/// One is not valid: of a keyfile NetworkManager would drop the line, and take it for any card.
pub(super) fn addresses(
    source: &Source<'_>,
    group: &'static str,
    made: &mut Made,
) -> Result<(), Cannot> {
    let mac = |key: &str| source.text(key).map(str::trim);
    if let Some(address) = mac("HWADDR").filter(|address| !address.is_empty()) {
        MacAddress::parse(address).ok_or_else(|| refused(source, "HWADDR"))?;
        let line = source.line("HWADDR");
        made.set(group, "mac-address", canonical(address), line);
    }
    if let Some(address) = mac("MACADDR") {
        if MacAddress::parse(address).is_none() && !MADE_UP.contains(&address) {
            return Err(refused(source, "MACADDR"));
        }
        let line = source.line("MACADDR");
        made.set(group, "cloned-mac-address", canonical(address), line);
    }
    if let Some(list) = source.text("HWADDR_BLACKLIST") {
        let words = list.split_ascii_whitespace();
        let valid = words.filter(|word| MacAddress::parse(word).is_some());
        let addresses: Vec<String> = valid.map(canonical).collect();
        let items = addresses.iter().map(String::as_str);
        let line = source.line("HWADDR_BLACKLIST");
        made.list(group, "mac-address-blacklist", items, line);
    }
    Ok(())
}

/// What stands in the place of a hardware address: nm-settings-keyfile(5), `cloned-mac-address`.
const MADE_UP: &[&str] = &["permanent", "preserve", "random", "stable", "stable-ssid"];

/// Returns a hardware address as NetworkManager writes it; a word such as `permanent` stays.
pub(super) fn canonical(text: &str) -> String {
    let address = MacAddress::parse(text);
    address.map_or_else(
        || text.to_owned(),
        |address| address.to_string().to_ascii_uppercase(),
    )
}

/// Decimal, or hexadecimal behind `0x`, or octal behind `0`.
pub(super) fn any_base(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => i64::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

/// Writes the MTU.
pub(super) fn mtu(
    source: &Source<'_>,
    group: &'static str,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) {
    let Some(text) = source.text("MTU") else {
        return;
    };
    match any_base(text).filter(|mtu| (0..=65_535).contains(mtu)) {
        Some(0) => {}
        Some(mtu) => made.set(group, "mtu", mtu.to_string(), source.line("MTU")),
        None => losses.push(not_valid(source, "MTU")),
    }
}

fn s390(source: &Source<'_>, made: &mut Made) {
    if let Some(channels) = source.text("SUBCHANNELS") {
        let line = source.line("SUBCHANNELS");
        made.list("ethernet", "s390-subchannels", channels.split(','), line);
    }
    if let Some(kind) = source.text("NETTYPE") {
        made.set("ethernet", "s390-nettype", kind, source.line("NETTYPE"));
    }
    const GROUP: &str = "ethernet-s390-options";
    for (key, name) in [("PORTNAME", "portname"), ("CTCPROT", "ctcprot")] {
        if let Some(text) = source.text(key) {
            made.set(GROUP, name, text, source.line(key));
        }
    }
    let options = source.text("OPTIONS").unwrap_or_default();
    let options = options.split_ascii_whitespace();
    for (name, text) in options.filter_map(|option| option.split_once('=')) {
        made.set(GROUP, name, text, source.line("OPTIONS"));
    }
}
