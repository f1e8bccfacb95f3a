//! Single words of the command line as typed values; what is wrong with one is said at once.

use std::net::IpAddr;

use crate::host::network::{HostEntry, Spot, Uuid};
use crate::host::value::{IpNet, MacAddress, parse_address};
use crate::op::network::GuestEntry;

/// An interface of a guest as the user names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InterfaceArg {
    Mac(MacAddress),
    Number(usize),
}

/// Returns the subnet that `text` is, host bits kept.
pub(super) fn parse_subnet(text: &str) -> Result<IpNet, String> {
    let shown = text.escape_debug();
    let parsed = text.parse().ok().or_else(|| masked(text));
    let net: IpNet = parsed.ok_or_else(|| match text.parse::<IpAddr>() {
        Ok(address) => {
            let length = if address.is_ipv4() { 24 } else { 64 };
            format!("`{shown}` has no prefix length; write it as in `{shown}/{length}`")
        }
        Err(_) => format!("`{shown}` is not a valid subnet, such as 192.168.66.0/24"),
    })?;
    let address = net.addr();
    // every interface has link-local addresses already
    let local = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
    let special =
        address.is_multicast() || address.is_loopback() || net.network().is_unspecified() || local;
    let broadcast = address.is_ipv4() && net.prefix_len() < 31 && address == net.broadcast();
    if special || broadcast {
        return Err(format!("`{shown}` is not a subnet that guests can use"));
    }
    Ok(net)
}

/// Returns the network that an address and a netmask are, as in 192.168.66.0/255.255.255.0.
pub(super) fn masked(text: &str) -> Option<IpNet> {
    let (address, mask) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    IpNet::with_netmask(address, mask.parse().ok()?).ok()
}

/// Returns the address of an interface that `text` is, with the length of its prefix or with a netmask.
pub(super) fn parse_own_address(text: &str) -> Result<IpNet, String> {
    let masked = masked(text).map(|net| net.to_string());
    parse_address(masked.as_deref().unwrap_or(text))
}

/// Ranges of one option.
pub(super) type Ranges = Vec<(IpAddr, IpAddr)>;

/// Returns the ranges that `FIRST-LAST[,…]` is; two addresses with a comma between them are one, too.
pub(super) fn parse_ranges(text: &str) -> Result<Ranges, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    match parts[..] {
        [first, last] if first.parse::<IpAddr>().is_ok() && last.parse::<IpAddr>().is_ok() => {
            Ok(vec![parse_range(&format!("{first}-{last}"))?])
        }
        _ => parts.into_iter().map(parse_range).collect(),
    }
}

/// Returns the first and the last address of `FIRST-LAST`.
fn parse_range(text: &str) -> Result<(IpAddr, IpAddr), String> {
    let wrong = || {
        format!(
            "`{}` is not a valid range, such as 192.168.66.100-192.168.66.200",
            text.escape_debug()
        )
    };
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let first: IpAddr = first.trim().parse().map_err(|_| wrong())?;
    let last: IpAddr = last.trim().parse().map_err(|_| wrong())?;
    if first.is_ipv4() != last.is_ipv4() {
        return Err(format!(
            "{first} and {last} are of different address families"
        ));
    }
    Ok((first, last))
}

/// The longest time in which a change must be confirmed, in seconds.
const LONGEST_WAIT: u64 = 7 * 24 * 3600;

/// Returns the time that `text` is, in seconds: a number of minutes, or one with its unit.
pub(super) fn parse_time(text: &str) -> Result<u64, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "" | "m" | "min" => 60,
        "s" => 1,
        "h" => 3600,
        _ => 0,
    };
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let count = number.parse::<u64>().ok().filter(|_| digits && unit > 0);
    let shown = text.escape_debug();
    let Some(count) = count else {
        return Err(format!(
            "`{shown}` is not a time, such as 10 (minutes), 90s or 2h"
        ));
    };
    match count.checked_mul(unit) {
        Some(seconds @ 1..=LONGEST_WAIT) => Ok(seconds),
        Some(0) => Err("it must be longer than nothing, such as 10 (minutes)".to_owned()),
        Some(_) | None => Err(format!(
            "`{shown}` is more than a week: nobody waits that long"
        )),
    }
}

/// Returns the hardware address that `text` is.
pub(super) fn parse_mac(text: &str) -> Result<MacAddress, String> {
    let wrong = || {
        format!(
            "`{}` is not a valid MAC address, such as 52:54:00:12:34:56",
            text.escape_debug()
        )
    };
    let mac = MacAddress::parse(text).ok_or_else(wrong)?;
    match mac.is_multicast() || mac.is_zero() {
        true => Err(format!("{mac} is not a valid MAC address of an interface")),
        false => Ok(mac),
    }
}

