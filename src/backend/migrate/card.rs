//! What an ifcfg file says of the card: `[ethernet]`, `[ethtool]`, and the options of s390.

use super::loss::{Loss, Weight};
use super::made::Made;
use super::plain::not_valid;
use super::source::Source;
use crate::host::value::MacAddress;

/// Writes `[ethernet]`; it is there for a card, a bridge and a VLAN, be it that it stays empty.
pub(super) fn write(source: &Source<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    mtu(source, made, losses);
    let mac = |key: &str| source.text(key).map(str::trim);
    if let Some(address) = mac("HWADDR").filter(|address| !address.is_empty()) {
        made.set(
            "ethernet",
            "mac-address",
            canonical(address),
            source.line("HWADDR"),
        );
    }
    if let Some(address) = mac("MACADDR") {
        let line = source.line("MACADDR");
        made.set("ethernet", "cloned-mac-address", canonical(address), line);
    }
    if let Some(list) = source.text("HWADDR_BLACKLIST") {
        let words = list.split_ascii_whitespace();
        let valid = words.filter(|word| MacAddress::parse(word).is_some());
        let addresses: Vec<String> = valid.map(canonical).collect();
        let items = addresses.iter().map(String::as_str);
        let line = source.line("HWADDR_BLACKLIST");
        made.list("ethernet", "mac-address-blacklist", items, line);
    }
    s390(source, made);
    ethtool(source, made, losses);
}

/// Returns a hardware address as NetworkManager writes it; a word such as `permanent` stays.
fn canonical(text: &str) -> String {
    let address = MacAddress::parse(text);
    address.map_or_else(
        || text.to_owned(),
        |address| address.to_string().to_ascii_uppercase(),
    )
}

