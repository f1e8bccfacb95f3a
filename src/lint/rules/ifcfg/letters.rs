//! Keys of ifcfg files in small or mixed letters: what they stand for, told once for a file.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::doc::shell::{Assignment, ShellDoc};

/// Keys without their numbers, sorted.
const KEYS: &[&str] = &[
    "ARPCHECK",
    "BONDING_MASTER",
    "BONDING_OPTS",
    "BOOTPROTO",
    "BRIDGE",
    "BRIDGE_UUID",
    "BROADCAST",
    "DEFROUTE",
    "DELAY",
    "DEVICE",
    "DEVICETYPE",
    "DHCP_HOSTNAME",
    "DNS",
    "DOMAIN",
    "ETHTOOL_OPTS",
    "GATEWAY",
    "GATEWAYDEV",
    "HOTPLUG",
    "HWADDR",
    "IPADDR",
    "IPV6ADDR",
    "IPV6ADDR_SECONDARIES",
    "IPV6INIT",
    "IPV6_AUTOCONF",
    "IPV6_DEFAULTDEV",
    "IPV6_DEFAULTGW",
    "IPV6_DEFROUTE",
    "LINKDELAY",
    "MACADDR",
    "MASTER",
    "METRIC",
    "MTU",
    "NAME",
    "NETMASK",
    "NETWORK",
    "NM_CONTROLLED",
    "ONBOOT",
    "ONPARENT",
    "OVS_BRIDGE",
    "PEERDNS",
    "PEERROUTES",
    "PHYSDEV",
    "PREFIX",
    "SEARCH",
    "SLAVE",
    "STP",
    "TYPE",
    "USERCTL",
    "UUID",
    "VLAN",
    "VLAN_ID",
    "ZONE",
];

/// The keys of a file that are in other letters.
#[derive(Debug)]
pub(in crate::lint) struct Letters(pub(in crate::lint) Vec<Letter>);

/// A key in other letters.
#[derive(Debug)]
pub(in crate::lint) struct Letter {
    /// Where it is given a value.
    pub(in crate::lint) assignment: Assignment,
    /// The key that is meant.
    pub(in crate::lint) key: String,
    /// Where that key is assigned.
    pub(in crate::lint) holds: Option<Range<usize>>,
    /// Whether no other line means it.
    pub(in crate::lint) single: bool,
    /// How many such lines are above it.
    pub(in crate::lint) before: usize,
}

impl Letters {
    /// Reads them; a name that the file itself uses is a variable.
    pub(in crate::lint) fn of(doc: &ShellDoc) -> Self {
        let used = used(doc.source());
        let known = |key: &str| KEYS.binary_search(&key).is_ok();
        let mut times: HashMap<String, usize> = HashMap::new();
        let mut holding: HashMap<&str, Range<usize>> = HashMap::new();
        let mut letters = Vec::new();
        for assignment in doc.assignments() {
            let name = assignment.name.as_str();
            holding.insert(name, assignment.span.clone());
            let key = name.to_ascii_uppercase();
            let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
            if key != name && (known(&key) || known(stem)) && !used.contains(name) {
                *times.entry(key.clone()).or_default() += 1;
                letters.push((assignment.clone(), key));
            }
        }
        let letters = letters.into_iter().enumerate();
        let letters = letters.map(|(before, (assignment, key))| Letter {
            holds: holding.get(key.as_str()).cloned(),
            single: times[&key] == 1,
            assignment,
            key,
            before,
        });
        Self(letters.collect())
    }
}

/// Returns the names that a text uses: `$name`, `${name}`.
fn used(source: &str) -> HashSet<&str> {
    let parts = source.split('$').skip(1);
    let names = parts.map(|part| {
        let part = part.strip_prefix('{').unwrap_or(part);
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &part[..end.unwrap_or(part.len())]
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted() {
        assert!(KEYS.is_sorted());
    }
}
