//! The keys of ifcfg files that a program reads, and what somebody meant who wrote another one.
//!
//! Source: every `$NAME` in the network-scripts of initscripts (rhel6, rhel7 and rhel8 branches), init.d/network,
//! network-functions, dhclient-script, and doc/sysconfig.txt; `nms_ifcfg_well_known_keys[]` in NetworkManager's
//! nms-ifcfg-rh-utils.c (1.58); ifup-ovs and ifdown-ovs of Open vSwitch. To add a key: its word in the list of its reader.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::backend::near::nearest;

/// Keys of cards, bridges, bonds and VLANs that somebody may have meant, with blanks between them.
const COMMON: &str = "
    ACD_TIMEOUT AGEING ARP ARPCHECK ARPING_UPDATE_WAIT ARPING_WAIT ARPUPDATE AUTOCONNECT_PRIORITY AUTOCONNECT_SLAVES
    BONDING_MASTER BONDING_OPTS BOOTPROTO BRIDGE BRIDGE_MACADDR BRIDGE_UUID BRIDGING_OPTS BROADCAST CONNECTION_METERED
    DEFROUTE DELAY DEVICE DEVICETYPE DEVTIMEOUT DHCLIENTARGS DHCPRELEASE DHCPV6C DHCPV6C_OPTIONS DHCPV6_DUID DHCPV6_IAID
    DHCP_CLIENT_ID DHCP_FQDN DHCP_HOSTNAME DHCP_IAID DHCP_SEND_HOSTNAME DOMAIN ETHTOOL_DELAY ETHTOOL_OPTS
    ETHTOOL_WAKE_ON_LAN EXTRA_ROUTE_OPTS GATEWAY GATEWAYDEV GVRP HOTPLUG HWADDR HWADDR_BLACKLIST IPADDR IPADDR_END
    IPADDR_START IPV4_DHCP_TIMEOUT IPV4_DNS_PRIORITY IPV4_FAILURE_FATAL IPV4_ROUTE_METRIC IPV4_ROUTE_TABLE IPV6ADDR
    IPV6ADDR_SECONDARIES IPV6FORWARDING IPV6INIT IPV6_ADDR_GEN_MODE IPV6_AUTOCONF IPV6_DEFAULTDEV IPV6_DEFAULTGW
    IPV6_DEFROUTE IPV6_DISABLED IPV6_DNS_PRIORITY IPV6_DOMAIN IPV6_FAILURE_FATAL IPV6_FORCE_ACCEPT_RA IPV6_MTU
    IPV6_PEERDNS IPV6_PEERROUTES IPV6_PRIVACY IPV6_ROUTER IPV6_ROUTE_METRIC IPV6_ROUTE_TABLE IPV6_TOKEN LINKDELAY
    LINKSTATUS LLDP MACADDR MASTER MASTER_UUID METRIC MTU MULTI_CONNECT NAME NETMASK NETWORK NM_CONTROLLED NOROUTESET
    NOZEROCONF NO_ALIASROUTING NO_DHCP_HOSTNAME ONBOOT ONPARENT PEERDNS PEERNTP PEERROUTES PERSISTENT_DHCLIENT PHYSDEV
    PREFIX PRIO PROMISC REORDER_HDR RES_OPTIONS RESOLV_MODS SCOPE SEARCH SLAVE SRCADDR STP SUBCHANNELS TEAM_CONFIG
    TEAM_MASTER TEAM_PORT_CONFIG TYPE USERCTL USERS UUID VID VLAN VLAN_EGRESS_PRIORITY_MAP VLAN_FLAGS VLAN_ID
    VLAN_INGRESS_PRIORITY_MAP VRF WINDOW ZONE
    OVSBOOTPROTO OVSDHCPINTERFACES OVSREQUIRES OVS_BRIDGE OVS_EXTRA OVS_OPTIONS OVS_PATCH_PEER OVS_TUNNEL_OPTIONS
    OVS_TUNNEL_TYPE BOND_IFACES";

