//! The groups [ipv4] and [ipv6]. Those of a port are dropped, but only after they were judged.

use std::net::{IpAddr, Ipv6Addr};

use super::Refusal;
use super::address::{self, Entry, is_of};
use super::reading::{ANY, Reading, number};

/// Keys that must not be empty.
const FILLED: &[(&str, &str)] = &[
    ("ipv4", "dhcp-client-id"),
    ("ipv4", "dhcp-hostname"),
    ("ipv6", "dhcp-hostname"),
    ("ipv4", "dhcp-fqdn"),
    ("ipv4", "dhcp-vendor-class-identifier"),
];

pub(super) fn refused(file: &Reading<'_>, _: Option<&str>) -> Option<Refusal> {
    ["ipv4", "ipv6"].into_iter().find_map(|group| {
        let method = match file.has(group) {
            true => file.text(group, "method"),
            false => return None,
        };
        let Some(method) = method else {
            return file.refusal(group, "method", format!("{group} has no method"));
        };
        let addresses = address::addresses(file, group);
        by_method(file, group, &method, &addresses)
            .or_else(|| gateway(file, group, &addresses))
            .or_else(|| dhcp(file, group))
            .or_else(|| match group {
                "ipv4" => link_local(file, &method),
                _ => identifiers(file),
            })
    })
}

/// Source: verify() in nm-setting-ip4-config.c and nm-setting-ip6-config.c.
fn by_method(
    file: &Reading<'_>,
    group: &str,
    method: &str,
    addresses: &[Entry<'_>],
) -> Option<Refusal> {
    let v6 = group == "ipv6";
    let (known, silent) = match method {
        "auto" | "manual" => (true, false),
        "disabled" | "link-local" => (true, true),
        "shared" => (true, !v6),
        "dhcp" => (v6, false),
        "ignore" => (v6, true),
        _ => (false, false),
    };
    if !known {
        return file.not_valid(group, "method");
    }
    if method == "manual" {
        // from version 1.52 on a route is enough, and CLAT from 1.58 on
        let more = address::has_route(file, group) || file.raw(group, "clat").is_some();
        let bare = addresses.is_empty() && !more;
        return bare.then(|| no_address(file, group))?;
    }
    if !silent {
        return None;
    }
    let has = |what: &str| format!("{group} is {method}, but has {what}");
    if let Some(first) = addresses.first().filter(|_| method != "shared") {
        return file.refusal(group, &first.pair.key, has("an address"));
    }
    let servers = file.list(group, "dns");
    if servers.iter().any(|server| is_server(server, v6)) {
        return file.refusal(group, "dns", has("name servers"));
    }
    let searched = !file.list(group, "dns-search").is_empty();
    searched.then(|| file.refusal(group, "dns-search", has("domains to search")))?
}

/// Returns the refusal for a group that should have an address, and has none that is valid.
fn no_address(file: &Reading<'_>, group: &str) -> Option<Refusal> {
    let why = format!("{group} is manual, but has no address");
    match address::said(file, group).first() {
        Some(pair) => file.refusal(group, &pair.key, format!("{why} that is valid")),
        None => file.refusal(group, "method", why),
    }
}

/// Returns whether a text is the address of a name server; behind `#` is its name.
fn is_server(text: &str, v6: bool) -> bool {
    let (address, _) = text.split_once('#').unwrap_or((text, ""));
    is_of(address, v6)
}

/// Source: verify() in nm-setting-ip-config.c; `gateway_parser()` in nm-keyfile.c: the key counts before what is behind an address,
/// and the address of all zeros is none.
fn gateway(file: &Reading<'_>, group: &str, addresses: &[Entry<'_>]) -> Option<Refusal> {
    let own = file.text(group, "gateway");
    let behind = || {
        let mut all = addresses.iter();
        all.find_map(|entry| Some((entry.pair.key.as_str(), entry.gateway.clone()?)))
    };
    let (key, gateway) = own.map(|own| ("gateway", own)).or_else(behind)?;
    let address: Option<IpAddr> = gateway.parse().ok();
    let address = address.filter(|address| address.is_ipv6() == (group == "ipv6"));
    if address.is_some_and(|address| address.is_unspecified()) {
        return None;
    }
    if addresses.is_empty() {
        let why = format!("{group} has a gateway, but no address");
        return file.refusal(group, key, why);
    }
    let why = format!("`{gateway}` is not a valid gateway of {group}");
    address.is_none().then(|| file.refusal(group, key, why))?
}

