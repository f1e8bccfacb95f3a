//! The typed view of the layer-3 settings of an ifcfg file, and its spelling for new ones.
//!
//! Source: initscripts' network-functions (`expand_config`: indices none, 0, 1, 2 … to the first hole after 1) and
//! nms-ifcfg-rh-reader.c (a missing mask is that of the address class; IPv6 defaults to /64).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use super::layout::layout;
use super::text::{Role, Setting, Text};
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Addressing, Method, Profile};
use crate::host::value::IpNet;

/// Returns what the settings say.
pub(super) fn read(settings: &[Setting]) -> Addressing {
    // the last one holds
    let last: HashMap<&str, &Setting> = settings.iter().map(|s| (s.key.as_str(), s)).collect();
    let find = |key: &str| last.get(key).copied();
    let literal = |key: &str| {
        find(key)
            .and_then(|setting| setting.value.as_ref())
            .map(|value| value.raw())
    };
    let method = match find("BOOTPROTO") {
        Some(setting) => method(setting.value.as_ref().map(|value| value.raw())),
        None => Method::Manual,
    };
    let mut addresses = Vec::new();
    for index in ["".to_owned()]
        .into_iter()
        .chain((0..=255).map(|n| n.to_string()))
    {
        let Some(address) = literal(&format!("IPADDR{index}")) else {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                break;
            }
            continue;
        };
        let (prefix, mask) = (
            literal(&format!("PREFIX{index}")),
            literal(&format!("NETMASK{index}")),
        );
        addresses.extend(address_v4(address, prefix, mask));
    }
    let secondaries = literal("IPV6ADDR_SECONDARIES")
        .unwrap_or("")
        .split_whitespace();
    addresses.extend(
        literal("IPV6ADDR")
            .into_iter()
            .chain(secondaries)
            .filter_map(address_v6),
    );
    let numbered = (0..10).filter_map(|n| literal(&format!("GATEWAY{n}")));
    let gateway_v6 =
        literal("IPV6_DEFAULTGW").map(|gateway| gateway.split('%').next().unwrap_or(gateway));
    let gateways = literal("GATEWAY")
        .into_iter()
        .chain(numbered)
        .chain(gateway_v6);
    let shell = |setting: &Setting| setting.role == Role::Address && setting.value.is_none();
    Addressing {
        shell: settings.iter().any(shell),
        method,
        addresses,
        gateways: gateways.filter_map(|text| text.parse().ok()).collect(),
        dns: (1..10)
            .filter_map(|n| literal(&format!("DNS{n}"))?.parse().ok())
            .collect(),
    }
}

fn method(value: Option<&str>) -> Method {
    match value.map(str::to_ascii_lowercase).as_deref() {
        Some("dhcp" | "bootp") => Method::Dhcp,
        Some("none" | "static" | "") => Method::Manual,
        Some(other) => Method::Other(other.to_owned()),
        None => Method::Other("shell code".to_owned()),
    }
}

/// Returns the address with its prefix length, else that of its mask, else that of its class.
pub(in crate::backend) fn address_v4(
    address: &str,
    prefix: Option<&str>,
    mask: Option<&str>,
) -> Option<IpNet> {
    let address: Ipv4Addr = address.parse().ok()?;
    let from_mask = || ipnet::ipv4_mask_to_prefix(mask?.parse().ok()?).ok();
    let of_class = match address.octets()[0] {
        0..=127 => 8,
        128..=191 => 16,
        _ => 24,
    };
    let prefix = prefix
        .and_then(|text| text.parse().ok())
        .or_else(from_mask)
        .unwrap_or(of_class);
    IpNet::new(IpAddr::V4(address), prefix).ok()
}

fn address_v6(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| IpNet::new(IpAddr::V6(text.parse().ok()?), 64).ok())
}

/// Returns the text with the settings that are spelled for what it does not say.
pub(super) fn spelled(profile: &Profile, mut text: Text) -> Text {
    let lines = spell(&profile.layer3.addressing, &text.settings);
    let doc = ShellDoc::parse(&(lines.join("\n") + "\n"));
    let spelled = layout(&doc, profile.interface.as_str()).into_iter();
    text.settings.extend(spelled.map(|placed| placed.setting));
    text
}

/// Returns the lines that say what no setting of `settings` spells.
pub(super) fn spell(addressing: &Addressing, settings: &[Setting]) -> Vec<String> {
    let spells = |role| settings.iter().any(|setting| setting.role == role);
    let mut lines = Vec::new();
    if !spells(Role::Address) {
        lines.push(match &addressing.method {
            Method::Dhcp => "BOOTPROTO=dhcp".to_owned(),
            Method::Manual | Method::Unread | Method::Off | Method::Auto | Method::Other(_) => {
                "BOOTPROTO=none".to_owned()
            }
        });
        spell_v4(addressing, &mut lines);
        spell_v6(addressing, spells(Role::Ipv6), &mut lines);
    }
    if !spells(Role::Dns) {
        lines.extend(
            addressing
                .dns
                .iter()
                .enumerate()
                .map(|(n, server)| format!("DNS{}={server}", n + 1)),
        );
    }
    lines
}

fn spell_v4(addressing: &Addressing, lines: &mut Vec<String>) {
    let v4 = addressing
        .addresses
        .iter()
        .filter(|net| net.addr().is_ipv4());
    for (n, net) in v4.enumerate() {
        let index = if n == 0 { String::new() } else { n.to_string() };
        lines.push(format!("IPADDR{index}={}", net.addr()));
        lines.push(format!("PREFIX{index}={}", net.prefix_len()));
    }
    lines.extend(
        addressing
            .gateways
            .iter()
            .filter(|ip| ip.is_ipv4())
            .map(|ip| format!("GATEWAY={ip}")),
    );
}

fn spell_v6(addressing: &Addressing, init_is_set: bool, lines: &mut Vec<String>) {
    let v6: Vec<String> = addressing
        .addresses
        .iter()
        .filter(|n| n.addr().is_ipv6())
        .map(ToString::to_string)
        .collect();
    let [first, others @ ..] = v6.as_slice() else {
        return;
    };
    if !init_is_set {
        lines.extend(["IPV6INIT=yes".to_owned(), "IPV6_AUTOCONF=no".to_owned()]);
    }
    lines.push(format!("IPV6ADDR={first}"));
    if !others.is_empty() {
        lines.push(format!("IPV6ADDR_SECONDARIES=\"{}\"", others.join(" ")));
    }
    lines.extend(
        addressing
            .gateways
            .iter()
            .filter(|ip| ip.is_ipv6())
            .map(|ip| format!("IPV6_DEFAULTGW={ip}")),
    );
}
