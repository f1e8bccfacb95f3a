//! The forms of values: what is wrong with one, and what to write.

use std::net::Ipv4Addr;

use crate::backend::ifcfg::Reader;
use crate::host::value::MacAddress;
use crate::readers::refused::BOND_MODES as MODES;

/// What is wrong with a value, and what to write.
#[derive(Debug)]
pub(super) struct Fault {
    /// One phrase.
    pub(super) message: String,
    /// What to write.
    pub(super) help: String,
}

fn fault(key: &str, value: &str, what: &str, example: &str) -> Option<Fault> {
    Some(Fault {
        message: format!("`{key}` is not {what}: `{value}`"),
        help: format!("write {key}={example}, or delete the line"),
    })
}

fn is_mac(value: &str, dashes: bool) -> bool {
    let plain = match dashes {
        true => value.replace('-', ":"),
        false => value.to_owned(),
    };
    let octets = plain.split(':').count();
    // an InfiniBand card has twenty
    let long = || {
        plain
            .split(':')
            .all(|octet| octet.len() == 2 && u8::from_str_radix(octet, 16).is_ok())
    };
    (octets == 6 && MacAddress::parse(&plain).is_some()) || (octets == 20 && long())
}

pub(super) fn mac(key: &str, value: &str, reader: Reader) -> Option<Fault> {
    let valid = is_mac(value.trim(), reader != Reader::NetworkScripts);
    let digits: String = value.chars().filter(char::is_ascii_hexdigit).collect();
    let example = match digits.len() {
        12 => {
            let octets: Vec<&str> = (0..6).map(|n| &digits[2 * n..2 * n + 2]).collect();
            octets.join(":")
        }
        _ => "52:54:00:12:34:56".to_owned(),
    };
    (!valid).then(|| fault(key, value, "a hardware address", &example))?
}

/// Words that NetworkManager takes in the place of an address. Source: nm-settings(5), `cloned-mac-address`.
const MADE: &[&str] = &["permanent", "preserve", "random", "stable", "stable-ssid"];

pub(super) fn mac_or_word(key: &str, value: &str, reader: Reader) -> Option<Fault> {
    let word = reader != Reader::NetworkScripts && MADE.contains(&value);
    (!word).then(|| mac(key, value, reader))?
}

pub(super) fn mtu(key: &str, value: &str, reader: Reader) -> Option<Fault> {
    let least = if reader == Reader::NetworkScripts {
        68
    } else {
        0
    };
    // NetworkManager takes the numbers of C
    let hex = value.strip_prefix("0x").filter(|_| least == 0);
    let value = if least == 0 { value.trim() } else { value };
    let number = match hex {
        Some(hex) => u16::from_str_radix(hex, 16),
        None => value.parse::<u16>(),
    };
    let valid = number.is_ok_and(|mtu| mtu >= least);
    (!valid).then(|| fault(key, value, "a number of bytes from 68 to 65535", "1500"))?
}

pub(super) fn mtu_v6(key: &str, value: &str, _: Reader) -> Option<Fault> {
    let valid = value.parse::<u16>().is_ok_and(|mtu| mtu >= 1280);
    (!valid).then(|| fault(key, value, "a number of bytes from 1280 on", "1500"))?
}

pub(super) fn v4(key: &str, value: &str, _: Reader) -> Option<Fault> {
    let valid = value.parse::<Ipv4Addr>().is_ok();
    let example = match key.starts_with("BROADCAST") {
        true => "192.168.50.255",
        false => "192.168.50.20",
    };
    (!valid).then(|| fault(key, value, "an IPv4 address", example))?
}

pub(super) fn number(key: &str, value: &str, _: Reader) -> Option<Fault> {
    let valid = value.parse::<u32>().is_ok();
    (!valid).then(|| fault(key, value, "a number", "100"))?
}

pub(super) fn signed(key: &str, value: &str, _: Reader) -> Option<Fault> {
    let valid = value.parse::<i64>().is_ok();
    (!valid).then(|| fault(key, value, "a number", "100"))?
}

pub(super) fn seconds(key: &str, value: &str, reader: Reader) -> Option<Fault> {
    let plain = value
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    // of these NetworkManager takes fractions of one alone
    let whole = reader == Reader::NetworkManager && key != "DEVTIMEOUT";
    let valid = plain && value.parse::<f64>().is_ok() && !(whole && value.contains('.'));
    (!valid).then(|| fault(key, value, "a number", "10"))?
}

pub(super) fn stp(key: &str, value: &str, reader: Reader) -> Option<Fault> {
    let valid = reader.is_yes(key, value) || reader.is_no(key, value) || {
        let word = value.to_ascii_lowercase();
        reader == Reader::NetworkManager && ["no", "off"].contains(&word.as_str())
    };
    (!valid).then(|| {
        fault(
            key,
            value,
            "a word for yes or no that its reader knows",
            "no",
        )
    })?
}

pub(super) fn boolean(key: &str, value: &str, reader: Reader) -> Option<Fault> {
    let valid = reader.is_yes(key, value) || reader.is_no(key, value);
    (!valid).then(|| {
        fault(
            key,
            value,
            "a word for yes or no that its reader knows",
            "yes or =no",
        )
    })?
}

/// Network-scripts take any word but `no` for yes: what looks like another one for no is a mistake.
pub(super) fn not_no(key: &str, value: &str, reader: Reader) -> Option<Fault> {
    if reader == Reader::NetworkManager {
        return boolean(key, value, reader);
    }
    let looks = Reader::Unknown.is_no(key, value);
    (looks && value != "no").then(|| fault(key, value, "the word `no`", "no"))?
}