/// Keys of other interfaces, of tunnels, modems and wireless cards, and those that are seldom written.
const SELDOM: &str = "
    ACCEPT_ALL_MAC_ADDRESSES ALLMULTI AP_ISOLATION AREACODE AUTH AUTH_RETRIES AUTOCONNECT_RETRIES BAND BOND_PORT_PRIO
    BOND_PORT_QUEUE_ID BOOT BOOTTIMEOUT BRIDGE_PORT_VLANS BRIDGE_VLANS BROWSER_ONLY BSDCOMP BSSID BUNDLING CALLBACK CBCP
    CBCP_MSN CBDELAY CBHUP CCP CHANNEL CHARGEHUP CHARGEINT CHATSCRIPT CIPHER_GROUP CIPHER_PAIRWISE CLONENUM_START
    CONNECTED_MODE COUNTRYCODE CTCPROT DEBUG DEFABORT DEFAULTKEY DEFRT DELDEFAULTROUTE DEMAND DHCLIENT_DELAY
    DHCLIENT_IGNORE_GATEWAY DHCPV6_HOSTNAME DHCPV6_HOSTNAME_FLAGS DHCPV6_PD_HINT DHCPV6_SEND_HOSTNAME
    DHCP_HOSTNAME_FLAGS DHCP_REJECT_SERVERS DHCP_VENDOR_CLASS_IDENTIFIER DHCPv6_DUID DHCPv6_IAID DIALIN DIALMAX DIALMODE
    DISCONNECTTIMEOUT DNS_OVER_TLS DST DSTNET DYNCONFIG ENCAP ESCAPECHARS ESSID FILS FREQ GATEWAY_PING_TIMEOUT
    GENERATE_MAC_ADDRESS_MASK GSSPI HARDFLOWCTL HOSTNAME HOSTNAME_FROM_DHCP HOSTNAME_FROM_DNS_LOOKUP
    HOSTNAME_ONLY_FROM_DEFAULT HOSTNAME_PRIORITY HUPTIMEOUT IDLETIMEOUT IFDOWN_ON_SHUTDOWN IHUP IKE_AUTH IKE_CERTFILE
    IKE_DHGROUP IKE_DNSSEC IKE_ENC IKE_METHOD IKE_PEER_CERTFILE IKE_PSK IPV4_AUTO_ROUTE_EXT_GW IPV4_LINK_LOCAL
    IPV4_REPLACE_LOCAL_RULE IPV4_REQUIRED_TIMEOUT IPV6TO4INIT IPV6TO4_IPV4ADDR IPV6TO4_MTU IPV6TO4_RELAY IPV6TO4_ROUTING
    IPV6TUNNELIPV4 IPV6TUNNELIPV4LOCAL IPV6_AUTOTUNNEL IPV6_AUTO_ROUTE_EXT_GW IPV6_CONTROL_RADVD IPV6_DHCP_TIMEOUT
    IPV6_PRIVACY_PREFER_PUBLIC_IP IPV6_RADVD_PIDFILE IPV6_RADVD_TRIGGER_ACTION IPV6_RA_TIMEOUT IPV6_REPLACE_LOCAL_RULE
    IPV6_REQUIRED_TIMEOUT IPV6_RES_OPTIONS IPV6_SET_SYSCTLS ISALIAS ISDN_HOSTNAME IWCONFIG IWPRIV KEY KEY_MGMT KEY_TYPE
    L2_PROT L3_PROT LAYER LINE LINESPEED LLMNR LOCAL_IP LZS LZS_MODE MAC_ADDRESS_RANDOMIZATION MATCH_DRIVER
    MATCH_INTERFACE_NAME MATCH_KERNEL_COMMAND_LINE MATCH_PATH MAXFAIL MDNS MODE MODEMPORT MPTCP_FLAGS MRU MSN MS_DNS1
    MS_DNS2 MUD_URL MVRP MYID_TYPE MYID_VALUE MY_INNER_IPADDR MY_OUTER_IPADDR NETTYPE NETWORKDELAY NICK NICKNAME NWID
    ONESHOT OPTIONS OVS_PORT OVS_PORT_UUID OWNER PAC_SCRIPT PAC_URL PANDARGS PAPNAME PASSWORD PEERNIS PEER_INNER_IPADDR
    PEER_OUTER_IPADDR PERSIST PHONE_IN PHONE_OUT PHYDEVICE PKEY PKEY_ID PKEY_ID_NM PMF PORTNAME POWERSAVE PPPOPTIONS
    PROVIDER PROXY_METHOD PSK RATE REMIP REMOTEBDADDR REMOTE_IP RETRYCONNECT RETRYTIMEOUT ROLE RTS SECONDARY_UUIDS SECURE
    SECURITYMODE SENS SLAVE_CALLBACK SLAVE_CBDELAY SLAVE_CBHUP SLAVE_CHARGEHUP SLAVE_CHARGEINT SLAVE_DELAY SLAVE_DEVICE
    SLAVE_DIALMAX SLAVE_DIALMODE SLAVE_HUPTIMEOUT SLAVE_IHUP SLAVE_MSN SLAVE_PHONE_IN SLAVE_PHONE_OUT SLAVE_TRIGGER
    SPYIPS SRC SRCNET SSID_HIDDEN STABLE_ID TC_COMMIT TEAM_MASTER_UUID TIMEOUT TTL TUNMODE USER VJ VJCCOMP VLAN_PROTOCOL
    VRF_UUID WAIT_ACTIVATION_DELAY WEP_KEY_FLAGS WIRELESS_ENC_KEY WOWLAN WPA_ALLOW_WPA WPA_ALLOW_WPA2 WPA_PSK
    WPA_PSK_FLAGS WPS_METHOD WVDIALSECT X509";

