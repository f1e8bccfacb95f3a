//! The keys that NetworkManager knows in the groups of a keyfile that matter here.
//!
//! Source: gen-metadata-nm-settings-libnm-core.xml.in (1.58), nm-setting-bond.h and nm-settings-keyfile(5); defaults of
//! nm-settings(5), seen with 1.42.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::backend::near::nearest;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// A boolean, and what it is where the file does not say it.
    Boolean(bool),
    /// The number 0 or 1, or -1 for the default: words are no numbers.
    Switch,
}

/// A group, all of whose keys are known.
pub(super) struct Group {
    /// Its names.
    names: &'static [&'static str],
    /// Keys with a boolean, and what each is where the file does not say it.
    booleans: &'static [(&'static str, bool)],
    /// Keys with a number that switches something.
    switches: &'static [&'static str],
    /// All others, with blanks between them.
    others: &'static str,
    /// Beginnings of keys that end with any number.
    numbered: &'static [&'static str],
}

/// The two spellings of a key, the old one first.
///
/// Source: nm-settings-keyfile(5) of 1.46; run with 1.42, 1.52 and 1.58.
pub(super) const SPELLINGS: [[&str; 2]; 3] = [
    ["master", "controller"],
    ["slave-type", "port-type"],
    ["autoconnect-slaves", "autoconnect-ports"],
];

/// The names of the group of a card.
pub(super) const ETHERNET: [&str; 2] = ["ethernet", "802-3-ethernet"];

const GROUPS: &[Group] = &[
    Group {
        names: &["connection"],
        booleans: &[("autoconnect", true)],
        switches: &["autoconnect-ports", "autoconnect-slaves"],
        others: "auth-retries autoconnect-priority autoconnect-retries controller dns-over-tls dnssec \
            down-on-poweroff gateway-ping-timeout id interface-name ip-ping-addresses \
            ip-ping-addresses-require-all ip-ping-timeout lldp llmnr master mdns metered mptcp-flags mud-url \
            multi-connect permissions port-type read-only secondaries slave-type stable-id timestamp type uuid \
            wait-activation-delay wait-device-timeout zone",
        numbered: &[],
    },
    Group {
        names: &ETHERNET,
        booleans: &[("auto-negotiate", false)],
        switches: &["accept-all-mac-addresses"],
        others: "assigned-mac-address cloned-mac-address duplex generate-mac-address-mask mac-address \
            mac-address-blacklist mac-address-denylist mtu port s390-nettype s390-options s390-subchannels speed \
            wake-on-lan wake-on-lan-password",
        numbered: &[],
    },
    Group {
        names: &["bridge"],
        booleans: &[
            ("multicast-querier", false),
            ("multicast-query-use-ifaddr", false),
            ("multicast-snooping", true),
            ("stp", true),
            ("vlan-filtering", false),
            ("vlan-stats-enabled", false),
        ],
        switches: &[],
        others: "ageing-time forward-delay group-address group-forward-mask hello-time interface-name mac-address \
            max-age multicast-hash-max multicast-last-member-count multicast-last-member-interval \
            multicast-membership-interval multicast-querier-interval multicast-query-interval \
            multicast-query-response-interval multicast-router multicast-startup-query-count \
            multicast-startup-query-interval priority vlan-default-pvid vlan-protocol vlans",
        numbered: &[],
    },
    Group {
        names: &["bridge-port"],
        booleans: &[("hairpin-mode", false)],
        switches: &[],
        others: "path-cost priority vlans",
        numbered: &[],
    },
    Group {
        names: &["vlan"],
        booleans: &[],
        switches: &[],
        others: "egress-priority-map flags id ingress-priority-map interface-name parent protocol",
        numbered: &[],
    },
    Group {
        names: &["bond"],
        booleans: &[],
        switches: &[],
        others: "active_slave ad_actor_sys_prio ad_actor_system ad_select ad_user_port_key all_slaves_active \
            arp_all_targets arp_interval arp_ip_target arp_missed_max arp_validate balance-slb downdelay \
            fail_over_mac interface-name lacp_active lacp_rate lp_interval miimon min_links mode ns_ip6_target \
            num_grat_arp num_unsol_na packets_per_slave peer_notif_delay primary primary_reselect resend_igmp \
            tlb_dynamic_lb updelay use_carrier xmit_hash_policy",
        numbered: &[],
    },
    Group {
        names: &["ipv4", "ipv6"],
        booleans: &[
            ("dhcp-send-hostname", true),
            ("ignore-auto-dns", false),
            ("ignore-auto-routes", false),
            ("may-fail", true),
            ("never-default", false),
        ],
        switches: &[
            "auto-route-ext-gw",
            "dhcp-send-release",
            "replace-local-rule",
        ],
        others: "addr-gen-mode address-data address-labels addresses clat dad-timeout dhcp-client-id dhcp-dscp \
            dhcp-duid dhcp-fqdn dhcp-hostname dhcp-hostname-flags dhcp-iaid dhcp-ipv6-only-preferred \
            dhcp-pd-hint dhcp-reject-servers dhcp-send-hostname-v2 dhcp-timeout dhcp-vendor-class-identifier dns \
            dns-data dns-options dns-priority dns-search forwarding gateway ip6-privacy link-local method mtu \
            ra-timeout required-timeout route-data route-metric route-table routed-dns routes routing-rules \
            shared-dhcp-lease-time shared-dhcp-range temp-preferred-lifetime temp-valid-lifetime token",
        numbered: &["address", "addresses", "route", "routes", "routing-rule"],
    },
];

