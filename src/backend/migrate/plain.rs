//! Keys that have one counterpart each: a table, and what each value becomes.
//!
//! Source: nms-ifcfg-rh-reader.c of NetworkManager (each row run), and the defaults of nm-settings-keyfile(5), which are not
//! written.

use super::loss::{Loss, Weight};
use super::made::Made;
use super::source::Source;
use super::turn::{
    I32, NotValid, Turn, U32, bit, escaped_words, link_local, lldp, maybe_words, metered, mptcp,
    no_is_false, no_is_true, number, over_tls, ping, resolved, text, users, wait, words,
    yes_is_false, yes_is_true,
};
use super::{Cannot, refused};

/// A key, the group and the key that it becomes, and how.
pub(super) struct Row(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) Turn,
);

/// Rows of `[connection]`.
pub(super) const CONNECTION: &[Row] = &[
    Row(
        "AUTOCONNECT_PRIORITY",
        "connection",
        "autoconnect-priority",
        number::<-999, 999, 0>,
    ),
    Row(
        "AUTOCONNECT_RETRIES",
        "connection",
        "autoconnect-retries",
        number::<-1, I32, -1>,
    ),
    Row(
        "AUTOCONNECT_SLAVES",
        "connection",
        "autoconnect-slaves",
        bit,
    ),
    Row(
        "AUTH_RETRIES",
        "connection",
        "auth-retries",
        number::<-1, I32, -1>,
    ),
    Row("CONNECTION_METERED", "connection", "metered", metered),
    Row("DEVTIMEOUT", "connection", "wait-device-timeout", wait),
    Row("DNS_OVER_TLS", "connection", "dns-over-tls", over_tls),
    Row(
        "GATEWAY_PING_TIMEOUT",
        "connection",
        "gateway-ping-timeout",
        ping,
    ),
    Row("LLDP", "connection", "lldp", lldp),
    Row("LLMNR", "connection", "llmnr", resolved),
    Row("MDNS", "connection", "mdns", resolved),
    Row("MPTCP_FLAGS", "connection", "mptcp-flags", mptcp),
    Row("MUD_URL", "connection", "mud-url", text),
    Row(
        "MULTI_CONNECT",
        "connection",
        "multi-connect",
        number::<{ i32::MIN as i64 }, I32, 0>,
    ),
    Row("SECONDARY_UUIDS", "connection", "secondaries", words),
    Row("STABLE_ID", "connection", "stable-id", text),
    Row("USERS", "connection", "permissions", users),
    Row(
        "WAIT_ACTIVATION_DELAY",
        "connection",
        "wait-activation-delay",
        number::<-1, I32, -1>,
    ),
    Row("ZONE", "connection", "zone", text),
];

/// Rows of `[ipv4]` that are said whatever its method is.
pub(super) const IPV4: &[Row] = &[
    Row("PEERDNS", "ipv4", "ignore-auto-dns", no_is_true),
    Row("PEERROUTES", "ipv4", "ignore-auto-routes", no_is_true),
    Row("IPV4_FAILURE_FATAL", "ipv4", "may-fail", yes_is_false),
    Row(
        "IPV4_ROUTE_METRIC",
        "ipv4",
        "route-metric",
        number::<-1, U32, -1>,
    ),
    Row(
        "IPV4_ROUTE_TABLE",
        "ipv4",
        "route-table",
        number::<0, U32, 0>,
    ),
    Row("IPV4_LINK_LOCAL", "ipv4", "link-local", link_local),
    Row("IPV4_AUTO_ROUTE_EXT_GW", "ipv4", "auto-route-ext-gw", bit),
    Row("IPV4_REPLACE_LOCAL_RULE", "ipv4", "replace-local-rule", bit),
];

/// Rows of `[ipv4]` that count where IPv4 is not disabled.
pub(super) const IPV4_ON: &[Row] = &[
    Row("DHCP_CLIENT_ID", "ipv4", "dhcp-client-id", text),
    Row("DHCP_FQDN", "ipv4", "dhcp-fqdn", text),
    Row(
        "DHCP_HOSTNAME_FLAGS",
        "ipv4",
        "dhcp-hostname-flags",
        number::<0, U32, 0>,
    ),
    Row("DHCP_IAID", "ipv4", "dhcp-iaid", text),
    Row("DHCP_REJECT_SERVERS", "ipv4", "dhcp-reject-servers", words),
    Row(
        "DHCP_SEND_HOSTNAME",
        "ipv4",
        "dhcp-send-hostname",
        no_is_false,
    ),
    Row(
        "DHCP_VENDOR_CLASS_IDENTIFIER",
        "ipv4",
        "dhcp-vendor-class-identifier",
        text,
    ),
    Row(
        "IPV4_DHCP_TIMEOUT",
        "ipv4",
        "dhcp-timeout",
        number::<0, I32, 0>,
    ),
    Row(
        "IPV4_DNS_PRIORITY",
        "ipv4",
        "dns-priority",
        number::<{ i32::MIN as i64 }, I32, 0>,
    ),
    Row(
        "IPV4_REQUIRED_TIMEOUT",
        "ipv4",
        "required-timeout",
        number::<-1, I32, -1>,
    ),
];

