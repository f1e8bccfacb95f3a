//! Whether a line of a file of routes or rules is one that its reader takes: network-scripts hand it to ip(8), NetworkManager reads
//! a part of the same words.
//!
//! Source: handle_ip_file() in ifup-routes; iproute_modify() in iproute2's iproute.c, iprule_modify() in iprule.c (each line of the
//! tests was run); `parse_route_line()` in NetworkManager's nms-ifcfg-rh-reader.c.

use std::net::IpAddr;

use super::reader::Reader;
use super::routes::{AS_NM, VALUED, destination_of};
use crate::host::value::IpNet;

/// Why a line is not taken, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// One phrase.
    pub(crate) why: String,
    /// What to write.
    pub(crate) help: String,
}

fn fault<T>(why: impl Into<String>, help: impl Into<String>) -> Result<T, Fault> {
    let (why, help) = (why.into(), help.into());
    Err(Fault { why, help })
}

/// Words for kinds of routes, in the place of the first one.
const KINDS: &[&str] = &[
    "anycast",
    "blackhole",
    "broadcast",
    "local",
    "multicast",
    "nat",
    "prohibit",
    "throw",
    "unicast",
    "unreachable",
];

/// Kinds of routes that lead nowhere.
const NOWHERE: &[&str] = &["blackhole", "prohibit", "throw", "unreachable"];

/// Words of ip-route(8) with an argument beside [`VALUED`].
const VALUED_TOO: &[&str] = &[
    "as",
    "encap",
    "fastopen_no_cookie",
    "from",
    "nhid",
    "ttl-propagate",
    "weight",
];

/// Words whose argument is a number, maybe behind `lock`.
const NUMBERS: &[&str] = &[
    "advmss",
    "cwnd",
    "hoplimit",
    "initcwnd",
    "initrwnd",
    "metric",
    "mtu",
    "preference",
    "priority",
    "window",
];

/// What is known of the file of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    /// Whether the file is one of IPv6.
    pub(crate) v6: bool,
    /// Who reads it.
    pub(crate) reader: Reader,
}

/// What a line of words says, as far as it was read.
#[derive(Default)]
struct Said {
    to: Option<IpNet>,
    leads: bool,
    nowhere: bool,
}

/// Returns why the reader does not take a line of a file of routes.
pub(crate) fn route(line: &str, around: Around) -> Option<Fault> {
    let foreign = of_a_command(line);
    let read = foreign.map_or_else(|| read(line, around), Err);
    read.err()
}

fn read(line: &str, around: Around) -> Result<(), Fault> {
    let nm = around.reader == Reader::NetworkManager;
    let mut said = Said::default();
    let mut words = line.split_ascii_whitespace();
    let mut first = true;
    while let Some(word) = words.next() {
        if word.starts_with('#') {
            return fault(
                "`#` begins no comment behind a route",
                "write the comment on a line of its own",
            );
        }
        if nm && said.to.is_some() && !AS_NM.contains(&word) {
            let meant = garbage::<()>(word).err().map(|fault| fault.help);
            let meant = meant.filter(|help| help.starts_with("write "));
            let help = meant.unwrap_or_else(|| nm_help(word));
            return fault(format!("it does not know `{word}`"), help);
        }
        match word {
            kind if first && KINDS.contains(&kind) => said.nowhere = NOWHERE.contains(&kind),
            "to" => said.to = Some(destination(next(word, &mut words)?, around)?),
            "via" => {
                gateway(&mut words, around)?;
                said.leads = true;
            }
            "dev" | "oif" => {
                next(word, &mut words)?;
                said.leads = true;
            }
            // what follows has words of its own
            "nexthop" | "encap" => {
                said.leads = true;
                break;
            }
            "onlink" | "pervasive" => {}
            number if NUMBERS.contains(&number) => numeric(number, &mut words)?,
            valued if VALUED.contains(&valued) || VALUED_TOO.contains(&valued) => {
                if next(valued, &mut words)? == "lock" {
                    next(valued, &mut words)?;
                }
            }
            other if said.to.is_none() => said.to = Some(destination(other, around)?),
            short if !nm && is_short(short) => {
                next(short, &mut words)?;
            }
            other => return garbage(other),
        }
        first = false;
    }
    whole(&said, nm)
}