/// Keys that installers and other tools leave in such files for themselves, and that no reader asks for: they do no harm.
///
/// Source: sysconfig.py of cloud-init, NetworkManager 0.9's writer, anaconda, system-config-network, os-net-config, cobbler.
const LEFT: &str = "BONDING_SLAVE BONDING_SLAVES IVS_BRIDGE LAST_CONNECT NAMESERVER_SOURCE NFVSWITCH_OPTIONS RX_QUEUE STARTMODE
    VLAN_NAME_TYPE VLAN_NAME";

/// Keys with a number behind them, or none.
const NUMBERED: &str = "ARPCHECK ARPUPDATE BONDING_SLAVE BROADCAST DNS FILTER GATEWAY IPADDR KEY KEY_PASSPHRASE NETMASK NETWORK
    OPTIONS PREFIX QDISC ROUTING_RULE6_ ROUTING_RULE_ SRIOV_VF";

/// Beginnings of keys.
const BEGINNINGS: &[&str] = &["DCB", "IEEE_8021X_", "NM_USER_", "SRIOV_"];

/// Words that mean a key without being near to it.
const MEANT: &[(&str, &str)] = &[
    ("ADDR", "IPADDR"),
    ("ADDRESS", "IPADDR"),
    ("AUTO", "ONBOOT"),
    ("AUTOSTART", "ONBOOT"),
    ("BONDING_OPTIONS", "BONDING_OPTS"),
    ("BOND_MASTER", "MASTER"),
    ("BOND_OPTIONS", "BONDING_OPTS"),
    ("BRIDGE_STP", "STP"),
    ("DEFAULTGW", "GATEWAY"),
    ("DEFAULT_GATEWAY", "GATEWAY"),
    ("DEV", "DEVICE"),
    ("DNS", "DNS1"),
    ("DNSSERVER", "DNS1"),
    ("DNS_SERVER", "DNS1"),
    ("GATEWAYIP", "GATEWAY"),
    ("GW", "GATEWAY"),
    ("HW", "HWADDR"),
    ("HWADDRESS", "HWADDR"),
    ("IFACE", "DEVICE"),
    ("INTERFACE", "DEVICE"),
    ("IP", "IPADDR"),
    ("IP6ADDR", "IPV6ADDR"),
    ("IPADDRESS", "IPADDR"),
    ("IPV4ADDR", "IPADDR"),
    ("IPV4_ADDRESS", "IPADDR"),
    ("IPV6ADDRESS", "IPV6ADDR"),
    ("IPV6GW", "IPV6_DEFAULTGW"),
    ("IPV6_ADDRESS", "IPV6ADDR"),
    ("IPV6_GATEWAY", "IPV6_DEFAULTGW"),
    ("IPV6GATEWAY", "IPV6_DEFAULTGW"),
    ("IP_ADDRESS", "IPADDR"),
    ("MAC", "HWADDR"),
    ("MACADDRESS", "MACADDR"),
    ("MASK", "NETMASK"),
    ("NAMESERVER", "DNS1"),
    ("SUBNETMASK", "NETMASK"),
    ("SUBNET_MASK", "NETMASK"),
    ("USER_CTL", "USERCTL"),
];

