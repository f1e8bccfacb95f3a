//! A value of a keyfile that NetworkManager drops.

use std::net::IpAddr;

use super::document::{Keyfile, taken};
use super::known::ETHERNET;
use crate::doc::keyfile::{Pair, value};
use crate::host::value::MacAddress;
use crate::lint::{Check, Finding, Place, Rule, Severity, Sight};
use crate::readers::refused::BOND_MODES as MODES;

pub(in crate::lint) static RULE: Rule = Rule {
    name: "keyfile-value",
    severity: Severity::Warning,
    readers: &[],
    finds: "A value of a keyfile that is not what its key must be, and that NetworkManager drops: a name server, a mode, a number.",
    why: "The setting has its default: the bond is balance-rr, there is no name server, the card is any one. NetworkManager says so in\nits log alone.",
    example: "
[ipv4]
dns=192.168.50.1,8.8.8.8
[bond]
mode=lacp",
    remedy: "Write a value of the form that is named.",
    source: "nm-keyfile.c of NetworkManager (ip_address_or_route_parser(), ip_dns_parser(), mac_address_parser(), each run with 1.42),\nnm-setting-bond.c",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let found = taken(&sight.keyfiles).flat_map(|keyfile| {
        let pairs = keyfile.doc.in_force();
        let found = pairs.filter_map(|pair| finding(keyfile, pair));
        found.collect::<Vec<_>>()
    });
    found.collect()
}

fn finding(keyfile: &Keyfile<'_>, pair: &Pair) -> Option<Finding> {
    let value = value::unescape(keyfile.doc.raw(pair));
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    let (what, help) = fault(&pair.group, &pair.key, value)?;
    let Pair { group, key, .. } = pair;
    let message = format!("NetworkManager drops `{key}` in [{group}]: {what}");
    let found = RULE.finding(format!("{} {key}", keyfile.path), message);
    Some(found.at(Place::line(keyfile.path, pair.line)).help(help))
}

/// Numbers: the group, the key, the least and the largest. Source: nm-setting-*.c, `g_param_spec_*()`.
const NUMBERS: &[(&str, &str, i64, i64)] = &[
    ("bond", "arp_interval", 0, i32::MAX as i64),
    ("bond", "downdelay", 0, i32::MAX as i64),
    ("bond", "miimon", 0, i32::MAX as i64),
    ("bond", "min_links", 0, i32::MAX as i64),
    ("bond", "num_grat_arp", 0, 255),
    ("bond", "updelay", 0, i32::MAX as i64),
    ("bridge", "ageing-time", 0, 1_000_000),
    ("bridge", "forward-delay", 0, 30),
    ("bridge", "hello-time", 0, 10),
    ("bridge", "max-age", 0, 40),
    ("bridge", "priority", 0, 65_535),
    ("bridge-port", "path-cost", 0, 65_535),
    ("bridge-port", "priority", 0, 63),
    ("connection", "autoconnect-priority", -999, 999),
    ("connection", "autoconnect-retries", -1, i32::MAX as i64),
    ("ethernet", "mtu", 0, u32::MAX as i64),
    ("ipv4", "dhcp-timeout", 0, i32::MAX as i64),
    ("ipv4", "dns-priority", i32::MIN as i64, i32::MAX as i64),
    ("ipv4", "route-metric", -1, u32::MAX as i64),
    ("ipv4", "route-table", 0, u32::MAX as i64),
    ("vlan", "id", 0, 4_094),
];

/// What is wrong, and what to write.
type Fault = (String, String);

fn fault(group: &str, key: &str, value: &str) -> Option<Fault> {
    let group = match group {
        "ipv6" => "ipv4",
        card if ETHERNET.contains(&card) => "ethernet",
        other => other,
    };
    if let Some((.., least, most)) = NUMBERS.iter().find(|row| (row.0, row.1) == (group, key)) {
        let valid = value
            .parse::<i64>()
            .is_ok_and(|number| (*least..=*most).contains(&number));
        let most = if *most >= i64::from(i32::MAX) {
            "on".to_owned()
        } else {
            format!("to {most}")
        };
        return (!valid).then(|| {
            (
                format!("`{value}` is no number from {least} {most}"),
                format!("write {key}=NUMBER, or delete the line"),
            )
        });
    }
    let numbered = key.trim_end_matches(|c: char| c.is_ascii_digit());
    match (group, numbered) {
        ("bond", "mode") => mode(value),
        ("ethernet" | "bridge", "mac-address" | "cloned-mac-address") => mac(key, value),
        ("ipv4", "dns") => dns(value),
        ("ipv4", "address" | "route") => address(key, value),
        ("ipv4", "routing-rule") => routing_rule(key, value),
        _ => None,
    }
}

fn mode(value: &str) -> Option<Fault> {
    let number = value
        .parse::<usize>()
        .is_ok_and(|number| number < MODES.len());
    (!number && !MODES.contains(&value)).then(|| {
        let list = MODES.join(", ");
        (
            format!("bonds have no mode `{value}`"),
            format!("write mode= with one of: {list}"),
        )
    })
}

