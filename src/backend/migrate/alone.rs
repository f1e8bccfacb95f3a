//! Keys of ifcfg files that NetworkManager alone reads: where network-scripts bring the interface up they are not in force.

/// Keys, sorted. Source: no script of initscripts (rhel7-branch, rhel8-branch) nor dhclient-script names them.
const ALONE: &[&str] = &[
    "ACCEPT_ALL_MAC_ADDRESSES",
    "ACD_TIMEOUT",
    "AUTH_RETRIES",
    "AUTOCONNECT_PRIORITY",
    "AUTOCONNECT_RETRIES",
    "AUTOCONNECT_SLAVES",
    "BOND_PORT_PRIO",
    "BOND_PORT_QUEUE_ID",
    "BRIDGE_MACADDR",
    "BRIDGE_PORT_VLANS",
    "BRIDGE_UUID",
    "BRIDGE_VLANS",
    "BROWSER_ONLY",
    "CONNECTION_METERED",
    "DHCP_CLIENT_ID",
    "DHCP_HOSTNAME_FLAGS",
    "DHCP_IAID",
    "DHCP_REJECT_SERVERS",
    "DHCP_VENDOR_CLASS_IDENTIFIER",
    "DNS_OVER_TLS",
    "GATEWAY_PING_TIMEOUT",
    "GENERATE_MAC_ADDRESS_MASK",
    "HWADDR_BLACKLIST",
    "IPV6_ADDR_GEN_MODE",
    "IPV6_DEFROUTE",
    "IPV6_DISABLED",
    "IPV6_DNS_PRIORITY",
    "IPV6_DOMAIN",
    "IPV6_FAILURE_FATAL",
    "IPV6_PEERDNS",
    "IPV6_PEERROUTES",
    "IPV6_PRIVACY_PREFER_PUBLIC_IP",
    "IPV6_RES_OPTIONS",
    "IPV6_TOKEN",
    "LLDP",
    "LLMNR",
    "MASTER_UUID",
    "MDNS",
    "MPTCP_FLAGS",
    "MUD_URL",
    "MULTI_CONNECT",
    "MVRP",
    "PAC_SCRIPT",
    "PAC_URL",
    "PEERROUTES",
    "PROXY_METHOD",
    "SECONDARY_UUIDS",
    "STABLE_ID",
    "USERS",
    "VLAN_FLAGS",
    "VLAN_ID",
    "VLAN_INGRESS_PRIORITY_MAP",
    "VLAN_PROTOCOL",
    "VRF",
    "VRF_UUID",
    "WAIT_ACTIVATION_DELAY",
];

/// How such keys begin; behind some of them stands what network-scripts read, too.
const BEGINNINGS: &[&str] = &[
    "DHCPV6_",
    "HOSTNAME_",
    "IPV4_",
    "IPV6_AUTO_ROUTE_",
    "IPV6_DHCP_",
    "IPV6_RA_",
    "IPV6_REPLACE_",
    "IPV6_REQUIRED_",
    "IPV6_ROUTE_",
    "MATCH_",
    "ROUTING_RULE",
];

/// The one of `IPV4_` that ifup-eth asks for.
const READ: &str = "IPV4_FAILURE_FATAL";

/// Returns whether no script reads `key`.
pub(super) fn is_of_network_manager(key: &str) -> bool {
    let begins = BEGINNINGS.iter().any(|start| key.starts_with(start));
    (begins && key != READ) || ALONE.binary_search(&key).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(ALONE.is_sorted());
    }
}
