//! What an ifcfg file says of a bond.

use super::loss::{Loss, Weight};
use super::made::Made;
use super::options::{lost, options};
use super::own::Own;
use crate::backend::ifcfg::Reader;
use crate::readers::refused::BOND_MODES as MODES;

/// Options of bonds that a number names, too, each with its words in the order of their numbers.
const NAMED: &[(&str, &[&str])] = &[
    ("mode", MODES),
    ("lacp_rate", &["slow", "fast"]),
    ("fail_over_mac", &["none", "active", "follow"]),
    ("ad_select", &["stable", "bandwidth", "count"]),
    ("primary_reselect", &["always", "better", "failure"]),
    ("arp_all_targets", &["any", "all"]),
];

/// Options that are written with the kernel's numbers as they are.
const BOND_OPTIONS: &[&str] = &[
    "ad_actor_sys_prio",
    "ad_actor_system",
    "ad_select",
    "ad_user_port_key",
    "all_slaves_active",
    "arp_all_targets",
    "arp_interval",
    "arp_ip_target",
    "arp_validate",
    "downdelay",
    "fail_over_mac",
    "lacp_rate",
    "lp_interval",
    "miimon",
    "min_links",
    "mode",
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
];

/// Writes `[bond]`.
pub(super) fn write(own: &Own<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    let source = &own.source;
    const KEY: &str = "BONDING_OPTS";
    made.group("bond");
    let line = source.line(KEY);
    // ifup of the bond brings its ports up, whatever ONBOOT of them says
    if source.reader == Reader::NetworkScripts && own.has_idle_ports {
        made.set("connection", "autoconnect-slaves", "1", None);
    }
    for (name, value) in options(source, KEY) {
        if !BOND_OPTIONS.contains(&name) {
            losses.push(lost(
                source,
                KEY,
                name,
                value,
                "an option that keyfiles have no key for",
                Weight::Light,
            ));
            continue;
        }
        let value: String = match name {
            // ifup-eth adds the targets of `+`
            "arp_ip_target" => value
                .chars()
                .filter(|c| !matches!(c, '+' | '\'' | '"'))
                .collect(),
            _ => value.to_owned(),
        };
        let words = NAMED.iter().find(|(option, _)| *option == name);
        let by_number = words.and_then(|(_, words)| words.get(value.parse::<usize>().ok()?));
        let value = match (words, by_number) {
            (Some(_), Some(word)) if name == "mode" => (*word).to_owned(),
            (Some((_, words)), None) if !words.contains(&value.as_str()) => {
                losses.push(lost(
                    source,
                    KEY,
                    name,
                    &value,
                    "a value that is not valid",
                    Weight::Grave,
                ));
                continue;
            }
            (_, _) => value,
        };
        made.set("bond", name, value, line);
    }
    // without it the mode is that of the kernel
    if made.get("bond", "mode").is_none() {
        made.set("bond", "mode", MODES[0], line);
    }
}