/// Rows of `[ipv6]`.
pub(super) const IPV6: &[Row] = &[
    Row("DHCPV6_DUID", "ipv6", "dhcp-duid", text),
    Row(
        "DHCPV6_HOSTNAME_FLAGS",
        "ipv6",
        "dhcp-hostname-flags",
        number::<0, U32, 0>,
    ),
    Row("DHCPV6_IAID", "ipv6", "dhcp-iaid", text),
    Row("DHCPV6_PD_HINT", "ipv6", "dhcp-pd-hint", text),
    Row(
        "DHCPV6_SEND_HOSTNAME",
        "ipv6",
        "dhcp-send-hostname",
        no_is_false,
    ),
    Row("IPV6_AUTO_ROUTE_EXT_GW", "ipv6", "auto-route-ext-gw", bit),
    Row(
        "IPV6_DHCP_TIMEOUT",
        "ipv6",
        "dhcp-timeout",
        number::<0, I32, 0>,
    ),
    Row(
        "IPV6_DNS_PRIORITY",
        "ipv6",
        "dns-priority",
        number::<{ i32::MIN as i64 }, I32, 0>,
    ),
    Row("IPV6_FAILURE_FATAL", "ipv6", "may-fail", yes_is_false),
    Row("IPV6_PEERDNS", "ipv6", "ignore-auto-dns", no_is_true),
    Row("IPV6_PEERROUTES", "ipv6", "ignore-auto-routes", no_is_true),
    Row("IPV6_RA_TIMEOUT", "ipv6", "ra-timeout", number::<0, I32, 0>),
    Row("IPV6_REPLACE_LOCAL_RULE", "ipv6", "replace-local-rule", bit),
    Row(
        "IPV6_REQUIRED_TIMEOUT",
        "ipv6",
        "required-timeout",
        number::<-1, I32, -1>,
    ),
    Row("IPV6_RES_OPTIONS", "ipv6", "dns-options", maybe_words),
    Row(
        "IPV6_ROUTE_METRIC",
        "ipv6",
        "route-metric",
        number::<-1, U32, -1>,
    ),
    Row(
        "IPV6_ROUTE_TABLE",
        "ipv6",
        "route-table",
        number::<0, U32, 0>,
    ),
    Row("IPV6_TOKEN", "ipv6", "token", text),
];

/// Rows of `[ethernet]`.
pub(super) const ETHERNET: &[Row] = &[
    Row(
        "ACCEPT_ALL_MAC_ADDRESSES",
        "ethernet",
        "accept-all-mac-addresses",
        bit,
    ),
    Row(
        "GENERATE_MAC_ADDRESS_MASK",
        "ethernet",
        "generate-mac-address-mask",
        text,
    ),
];

/// Rows of the rest.
pub(super) const OTHER: &[Row] = &[
    Row(
        "BOND_PORT_QUEUE_ID",
        "bond-port",
        "queue-id",
        number::<0, 65_535, 0>,
    ),
    Row(
        "BOND_PORT_PRIO",
        "bond-port",
        "prio",
        number::<{ i32::MIN as i64 }, I32, 0>,
    ),
    Row(
        "HOSTNAME_PRIORITY",
        "hostname",
        "priority",
        number::<{ i32::MIN as i64 }, I32, 0>,
    ),
    Row("HOSTNAME_FROM_DHCP", "hostname", "from-dhcp", bit),
    Row(
        "HOSTNAME_FROM_DNS_LOOKUP",
        "hostname",
        "from-dns-lookup",
        bit,
    ),
    Row(
        "HOSTNAME_ONLY_FROM_DEFAULT",
        "hostname",
        "only-from-default",
        bit,
    ),
    Row("BROWSER_ONLY", "proxy", "browser-only", yes_is_true),
    Row("PAC_URL", "proxy", "pac-url", text),
    Row("PAC_SCRIPT", "proxy", "pac-script", text),
    Row(
        "MATCH_INTERFACE_NAME",
        "match",
        "interface-name",
        escaped_words,
    ),
    Row(
        "MATCH_KERNEL_COMMAND_LINE",
        "match",
        "kernel-command-line",
        escaped_words,
    ),
    Row("MATCH_DRIVER", "match", "driver", escaped_words),
    Row("MATCH_PATH", "match", "path", escaped_words),
];

/// Writes what `rows` say.
pub(super) fn write(rows: &[Row], source: &Source<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    for Row(key, group, name, turn) in rows {
        match turn(source, key) {
            Ok(Some(raw)) => made.raw(group, *name, raw, source.line(key)),
            Ok(None) => {}
            Err(NotValid) => losses.push(not_valid(source, key)),
        }
    }
}

/// Writes what `rows` say, where a value that is not valid makes the whole file none.
///
/// # Errors
/// There is such a value.
pub(super) fn ensure(rows: &[Row], source: &Source<'_>, made: &mut Made) -> Result<(), Cannot> {
    for Row(key, group, name, turn) in rows {
        match turn(source, key) {
            Ok(Some(raw)) => made.raw(group, *name, raw, source.line(key)),
            Ok(None) => {}
            Err(NotValid) => return Err(refused(source, key)),
        }
    }
    Ok(())
}

/// Says that a value is passed over by the program that reads it.
pub(super) fn not_valid(source: &Source<'_>, key: &str) -> Loss {
    Loss {
        at: source.path.clone(),
        line: source.line(key).map(|(_, line)| line),
        what: key.to_owned(),
        meant: "nothing: its value is not valid, and the program that reads it passes it over"
            .to_owned(),
        instead: None,
        weight: Weight::Idle,
    }
}