/// The keys without those that have a number, each with the first name of its group.
static KEYS: LazyLock<HashSet<(&str, &str)>> = LazyLock::new(|| {
    let of_group = |group: &'static Group| group.keys().map(|key| (group.names[0], key));
    GROUPS.iter().flat_map(of_group).collect()
});

/// Returns the group of a name.
pub(super) fn group(name: &str) -> Option<&'static Group> {
    GROUPS.iter().find(|group| group.names.contains(&name))
}

impl Group {
    /// Returns what the value of a key is, if it is a boolean or a switch.
    pub(super) fn sort(&self, key: &str) -> Option<Sort> {
        let boolean = self.booleans.iter().find(|(known, _)| *known == key);
        let boolean = boolean.map(|(_, default)| Sort::Boolean(*default));
        boolean.or_else(|| self.switches.contains(&key).then_some(Sort::Switch))
    }

    /// Returns the keys without those that have a number.
    fn keys(&self) -> impl Iterator<Item = &'static str> {
        let booleans = self.booleans.iter().map(|(key, _)| *key);
        let switches = self.switches.iter().copied();
        let others = self.others.split_ascii_whitespace();
        booleans.chain(switches).chain(others)
    }

    /// Returns whether NetworkManager knows a key.
    fn knows(&self, key: &str) -> bool {
        let word = key.strip_suffix("_options").unwrap_or(key);
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        self.numbered.contains(&word) || KEYS.contains(&(self.names[0], key))
    }

    /// Returns whether NetworkManager knows a key, or takes it for the translation of one.
    pub(super) fn has(&self, key: &str) -> bool {
        // `id[de]` is a translation
        self.knows(key) || key.contains('[')
    }

    /// Returns the key that is meant by one that NetworkManager does not know: it differs in case, in `_` and `-`, or in one or
    /// two letters; `None` where it is known, or nothing is near.
    pub(super) fn meant(&self, key: &str) -> Option<String> {
        if self.has(key) {
            return None;
        }
        let word = key.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = &key[word.len()..];
        let numbered = || self.numbered.iter().copied();
        let of_number = match number {
            "" => None,
            number => nearest(word, numbered()).map(|known| format!("{known}{number}")),
        };
        of_number
            .or_else(|| nearest(key, self.keys()).map(str::to_owned))
            .or_else(|| nearest(word, self.keys()).map(str::to_owned))
    }
}

