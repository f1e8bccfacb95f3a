//! An address or mask that is not valid, such as an address with its prefix length in it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::script::Script;
use crate::backend::ifcfg::Reader;
use crate::doc::shell::Assignment;
use crate::host::value::IpNet;
use crate::lint::{BOTH, Check, Finding, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "bad-address",
    severity: Severity::Error,
    readers: BOTH,
    finds: "An `IPADDR`, `PREFIX`, `NETMASK`, `GATEWAY`, `DNS1` or `IPV6ADDR` that is not valid.",
    why: "NetworkManager refuses the whole file, and network-scripts leave the interface without the address, or put it into\nanother subnet: a prefix length is a number of bits and belongs in PREFIX, and a name server is an address.",
    example: "
IPADDR=192.168.50.20/24",
    remedy: "Write only the address, and its length as PREFIX.",
    source: "read_ip4_address() and read_full_ip4_address() in NetworkManager's nms-ifcfg-rh-reader.c (run), ifup-eth of initscripts",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    // the file of a port is read all the same, and refused
    let scripts = sight.scripts.iter().filter(|script| !script.stray);
    scripts
        .flat_map(|script| {
            let assignments = script.doc.assignments();
            assignments.filter_map(move |assignment| finding(script, assignment))
        })
        .collect()
}

fn finding(script: &Script<'_>, assignment: &Assignment) -> Option<Finding> {
    let (name, value) = (&assignment.name, assignment.value.literal()?);
    let prefix = name.strip_prefix("NETMASK");
    let prefix = prefix.and_then(|number| script.value(&format!("PREFIX{number}")));
    // NetworkManager reads no mask beside a length, and blanks around a number are none to it
    let unread = prefix.is_some_and(|length| length.parse::<u8>().is_ok_and(|n| n <= 32));
    let value = match script.reader {
        Reader::NetworkManager if unread => return None,
        Reader::NetworkManager if name.starts_with("PREFIX") => value.trim(),
        Reader::NetworkManager | Reader::NetworkScripts | Reader::Unknown => value,
    };
    let of_nm = script.reader == Reader::NetworkManager;
    if of_nm && name.starts_with("DNS") && is_named_server(value) {
        return None;
    }
    let fault = fault(name, value)?;
    let message = fault.message;
    Some(
        RULE.finding(format!("{} {name}", script.path), message)
            .at(script.place(assignment))
            .help(fault.help),
    )
}

/// Returns whether a name server is said as NetworkManager takes it beside a plain address: with the name of its certificate, or
/// as a URI.
///
/// Source: `nm_dns_uri_parse()` in NetworkManager's nm-core-utils.c, `dns` in nm-settings(5).
fn is_named_server(value: &str) -> bool {
    let (address, name) = value.split_once('#').unwrap_or((value, ""));
    let uri = ["dns+udp://", "dns+tls://"]
        .iter()
        .any(|scheme| value.starts_with(scheme));
    uri || (!name.is_empty() && address.parse::<IpAddr>().is_ok())
}

/// What is wrong with a value, and what to write.
struct Fault {
    message: String,
    help: String,
}

/// Returns what is wrong with the value of a key that holds addresses, a prefix length or a netmask.
fn fault(name: &str, value: &str) -> Option<Fault> {
    if value.is_empty() {
        return None;
    }
    match name {
        "IPV6ADDR" | "IPV6ADDR_SECONDARIES" => {
            let mut words = value.split_whitespace();
            let valid = |word: &&str| word.parse::<Ipv6Addr>().is_ok() || is_net_v6(word);
            let word = words.find(|word| !valid(word))?;
            return Some(not_an_address(name, word, "2001:db8::20/64"));
        }
        "IPV6_DEFAULTGW" => {
            let address = value.split('%').next().unwrap_or(value);
            let valid = address.parse::<Ipv6Addr>().is_ok();
            return (!valid).then(|| not_an_address(name, address, "2001:db8::1"));
        }
        _ => {}
    }
    let keys = ["IPADDR", "GATEWAY", "DNS", "PREFIX", "NETMASK"];
    let (key, index) = keys
        .iter()
        .find_map(|key| Some((*key, name.strip_prefix(key)?)))?;
    if !index.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match key {
        "PREFIX" => prefix(index, value),
        "NETMASK" => netmask(index, value),
        "IPADDR" | "GATEWAY" if value.parse::<Ipv6Addr>().is_ok() => Some(Fault {
            message: format!("`{name}` is not an IPv4 address: `{value}`"),
            help: match key {
                "GATEWAY" => format!("write IPV6_DEFAULTGW={value}"),
                _ => format!("write IPV6ADDR={value}/64"),
            },
        }),
        _ if value.parse::<IpAddr>().is_ok() => None,
        _ => Some(match value.split_once('/') {
            Some((address, prefix)) if key == "IPADDR" => Fault {
                message: format!(
                    "`{name}` has a prefix length in it, which belongs in PREFIX{index}"
                ),
                help: format!("write {name}={address} and PREFIX{index}={prefix}"),
            },
            Some(_) | None => not_an_address(name, value, "192.168.50.1"),
        }),
    }
}

fn not_an_address(name: &str, value: &str, example: &str) -> Fault {
    Fault {
        message: format!("`{name}` is not a valid address: `{value}`"),
        help: format!("write an address, such as {example}"),
    }
}

fn prefix(index: &str, value: &str) -> Option<Fault> {
    if value.parse::<u8>().is_ok_and(|length| length <= 32) {
        return None;
    }
    let length = value
        .parse()
        .ok()
        .and_then(|mask| ipnet::ipv4_mask_to_prefix(mask).ok());
    Some(Fault {
        message: format!("`PREFIX{index}` is not a prefix length: `{value}`"),
        help: match length {
            Some(length) => format!("write PREFIX{index}={length}"),
            None => format!("write the number of bits of the network, such as PREFIX{index}=24"),
        },
    })
}

/// A netmask with holes is another rule's.
fn netmask(index: &str, value: &str) -> Option<Fault> {
    if value.parse::<Ipv4Addr>().is_ok() {
        return None;
    }
    Some(Fault {
        message: format!("`NETMASK{index}` is not a netmask: `{value}`"),
        help: match value.parse::<u8>() {
            Ok(length) if length <= 32 => format!("write PREFIX{index}={length}"),
            Ok(_) | Err(_) => format!("write PREFIX{index}=24, or a mask such as 255.255.255.0"),
        },
    })
}

fn is_net_v6(text: &str) -> bool {
    text.parse::<IpNet>().is_ok_and(|net| net.addr().is_ipv6())
}