fn whole(said: &Said, nm: bool) -> Result<(), Fault> {
    let Some(to) = said.to else {
        return fault("it names no destination", "write SUBNET via GATEWAY");
    };
    // NetworkManager has it on the interface, and takes the subnet of an address
    if nm {
        return Ok(());
    }
    if !said.leads && !said.nowhere {
        return fault(
            "it has neither `via` nor `dev`, and the kernel has no device for it",
            format!("write {to} via GATEWAY, or {to} dev IFACE"),
        );
    }
    if to.trunc() != to && to.addr().is_ipv4() {
        return fault(
            format!("{to} is an address, and its subnet is {}", to.trunc()),
            format!("write {}", to.trunc()),
        );
    }
    Ok(())
}

fn nm_help(word: &str) -> String {
    match word {
        "nexthop" => "write a route to each gateway with a metric of its own, or use a keyfile and a dispatcher script".to_owned(),
        word => format!("delete {word} and what belongs to it, if the route is right without"),
    }
}

fn next<'w>(word: &str, words: &mut impl Iterator<Item = &'w str>) -> Result<&'w str, Fault> {
    let what = format!("`{word}` has no argument");
    let help = format!("write {word} VALUE, or delete it");
    words.next().map_or_else(|| fault(what, help), Ok)
}

fn numeric<'w>(word: &str, words: &mut impl Iterator<Item = &'w str>) -> Result<(), Fault> {
    let mut value = next(word, words)?;
    if value == "lock" {
        value = next(word, words)?;
    }
    let hex = value.strip_prefix("0x");
    let number = hex.map_or_else(
        || value.parse::<u32>().is_ok(),
        |hex| u32::from_str_radix(hex, 16).is_ok(),
    );
    match number {
        true => Ok(()),
        false => fault(
            format!("`{value}` is no {word}"),
            format!("write {word} NUMBER"),
        ),
    }
}

fn gateway<'w>(words: &mut impl Iterator<Item = &'w str>, around: Around) -> Result<(), Fault> {
    let mut word = next("via", words)?;
    let family = word.starts_with("inet").then_some(word);
    if family.is_some() {
        word = next("via", words)?;
    }
    // what some versions of NetworkManager wrote
    if word == "(null)" {
        return Ok(());
    }
    let v6 = family.map_or(around.v6, |family| family == "inet6");
    let kind = if v6 { "IPv6" } else { "IPv4" };
    // ip(8) takes addresses that are cut short
    let short = |c: char| c.is_ascii_digit() || c == '.';
    let is_short = around.reader != Reader::NetworkManager && !v6 && word.chars().all(short);
    match word.parse::<IpAddr>() {
        Ok(address) if address.is_ipv6() == v6 => Ok(()),
        Err(_) if is_short && word.split('.').all(|part| part.parse::<u8>().is_ok()) => Ok(()),
        Ok(_) | Err(_) => {
            let bare = word.trim_matches(['"', '\'', ',', ';']);
            let help = match bare.parse::<IpAddr>() {
                Ok(address) if address.is_ipv6() == v6 => format!("write via {bare}"),
                Ok(_) | Err(_) => "write via ADDRESS".to_owned(),
            };
            fault(format!("the gateway `{word}` is no {kind} address"), help)
        }
    }
}

fn destination(word: &str, around: Around) -> Result<IpNet, Fault> {
    let nm = around.reader == Reader::NetworkManager;
    let any = if around.v6 { "::/0" } else { "0.0.0.0/0" };
    let all = match nm {
        true => word == "default",
        false => ["default", "all"].contains(&word),
    };
    let kind = if around.v6 { "IPv6" } else { "IPv4" };
    let found = if all {
        any.parse().ok()
    } else {
        destination_of(word)
    };
    let Some(net) = found.filter(|net| net.addr().is_ipv6() == around.v6) else {
        let bare = word.trim_matches(['"', '\'', ',', ';']);
        let help = match destination_of(bare) {
            Some(net) if bare != word => format!("write {net}"),
            Some(net) if net.addr().is_ipv6() => format!("write it into the route6- file: {net}"),
            Some(_) | None => "write SUBNET/LENGTH via GATEWAY".to_owned(),
        };
        return fault(format!("`{word}` is no {kind} subnet"), help);
    };
    let mask = word
        .split_once('/')
        .is_some_and(|(_, length)| length.contains('.'));
    if nm && mask {
        return fault(
            format!("`{word}` has a mask, and it takes a prefix length alone"),
            format!("write {net}"),
        );
    }
    Ok(net)
}

/// ip(8) takes keywords that are cut short: `met 5`.
fn is_short(word: &str) -> bool {
    let all = VALUED.iter().chain(NUMBERS).chain(VALUED_TOO);
    all.clone().any(|known| known.starts_with(word))
}

