//! What a keyfile has no words for, and what became of it.

use crate::backend::ifcfg::is_known;
use crate::tree::HostPath;

/// How much it matters that something is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Nobody reads it, or it changes nothing.
    Idle,
    /// It changes something, but not whether the host is reached.
    Light,
    /// The host may not be reached without it.
    Grave,
}

/// Something that is said in an ifcfg file or beside it, and in no keyfile.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// The file that says it.
    pub at: HostPath,
    /// The line, counted from 1; absent for the file as a whole.
    pub line: Option<u32>,
    /// What is lost: a key, or a line.
    pub what: String,
    /// What it meant.
    pub meant: String,
    /// What to do instead.
    pub instead: Option<String>,
    /// How much it matters.
    pub weight: Weight,
}

/// A key without a counterpart: its name, maybe with a number behind it; what it meant; what to do instead; how much it matters.
type Row = (&'static str, &'static str, Option<&'static str>, Weight);

/// Keys of ifcfg files that have no counterpart. To add one: its line.
///
/// Source: doc/sysconfig.txt of initscripts, ifup-eth, ifup-post, ifup-ipv6, ifup-aliases.
const LOST: &[Row] = &[
    (
        "ARP",
        "the interface answered ARP, or not",
        Some("a dispatcher script that runs `ip link set … arp off`"),
        Weight::Light,
    ),
    (
        "ARPCHECK",
        "whether an address that is taken was refused",
        Some("[ipv4] dad-timeout"),
        Weight::Light,
    ),
    (
        "ARPUPDATE",
        "whether neighbours were told of the address",
        None,
        Weight::Light,
    ),
    (
        "ARPING_UPDATE_WAIT",
        "how long ifup waited to tell neighbours",
        None,
        Weight::Light,
    ),
    (
        "BROADCAST",
        "the broadcast address, which the kernel computes",
        None,
        Weight::Idle,
    ),
    (
        "CLONENUM_START",
        "the number of the first alias of a range",
        None,
        Weight::Idle,
    ),
    (
        "DEVICETYPE",
        "the script that brought the interface up",
        None,
        Weight::Light,
    ),
    (
        "DHCLIENTARGS",
        "further arguments of dhclient",
        Some("the properties of [ipv4] that begin with `dhcp-`"),
        Weight::Grave,
    ),
    (
        "DHCLIENT_DELAY",
        "how long dhclient waited",
        None,
        Weight::Light,
    ),
    (
        "DHCLIENT_IGNORE_GATEWAY",
        "that the gateway of the DHCP server was ignored",
        Some("[ipv4] never-default=true"),
        Weight::Grave,
    ),
    (
        "DHCPRELEASE",
        "that the lease was given back on shutdown",
        None,
        Weight::Light,
    ),
    (
        "DHCPV6C_OPTIONS",
        "further arguments of the DHCPv6 client",
        Some("the properties of [ipv6] that begin with `dhcp-`"),
        Weight::Grave,
    ),
    (
        "ETHTOOL_DELAY",
        "how long ifup waited before ethtool",
        None,
        Weight::Light,
    ),
    (
        "EXTRA_ROUTE_OPTS",
        "further arguments of the default route",
        Some("a static route in [ipv4] with these options"),
        Weight::Grave,
    ),
    (
        "HOTPLUG",
        "whether udev brought the interface up",
        Some("[connection] autoconnect"),
        Weight::Light,
    ),
    (
        "IPV6_CONTROL_RADVD",
        "that radvd was told of the interface",
        None,
        Weight::Light,
    ),
    (
        "IPV6_FORCE_ACCEPT_RA",
        "that routers were listened to on a router",
        None,
        Weight::Grave,
    ),
    (
        "IPV6_MTU",
        "the MTU of IPv6",
        Some("[ipv6] mtu, from version 1.40 on"),
        Weight::Light,
    ),
    (
        "IPV6_RADVD_PIDFILE",
        "the process of radvd",
        None,
        Weight::Light,
    ),
    (
        "IPV6_ROUTER",
        "that the interface was a router of IPv6",
        Some("net.ipv6.conf.*.forwarding in /etc/sysctl.d"),
        Weight::Grave,
    ),
    (
        "IPV6_SET_SYSCTLS",
        "that sysctls were set",
        Some("/etc/sysctl.d"),
        Weight::Light,
    ),
    (
        "IPV6FORWARDING",
        "that the interface forwarded IPv6",
        Some("net.ipv6.conf.*.forwarding in /etc/sysctl.d"),
        Weight::Light,
    ),
    (
        "IPV6TO4INIT",
        "a 6to4 tunnel",
        Some("a profile of type ip-tunnel"),
        Weight::Grave,
    ),
    (
        "LINKDELAY",
        "how long ifup waited for a carrier",
        Some("[connection] wait-device-timeout, or carrier-wait-timeout in NetworkManager.conf"),
        Weight::Light,
    ),
    (
        "NETWORK",
        "the subnet, which the kernel computes",
        None,
        Weight::Idle,
    ),
    (
        "NOROUTESET",
        "that no route to the subnet was set",
        None,
        Weight::Light,
    ),
    (
        "NOZEROCONF",
        "that there was no route to 169.254.0.0/16",
        None,
        Weight::Idle,
    ),
    (
        "NO_ALIASROUTING",
        "that aliases got no route",
        None,
        Weight::Light,
    ),
    (
        "NO_DHCP_HOSTNAME",
        "that the DHCP server did not name the host",
        Some("[hostname] from-dhcp=false"),
        Weight::Light,
    ),
    (
        "ONPARENT",
        "that an alias came up with its interface",
        None,
        Weight::Idle,
    ),
    (
        "OVS_EXTRA",
        "further commands of ovs-vsctl",
        None,
        Weight::Grave,
    ),
    ("OVS_OPTIONS", "options of ovs-vsctl", None, Weight::Grave),
    (
        "PEERNIS",
        "that NIS was configured by DHCP",
        None,
        Weight::Light,
    ),
    (
        "PEERNTP",
        "that NTP servers of DHCP were used or not",
        Some("a dispatcher script of chrony"),
        Weight::Light,
    ),
    (
        "PERSISTENT_DHCLIENT",
        "that dhclient went on asking",
        Some("[ipv4] may-fail and dhcp-timeout; NetworkManager goes on by itself"),
        Weight::Idle,
    ),
    (
        "PROMISC",
        "that the card took all frames",
        Some("[ethernet] accept-all-mac-addresses=1"),
        Weight::Light,
    ),
    (
        "ALLMULTI",
        "that the card took all multicast frames",
        None,
        Weight::Light,
    ),
    ("LINKSTATUS", "what told of a carrier", None, Weight::Idle),
    (
        "RESOLV_MODS",
        "that /etc/resolv.conf was changed or not",
        Some("dns=none in NetworkManager.conf"),
        Weight::Light,
    ),
    ("SCOPE", "the scope of the address", None, Weight::Light),
    (
        "SRCADDR",
        "the source address of the default route",
        Some("the order of the addresses, or a static route with src="),
        Weight::Light,
    ),
    (
        "USERCTL",
        "that users could bring the interface up and down",
        Some("[connection] permissions, and polkit"),
        Weight::Light,
    ),
    (
        "WINDOW",
        "the window of the default route",
        Some("a static route with window="),
        Weight::Light,
    ),
];

/// Keys of wireless stations that have no counterpart. Source: ifup-wireless of initscripts.
const OF_STATIONS: &[Row] = &[
    (
        "FRAG",
        "the longest frame that is sent whole",
        None,
        Weight::Light,
    ),
    (
        "FREQ",
        "the frequency of the station",
        Some("[wifi] band and channel"),
        Weight::Light,
    ),
    (
        "IWCONFIG",
        "further arguments of iwconfig",
        None,
        Weight::Grave,
    ),
    ("IWPRIV", "further arguments of iwpriv", None, Weight::Light),
    (
        "NICKNAME",
        "the nickname of the station",
        None,
        Weight::Idle,
    ),
    (
        "RATE",
        "the bit rate of the station, which its driver chooses",
        None,
        Weight::Idle,
    ),
    (
        "RTS",
        "from which length on the station asks to send",
        None,
        Weight::Light,
    ),
    (
        "SENS",
        "from which signal on the station looks for another network",
        None,
        Weight::Light,
    ),
    ("SPYIPS", "whose signals were watched", None, Weight::Idle),
];

/// Keys that change something where they say no.
///
/// Source: ifup-eth (`toggle_value arp`), ifup-aliases, ifup-ipv6, ifup-post of initscripts.
const WHEN_OFF: &[&str] = &["ARP", "ARPUPDATE", "HOTPLUG", "IPV6_SET_SYSCTLS", "PEERNTP"];

/// Keys that are read to know what a file is, and have no counterpart of their own.
const NAMES: &[&str] = &[
    "BONDING_MASTER",
    "SLAVE",
    "TYPE",
    "VLAN",
    "DEVICETYPE",
    "VLAN_NAME_TYPE",
];

/// Returns whether nothing is lost with a key, since it only says what the file is.
pub(super) fn is_name(key: &str) -> bool {
    NAMES.contains(&key)
}

/// Returns the row of a key that has no counterpart.
fn row(key: &str) -> Option<&'static Row> {
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let mut rows = LOST.iter().chain(OF_STATIONS);
    rows.find(|row| row.0 == key || row.0 == stem)
}

/// Returns whether a key is one that changes something, and has no counterpart.
pub(super) fn is_lost(key: &str) -> bool {
    row(key).is_some()
}

/// Returns what is lost with `key`, which nobody asked for; of a port that has no layer 3.
pub(super) fn of(at: &HostPath, line: u32, key: &str, value: &str) -> Loss {
    let row = row(key);
    let off = matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "no" | "n" | "f" | "false" | "0" | "off"
    );
    let (meant, instead, weight) = match row {
        // what is off is lost without a loss
        Some((key, meant, _, _)) if off && (value.is_empty() || !WHEN_OFF.contains(key)) => {
            (*meant, None, Weight::Idle)
        }
        Some((_, meant, instead, weight)) => (*meant, *instead, *weight),
        // a script of the admin's may read it
        None if !is_known(key) => (
            "unknown to the programs that read the file",
            None,
            Weight::Light,
        ),
        None => (
            "nothing to the programs that read the file",
            None,
            Weight::Idle,
        ),
    };
    Loss {
        at: at.clone(),
        line: Some(line),
        what: key.to_owned(),
        meant: meant.to_owned(),
        instead: instead.map(str::to_owned),
        weight,
    }
}