/// Words in the place of an address. Source: nm-settings(5).
const MADE: &[&str] = &["permanent", "preserve", "random", "stable", "stable-ssid"];

fn mac(key: &str, value: &str) -> Option<Fault> {
    let made = key == "cloned-mac-address" && MADE.contains(&value);
    let octets = value.replace('-', ":");
    // integers with `;` between them, as older versions wrote
    let integers = value.contains(';');
    let valid =
        made || integers || MacAddress::parse(&octets).is_some() || octets.split(':').count() == 20;
    (!valid).then(|| {
        (
            format!("`{value}` is no hardware address"),
            format!("write {key}=52:54:00:12:34:56, or delete the line"),
        )
    })
}

fn dns(value: &str) -> Option<Fault> {
    let bad = value
        .split(';')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .find(|word| {
            let address = word.split(['#', '%']).next().unwrap_or(word);
            address.parse::<IpAddr>().is_err() && !word.contains("://") && !word.starts_with('[')
        })?;
    let help = match bad
        .split([',', ' '])
        .all(|word| word.is_empty() || word.parse::<IpAddr>().is_ok())
    {
        true => format!(
            "write dns={}",
            bad.split([',', ' '])
                .filter(|w| !w.is_empty())
                .map(|w| format!("{w};"))
                .collect::<String>()
        ),
        false => "write addresses with `;` between them".to_owned(),
    };
    Some((format!("`{bad}` is no address"), help))
}

/// An address and its length, then maybe a gateway behind a comma: nothing else.
fn address(key: &str, value: &str) -> Option<Fault> {
    let first = value.split([',', ';']).next().unwrap_or(value).trim();
    if first.contains([' ', '#']) {
        let plain = first.split([' ', '#']).next().unwrap_or(first);
        let why = format!("`{first}` has something behind the address");
        return Some((
            why,
            format!(
                "write {key}={plain}, a gateway behind a comma, and comments on lines of their own"
            ),
        ));
    }
    let (address, length) = first.split_once('/')?;
    let mask: std::net::Ipv4Addr = length.parse().ok()?;
    let length = ipnet::ipv4_mask_to_prefix(mask).ok()?;
    Some((
        format!("`{first}` has a mask, and it takes a length alone"),
        format!("write {key}={address}/{length}"),
    ))
}

fn routing_rule(key: &str, value: &str) -> Option<Fault> {
    let known = ["priority", "prio", "pref", "preference", "order"];
    let said = value
        .split_ascii_whitespace()
        .any(|word| known.contains(&word));
    (!said).then(|| {
        (
            "the rule has no priority".to_owned(),
            format!("write {key}=priority 100 {value}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_networkmanager_drops_is_told() {
        // each was shown to NetworkManager 1.42
        for (group, key, value, dropped) in [
            ("ipv4", "dns", "192.168.1.1,8.8.8.8", true),
            ("ipv4", "dns", "192.168.1.1;dns.example;", true),
            ("ipv4", "dns", "192.168.1.1;8.8.8.8;", false),
            ("ipv4", "dns", "1.1.1.1#dns.x;", false),
            ("bond", "mode", "lacp", true),
            ("bond", "mode", "4", false),
            ("bond", "miimon", "x", true),
            ("vlan", "id", "4099", true),
            ("bridge", "priority", "70000", true),
            ("bridge", "forward-delay", "99", true),
            ("bridge", "forward-delay", "15", false),
            ("802-3-ethernet", "mtu", "9k", true),
            ("ethernet", "mtu", "9000", false),
            ("ethernet", "mac-address", "00:11:22:33:44", true),
            ("ethernet", "cloned-mac-address", "auto", true),
            ("ethernet", "cloned-mac-address", "stable", false),
            ("bridge", "mac-address", "x", true),
            ("ipv6", "route-metric", "low", true),
            ("ipv4", "dns-priority", "-50", false),
            ("ipv4", "address1", "192.0.2.7/24 # primary", true),
            ("ipv4", "address1", "192.0.2.7/255.255.255.0", true),
            ("ipv4", "address1", "192.0.2.7/24,192.0.2.1", false),
            ("ipv4", "route1", "10.8.0.0/16 10.0.0.1", true),
            ("ipv4", "route1", "10.8.1.1/16,10.0.0.1,5", false),
            ("ipv4", "routing-rule1", "from 10.0.0.0/8 table 200", true),
            (
                "ipv4",
                "routing-rule1",
                "priority 5 from 10.0.0.0/8 table 200",
                false,
            ),
            ("connection", "autoconnect-priority", "high", true),
            ("user", "dns", "x", false),
        ] {
            let found = fault(group, key, value);
            assert_eq!(
                found.is_some(),
                dropped,
                "[{group}] {key}={value}: {found:?}"
            );
        }
    }
}
