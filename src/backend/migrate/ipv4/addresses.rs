//! The addresses of an ifcfg file, in the reading of the program that has it.
//!
//! Source: `read_full_ip4_address()` and `read_aliases()` in nms-ifcfg-rh-reader.c, `expand_config()` in network-functions.

use std::net::{IpAddr, Ipv4Addr};

use super::super::Cannot;
use super::super::loss::{Loss, Weight};
use super::super::made::Line;
use super::super::own::Own;
use super::aliases::unread;
use crate::backend::ifcfg::address_v4;
use crate::host::layer3::{About, Method};
use crate::host::value::IpNet;
use crate::tree::HostPath;

/// An address, and where it stands.
pub(super) type At = (IpNet, Option<Line>);

/// Returns the addresses, those of aliases last.
pub(super) fn addresses(own: &Own<'_>, losses: &mut Vec<Loss>) -> Result<Vec<At>, Cannot> {
    let source = &own.source;
    let layer3 = &own.profile.layer3;
    let asks_only = own.by_scripts() && source.reader.method(bootproto(own), true) == Method::Dhcp;
    let mut found = match (asks_only, own.by_scripts()) {
        // ifup-eth asks for an address, or sets those of the file: NetworkManager does both
        (true, _) => Vec::new(),
        (false, true) => as_scripts_read(own)?,
        (false, false) => as_nm_reads(own)?,
    };
    let further = layer3.further.iter();
    for part in further.filter(|part| part.about == About::Addresses) {
        let number = own.number_of(&part.at);
        if let Some(why) = unread(own, &part.at) {
            losses.push(lost(&part.at, None, part.at.name(), why, Weight::Idle));
            continue;
        }
        for said in &part.addresses {
            let line = said.line();
            match said.net {
                Some(net) => found.push((net, line.map(|line| (number, line)))),
                None => {
                    let what = said.address.to_string();
                    let why = "a further address whose mask is not valid";
                    losses.push(lost(&part.at, line, &what, why, Weight::Grave));
                }
            }
        }
    }
    found.retain(|(net, _)| net.addr().is_ipv4());
    let mut seen = Vec::new();
    found.retain(|(net, _)| {
        let new = !seen.contains(net);
        seen.push(*net);
        new
    });
    Ok(found)
}

pub(super) fn lost(
    at: &HostPath,
    line: Option<u32>,
    what: &str,
    meant: &str,
    weight: Weight,
) -> Loss {
    Loss {
        at: at.clone(),
        line,
        what: what.to_owned(),
        meant: meant.to_owned(),
        instead: None,
        weight,
    }
}

pub(super) fn bootproto<'o>(own: &'o Own<'_>) -> &'o str {
    own.source.text("BOOTPROTO").unwrap_or("")
}

/// Returns the addresses that network-scripts set.
///
/// Source: `expand_config()` in network-functions (run).
pub(super) fn as_scripts_read(own: &Own<'_>) -> Result<Vec<At>, Cannot> {
    let source = &own.source;
    let mut found = Vec::new();
    for index in indices() {
        let key = |name: &str| format!("{name}{index}");
        if source.line(&key("IPADDR")).is_none() || source.any(&key("IPADDR")) == Some("") {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                break;
            }
            continue;
        }
        let (prefix, mask) = (source.text(&key("PREFIX")), source.text(&key("NETMASK")));
        // what only a shell knows is refused later on, with its line
        let Some(address) = source.text(&key("IPADDR")) else {
            continue;
        };
        let line = source.line(&key("IPADDR"));
        let net = address_v4(address, prefix, mask).ok_or_else(|| {
            let written = prefix.or(mask).map_or_else(
                || address.to_owned(),
                |length| format!("{address}/{length}"),
            );
            Cannot::new(format!("the address {written} is not valid")).at(source.path, line)
        })?;
        found.push((net, line));
    }
    Ok(found)
}

/// Returns the addresses that NetworkManager reads: without a mask of the same number that of the class counts, and a mask
/// with holes ends with its last bit.
///
/// Source: `read_full_ip4_address()` in nms-ifcfg-rh-reader.c (run).
pub(super) fn as_nm_reads(own: &Own<'_>) -> Result<Vec<At>, Cannot> {
    let source = &own.source;
    let mut found = Vec::new();
    for index in indices() {
        let key = |name: &str| format!("{name}{index}");
        let Some(text) = source.text(&key("IPADDR")) else {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                break;
            }
            continue;
        };
        let refused = |key: &str, text: &str| {
            let why = format!("{key}={text} is not valid, and NetworkManager refuses the file");
            Cannot::new(why).at(source.path, source.line(key))
        };
        let address: Ipv4Addr = text.parse().map_err(|_| refused(&key("IPADDR"), text))?;
        let length = match (source.text(&key("PREFIX")), source.text(&key("NETMASK"))) {
            (Some(text), _) => {
                let length = text.trim().parse().ok().filter(|length| *length <= 32);
                length.ok_or_else(|| refused(&key("PREFIX"), text))?
            }
            (None, Some(text)) => {
                let mask: Ipv4Addr = text.parse().map_err(|_| refused(&key("NETMASK"), text))?;
                32 - u32::from(mask).trailing_zeros().min(32)
            }
            (None, None) => match address.octets()[0] {
                0..=127 => 8,
                128..=191 => 16,
                _ => 24,
            },
        };
        let length = u8::try_from(length).unwrap_or(32);
        let net = IpNet::new(IpAddr::V4(address), length);
        found.extend(net.ok().map(|net| (net, source.line(&key("IPADDR")))));
    }
    Ok(found)
}

/// The numbers behind keys, the first of them none.
pub(super) fn indices() -> impl Iterator<Item = String> {
    let numbers = (0..=255).map(|number: u8| number.to_string());
    std::iter::once(String::new()).chain(numbers)
}
