//! `[ipv6]` of a profile that has a layer 3.
//!
//! Source: `make_ip6_setting()` in nms-ifcfg-rh-reader.c; ifup-ipv6: without IPV6INIT network-scripts leave all to the kernel,
//! which is NetworkManager's `ignore`.

use std::net::Ipv6Addr;

mod gateway;
mod names;

use super::Cannot;
use super::ipv4::aliases;
use super::loss::{self, Loss, Weight};
use super::made::{Line, Made};
use super::own::Own;
use super::plain;
use gateway::gateway;
use names::{domains, servers};

const GROUP: &str = "ipv6";

/// Keys with which network-scripts configure IPv6 themselves.
const SAID: &[&str] = &[
    "IPV6INIT",
    "IPV6ADDR",
    "IPV6ADDR_SECONDARIES",
    "IPV6_AUTOCONF",
    "DHCPV6C",
    "IPV6_DEFAULTGW",
];

/// Writes `[ipv6]`.
///
/// # Errors
/// The program that reads the file makes no profile of it.
pub(super) fn write(own: &Own<'_>, made: &mut Made, losses: &mut Vec<Loss>) -> Result<(), Cannot> {
    let source = &own.source;
    let addresses = addresses(own);
    let (method, line) = method(own, addresses.is_empty());
    let on = !matches!(method, "ignore" | "disabled");
    made.set(GROUP, "method", method, line);
    never_default(own, made);
    privacy(own, made);
    plain::write(plain::IPV6, source, made, losses);
    forwarding(own, losses);
    identity(own, method, made);
    hostname(own, method, made);
    generation(own, made, losses);
    domains(own, on, made);
    servers(own, on, made, losses)?;
    let mut gateway = gateway(own, losses);
    if !on {
        lost(own, &addresses, losses);
        return Ok(());
    }
    if made.get(GROUP, "never-default").is_some() {
        gateway = None;
    }
    // without an address there is none for a gateway in a keyfile, but for a route there is
    if let (Some((via, line)), true) = (gateway, addresses.is_empty() && own.by_scripts()) {
        made.raw(GROUP, "route1", format!("::/0,{via}"), line);
    }
    for ((raw, line), number) in addresses.into_iter().zip(1..) {
        let net = raw
            .split_once('/')
            .map_or((raw, "64"), |(address, length)| (address, length));
        let parsed: Option<(Ipv6Addr, u8)> = net.0.parse().ok().zip(net.1.parse().ok());
        let parsed = parsed.filter(|(_, length)| *length <= 128);
        let (address, length) = parsed.ok_or_else(|| {
            Cannot::new(format!("the address {raw} is not valid")).at(source.path, line)
        })?;
        let mut from: Vec<Line> = line.into_iter().collect();
        let raw = match &gateway {
            Some((gateway, at)) if number == 1 => {
                from.extend(*at);
                format!("{address}/{length},{gateway}")
            }
            _ => format!("{address}/{length}"),
        };
        made.raw(GROUP, format!("address{number}"), raw, from);
    }
    Ok(())
}

/// Returns the addresses as they are written.
fn addresses<'o>(own: &'o Own<'_>) -> Vec<(&'o str, Option<Line>)> {
    let source = &own.source;
    let keys = ["IPV6ADDR", "IPV6ADDR_SECONDARIES"].into_iter();
    let found = keys.flat_map(|key| {
        let words = source
            .text(key)
            .unwrap_or_default()
            .split_ascii_whitespace();
        words.map(move |word| (word, source.line(key)))
    });
    let of_aliases = aliases::of_v6(own).into_iter();
    let found = found.chain(of_aliases.map(|(word, line)| (word, Some(line))));
    let mut seen = Vec::new();
    let new = |(word, _): &(&'o str, Option<Line>)| {
        let new = !seen.contains(word);
        seen.push(*word);
        new
    };
    found.filter(new).collect()
}

fn lost(own: &Own<'_>, addresses: &[(&str, Option<Line>)], losses: &mut Vec<Loss>) {
    losses.extend(addresses.iter().map(|(address, line)| Loss {
        at: own.source.path.clone(),
        line: line.map(|(_, line)| line),
        what: (*address).to_owned(),
        meant: "nothing: IPv6 is not switched on with IPV6INIT".to_owned(),
        instead: None,
        weight: Weight::Idle,
    }));
}