/// The groups that NetworkManager knows, with blanks between them; their short names as well.
///
/// Source: gen-metadata-nm-settings-libnm-core.xml.in (1.58), `alias_names` in nm-keyfile-utils.c.
const NAMES: &str = "6lowpan 802-1x 802-11-olpc-mesh 802-11-wireless 802-11-wireless-security 802-3-ethernet adsl bluetooth bond \
    bond-port bridge bridge-port cdma connection dcb dummy ethernet ethtool generic gsm hostname hsr infiniband ip-tunnel \
    ipv4 ipv6 ipvlan link loopback macsec macvlan match olpc-mesh ovs-bridge ovs-dpdk ovs-external-ids ovs-interface \
    ovs-other-config ovs-patch ovs-port ppp pppoe prefix-delegation proxy serial sriov tc team team-port tun user veth vlan \
    vpn vpn-secrets vrf vxlan wifi wifi-p2p wifi-security wimax wireguard wpan";

/// Words that mean a group without being near to it.
const MEANT: &[(&str, &str)] = &[
    ("inet", "ipv4"),
    ("inet6", "ipv6"),
    ("ip4", "ipv4"),
    ("ip6", "ipv6"),
];

/// Returns whether NetworkManager knows a group, or another program has it.
pub(super) fn is_group(name: &str) -> bool {
    let known = NAMES.split_ascii_whitespace().any(|known| known == name);
    // `.nmmeta` and `nm-origin` are its own, `wireguard-peer.KEY` and `qdisc.KEY` are many
    known || name.contains('.') || name.starts_with("nm-")
}

/// Returns the group that is meant by one that NetworkManager does not know.
pub(super) fn group_meant(name: &str) -> Option<&'static str> {
    if is_group(name) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let other = MEANT.iter().find(|(word, _)| *word == lower);
    let names = || NAMES.split_ascii_whitespace();
    let same = || names().find(|known| *known == lower);
    let other = other.map(|(_, meant)| *meant);
    other.or_else(same).or_else(|| nearest(name, names()))
}

/// Returns the name of another group that knows the key.
pub(super) fn elsewhere(key: &str) -> Option<&'static str> {
    let found = GROUPS.iter().find(|group| group.knows(key))?;
    found.names.first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_key_means_it() {
        for (name, key, expected) in [
            ("ipv4", "adress1", Some("address1")),
            ("ipv4", "address12", None),
            ("ipv4", "route1_options", None),
            ("ipv6", "routing_rule2", Some("routing-rule2")),
            ("ipv4", "gatway", Some("gateway")),
            ("ipv4", "gateway1", Some("gateway")),
            ("ipv4", "Method", Some("method")),
            ("ipv4", "dns1", Some("dns")),
            ("ipv4", "dhcp-new-thing", None),
            ("connection", "slave_type", Some("slave-type")),
            ("connection", "interface_name", Some("interface-name")),
            ("connection", "autoconect", Some("autoconnect")),
            ("connection", "ID", Some("id")),
            ("connection", "ip", None),
            ("connection", "id[de]", None),
            ("connection", "tpye", Some("type")),
            ("bond", "lacp-rate", Some("lacp_rate")),
            ("bond", "Miimon", Some("miimon")),
            ("bond", "balance-slb", None),
        ] {
            let meant = group(name).and_then(|group| group.meant(key));
            assert_eq!(meant.as_deref(), expected, "[{name}] {key}");
        }
        assert!(group("user").is_none());
    }

    #[test]
    fn what_is_nearly_a_group_means_it() {
        for (name, expected) in [
            ("IPv4", Some("ipv4")),
            ("ip6", Some("ipv6")),
            ("ipv5", Some("ipv4")),
            ("conection", Some("connection")),
            ("Ethernet", Some("ethernet")),
            ("802-3-ethernt", Some("802-3-ethernet")),
            ("brige", Some("bridge")),
            ("bridge-port", None),
            ("user", None),
            (".nmmeta", None),
            ("wireguard-peer.x", None),
            ("site", None),
        ] {
            assert_eq!(group_meant(name), expected, "[{name}]");
        }
        assert_eq!(elsewhere("dns-search"), Some("ipv4"));
        assert_eq!(elsewhere("rack"), None);
    }
}
