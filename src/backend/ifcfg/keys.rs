//! Where each key of an ifcfg file belongs when its interface becomes the port of a bridge.
//!
//! The table is that of initscripts' ifup-eth, ifup-ipv6, ifup-post, ifup-aliases and dhclient-script (a port leaves
//! ifup-eth before any layer-3 key is read), of doc/sysconfig.txt, and of NetworkManager's nms-ifcfg-rh-reader.c for the
//! keys that only it reads. To add a key: one entry in the slice of its class.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::Role;

/// Where a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Layer 3: moves to the bridge.
    Layer3(Role),
    /// Identity, one per file, or the link itself: stays.
    Own,
    /// The bridge's own properties.
    Bridge,
    /// Copied to a new bridge, so that both agree.
    Shared,
    /// Not known to any reader.
    Unknown,
}

const ADDRESS: &[&str] = &[
    "BOOTPROTO",
    "IPV6ADDR",
    "IPV6ADDR_SECONDARIES",
    "IPV6_DEFAULTGW",
    "OVSBOOTPROTO",
];
const ADDRESS_NUMBERED: &[&str] = &[
    "BROADCAST",
    "GATEWAY",
    "IPADDR",
    "NETMASK",
    "NETWORK",
    "PREFIX",
];
const IPV6: &[&str] = &[
    "DHCPV6C",
    "DHCPV6C_OPTIONS",
    "IPV6FORWARDING",
    "IPV6INIT",
    "IPV6_AUTOCONF",
    "IPV6_DISABLED",
    "IPV6_FORCE_ACCEPT_RA",
    "IPV6_PRIVACY",
    "IPV6_ROUTER",
];
const OTHER: &[&str] = &[
    "ACD_TIMEOUT",
    "ARP",
    "ARPING_UPDATE_WAIT",
    "ARPING_WAIT",
    "BROWSER_ONLY",
    "CLONENUM_START",
    "CONNECTION_METERED",
    "DEFROUTE",
    "DHCLIENTARGS",
    "DHCLIENT_DELAY",
    "DHCLIENT_IGNORE_GATEWAY",
    "DHCPRELEASE",
    "DHCP_CLIENT_ID",
    "DHCP_FQDN",
    "DHCP_HOSTNAME",
    "DHCP_HOSTNAME_FLAGS",
    "DHCP_IAID",
    "DHCP_REJECT_SERVERS",
    "DHCP_SEND_HOSTNAME",
    "DHCP_VENDOR_CLASS_IDENTIFIER",
    "DNS_OVER_TLS",
    "DOMAIN",
    "EXTRA_ROUTE_OPTS",
    "GATEWAYDEV",
    "GATEWAY_PING_TIMEOUT",
    "HOSTNAME_FROM_DHCP",
    "HOSTNAME_FROM_DNS_LOOKUP",
    "HOSTNAME_ONLY_FROM_DEFAULT",
    "HOSTNAME_PRIORITY",
    "LLMNR",
    "MDNS",
    "METRIC",
    "MPTCP_FLAGS",
    "MUD_URL",
    "NOROUTESET",
    "NOZEROCONF",
    "NO_ALIASROUTING",
    "NO_DHCP_HOSTNAME",
    "ONPARENT",
    "PEERDNS",
    "PEERNIS",
    "PEERNTP",
    "PEERROUTES",
    "PERSISTENT_DHCLIENT",
    "PROXY_METHOD",
    "RESOLV_MODS",
    "RES_OPTIONS",
    "SCOPE",
    "SEARCH",
    "SECONDARY_UUIDS",
    "SRCADDR",
    "STABLE_ID",
    "WINDOW",
    "ZONE",
];
const OTHER_NUMBERED: &[&str] = &["ARPCHECK", "ARPUPDATE", "ROUTING_RULE6_", "ROUTING_RULE_"];
const OTHER_PREFIXES: &[&str] = &["DHCPV6_", "IPV4_", "IPV6TO4", "IPV6_", "PAC_"];
const SHARED: &[&str] = &["HOTPLUG", "LINKDELAY", "MTU", "USERCTL", "USERS"];
const BRIDGE: &[&str] = &[
    "AGEING",
    "BRIDGE_MACADDR",
    "BRIDGE_VLANS",
    "DELAY",
    "OVSDHCPINTERFACES",
    "OVSREQUIRES",
    "OVS_EXTRA",
    "OVS_OPTIONS",
    "PRIO",
    "STP",
];
const OWN: &[&str] = &[
    "ACCEPT_ALL_MAC_ADDRESSES",
    "ALLMULTI",
    "AUTH_RETRIES",
    "AUTOCONNECT_PRIORITY",
    "AUTOCONNECT_RETRIES",
    "AUTOCONNECT_SLAVES",
    "BONDING_MASTER",
    "BONDING_OPTS",
    "BRIDGE",
    "BRIDGE_PORT_VLANS",
    "BRIDGE_UUID",
    "BRIDGING_OPTS",
    "DEVICE",
    "DEVICETYPE",
    "DEVTIMEOUT",
    "ETHTOOL_DELAY",
    "ETHTOOL_OPTS",
    "ETHTOOL_WAKE_ON_LAN",
    "GENERATE_MAC_ADDRESS_MASK",
    "GVRP",
    "HWADDR",
    "HWADDR_BLACKLIST",
    "KEY_MGMT",
    "LINKSTATUS",
    "LLDP",
    "MACADDR",
    "MASTER",
    "MASTER_UUID",
    "MULTI_CONNECT",
    "NAME",
    "NETTYPE",
    "NM_CONTROLLED",
    "ONBOOT",
    "OPTIONS",
    "OVS_BRIDGE",
    "PHYSDEV",
    "PORTNAME",
    "PROMISC",
    "REORDER_HDR",
    "SLAVE",
    "SUBCHANNELS",
    "TEAM_CONFIG",
    "TEAM_MASTER",
    "TYPE",
    "UUID",
    "VID",
    "VLAN",
    "VLAN_EGRESS_PRIORITY_MAP",
    "VLAN_FLAGS",
    "VLAN_ID",
    "VLAN_INGRESS_PRIORITY_MAP",
];
const OWN_PREFIXES: &[&str] = &["DCB_", "IEEE_8021X_", "SRIOV_", "TC_"];