/// Decimal, or hexadecimal behind `0x`, or octal behind `0`.
fn any_base(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => i64::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

fn mtu(source: &Source<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    let Some(text) = source.text("MTU") else {
        return;
    };
    match any_base(text).filter(|mtu| (0..=65_535).contains(mtu)) {
        Some(0) => {}
        Some(mtu) => made.set("ethernet", "mtu", mtu.to_string(), source.line("MTU")),
        None => losses.push(not_valid(source, "MTU")),
    }
}

fn s390(source: &Source<'_>, made: &mut Made) {
    if let Some(channels) = source.text("SUBCHANNELS") {
        let line = source.line("SUBCHANNELS");
        made.list("ethernet", "s390-subchannels", channels.split(','), line);
    }
    if let Some(kind) = source.text("NETTYPE") {
        made.set("ethernet", "s390-nettype", kind, source.line("NETTYPE"));
    }
    const GROUP: &str = "ethernet-s390-options";
    for (key, name) in [("PORTNAME", "portname"), ("CTCPROT", "ctcprot")] {
        if let Some(text) = source.text(key) {
            made.set(GROUP, name, text, source.line(key));
        }
    }
    let options = source.text("OPTIONS").unwrap_or_default();
    let options = options.split_ascii_whitespace();
    for (name, text) in options.filter_map(|option| option.split_once('=')) {
        made.set(GROUP, name, text, source.line("OPTIONS"));
    }
}

/// What ethtool is told about the card itself.
#[derive(Default)]
struct Link {
    wake: Option<u32>,
    password: Option<String>,
    auto: Option<bool>,
    speed: Option<u32>,
    duplex: Option<&'static str>,
}

/// The bit of `wake-on-lan` that nothing touches it.
const WAKE_IGNORE: u32 = 0x8000;

fn ethtool(source: &Source<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    const KEY: &str = "ETHTOOL_OPTS";
    let mut link = Link::default();
    let mut lost = Vec::new();
    match source.any(KEY) {
        Some("") => link.wake = Some(WAKE_IGNORE),
        Some(options) => {
            for part in options.split(';') {
                option(part, &mut link, made, source, &mut lost);
            }
        }
        None => {}
    }
    if source.text("ETHTOOL_WAKE_ON_LAN") == Some("ignore") {
        link.wake = Some(WAKE_IGNORE);
    }
    let line = source
        .line(KEY)
        .or_else(|| source.line("ETHTOOL_WAKE_ON_LAN"));
    let mut set = |name: &str, value: String| made.set("ethernet", name, value, line);
    if let Some(wake) = link.wake {
        set("wake-on-lan", wake.to_string());
    }
    // a password is for magic packets alone
    if let Some(password) = link.password.filter(|_| link.wake.unwrap_or(0) & 0x40 != 0) {
        set("wake-on-lan-password", password);
    }
    if link.auto == Some(true) {
        set("auto-negotiate", "true".to_owned());
    }
    // NetworkManager takes the two together, or none: verify() in nm-setting-wired.c
    match (link.speed, link.duplex) {
        (Some(speed), Some(duplex)) => {
            set("speed", speed.to_string());
            set("duplex", duplex.to_owned());
        }
        (Some(_), None) => lost.push("speed without duplex".to_owned()),
        (None, Some(_)) => lost.push("duplex without speed".to_owned()),
        (None, None) => {}
    }
    losses.extend(lost.into_iter().map(|what| Loss {
        at: source.path.clone(),
        line: line.map(|(_, line)| line),
        meant: format!("`{what}` of ethtool"),
        what: KEY.to_owned(),
        instead: Some(format!(
            "a dispatcher script that runs `ethtool`, for `{what}`"
        )),
        weight: Weight::Light,
    }));
}

/// What ethtool's options for a part of the card are called, and what each of its words becomes.
const PARTS: &[(&[&str], &str, bool)] = &[
    (&["-K", "--features", "--offload"], "feature", true),
    (&["-A", "--pause"], "pause", true),
    (&["-G", "--set-ring"], "ring", false),
    (&["-C", "--coalesce"], "coalesce", false),
];

/// Words of ethtool that have another name in keyfiles, by their part.
const FEATURES: &[(&str, &str)] = &[
    ("rxvlan", "rxvlan"),
    ("txvlan", "txvlan"),
    ("ufo", "tx-udp-fragmentation"),
];

fn option(
    part: &str,
    link: &mut Link,
    made: &mut Made,
    source: &Source<'_>,
    lost: &mut Vec<String>,
) {
    let words: Vec<&str> = part.split_ascii_whitespace().collect();
    let Some(first) = words.first() else {
        return;
    };
    if let Some((_, kind, is_switch)) = PARTS.iter().find(|(names, ..)| names.contains(first)) {
        return of_part(&words, (*kind, *is_switch), made, source, lost);
    }
    // `-s` and the interface may stand before
    let rest = match *first {
        "-s" | "--change" => words.get(2..).unwrap_or_default(),
        _ => &words[..],
    };
    let mut words = rest.iter().copied();
    while let Some(name) = words.next() {
        if !OF_LINK.contains(&name) {
            lost.push(name.to_owned());
            continue;
        }
        let Some(value) = words.next() else {
            lost.push(name.to_owned());
            break;
        };
        match (name, value) {
            ("autoneg", "on") => link.auto = Some(true),
            ("autoneg", "off") => link.auto = Some(false),
            ("speed", number) if number.parse::<u32>().is_ok() => link.speed = number.parse().ok(),
            ("duplex", "half") => link.duplex = Some("half"),
            ("duplex", "full") => link.duplex = Some("full"),
            ("wol", letters) => link.wake = Some(wake(letters)),
            ("sopass", address) => {
                let found = MacAddress::parse(address);
                link.password = found.map(|found| found.to_string().to_ascii_uppercase());
            }
            (_, _) => lost.push(format!("{name} {value}")),
        }
    }
}

/// Writes what ethtool is told about a part of the card.
fn of_part(
    words: &[&str],
    (kind, is_switch): (&str, bool),
    made: &mut Made,
    source: &Source<'_>,
    lost: &mut Vec<String>,
) {
    // the second word is the interface
    for pair in words.get(2..).unwrap_or_default().chunks(2) {
        let &[name, value] = pair else {
            lost.push(format!("{} … {}", words[0], pair.join(" ")));
            continue;
        };
        let renamed = FEATURES
            .iter()
            .find(|(old, _)| kind == "feature" && *old == name);
        let name = renamed.map_or(name, |(_, new)| new);
        let value = match (is_switch, value) {
            (true, "on") => "true".to_owned(),
            (true, "off") => "false".to_owned(),
            (false, number) if number.parse::<u32>().is_ok() => number.to_owned(),
            (true | false, _) => {
                lost.push(format!("{} … {}", words[0], pair.join(" ")));
                continue;
            }
        };
        let line = source.line("ETHTOOL_OPTS");
        made.set("ethtool", format!("{kind}-{name}"), value, line);
    }
}

/// Words of `ethtool -s` that keyfiles have, too; each has a value.
const OF_LINK: &[&str] = &["autoneg", "speed", "duplex", "wol", "sopass"];

/// Returns the bits of ethtool's letters; `d` takes all before it back.
fn wake(letters: &str) -> u32 {
    letters.chars().fold(0, |flags, letter| match letter {
        'p' => flags | 0x02,
        'u' => flags | 0x04,
        'm' => flags | 0x08,
        'b' => flags | 0x10,
        'a' => flags | 0x20,
        'g' => flags | 0x40,
        'd' => 0,
        _ => flags,
    })
}
