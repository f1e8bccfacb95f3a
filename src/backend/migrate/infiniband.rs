//! `[infiniband]`.
//!
//! Source: `make_infiniband_setting()` in nms-ifcfg-rh-reader.c (run); ifup-ib of rdma-core.

use super::made::Made;
use super::source::Source;
use super::{Cannot, Loss, card, refused};
use crate::backend::ifcfg::Reader;

const GROUP: &str = "infiniband";

/// The bit of a P_Key that says that the port is a full member, which ifup-ib always sets.
const FULL_MEMBER: i64 = 0x8000;

/// The longest frame in either mode: NetworkManager takes a longer one for it.
const LONGEST: i64 = 65_520;

/// Writes `[infiniband]`.
///
/// # Errors
/// The P_Key or the port is not known.
pub(super) fn write(
    source: &Source<'_>,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) -> Result<(), Cannot> {
    card::mtu(source, GROUP, made, losses);
    if let Some(mtu) = source.number("MTU", LONGEST + 1, 65_535) {
        made.set(
            GROUP,
            "mtu",
            mtu.min(LONGEST).to_string(),
            source.line("MTU"),
        );
    }
    if let Some(address) = source.text("HWADDR") {
        let address = address.trim().to_ascii_uppercase();
        let is_byte = |byte: &str| byte.len() == 2 && u8::from_str_radix(byte, 16).is_ok();
        if address.split(':').count() != 20 || !address.split(':').all(is_byte) {
            return Err(refused(source, "HWADDR"));
        }
        made.set(GROUP, "mac-address", address, source.line("HWADDR"));
    }
    let mode = match source.boolean("CONNECTED_MODE") {
        Some(true) => "connected",
        Some(false) | None => "datagram",
    };
    let line = source.line("CONNECTED_MODE");
    made.set(GROUP, "transport-mode", mode, line);
    match source.boolean("PKEY") {
        Some(true) => partition(source, made),
        Some(false) | None => Ok(()),
    }
}

fn partition(source: &Source<'_>, made: &mut Made) -> Result<(), Cannot> {
    let cannot = |key: &str, why: &str| {
        let line = source.line(key).or_else(|| source.line("PKEY"));
        Cannot::new(why).at(source.path, line)
    };
    let parent = source.text("PHYSDEV");
    let parent = parent.ok_or_else(|| cannot("PHYSDEV", "it has PKEY and no PHYSDEV"))?;
    let keys = ["PKEY_ID_NM", "PKEY_ID"];
    let found = keys
        .into_iter()
        .find_map(|key| Some((key, source.text(key)?)));
    let (key, text) = found.ok_or_else(|| cannot("PKEY_ID", "it has PKEY and no PKEY_ID"))?;
    let number = card::any_base(text).filter(|number| (0..=0xFFFF).contains(number));
    let number = number.ok_or_else(|| cannot(key, "its PKEY_ID is not valid"))?;
    if number & !FULL_MEMBER == 0 {
        return Err(cannot(key, "its PKEY_ID is not valid"));
    }
    let called = |number: i64| format!("{parent}.{number:04x}");
    let device = source.text("DEVICE");
    let full = number | FULL_MEMBER;
    let by_scripts = source.reader == Reader::NetworkScripts;
    // before version 1.44 NetworkManager took the number as it is, and its keyfiles say it with the bit
    let number = match device {
        _ if by_scripts => full,
        Some(device) if device == called(full) => full,
        Some(_) | None => number,
    };
    if device.is_some_and(|device| device != called(number)) {
        let why = format!("a port with this PKEY_ID is called {}", called(number));
        return Err(cannot("DEVICE", &why));
    }
    made.set(GROUP, "p-key", number.to_string(), source.line(key));
    made.set(GROUP, "parent", parent, source.line("PHYSDEV"));
    Ok(())
}