/// The keys of each class, and those that may end in a number.
static KEYS: LazyLock<HashMap<&str, (Class, bool)>> = LazyLock::new(|| {
    let lists = [
        (ADDRESS, Class::Layer3(Role::Address), false),
        (ADDRESS_NUMBERED, Class::Layer3(Role::Address), true),
        (IPV6, Class::Layer3(Role::Ipv6), false),
        (BRIDGE, Class::Bridge, false),
        (SHARED, Class::Shared, false),
        (OWN, Class::Own, false),
        (OTHER, Class::Layer3(Role::Other), false),
        (OTHER_NUMBERED, Class::Layer3(Role::Other), true),
    ];
    let keys = lists.into_iter().flat_map(|(list, class, numbered)| {
        let list = list.iter();
        list.map(move |key| (*key, (class, numbered)))
    });
    keys.collect()
});

/// Returns where `key` belongs.
pub(super) fn class(key: &str) -> Class {
    if let Some((class, _)) = KEYS.get(key) {
        return *class;
    }
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let begins = |list: &[&str]| list.iter().any(|prefix| key.starts_with(prefix));
    if stem == "DNS" && stem != key {
        return Class::Layer3(Role::Dns);
    }
    match KEYS.get(stem) {
        Some((class, true)) => *class,
        _ if begins(OWN_PREFIXES) => Class::Own,
        _ if begins(OTHER_PREFIXES) => Class::Layer3(Role::Other),
        _ => Class::Unknown,
    }
}

/// Returns whether a program that reads ifcfg files has a use for `key`.
pub(in crate::backend) fn is_known(key: &str) -> bool {
    class(key) != Class::Unknown || FOREIGN.iter().any(|(known, _)| *known == key)
}

/// Keys that only an interface has which is no Ethernet card, with what it then is.
pub(super) const FOREIGN: &[(&str, &str)] = &[
    ("ESSID", "is a wireless station"),
    ("MODE", "is a wireless station"),
    ("IPV6TUNNELIPV4", "is a tunnel"),
    ("MY_INNER_IPADDR", "is a tunnel"),
    ("PEER_OUTER_IPADDR", "is a tunnel"),
    ("IKE_METHOD", "is an IPsec link"),
    ("OWNER", "is a TUN or TAP device"),
    ("MODEMPORT", "is a modem"),
    ("PROVIDER", "is a dialled link"),
];

/// Values of `TYPE` that name something else than an Ethernet card, with what it then is.
pub(super) const FOREIGN_TYPES: &[(&str, &str)] = &[
    ("wireless", "is a wireless station"),
    ("gre", "is a tunnel"),
    ("ipip", "is a tunnel"),
    ("sit", "is a tunnel"),
    ("ipsec", "is an IPsec link"),
    ("modem", "is a modem"),
    ("xdsl", "is a dialled link"),
    ("isdn", "is a dialled link"),
    ("ppp", "is a dialled link"),
    ("ctc", "is a point-to-point channel"),
    (
        "infiniband",
        "is an InfiniBand port, which carries no Ethernet frames",
    ),
    ("tap", "is a TUN or TAP device"),
    ("tun", "is a TUN or TAP device"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: [&[&str]; 8] = [
        ADDRESS,
        ADDRESS_NUMBERED,
        IPV6,
        OTHER,
        OTHER_NUMBERED,
        SHARED,
        BRIDGE,
        OWN,
    ];

    #[test]
    fn each_key_has_one_class() {
        assert_eq!(
            KEYS.len(),
            LISTS.iter().map(|list| list.len()).sum::<usize>()
        );
        for list in LISTS {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn each_is_known_to_a_reader() {
        let foreign = FOREIGN.iter().map(|(key, _)| key);
        for key in LISTS.into_iter().flatten().chain(foreign) {
            assert!(super::super::known::is_key(key), "{key}");
        }
    }

    #[test]
    fn classes_of_the_keys_that_cost_a_host() {
        assert_eq!(class("IPADDR"), Class::Layer3(Role::Address));
        assert_eq!(class("IPADDR12"), Class::Layer3(Role::Address));
        assert_eq!(class("DNS2"), Class::Layer3(Role::Dns));
        assert_eq!(class("IPV6_DEFROUTE"), Class::Layer3(Role::Other));
        assert_eq!(class("HWADDR"), Class::Own);
        assert_eq!(class("BRIDGING_OPTS"), Class::Own);
        assert_eq!(class("MTU"), Class::Shared);
        assert_eq!(class("ADMIN_TICKET"), Class::Unknown);
        assert_eq!(class("DNS"), Class::Unknown);
    }
}