/// Returns how addresses come, and the line that says so.
fn method(own: &Own<'_>, none: bool) -> (&'static str, Option<Line>) {
    let source = &own.source;
    let by_scripts = own.by_scripts();
    let network = own.network.as_ref();
    let init = match source.text("IPV6INIT") {
        Some(_) => source.boolean("IPV6INIT"),
        None if by_scripts => {
            let off = network.and_then(|network| network.boolean("NETWORKING_IPV6"));
            let said = !none || SAID.iter().any(|key| source.text(key).is_some());
            (off != Some(false) && said).then_some(true)
        }
        None => network.and_then(|network| network.boolean("IPV6INIT")),
    };
    let line = |key: &str| source.line(key);
    if source.boolean("IPV6_DISABLED") == Some(true) && !by_scripts {
        return ("disabled", line("IPV6_DISABLED"));
    }
    let first = SAID.iter().find_map(|key| line(key));
    if init != Some(true) {
        return ("ignore", line("IPV6INIT"));
    }
    let forwards = source.boolean("IPV6FORWARDING") == Some(true);
    let auto = match source.text("IPV6_AUTOCONF") {
        Some("shared") if !by_scripts => return ("shared", line("IPV6_AUTOCONF")),
        Some(_) => source.boolean("IPV6_AUTOCONF").unwrap_or(!forwards),
        None => !forwards,
    };
    let dhcp = source.boolean("DHCPV6C") == Some(true);
    match (auto, dhcp, none) {
        (true, ..) => ("auto", line("IPV6_AUTOCONF").or(first)),
        (false, true, _) => ("dhcp", line("DHCPV6C").or(first)),
        (false, false, true) => ("link-local", line("IPV6_AUTOCONF").or(first)),
        (false, false, false) => ("manual", line("IPV6_AUTOCONF").or(first)),
    }
}

fn never_default(own: &Own<'_>, made: &mut Made) {
    // the kernel takes the default route of any router
    if own.by_scripts() {
        return;
    }
    let source = &own.source;
    let mut never = source.boolean("IPV6_DEFROUTE") == Some(false);
    let network = own.network.as_ref();
    let text = |key: &str| network.and_then(|network| network.text(key));
    let gateway = text("IPV6_DEFAULTGW").and_then(|text| text.split_once('%'));
    let device = gateway
        .map(|(_, device)| device)
        .or_else(|| text("IPV6_DEFAULTDEV"));
    if let Some(device) = device {
        never = device != own.device();
    }
    if never {
        made.set(GROUP, "never-default", "true", source.line("IPV6_DEFROUTE"));
    }
}

fn privacy(own: &Own<'_>, made: &mut Made) {
    let source = &own.source;
    let Some(word) = source.text("IPV6_PRIVACY") else {
        return;
    };
    let yes = || source.boolean("IPV6_PRIVACY") == Some(true);
    let on = word == "rfc3041" || (!own.by_scripts() && (word == "rfc4941" || yes()));
    let public = source.boolean("IPV6_PRIVACY_PREFER_PUBLIC_IP") == Some(true);
    let number = match (on, public) {
        (false, _) if own.by_scripts() => return,
        (false, _) => "0",
        (true, true) => "1",
        (true, false) => "2",
    };
    made.set(GROUP, "ip6-privacy", number, source.line("IPV6_PRIVACY"));
}

/// That an interface forwards no keyfile says: [`method`] asks for it.
fn forwarding(own: &Own<'_>, losses: &mut Vec<Loss>) {
    const KEY: &str = "IPV6FORWARDING";
    let source = &own.source;
    let is_own = source
        .line(KEY)
        .filter(|(number, _)| *number == source.number);
    if let (Some(value), Some((_, line)), true) = (source.any(KEY), is_own, own.by_scripts()) {
        losses.push(loss::of(source.path, line, KEY, value));
    }
}

/// dhclient makes the identity association of the hardware address, NetworkManager of the name of the interface.
///
/// Source: dhclient's dhc6.c, `nm_utils_create_dhcp_iaid()` of NetworkManager.
fn identity(own: &Own<'_>, method: &str, made: &mut Made) {
    let by_scripts = own.by_scripts();
    let runs = own.source.boolean("DHCPV6C") == Some(true);
    let asks = by_scripts && runs && matches!(method, "auto" | "dhcp");
    if asks && made.get(GROUP, "dhcp-iaid").is_none() {
        made.set(GROUP, "dhcp-iaid", "mac", None);
    }
}

fn hostname(own: &Own<'_>, method: &str, made: &mut Made) {
    let source = &own.source;
    let shared = || {
        let name = source
            .text("DHCP_HOSTNAME")
            .filter(|name| name.contains('.'));
        name.filter(|_| matches!(method, "auto" | "dhcp"))
    };
    let own_one = source.text("DHCPV6_HOSTNAME");
    if let Some(name) = own_one.or_else(shared) {
        let line = source
            .line("DHCPV6_HOSTNAME")
            .or_else(|| source.line("DHCP_HOSTNAME"));
        made.set(GROUP, "dhcp-hostname", name, line);
    }
}

/// How addresses are made: an absent key means something else in the group of a keyfile than in an ifcfg file.
fn generation(own: &Own<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    let source = &own.source;
    let word = source.text("IPV6_ADDR_GEN_MODE");
    let mode = match word {
        Some("eui64" | "0") => "eui64",
        Some("stable-privacy" | "1") => "stable-privacy",
        Some("default-or-eui64" | "2") => return,
        Some("default" | "3") => "default",
        Some(_) => {
            losses.push(plain::not_valid(source, "IPV6_ADDR_GEN_MODE"));
            return;
        }
        // a token asks for it
        None if source.text("IPV6_TOKEN").is_some() => "eui64",
        None => return,
    };
    made.set(
        GROUP,
        "addr-gen-mode",
        mode,
        source.line("IPV6_ADDR_GEN_MODE"),
    );
}