/// Source: verify() in nm-setting-ip-config.c and nm-setting-ip4-config.c.
fn dhcp(file: &Reading<'_>, group: &str) -> Option<Refusal> {
    let empty = |(of, key): &&(&str, &str)| {
        *of == group && file.text(group, key).is_some_and(|text| text.is_empty())
    };
    if let Some((_, key)) = FILLED.iter().find(empty) {
        return file.not_valid(group, key);
    }
    if file
        .text(group, "dhcp-iaid")
        .is_some_and(|iaid| !is_iaid(&iaid))
    {
        return file.not_valid(group, "dhcp-iaid");
    }
    let v4 = group == "ipv4";
    let servers = file.list(group, "dhcp-reject-servers");
    let is_net = |text: &str| {
        let (address, length) = text.split_once('/').unwrap_or((text, "0"));
        is_of(address, false) && length.parse::<u8>().is_ok_and(|length| length <= 32)
    };
    if !servers.iter().all(|server| v4 && is_net(server)) {
        return file.not_valid(group, "dhcp-reject-servers");
    }
    let fqdn = file.text(group, "dhcp-fqdn").filter(|_| v4);
    let named = file.text(group, "dhcp-hostname").is_some();
    if fqdn
        .as_ref()
        .is_some_and(|fqdn| named || !fqdn.contains('.'))
    {
        return match named {
            true => {
                let why = "ipv4 has both dhcp-fqdn and dhcp-hostname".to_owned();
                file.refusal(group, "dhcp-fqdn", why)
            }
            false => file.not_valid(group, "dhcp-fqdn"),
        };
    }
    let flags = file.number(group, "dhcp-hostname-flags", 0..=i64::from(u32::MAX))?;
    let sends = file.boolean(group, "dhcp-send-hostname") != Some(false);
    // 1 and 4 exclude each other, 8 all others; 2 is not for IPv6
    let goes = flags <= 8 && flags & 5 != 5 && (v4 || flags & 2 == 0);
    let good = flags == 0 || (goes && sends && (!v4 || fqdn.is_some()));
    (!good).then(|| file.not_valid(group, "dhcp-hostname-flags"))?
}

/// Returns whether a text may be the number of an association; with colons newer versions know it, too.
///
/// Source: `_nm_utils_iaid_verify()` in nm-utils.c.
fn is_iaid(text: &str) -> bool {
    let is_known = |c: char| c.is_ascii_hexdigit() || matches!(c, 'x' | ':');
    let fits = number(text).is_some_and(|number| (0..=i64::from(u32::MAX)).contains(&number));
    ["mac", "perm-mac", "ifname", "stable"].contains(&text)
        || (text.chars().all(is_known) && (fits || text.contains(':')))
}

/// Source: verify() in nm-setting-ip4-config.c.
fn link_local(file: &Reading<'_>, method: &str) -> Option<Refusal> {
    let link_local = file.number("ipv4", "link-local", ANY)?;
    // 4, fallback, is known from version 1.50 on
    let good = match method {
        "disabled" => !matches!(link_local, 3 | 4),
        "link-local" => link_local != 2,
        _ => true,
    };
    let why = format!("link-local={link_local} does not go with method={method} in [ipv4]");
    match (0..=4).contains(&link_local) {
        true if good => None,
        true => file.refusal("ipv4", "link-local", why),
        false => file.not_valid("ipv4", "link-local"),
    }
}

/// Source: verify() in nm-setting-ip6-config.c, `ip6_addr_gen_mode_parser()` in nm-keyfile.c.
fn identifiers(file: &Reading<'_>) -> Option<Refusal> {
    let group = "ipv6";
    if file
        .number(group, "addr-gen-mode", ANY)
        .is_some_and(|mode| !(0..=3).contains(&mode))
    {
        return file.not_valid(group, "addr-gen-mode");
    }
    if file
        .text(group, "dhcp-duid")
        .is_some_and(|duid| !is_duid(&duid))
    {
        return file.not_valid(group, "dhcp-duid");
    }
    let token = file.text(group, "token")?;
    let mode = file.doc().string(group, "addr-gen-mode");
    let is_eui64 = |mode: &str| mode.trim() == "eui64" || number(mode) == Some(0);
    if mode.is_some_and(|mode| !is_eui64(&mode)) {
        let why = "ipv6 has a token, which is for addr-gen-mode=eui64".to_owned();
        return file.refusal(group, "token", why);
    }
    (!is_token(&token)).then(|| file.not_valid(group, "token"))?
}

/// Returns whether an address has only the half of the interface.
fn is_token(text: &str) -> bool {
    let address: Option<Ipv6Addr> = text.parse().ok();
    let halves = address.map(|address| {
        let bits = u128::from(address);
        (bits >> 64, bits & u128::from(u64::MAX))
    });
    halves.is_some_and(|(net, host)| net == 0 && host != 0)
}

/// Source: `_nm_utils_dhcp_duid_valid()` in nm-utils.c.
fn is_duid(text: &str) -> bool {
    let words = [
        "lease",
        "llt",
        "ll",
        "stable-llt",
        "stable-ll",
        "stable-uuid",
    ];
    let is_hex = text
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    let bytes: usize = text.split(':').map(|part| part.len().div_ceil(2)).sum();
    let whole = !text.split(':').any(str::is_empty);
    words.contains(&text) || (is_hex && whole && bytes > 2)
}