/// Returns the UUID that `text` is.
pub(super) fn parse_uuid(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text).map_err(|_| format!("`{}` is not a valid UUID", text.escape_debug()))
}

/// A host entry as the user gives it.
#[derive(Clone, Debug)]
pub(super) enum HostArg {
    /// With what DHCP knows the guest by.
    Entry(HostEntry),
    /// With the name of a guest of this host.
    Guest(GuestEntry),
}

/// Returns the host entry that `MAC|GUEST=IP[,NAME]` is; for IPv6 a DUID stands in the place of the MAC address.
fn parse_host(text: &str) -> Result<HostArg, String> {
    let shown = text.escape_debug();
    let wrong = || {
        format!("`{shown}` is not a valid host entry, such as 52:54:00:12:34:56=192.168.66.10,web")
    };
    let (key, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (ip, name) = match rest.split_once(',') {
        Some((ip, name)) => (ip, Some(name)),
        None => (rest, None),
    };
    let ip: IpAddr = ip.parse().map_err(|_| wrong())?;
    let name = name.map(host_name).transpose()?;
    let (mac, id) = match (MacAddress::parse(key), key.contains(':')) {
        (Some(_), _) => (Some(parse_mac(key)?), None),
        (None, true) => (None, Some(duid(key).ok_or_else(wrong)?)),
        (None, false) => {
            let guest = parse_network(key).map_err(|_| wrong())?;
            return Ok(HostArg::Guest(GuestEntry { guest, ip, name }));
        }
    };
    Ok(HostArg::Entry(HostEntry {
        mac,
        id,
        name,
        ip: Some(ip),
        spot: Spot::default(),
    }))
}

/// Host entries of one option.
pub(super) type Hosts = Vec<HostArg>;

/// Returns the host entries that `MAC|GUEST=IP[,NAME][,…]` is: a comma before another `MAC=` parts entries.
pub(super) fn parse_hosts(text: &str) -> Result<Hosts, String> {
    let mut entries: Vec<String> = Vec::new();
    for part in text.split(',') {
        match entries.last_mut().filter(|_| !part.contains('=')) {
            Some(entry) => {
                entry.push(',');
                entry.push_str(part);
            }
            None => entries.push(part.to_owned()),
        }
    }
    entries.iter().map(|entry| parse_host(entry)).collect()
}

/// A DUID: hexadecimal bytes with `:` between them, more than a MAC address has (RFC 8415).
fn duid(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(':').collect();
    let byte =
        |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit());
    (parts.len() > 6 && parts.iter().all(byte)).then(|| text.to_ascii_lowercase())
}

/// The name of a host entry: libvirt wants a letter or digit first, dnsmasq neither white space nor a comma.
fn host_name(name: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    match name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(fine) {
        true => Ok(name.to_owned()),
        false => Err(format!(
            "`{}` is not a valid host name: it must begin with a letter or digit, and may contain letters, digits, `-`, `.` and `_`",
            name.escape_debug()
        )),
    }
}

/// Returns the DNS domain that `text` is; "" stands for none.
pub(super) fn parse_domain(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let letter = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let label = |label: &str| (1..=63).contains(&label.len()) && label.chars().all(letter);
    match text.len() <= 253 && text.split('.').all(label) && !text.starts_with('-') {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "`{}` is not a valid DNS domain, such as lab.example.com",
            text.escape_debug()
        )),
    }
}

/// Returns the model of a card that `text` is.
pub(super) fn parse_model(text: &str) -> Result<String, String> {
    // virDomainNetDefParseXML() takes letters, digits, `-` and `_`
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match !text.is_empty() && text.chars().all(fine) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "`{}` is not a valid interface model, such as virtio or e1000e",
            text.escape_debug()
        )),
    }
}

/// Returns the name of a network, which may be any text without control characters: guests may want one that is none.
pub(super) fn parse_network(text: &str) -> Result<String, String> {
    match text.is_empty() || text.contains(char::is_control) {
        true => Err(format!("`{}` is not a valid name", text.escape_debug())),
        false => Ok(text.to_owned()),
    }
}

/// Returns the interface of a guest that `MAC|NUMBER` names.
pub(super) fn parse_interface(text: &str) -> Result<InterfaceArg, String> {
    if let Some(mac) = MacAddress::parse(text) {
        return Ok(InterfaceArg::Mac(mac));
    }
    match text.parse() {
        Ok(number) if number > 0 => Ok(InterfaceArg::Number(number)),
        Ok(_) | Err(_) => Err(format!(
            "`{}` is neither a MAC address nor a number from 1",
            text.escape_debug()
        )),
    }
}