fn garbage<T>(word: &str) -> Result<T, Fault> {
    let why = format!("ip(8) does not know `{word}`");
    match word.to_ascii_lowercase().as_str() {
        "gw" | "gateway" | "via" => fault(why, "write via GATEWAY"),
        "netmask" | "mask" => fault(why, "write the prefix length behind the subnet: 10.0.0.0/8"),
        "if" | "interface" | "iface" | "dev" => fault(why, "write dev IFACE"),
        other if other.parse::<IpAddr>().is_ok() => fault(why, "write SUBNET/LENGTH via GATEWAY"),
        _ => fault(why, format!("delete {word}")),
    }
}

/// Says it of a line that is a whole command: `ip route add …`, `route add -net …`.
fn of_a_command(line: &str) -> Option<Fault> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let program = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
    let first = program(words.first()?);
    let begins = ["ip", "route", "add", "-net", "-host", "-4", "-6", "sudo"];
    if !begins.contains(&first.as_str()) {
        return None;
    }
    let value = |keys: &[&str]| {
        let at = words.iter().position(|word| keys.contains(word))?;
        words.get(at + 1).copied()
    };
    let mut nets = words
        .iter()
        .filter_map(|word| Some((*word, destination_of(word)?)));
    let net = nets.next().map(
        |(word, net)| match (value(&["netmask"]), word.contains('/')) {
            (Some(mask), false) => destination_of(&format!("{word}/{mask}")).unwrap_or(net),
            _ => net,
        },
    );
    let any = words.contains(&"default").then(|| "default".to_owned());
    let net = any.or_else(|| net.map(|net| net.to_string()));
    let via = value(&["gw", "via"]).map(|via| format!(" via {via}"));
    let dev = value(&["dev"]).map(|dev| format!(" dev {dev}"));
    let help = match net {
        Some(net) => format!(
            "write {net}{}{}",
            via.unwrap_or_default(),
            dev.unwrap_or_default()
        ),
        None => "write SUBNET via GATEWAY".to_owned(),
    };
    Some(Fault {
        why: format!("`{first}` is no destination: a line has what follows `ip route add`"),
        help,
    })
}

/// Words of ip-rule(8) with an argument.
const OF_RULES: &[&str] = &[
    "dev",
    "dport",
    "dsfield",
    "from",
    "fwmark",
    "goto",
    "iif",
    "ipproto",
    "lookup",
    "map-to",
    "nat",
    "oif",
    "order",
    "preference",
    "prio",
    "priority",
    "pref",
    "protocol",
    "realms",
    "sport",
    "suppress_ifgroup",
    "suppress_prefixlength",
    "sup_group",
    "sup_pl",
    "table",
    "to",
    "tos",
    "tun_id",
    "type",
    "uidrange",
];

/// Words of ip-rule(8) without one.
const FLAGS: &[&str] = &[
    "blackhole",
    "l3mdev",
    "nop",
    "not",
    "prohibit",
    "unicast",
    "unreachable",
    "throw",
];

