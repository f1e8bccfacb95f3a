//! The keys that NetworkManager knows in the groups of a keyfile that matter here.
//!
//! Source: gen-metadata-nm-settings-libnm-core.xml.in (1.58), nm-setting-bond.h and nm-settings-keyfile(5); defaults of
//! nm-settings(5), seen with 1.42.

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
        self.numbered.contains(&word) || self.keys().any(|known| known == key)
    }

    /// Returns the key that is meant by one that NetworkManager does not know: it differs in case, in `_` and `-`, or in one
    /// letter; `None` where it is known, or nothing is near.
    pub(super) fn meant(&self, key: &str) -> Option<String> {
        // `id[de]` is a translation
        if self.knows(key) || key.contains('[') {
            return None;
        }
        let word = key.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = &key[word.len()..];
        let numbered = self.numbered.iter().map(|known| (*known, word, number));
        let keys = self.keys().map(|known| (known, key, ""));
        let all: Vec<_> = numbered.chain(keys).collect();
        let found = |is_near: fn(&str, &str) -> bool| {
            let near = all.iter().find(|(known, word, _)| is_near(known, word))?;
            Some(format!("{}{}", near.0, near.2))
        };
        found(|known, word| plain(known) == plain(word)).or_else(|| {
            found(|known, word| known.len() > 2 && one_off(&plain(known), &plain(word)))
        })
    }
}

/// Returns a key without what is easily mistaken in it.
fn plain(key: &str) -> String {
    key.to_ascii_lowercase().replace('_', "-")
}

/// Returns whether two words differ in one letter: one more, another one, or two that changed places.
fn one_off(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let start = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (&short[start..], &long[start..]);
    match (short, long) {
        (short, [_, rest @ ..]) if short.len() == rest.len() => short == rest,
        ([a, rest @ ..], [b, others @ ..]) if rest.len() == others.len() => {
            let swapped = rest.first() == Some(b) && others.first() == Some(a);
            rest == others || (swapped && rest[1..] == others[1..])
        }
        (_, _) => false,
    }
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
    fn a_swap_is_one_letter_and_equal_words_are_none() {
        assert!(one_off("type", "tpye") && one_off("stp", "sttp") && one_off("mtu", "mtx"));
        assert!(!one_off("stp", "stp") && !one_off("abc", "bca") && !one_off("", "ab"));
    }
}