pub(super) fn yes_alone(key: &str, value: &str, _: Reader) -> Option<Fault> {
    let looks = Reader::Unknown.is_no(key, value);
    looks.then(|| fault(key, value, "empty", "yes"))?
}

/// Words that look like no are another rule's.
pub(super) fn onboot(key: &str, value: &str, _: Reader) -> Option<Fault> {
    let known = Reader::Unknown.is_yes(key, value) || Reader::Unknown.is_no(key, value);
    let no = value.to_ascii_lowercase().starts_with("no");
    (!known && !no).then(|| fault(key, value, "yes or no", "yes or =no"))?
}

pub(super) fn json(key: &str, value: &str, _: Reader) -> Option<Fault> {
    let error = serde_json::from_str::<serde_json::Value>(value).err()?;
    let error = error.to_string();
    let why = error.split(" at line").next().unwrap_or_default();
    Some(Fault {
        message: format!("`{key}` is no JSON: {why}"),
        // double quotes around it take those in it away
        help: match value.contains('"') {
            true => "correct it where it breaks".to_owned(),
            false => format!("write it in single quotes: {key}='{{\"runner\": …}}'"),
        },
    })
}

pub(super) fn privacy(key: &str, value: &str, reader: Reader) -> Option<Fault> {
    let off = Reader::Unknown.is_no(key, value);
    let valid = match reader {
        Reader::NetworkScripts => value == "rfc3041",
        Reader::NetworkManager | Reader::Unknown => {
            ["rfc3041", "rfc4941"].contains(&value) || reader.is_yes(key, value)
        }
    };
    (!valid && !off).then(|| fault(key, value, "a word that its reader knows", "rfc3041"))?
}

pub(super) fn gen_mode(key: &str, value: &str, _: Reader) -> Option<Fault> {
    let known = ["default", "default-or-eui64", "eui64", "stable-privacy"];
    let valid = known.contains(&value) || value.parse::<u8>().is_ok_and(|number| number <= 3);
    (!valid).then(|| fault(key, value, "a mode", "eui64 or =stable-privacy"))?
}

/// Options of bonds. Source: bonding.rst of the kernel.
const OPTIONS: &[&str] = &[
    "ad_actor_sys_prio",
    "ad_actor_system",
    "ad_select",
    "ad_user_port_key",
    "all_slaves_active",
    "arp_all_targets",
    "arp_interval",
    "arp_ip_target",
    "arp_missed_max",
    "arp_validate",
    "downdelay",
    "fail_over_mac",
    "lacp_active",
    "lacp_rate",
    "lp_interval",
    "max_bonds",
    "miimon",
    "min_links",
    "mode",
    "ns_ip6_target",
    "num_grat_arp",
    "num_unsol_na",
    "packets_per_slave",
    "peer_notif_delay",
    "primary",
    "primary_reselect",
    "resend_igmp",
    "tlb_dynamic_lb",
    "updelay",
    "use_carrier",
    "xmit_hash_policy",
    "queue_id",
    "balance-slb",
];

pub(super) fn bonding(key: &str, value: &str, _: Reader) -> Option<Fault> {
    if value.contains([',', ';']) && value.matches('=').count() > 1 && !value.contains(' ') {
        let spaced = value.replace([',', ';'], " ");
        return Some(Fault {
            message: format!("`{key}` has its options in one word: `{value}`"),
            help: format!("write {key}=\"{}\"", spaced.trim()),
        });
    }
    value.split_ascii_whitespace().find_map(|word| {
        let help = |meant: String| format!("write {meant} in {key}");
        let Some((option, value)) = word.split_once('=') else {
            return Some(Fault {
                message: format!("`{key}` has a word that is no option of a bond: `{word}`"),
                help: match MODES.contains(&word) {
                    true => help(format!("mode={word}")),
                    false => help("OPTION=VALUE".to_owned()),
                },
            });
        };
        if !OPTIONS.contains(&option) {
            let near = crate::backend::near::nearest(option, OPTIONS.iter().copied());
            return Some(Fault {
                message: format!("`{key}` has an option that bonds do not have: `{word}`"),
                help: near.map_or_else(
                    || format!("delete {word}"),
                    |near| help(format!("{near}={value}")),
                ),
            });
        }
        let by_number = || {
            value
                .parse::<usize>()
                .is_ok_and(|number| number < MODES.len())
        };
        if option == "mode" && !MODES.contains(&value) && !by_number() {
            let meant = meant_mode(value);
            return Some(Fault {
                message: format!("`{key}` has a mode that bonds do not have: `{word}`"),
                help: help(format!("mode={meant}")),
            });
        }
        None
    })
}

fn meant_mode(word: &str) -> &'static str {
    let lower = word.to_ascii_lowercase().replace('_', "-");
    let near = || crate::backend::near::nearest(&lower, MODES.iter().copied());
    match lower.as_str() {
        "lacp" | "4ad" | "802.3-ad" | "8023ad" | "ad" => "802.3ad",
        "rr" | "round-robin" => "balance-rr",
        "backup" | "ab" | "active" | "failover" => "active-backup",
        "xor" => "balance-xor",
        "tlb" => "balance-tlb",
        "alb" => "balance-alb",
        _ => near().unwrap_or("active-backup"),
    }
}