/// Returns why ip(8) does not take a line of a file of rules.
pub(crate) fn rule(line: &str, v6: bool) -> Option<Fault> {
    let mut words = line.split_ascii_whitespace();
    let first = words.clone().next().unwrap_or_default();
    if first.rsplit('/').next() == Some("ip") || ["rule", "add"].contains(&first) {
        let why = format!("`{first}` is no word of a rule: a line has what follows `ip rule add`");
        return fault::<()>(why, "write what follows `ip rule add` alone").err();
    }
    while let Some(word) = words.next() {
        if word.starts_with('#') {
            return fault::<()>(
                "`#` begins no comment behind a rule",
                "write the comment on a line of its own",
            )
            .err();
        }
        if FLAGS.contains(&word) {
            continue;
        }
        let is_word = |known: &&str| *known == word || (known.starts_with(word));
        if !OF_RULES.iter().any(is_word) {
            return fault::<()>(
                format!("ip(8) does not know `{word}`"),
                format!("delete {word}"),
            )
            .err();
        }
        let value = match next(word, &mut words) {
            Ok(value) => value,
            Err(fault) => return Some(fault),
        };
        let net = ["from", "to"].contains(&word) && !["all", "any", "default"].contains(&value);
        if net && destination_of(value).is_none_or(|net| net.addr().is_ipv6() != v6) {
            let kind = if v6 { "IPv6" } else { "IPv4" };
            return fault::<()>(
                format!("`{value}` is no {kind} subnet"),
                format!("write {word} SUBNET/LENGTH"),
            )
            .err();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_as_ip_and_networkmanager_take_them() {
        // a line, and whether ip(8) and NetworkManager take it
        for (line, ip, nm) in [
            ("198.51.100.0/255.255.255.0", false, false),
            ("198.51.100.0/24", false, true),
            ("198.51.100.0/255.255.255.0 dev eth0", true, false),
            (
                "10.8.0.0/16 nexthop via 10.10.20.101 nexthop via 10.10.20.102",
                true,
                false,
            ),
            ("route add -net 10.6.0.0/16 gw 10.10.20.1", false, false),
            ("10.2.3.4/16 via 10.10.20.1", false, true),
            ("10.2.0.0/16 via 10.10.20.1 # lab", false, false),
            ("10.2.0.0/16 via 10.10.20.1 metric low", false, false),
            ("10.2.0.0/16 gw 10.10.20.1", false, false),
            ("10.2.0.0/16 via", false, false),
            ("10.2.0.0/16 via 10.10.20.1 dev eth0 onlink", true, true),
            ("default via 10.10.20.1", true, true),
            ("10.2.0.0/33 via 10.10.20.1", false, false),
            ("10.2.0.0 via 10.10.20.1", true, true),
            ("10.2/16 via 10.10.20.1", true, true),
            ("-net 10.6.0.0/16 gw 10.10.20.1", false, false),
            ("10.2.0.0/16 via 10.10.20.1 table 7", true, true),
            ("10.2.0.0/16 via 10.10.20.1 10.3.0.0/16", false, false),
            ("10.2.0.0/255.0.255.0 via 10.10.20.1", false, false),
            ("10.2.0.0/16 via 2001:db8::1", false, false),
            ("blackhole 10.2.0.0/16", true, true),
            ("10.2.0.0/16 via \"10.10.20.1\"", false, false),
            ("to 10.2.0.0/16 via 10.10.20.1", true, true),
            ("10.2.0.0/16, via 10.10.20.1", false, false),
            ("ip route add 10.2.0.0/16 via 10.10.20.1", false, false),
            ("10.2.0.0/16 VIA 10.10.20.1", false, false),
            ("10.2.0.0/16 via 10.10.20.1 met 5", true, false),
            (
                "10.2.0.0/16 via 10.10.20.1 proto static scope global",
                true,
                false,
            ),
            (
                "10.2.0.0/16 via 10.10.20.1 src 10.10.20.5 mtu lock 1400",
                true,
                true,
            ),
            ("2001:db8::/32 via 10.10.20.1", false, false),
            ("via 10.10.20.1", false, false),
            ("10.2.0.0 255.255.0.0 10.10.20.1", false, false),
        ] {
            for (reader, taken) in [(Reader::NetworkScripts, ip), (Reader::NetworkManager, nm)] {
                let found = route(line, Around { v6: false, reader });
                assert_eq!(found.is_none(), taken, "{line}, {reader:?}: {found:?}");
            }
        }
    }

    #[test]
    fn a_command_becomes_a_line() {
        for (line, expected) in [
            (
                "route add -net 10.6.0.0/16 gw 10.10.20.1",
                "write 10.6.0.0/16 via 10.10.20.1",
            ),
            (
                "route add -net 10.6.0.0 netmask 255.255.0.0 gw 10.10.20.1 dev eth0",
                "write 10.6.0.0/16 via 10.10.20.1 dev eth0",
            ),
            (
                "/sbin/ip route add default via 10.10.20.1",
                "write default via 10.10.20.1",
            ),
            ("add", "write SUBNET via GATEWAY"),
        ] {
            assert_eq!(of_a_command(line).unwrap().help, expected, "{line}");
        }
    }

    #[test]
    fn rules_are_taken_as_ip_takes_them() {
        for (line, taken) in [
            ("from 192.168.50.20 table 100", true),
            (
                "from 192.168.50.0/24 to 10.0.0.0/8 lookup main prio 100",
                true,
            ),
            ("not from all fwmark 0x1 prohibit", true),
            ("iif ens33 priority 5 goto 10", true),
            ("ip rule add from 192.168.50.20 table 100", false),
            ("from 192.168.50.20 table", false),
            ("from 192.168.50 20 table 100", false),
            ("from 2001:db8::1 table 100", false),
            ("from 192.168.50.20 tabel 100", false),
            ("from 192.168.50.20 table 100 # lab", false),
        ] {
            assert_eq!(rule(line, false).is_none(), taken, "{line}");
        }
    }
}
