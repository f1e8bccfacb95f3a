//! What an ifcfg file says of a bridge, and of the port of one.

use super::bridge_vlans::vlans;
use super::loss::{Loss, Weight};
use super::made::Made;
use super::options::{lost, options};
use super::own::Own;
use super::source::Source;
use crate::backend::ifcfg::Reader;
use crate::host::profile::Bridge;
use crate::host::value::MacAddress;

/// An option of a bridge or its port: its name in BRIDGING_OPTS, that in the keyfile, its bounds, its default, and whether
/// the kernel's file counts it in hundredths of a second.
pub(super) struct Number(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) i64,
    pub(super) i64,
    pub(super) i64,
    pub(super) bool,
);

/// Source: `handle_bridge_option()` in nms-ifcfg-rh-reader.c, nm-setting-bridge.c.
const NUMBERS: &[Number] = &[
    Number("priority", "priority", 0, 65_535, 32_768, false),
    Number("hello_time", "hello-time", 1, 10, 2, true),
    Number("max_age", "max-age", 6, 40, 20, true),
    Number("ageing_time", "ageing-time", 0, 1_000_000, 300, true),
    Number(
        "multicast_last_member_count",
        "multicast-last-member-count",
        0,
        U32,
        2,
        false,
    ),
    Number(
        "multicast_last_member_interval",
        "multicast-last-member-interval",
        0,
        I64,
        100,
        false,
    ),
    Number(
        "multicast_membership_interval",
        "multicast-membership-interval",
        0,
        I64,
        26_000,
        false,
    ),
    Number(
        "multicast_hash_max",
        "multicast-hash-max",
        1,
        U32,
        4096,
        false,
    ),
    Number(
        "multicast_querier_interval",
        "multicast-querier-interval",
        0,
        I64,
        25_500,
        false,
    ),
    Number(
        "multicast_query_interval",
        "multicast-query-interval",
        0,
        I64,
        12_500,
        false,
    ),
    Number(
        "multicast_query_response_interval",
        "multicast-query-response-interval",
        0,
        I64,
        1000,
        false,
    ),
    Number(
        "multicast_startup_query_count",
        "multicast-startup-query-count",
        0,
        U32,
        2,
        false,
    ),
    Number(
        "multicast_startup_query_interval",
        "multicast-startup-query-interval",
        0,
        I64,
        3125,
        false,
    ),
    Number("default_pvid", "vlan-default-pvid", 0, 4094, 1, false),
    Number("group_fwd_mask", "group-forward-mask", 0, 65_535, 0, false),
];

const U32: i64 = u32::MAX as i64;

const I64: i64 = i64::MAX;

/// Options that are 0 or 1, with their default.
const SWITCHES: &[(&str, &str, bool)] = &[
    ("multicast_querier", "multicast-querier", false),
    (
        "multicast_query_use_ifaddr",
        "multicast-query-use-ifaddr",
        false,
    ),
    ("multicast_snooping", "multicast-snooping", true),
    ("vlan_filtering", "vlan-filtering", false),
    ("vlan_stats_enabled", "vlan-stats-enabled", false),
];

/// Options that are words.
const WORDS: &[(&str, &str)] = &[
    ("group_address", "group-address"),
    ("multicast_router", "multicast-router"),
    ("vlan_protocol", "vlan-protocol"),
];

/// Options that NetworkManager takes with STP alone; without it they change nothing.
const WITH_STP: &[&str] = &["priority", "hello_time", "max_age"];

/// Returns the number of an option as a keyfile says it; nothing where it is not valid.
pub(super) fn number(row: &Number, value: &str, in_hundredths: bool) -> Option<i64> {
    let Number(_, _, least, most, _, is_time) = row;
    let number: i64 = match value.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok()?,
        None => value.parse().ok()?,
    };
    let number = match in_hundredths && *is_time {
        true => number / 100,
        false => number,
    };
    (*least..=*most).contains(&number).then_some(number)
}