fn words() -> &'static HashSet<&'static str> {
    static WORDS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let lists = [COMMON, SELDOM, LEFT];
        lists
            .iter()
            .flat_map(|list| list.split_ascii_whitespace())
            .collect()
    })
}

/// Returns the key without the number behind it.
fn stem(key: &str) -> &str {
    key.trim_end_matches(|c: char| c.is_ascii_digit())
}

fn is_numbered(stem: &str) -> bool {
    static WORDS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let words = WORDS.get_or_init(|| NUMBERED.split_ascii_whitespace().collect());
    words.contains(stem)
}

/// Returns whether a program asks for `key`, or one leaves it there for itself.
pub(crate) fn is_key(key: &str) -> bool {
    if words().contains(key) {
        return true;
    }
    let stem = stem(key);
    // there is no DNS without a number
    let numbered = is_numbered(stem) && (stem != key || stem != "DNS");
    let begins = |begin: &&str| {
        key.strip_prefix(*begin)
            .is_some_and(|rest| !rest.is_empty())
    };
    numbered || key == "DCB" || BEGINNINGS.iter().any(begins)
}

/// Returns whether `key` is one of cards, bridges, bonds and VLANs.
pub(crate) fn is_common(key: &str) -> bool {
    static WORDS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let words = WORDS.get_or_init(|| COMMON.split_ascii_whitespace().collect());
    words.contains(key) || (is_numbered(stem(key)) && is_key(key))
}

/// Returns the key that is meant by one that no program asks for; `None` where it is known, or nothing is near.
pub(crate) fn meant(key: &str) -> Option<String> {
    if is_key(key) {
        return None;
    }
    let upper = key.to_ascii_uppercase();
    if is_common(&upper) {
        return Some(upper);
    }
    let other = |word: &str| MEANT.iter().find(|(other, _)| *other == word);
    if let Some((_, meant)) = other(&upper) {
        return Some((*meant).to_owned());
    }
    let stem = stem(&upper);
    let number = &upper[stem.len()..];
    if !number.is_empty() {
        let meant = other(stem).map(|(_, meant)| self::stem(meant));
        let numbered = NUMBERED.split_ascii_whitespace();
        let found = meant.or_else(|| nearest(stem, numbered));
        if let Some(found) = found.filter(|found| is_numbered(found)) {
            return Some(format!("{found}{number}"));
        }
    }
    nearest(&upper, COMMON.split_ascii_whitespace()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_key_means_it() {
        for (key, expected) in [
            ("GATWAY", Some("GATEWAY")),
            ("NETMAKS", Some("NETMASK")),
            ("BOOTPRO", Some("BOOTPROTO")),
            ("NM_CONTROLED", Some("NM_CONTROLLED")),
            ("NM_CONTROL", None),
            ("VLANID", Some("VLAN_ID")),
            ("DNS", Some("DNS1")),
            ("DNS2", None),
            ("onboot", Some("ONBOOT")),
            ("gatway", Some("GATEWAY")),
            ("IPADR1", Some("IPADDR1")),
            ("MASK2", Some("NETMASK2")),
            ("IPADDR12", None),
            ("NAMESERVER2", Some("DNS2")),
            ("DHCPv6_DUID", None),
            ("NM_USER_RACK", None),
            ("NM_USER_", None),
            ("IEEE_8021X_PASSWORD_RAW", None),
            ("NOTE", None),
            ("RACK", None),
            ("TICKET", None),
            ("BONDING_SLAVE0", None),
            ("HWADDRESS", Some("HWADDR")),
            ("ON_BOOT", Some("ONBOOT")),
        ] {
            assert_eq!(meant(key).as_deref(), expected, "{key}");
        }
    }

    #[test]
    fn keys_stand_in_one_list() {
        let mut seen = HashSet::new();
        for word in [COMMON, SELDOM, LEFT]
            .iter()
            .flat_map(|l| l.split_ascii_whitespace())
        {
            assert!(seen.insert(word), "{word} twice");
        }
        for (word, meant) in MEANT {
            assert!(!is_key(word) && is_key(meant), "{word}");
        }
    }
}
