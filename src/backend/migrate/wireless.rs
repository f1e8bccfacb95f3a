//! `[wifi]`.
//!
//! Source: `make_wireless_setting()` in nms-ifcfg-rh-reader.c, `_normalize_wireless_mac_address_randomization()` in
//! nm-connection.c (run).

use super::made::Made;
use super::own::Own;
use super::plain::{self, Row};
use super::source::Source;
use super::turn::{bit, text, yes_is_true};
use super::{Cannot, Loss, card, refused, wireless_security};
use crate::backend::ifcfg::ssid;
use crate::doc::keyfile::value;
use crate::host::value::MacAddress;

const GROUP: &str = "wifi";

const ROWS: &[Row] = &[
    Row("AP_ISOLATION", GROUP, "ap-isolation", bit),
    Row(
        "GENERATE_MAC_ADDRESS_MASK",
        GROUP,
        "generate-mac-address-mask",
        text,
    ),
    Row("SSID_HIDDEN", GROUP, "hidden", yes_is_true),
];

/// The last channel of 2.4 GHz.
const LAST_BG: i64 = 14;

/// The channels of 5 GHz that NetworkManager knows (run).
const OF_A: &[i64] = &[
    16, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 56, 58, 60, 64, 100, 104, 108, 112, 116, 120, 124,
    128, 132, 136, 140, 149, 152, 153, 157, 160, 161, 165, 183, 184, 185, 187, 188, 192, 196,
];

/// The highest number of a channel, that of 6 GHz.
const LAST: i64 = 233;

/// Writes `[wifi]` and how the network is secured.
///
/// # Errors
/// NetworkManager refuses the file.
pub(super) fn write(own: &Own<'_>, made: &mut Made, losses: &mut Vec<Loss>) -> Result<(), Cannot> {
    let source = &own.source;
    made.group(GROUP);
    card::addresses(source, GROUP, made)?;
    plain::write(ROWS, source, made, losses);
    network(source, made)?;
    let is_adhoc = mode(source, made)?;
    if let Some(address) = source.text("BSSID") {
        let found = MacAddress::parse(address.trim());
        let address = found.ok_or_else(|| refused(source, "BSSID"))?;
        let address = address.to_string().to_ascii_uppercase();
        made.set(GROUP, "bssid", address, source.line("BSSID"));
    }
    channel(source, made)?;
    mtu(source, made)?;
    power(source, made)?;
    randomization(source, made)?;
    wireless_security::write(own, is_adhoc, made, losses)
}

fn network(source: &Source<'_>, made: &mut Made) -> Result<(), Cannot> {
    let bytes = ssid(source.text("ESSID").unwrap_or(""));
    if bytes.is_empty() || bytes.len() > 32 {
        return Err(refused(source, "ESSID"));
    }
    let is_text = bytes
        .iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let raw = match std::str::from_utf8(&bytes) {
        Ok(text) if is_text => value::escape(&text.replace(';', "\\;")),
        Ok(_) | Err(_) => bytes.iter().map(|byte| format!("{byte};")).collect(),
    };
    made.raw(GROUP, "ssid", raw, source.line("ESSID"));
    Ok(())
}

/// Writes the mode, and returns whether stations talk to one another without an access point.
fn mode(source: &Source<'_>, made: &mut Made) -> Result<bool, Cannot> {
    let Some(word) = source.text("MODE") else {
        return Ok(false);
    };
    let mode = match word.to_ascii_lowercase().as_str() {
        "ad-hoc" => "adhoc",
        "ap" => "ap",
        "managed" | "auto" => "infrastructure",
        _ => return Err(refused(source, "MODE")),
    };
    made.set(GROUP, "mode", mode, source.line("MODE"));
    Ok(mode == "adhoc")
}

fn channel(source: &Source<'_>, made: &mut Made) -> Result<(), Cannot> {
    let number = match source.text("CHANNEL") {
        Some(_) => {
            let number = source.number("CHANNEL", 1, LAST);
            Some(number.ok_or_else(|| refused(source, "CHANNEL"))?)
        }
        None => None,
    };
    let (band, line) = match (source.text("BAND"), number) {
        (Some("bg"), Some(number)) if number > LAST_BG => return Err(refused(source, "BAND")),
        (Some("a"), Some(number)) if !OF_A.contains(&number) => {
            return Err(refused(source, "BAND"));
        }
        (Some(band @ ("a" | "bg" | "6GHz")), _) => (band, source.line("BAND")),
        (Some(_), _) => return Err(refused(source, "BAND")),
        (None, None) => return Ok(()),
        (None, Some(..=LAST_BG)) => ("bg", source.line("CHANNEL")),
        (None, Some(number)) if OF_A.contains(&number) => ("a", source.line("CHANNEL")),
        (None, Some(_)) => return Err(refused(source, "CHANNEL")),
    };
    made.set(GROUP, "band", band, line);
    if let Some(number) = number {
        let line = source.line("CHANNEL");
        made.set(GROUP, "channel", number.to_string(), line);
    }
    Ok(())
}

fn mtu(source: &Source<'_>, made: &mut Made) -> Result<(), Cannot> {
    if source.text("MTU").is_none() {
        return Ok(());
    }
    match source.number("MTU", 0, 50_000) {
        Some(0) => {}
        Some(mtu) => made.set(GROUP, "mtu", mtu.to_string(), source.line("MTU")),
        None => return Err(refused(source, "MTU")),
    }
    Ok(())
}

fn power(source: &Source<'_>, made: &mut Made) -> Result<(), Cannot> {
    let number = match source.any("POWERSAVE") {
        None | Some("default") => return Ok(()),
        Some("ignore") => "1",
        Some("disable" | "no") => "2",
        Some("enable" | "yes") => "3",
        Some(_) => return Err(refused(source, "POWERSAVE")),
    };
    made.set(GROUP, "powersave", number, source.line("POWERSAVE"));
    Ok(())
}

/// Writes whether the hardware address is made up: two keys say so, and agree.
fn randomization(source: &Source<'_>, made: &mut Made) -> Result<(), Cannot> {
    const KEY: &str = "MAC_ADDRESS_RANDOMIZATION";
    let said = match source.any(KEY) {
        None | Some("default") => None,
        Some("never") => Some(("1", "permanent")),
        Some("always") => Some(("2", "random")),
        Some(_) => return Err(refused(source, KEY)),
    };
    let line = source.line(KEY);
    let number = match made.get(GROUP, "cloned-mac-address") {
        Some("random") => "2",
        Some("permanent") => "1",
        Some(_) => return Ok(()),
        None => {
            let Some((number, word)) = said else {
                return Ok(());
            };
            made.set(GROUP, "cloned-mac-address", word, line);
            number
        }
    };
    let line = line.or_else(|| source.line("MACADDR"));
    made.set(GROUP, "mac-address-randomization", number, line);
    Ok(())
}
