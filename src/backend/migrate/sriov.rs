//! `[sriov]`: virtual functions of a card, which NetworkManager alone reads.
//!
//! Source: `make_sriov_setting()` in nms-ifcfg-rh-reader.c, `_nm_utils_sriov_vf_from_strparts()` (run).

use super::loss::{Loss, Weight};
use super::made::Made;
use super::options::lost_key;
use super::plain::{self, Row};
use super::source::Source;
use super::turn::{U32, number};
use super::{Cannot, refused};
use crate::host::value::MacAddress;

const GROUP: &str = "sriov";

const ROWS: &[Row] = &[
    Row("SRIOV_TOTAL_VFS", GROUP, "total-vfs", number::<0, U32, 0>),
    Row(
        "SRIOV_AUTOPROBE_DRIVERS",
        GROUP,
        "autoprobe-drivers",
        number::<-1, 1, -1>,
    ),
];

/// Writes `[sriov]`.
///
/// # Errors
/// There is a function beyond their number, and NetworkManager refuses the file.
pub(super) fn write(
    source: &Source<'_>,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    const START: &str = "SRIOV_VF";
    if ROWS.iter().any(|Row(key, ..)| source.text(key).is_some()) {
        made.group(GROUP);
    }
    plain::write(ROWS, source, made, losses);
    for key in source.begin_with(START) {
        let digits = &key[START.len()..];
        let Ok(index) = digits.parse::<u32>() else {
            continue;
        };
        let Some(text) = source.any(key) else {
            continue;
        };
        let total = source.number("SRIOV_TOTAL_VFS", 0, U32).unwrap_or(0);
        if function(text).is_some() && i64::from(index) >= total {
            return Err(refused(source, key));
        }
        match function(text) {
            Some(said) => made.set(GROUP, format!("vf.{index}"), said, source.line(key)),
            None => losses.push(lost_key(
                source,
                key,
                "a virtual function that is not valid, which NetworkManager passes over",
                Weight::Light,
            )),
        }
    }
    Ok(())
}

/// Returns what is said of a function, as NetworkManager writes it: by name, VLANs last.
fn function(text: &str) -> Option<String> {
    let mut said: Vec<(&str, &str)> = Vec::new();
    for word in text.split_ascii_whitespace() {
        let (name, value) = word.split_once('=')?;
        let value = match name {
            "mac" => MacAddress::parse(value).map(|_| value)?,
            "spoof-check" | "trust" => switch(value)?,
            "max-tx-rate" | "min-tx-rate" => value.parse::<u32>().ok().map(|_| value)?,
            "vlans" => value.split(';').all(is_vlan).then_some(value)?,
            _ => return None,
        };
        said.retain(|(other, _)| *other != name);
        said.push((name, value));
    }
    said.sort_unstable_by_key(|(name, _)| (*name == "vlans", *name));
    let said: Vec<String> = said
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Some(said.join(" "))
}

fn switch(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "1" | "y" | "yes" | "t" | "true" | "on" => Some("true"),
        "0" | "n" | "no" | "f" | "false" | "off" => Some("false"),
        _ => None,
    }
}

/// Returns whether a word is the number of a VLAN, maybe with its priority, maybe with its protocol.
fn is_vlan(word: &str) -> bool {
    let mut parts = word.split('.');
    let id = parts.next().and_then(|id| id.parse::<u32>().ok());
    let priority = parts
        .next()
        .is_none_or(|priority| priority.parse::<u32>().is_ok());
    let protocol = parts
        .next()
        .is_none_or(|protocol| matches!(protocol, "q" | "ad"));
    id.is_some_and(|id| id <= 4095) && priority && protocol && parts.next().is_none()
}
