//! Keys that have one counterpart each: a table, and what each value becomes.
//!
//! Source: nms-ifcfg-rh-reader.c of NetworkManager (each row run), and the defaults of nm-settings-keyfile(5), which are not
//! written.

use super::loss::{Loss, Weight};
use super::made::Made;
use super::source::Source;
use crate::doc::keyfile::value;

/// Turns the value of a key into that of its counterpart, as it is written; nothing where it is the default.
type Turn = fn(&Source<'_>, &str) -> Result<Option<String>, NotValid>;

/// A value that the reader passes over.
pub(super) struct NotValid;

/// A key, the group and the key that it becomes, and how.
pub(super) struct Row(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) Turn,
);

fn text(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok(source.text(key).map(value::escape))
}

/// A list whose items are separated by blanks.
pub(super) fn words(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    words_of(source.text(key))
}

/// A list that is said though it is empty.
fn maybe_words(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    words_of(source.any(key))
}

fn words_of(text: Option<&str>) -> Result<Option<String>, NotValid> {
    let words = text.map(str::split_ascii_whitespace);
    let item = |word: &str| value::escape(word).replace(';', "\\;") + ";";
    Ok(words.map(|words| words.map(item).collect()))
}

fn no_is_true(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok((source.boolean(key) == Some(false)).then(|| "true".to_owned()))
}

fn no_is_false(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok((source.boolean(key) == Some(false)).then(|| "false".to_owned()))
}

fn yes_is_false(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok((source.boolean(key) == Some(true)).then(|| "false".to_owned()))
}

fn yes_is_true(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    Ok((source.boolean(key) == Some(true)).then(|| "true".to_owned()))
}

/// 1 for yes, 0 for no.
fn bit(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    numbered(source, key, "1", "0")
}

fn metered(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    numbered(source, key, "1", "2")
}

fn numbered(
    source: &Source<'_>,
    key: &str,
    yes: &str,
    no: &str,
) -> Result<Option<String>, NotValid> {
    if source.text(key).is_none() {
        return Ok(None);
    }
    let word = source.boolean(key).ok_or(NotValid)?;
    Ok(Some(if word { yes } else { no }.to_owned()))
}

/// A number between two bounds, less a default that is not written.
fn number<const LEAST: i64, const MOST: i64, const USUAL: i64>(
    source: &Source<'_>,
    key: &str,
) -> Result<Option<String>, NotValid> {
    if source.text(key).is_none() {
        return Ok(None);
    }
    let number = source.number(key, LEAST, MOST).ok_or(NotValid)?;
    Ok((number != USUAL).then(|| number.to_string()))
}

const I32: i64 = i32::MAX as i64;
const U32: i64 = u32::MAX as i64;

/// One of these words, each with its number, or the number itself.
fn choice(
    source: &Source<'_>,
    key: &str,
    words: &[(&str, i64)],
) -> Result<Option<String>, NotValid> {
    let Some(value) = source.text(key) else {
        return Ok(None);
    };
    let named = words.iter().find(|(word, _)| *word == value);
    let number = named.map(|(_, number)| *number);
    let number = number.or_else(|| value.parse().ok()).ok_or(NotValid)?;
    Ok((number != -1).then(|| number.to_string()))
}

fn resolved(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let words = [("default", -1), ("no", 0), ("resolve", 1), ("yes", 2)];
    choice(source, key, &words)
}

fn over_tls(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let words = [("default", -1), ("no", 0), ("opportunistic", 1), ("yes", 2)];
    choice(source, key, &words)
}

fn link_local(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let words = [
        ("default", -1),
        ("auto", 1),
        ("disabled", 2),
        ("enabled", 3),
        ("fallback", 4),
    ];
    let found = choice(source, key, &words)?;
    Ok(found.filter(|number| number != "0"))
}

/// Flags, by names that blanks or commas separate.
fn mptcp(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let names = [
        ("none", 0),
        ("disabled", 0x1),
        ("enabled", 0x2),
        ("also-without-sysctl", 0x4),
        ("also-without-default-route", 0x8),
        ("signal", 0x10),
        ("subflow", 0x20),
        ("backup", 0x40),
        ("fullmesh", 0x80),
    ];
    let Some(value) = source.text(key) else {
        return Ok(None);
    };
    let mut flags = 0;
    for word in value.split([',', ' ']).filter(|word| !word.is_empty()) {
        let named = names.iter().find(|(name, _)| *name == word);
        let hex = word.strip_prefix("0x");
        let hex = hex.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let number = named.map(|(_, flag)| *flag).or(hex);
        flags |= number.or_else(|| word.parse().ok()).ok_or(NotValid)?;
    }
    Ok((flags != 0).then(|| flags.to_string()))
}

fn lldp(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    match source.text(key) {
        Some("rx") => Ok(Some("1".to_owned())),
        Some(_) => bit(source, key),
        None => Ok(None),
    }
}

fn users(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let users = source.text(key).map(str::split_ascii_whitespace);
    Ok(users.map(|users| users.map(|user| format!("user:{user}:;")).collect()))
}

fn ping(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let found = number::<0, I32, 0>(source, key)?;
    Ok(found.map(|seconds| seconds.parse().unwrap_or(600_i64).min(600).to_string()))
}

/// Seconds, maybe with a fraction, as milliseconds.
fn wait(source: &Source<'_>, key: &str) -> Result<Option<String>, NotValid> {
    let Some(value) = source.text(key) else {
        return Ok(None);
    };
    let seconds: f64 = value.trim().parse().map_err(|_| NotValid)?;
    let fits = (0.0..=2_147_483.0).contains(&seconds);
    let milliseconds = format!("{:.0}", seconds * 1000.0);
    fits.then_some(Some(milliseconds)).ok_or(NotValid)
}

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

/// Rows of the rest.
pub(super) const OTHER: &[Row] = &[
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
    Row("MATCH_INTERFACE_NAME", "match", "interface-name", words),
    Row(
        "MATCH_KERNEL_COMMAND_LINE",
        "match",
        "kernel-command-line",
        words,
    ),
    Row("MATCH_DRIVER", "match", "driver", words),
    Row("MATCH_PATH", "match", "path", words),
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
