//! A prefix and a netmask that say different things.

use super::script::Script;
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "prefix-netmask",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A `PREFIX` and a `NETMASK` of one address that differ, or a netmask that is not contiguous.",
    why: "The two readers use different ones: NetworkManager the prefix, network-scripts the netmask where ipcalc computes\nthe rest. One of them reaches hosts that the other does not.",
    example: "
IPADDR=192.168.50.20
PREFIX=24
NETMASK=255.255.0.0",
    remedy: "Keep one of the two, PREFIX.",
    source: "read_full_ip4_address() in NetworkManager's nms-ifcfg-rh-reader.c (run), expand_config() in network-functions",
    check: Check::Files(check),
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    sight.scripts.iter().flat_map(of_script).collect()
}

fn of_script(script: &Script<'_>) -> Vec<Finding> {
    let masks = script.doc.assignments().filter_map(|assignment| {
        let index = assignment.name.strip_prefix("NETMASK")?;
        let mask: std::net::Ipv4Addr = assignment.value.literal()?.parse().ok()?;
        Some((index, mask, assignment))
    });
    let mut found = Vec::new();
    for (index, mask, assignment) in masks {
        let key = format!("PREFIX{index}");
        let prefix = script.value(&key).and_then(|text| text.parse::<u8>().ok());
        let subject = format!("{} NETMASK{index}", script.path);
        let place = script.place(assignment);
        match (ipnet::ipv4_mask_to_prefix(mask), prefix) {
            (Err(_), _) => {
                let message = format!("the netmask {mask} is not contiguous");
                found.push(
                    RULE.finding(subject, message)
                        .at(place)
                        .help("write a prefix length: PREFIX=24"),
                );
            }
            (Ok(length), Some(prefix)) if length != prefix => {
                let message = format!("NETMASK{index} means /{length}, and {key} says /{prefix}");
                let other: Place = script.place_of(&key).label("differs");
                found.push(
                    RULE.finding(subject, message)
                        .at(place)
                        .at(other)
                        .help("keep one of the two"),
                );
            }
            (Ok(_), _) => {}
        }
    }
    found
}
