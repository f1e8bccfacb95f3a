//! The typed view of the layer-3 settings of an ifcfg file, and its spelling for new ones.
//!
//! Source: initscripts' network-functions (`expand_config`: indices none, 0, 1, 2 … to the first hole after 1) and
//! nms-ifcfg-rh-reader.c (a missing mask is that of the address class, `Invalid IP4 prefix`; IPv6 defaults to /64).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use super::layout::layout;
use super::text::{Role, Setting, Text};
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Addressing, Method, Profile};
use crate::host::spot::Said;
use crate::host::value::IpNet;
use crate::tree::HostPath;

/// Returns what the settings say.
pub(super) fn read(settings: &[Setting], file: &HostPath) -> Addressing {
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
    let (mut addresses, mut not_valid) = v4(&find, file);
    for key in ["IPV6ADDR", "IPV6ADDR_SECONDARIES"] {
        let line = find(key).map_or(0, |setting| setting.line);
        for text in literal(key).unwrap_or("").split_whitespace() {
            match address_v6(text) {
                Some(address) => addresses.push(address),
                None => not_valid.push(Said::at(text.to_owned(), file, line)),
            }
        }
    }
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
        not_valid,
    }
}

/// Returns the IPv4 addresses, and the text of those that are not valid; what only a shell knows is in neither.
fn v4<'s>(
    find: &dyn Fn(&str) -> Option<&'s Setting>,
    file: &HostPath,
) -> (Vec<IpNet>, Vec<Said<String>>) {
    let (mut addresses, mut not_valid) = (Vec::new(), Vec::new());
    let raw = |setting: &'s Setting| setting.value.as_ref().map(|value| value.raw());
    let indices = (0..=255).map(|n: u8| n.to_string());
    for index in [String::new()].into_iter().chain(indices) {
        let set = |key: &str| {
            let setting = find(&format!("{key}{index}"))?;
            (raw(setting) != Some("")).then_some(setting)
        };
        let Some(address) = set("IPADDR") else {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                break;
            }
            continue;
        };
        let prefix = set("PREFIX");
        let mask = set("NETMASK").filter(|_| prefix.is_none());
        let mut settings = [Some(address), prefix, mask].into_iter().flatten();
        let line = address.line;
        let prefix_or_mask = prefix.or(mask).map_or(line, |setting| setting.line);
        let Some(address) = raw(address).filter(|_| settings.all(|s| s.value.is_some())) else {
            continue;
        };
        let (prefix, mask) = (prefix.and_then(raw), mask.and_then(raw));
        let written = || match prefix.or(mask) {
            Some(mask) => format!("{address}/{mask}"),
            None => address.to_owned(),
        };
        match address_v4(address, prefix, mask) {
            Some(net) => addresses.push(net),
            None => {
                let wrong = match address.parse::<Ipv4Addr>() {
                    Ok(_) => prefix_or_mask,
                    Err(_) => line,
                };
                not_valid.push(Said::at(written(), file, wrong));
            }
        }
    }
    (addresses, not_valid)
}

fn method(value: Option<&str>) -> Method {
    match value.map(str::to_ascii_lowercase).as_deref() {
        Some("dhcp" | "bootp") => Method::Dhcp,
        Some("none" | "static" | "") => Method::Manual,
        Some(other) => Method::Other(other.to_owned()),
        None => Method::Other("shell code".to_owned()),
    }
}

/// Returns the address with its prefix length, else that of its mask, and only where it has neither that of its class; `None`
/// where one of them is not valid.
pub(in crate::backend) fn address_v4(
    address: &str,
    prefix: Option<&str>,
    mask: Option<&str>,
) -> Option<IpNet> {
    let address: Ipv4Addr = address.parse().ok()?;
    let set = |text: &&str| !text.is_empty();
    let prefix = match (prefix.filter(set), mask.filter(set)) {
        (Some(prefix), _) => prefix.parse().ok()?,
        (None, Some(mask)) => ipnet::ipv4_mask_to_prefix(mask.parse().ok()?).ok()?,
        (None, None) => match address.octets()[0] {
            0..=127 => 8,
            128..=191 => 16,
            _ => 24,
        },
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Addressing {
        let placed = layout(&ShellDoc::parse(text), "eth0").into_iter();
        let settings: Vec<Setting> = placed.map(|placed| placed.setting).collect();
        read(&settings, &HostPath::literal("/ifcfg"))
    }

    #[test]
    fn a_mask_that_is_not_valid_is_never_that_of_the_class() {
        for (text, valid, not_valid) in [
            ("IPADDR=10.0.0.2\n", "10.0.0.2/8", ""),
            ("IPADDR=10.0.0.2\nPREFIX=\n", "10.0.0.2/8", ""),
            (
                "IPADDR=10.0.0.2\nPREFIX=\nNETMASK=255.255.255.0\n",
                "10.0.0.2/24",
                "",
            ),
            (
                "IPADDR=10.0.0.2\nPREFIX=16\nNETMASK=255.255.255.0\n",
                "10.0.0.2/16",
                "",
            ),
            (
                "IPADDR=10.0.0.2\nPREFIX=255.255.255.0\n",
                "",
                "10.0.0.2/255.255.255.0",
            ),
            (
                "IPADDR=10.0.0.2\nPREFIX=33\nNETMASK=255.255.255.0\n",
                "",
                "10.0.0.2/33",
            ),
            (
                "IPADDR=10.0.0.2\nNETMASK=255.255.225.0\n",
                "",
                "10.0.0.2/255.255.225.0",
            ),
            (
                "IPADDR=10.0.0.2\nNETMASK=255.255.255\n",
                "",
                "10.0.0.2/255.255.255",
            ),
            ("IPADDR=10.0.0.300\nPREFIX=24\n", "", "10.0.0.300/24"),
            ("IPADDR=10.0.0.2/24\n", "", "10.0.0.2/24"),
            ("IPV6ADDR=2001:db8::1::2/64\n", "", "2001:db8::1::2/64"),
            ("IPADDR=10.0.0.2\nPREFIX=$p\n", "", ""),
        ] {
            let found = read_text(text);
            let valid_found: Vec<String> =
                found.addresses.iter().map(ToString::to_string).collect();
            assert_eq!(valid_found.join(" "), valid, "{text}");
            let said: Vec<&str> = found
                .not_valid
                .iter()
                .map(|said| said.value.as_str())
                .collect();
            assert_eq!(said.join(" "), not_valid, "{text}");
            assert!(!found.is_empty(), "{text}");
        }
    }

    #[test]
    fn further_addresses_behind_one_that_is_not_valid_are_read() {
        let found = read_text(
            "IPADDR=10.0.0.300\nIPADDR1=$x\nIPADDR2=10.0.2.2\nPREFIX2=24\nIPADDR4=10.0.4.2\n",
        );
        assert_eq!(found.addresses, ["10.0.2.2/24".parse().unwrap()]);
        assert!(found.shell);
    }
}