/// Writes `[bridge]`; `bridge` is what the program that reads the file takes it for.
pub(super) fn write(own: &Own<'_>, bridge: &Bridge, made: &mut Made, losses: &mut Vec<Loss>) {
    let source = &own.source;
    made.group("bridge");
    // without it 1.52 and newer leave a bridge that is taken down and up again without its ports; a port that waits must not
    // come up with the host: it may close a loop
    let wakes_one = own.has_idle_ports && own.profile.autostart;
    if made.get("connection", "autoconnect-slaves").is_none() && !wakes_one {
        made.set("connection", "autoconnect-slaves", "1", None);
    }
    let stp = bridge.stp.unwrap_or(false);
    source.any("STP");
    if !stp {
        made.set("bridge", "stp", "false", source.line("STP"));
    }
    delay(source, bridge, stp, made, losses);
    if let Some(mac) = source.text("BRIDGE_MACADDR") {
        let found = MacAddress::parse(mac);
        let raw = found.map_or_else(
            || mac.to_owned(),
            |mac| mac.to_string().to_ascii_uppercase(),
        );
        made.set("bridge", "mac-address", raw, source.line("BRIDGE_MACADDR"));
    }
    // network-scripts write the kernel's files, in hundredths of a second; brctl has its own keys
    let by_scripts = source.reader == Reader::NetworkScripts;
    for (name, value) in options(source, "BRIDGING_OPTS") {
        option(source, (name, value), stp, by_scripts, made, losses);
    }
    for (key, row) in [("PRIO", &NUMBERS[0]), ("AGEING", &NUMBERS[3])] {
        if !by_scripts {
            continue;
        }
        let Some(text) = source.text(key) else {
            continue;
        };
        match number(row, text, false) {
            Some(found) => made.set("bridge", row.1, found.to_string(), source.line(key)),
            None => losses.push(super::plain::not_valid(source, key)),
        }
    }
    vlans(source, "BRIDGE_VLANS", "bridge", made, losses);
}

fn delay(source: &Source<'_>, bridge: &Bridge, stp: bool, made: &mut Made, losses: &mut Vec<Loss>) {
    let Some(text) = source.text("DELAY") else {
        return;
    };
    let is_number = source.reader == Reader::NetworkScripts || text.trim().parse::<u32>().is_ok();
    if !is_number {
        losses.push(super::plain::not_valid(source, "DELAY"));
        return;
    }
    let seconds = bridge.forward_delay_s.filter(|_| stp);
    // brctl sets it before STP is on, and then the kernel keeps to its limits: br_stp_start()
    let seconds = match source.reader {
        Reader::NetworkScripts => seconds.map(|seconds| seconds.clamp(2, 30)),
        Reader::NetworkManager | Reader::Unknown => seconds,
    };
    match seconds {
        Some(seconds @ 2..=30) => {
            let line = source.line("DELAY");
            made.set("bridge", "forward-delay", seconds.to_string(), line);
        }
        Some(_) => losses.push(super::plain::not_valid(source, "DELAY")),
        None => losses.push(lost(
            source,
            "DELAY",
            "DELAY",
            text,
            "nothing without STP",
            Weight::Idle,
        )),
    }
}

fn option(
    source: &Source<'_>,
    (name, value): (&str, &str),
    stp: bool,
    by_scripts: bool,
    made: &mut Made,
    losses: &mut Vec<Loss>,
) {
    const KEY: &str = "BRIDGING_OPTS";
    let line = source.line(KEY);
    if WITH_STP.contains(&name) && !stp {
        losses.push(lost(
            source,
            KEY,
            name,
            value,
            "nothing without STP",
            Weight::Idle,
        ));
        return;
    }
    let mut bad = || {
        losses.push(lost(
            source,
            KEY,
            name,
            value,
            "a value that is not valid",
            Weight::Light,
        ))
    };
    if let Some(row) = NUMBERS.iter().find(|row| row.0 == name) {
        match number(row, value, by_scripts) {
            Some(found) if found == row.4 => {}
            Some(found) => made.set("bridge", row.1, found.to_string(), line),
            None => bad(),
        }
        return;
    }
    if let Some((_, key, usual)) = SWITCHES.iter().find(|(option, ..)| *option == name) {
        match value {
            "0" | "1" if (value == "1") == *usual => {}
            "0" => made.set("bridge", *key, "false", line),
            "1" => made.set("bridge", *key, "true", line),
            _ => bad(),
        }
        return;
    }
    match WORDS.iter().find(|(option, _)| *option == name) {
        Some((_, key)) => made.set("bridge", *key, value, line),
        None => losses.push(lost(
            source,
            KEY,
            name,
            value,
            "an option of the bridge that keyfiles have no key for",
            Weight::Light,
        )),
    }
}
