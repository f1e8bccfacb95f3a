//! `[ipv4]` of a profile that has a layer 3.
//!
//! Source: `make_ip4_setting()` and `read_aliases()` in nms-ifcfg-rh-reader.c; ifup-eth, ifup-aliases, ifup-post.

use std::net::{IpAddr, Ipv4Addr};

use super::Cannot;
use super::loss::{Loss, Weight};
use super::made::{Line, Made};
use super::own::Own;
use super::plain::{self, not_valid};
use crate::backend::ifcfg::{Reader, address_v4};
use crate::host::layer3::{About, Method};
use crate::host::value::IpNet;
use crate::tree::HostPath;

const GROUP: &str = "ipv4";

/// An address, and where it stands.
type At = (IpNet, Option<Line>);

/// Writes `[ipv4]`.
///
/// # Errors
/// The program that reads the file makes no profile of it.
pub(super) fn write(own: &Own<'_>, made: &mut Made, losses: &mut Vec<Loss>) -> Result<(), Cannot> {
    let source = &own.source;
    let addresses = addresses(own, losses)?;
    let method = method(own, &addresses)?;
    let line = source
        .line("BOOTPROTO")
        .filter(|_| source.text("BOOTPROTO").is_some());
    made.set(GROUP, "method", method, line);
    plain::write(plain::IPV4, source, made, losses);
    let never = never_default(own, made);
    metric(own, made);
    if method == "disabled" {
        return Ok(());
    }
    let gateway = gateway(own, &addresses, losses).filter(|_| !never);
    // nm_setting_ip4_config verify(): one address alone
    let most = if method == "shared" { 1 } else { usize::MAX };
    for (net, line) in addresses.iter().skip(most) {
        let why = "a further address, which a shared interface does not have";
        let line = line.map(|(_, line)| line);
        losses.push(lost(source.path, line, &net.to_string(), why, Weight::Idle));
    }
    for ((net, line), number) in addresses.iter().take(most).zip(1..) {
        let mut from: Vec<Line> = line.iter().copied().collect();
        let raw = match &gateway {
            Some((gateway, at)) if number == 1 => {
                from.extend(*at);
                format!("{net},{gateway}")
            }
            _ => net.to_string(),
        };
        made.raw(GROUP, format!("address{number}"), raw, from);
    }
    if own.profile.layer3.default_v4.by_device && gateway.is_none() && !never {
        made.raw(GROUP, "route1", "0.0.0.0/0".to_owned(), None);
    }
    plain::write(plain::IPV4_ON, source, made, losses);
    if let (Some(name), true) = (
        source.text("DHCP_HOSTNAME"),
        source.text("DHCP_FQDN").is_none(),
    ) {
        made.set(GROUP, "dhcp-hostname", name, source.line("DHCP_HOSTNAME"));
    }
    if method != "shared" {
        names(own, made, losses)?;
    }
    patience(own, made, losses);
    Ok(())
}

/// How long a new address is tried for.
fn patience(own: &Own<'_>, made: &mut Made, losses: &mut Vec<Loss>) {
    let source = &own.source;
    let keys = [("ACD_TIMEOUT", 1), ("ARPING_WAIT", 1000)];
    let Some((key, factor)) = keys.into_iter().find(|(key, _)| source.text(key).is_some()) else {
        return;
    };
    match source.number(key, -1, 30_000 / factor) {
        Some(-1) => {}
        Some(time) => {
            let time = (time * factor).to_string();
            made.set(GROUP, "dad-timeout", time, source.line(key));
        }
        None => losses.push(not_valid(source, key)),
    }
    source.any("ARPING_WAIT");
}

fn by_scripts(own: &Own<'_>) -> bool {
    own.source.reader == Reader::NetworkScripts
}

/// Returns the addresses, those of aliases last.
fn addresses(own: &Own<'_>, losses: &mut Vec<Loss>) -> Result<Vec<At>, Cannot> {
    let source = &own.source;
    // all that says an address is told by the model
    for start in ["IPADDR", "PREFIX", "NETMASK", "GATEWAY"] {
        for key in source.begin_with(start) {
            let digits = &key[start.len()..];
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                source.any(key);
            }
        }
    }
    let layer3 = &own.profile.layer3;
    let asks_only = by_scripts(own) && source.reader.method(bootproto(own), true) == Method::Dhcp;
    let mut found = match (asks_only, by_scripts(own)) {
        // ifup-eth asks for an address, or sets those of the file: NetworkManager does both
        (true, _) => Vec::new(),
        (false, true) => as_scripts_read(own)?,
        (false, false) => as_nm_reads(own)?,
    };
    let further = layer3.further.iter();
    for part in further.filter(|part| part.about == About::Addresses) {
        let number = own.number_of(&part.at);
        if let (false, Some(why)) = (by_scripts(own), unread(own, &part.at)) {
            losses.push(lost(&part.at, None, part.at.name(), why, Weight::Idle));
            continue;
        }
        for said in &part.addresses {
            let line = said.line();
            match said.net {
                Some(net) => found.push((net, line.map(|line| (number, line)))),
                None => {
                    let what = said.address.to_string();
                    let why = "a further address whose mask is not valid";
                    losses.push(lost(&part.at, line, &what, why, Weight::Grave));
                }
            }
        }
    }
    found.retain(|(net, _)| net.addr().is_ipv4());
    let mut seen = Vec::new();
    found.retain(|(net, _)| {
        let new = !seen.contains(net);
        seen.push(*net);
        new
    });
    Ok(found)
}

fn lost(at: &HostPath, line: Option<u32>, what: &str, meant: &str, weight: Weight) -> Loss {
    Loss {
        at: at.clone(),
        line,
        what: what.to_owned(),
        meant: meant.to_owned(),
        instead: None,
        weight,
    }
}

/// Returns why NetworkManager does not read an alias. Source: `read_aliases()` in nms-ifcfg-rh-reader.c (run).
fn unread(own: &Own<'_>, path: &HostPath) -> Option<&'static str> {
    let suffix = path.name().strip_prefix("ifcfg-")?;
    let label = suffix.split_once(':').map(|(_, label)| label);
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !label.is_some_and(|label| label.chars().all(fits)) {
        return Some("an address that NetworkManager does not read, for the name of its file");
    }
    let named = own
        .alias(path)?
        .literal("DEVICE")
        .is_some_and(|device| device == suffix);
    (!named).then_some(
        "an address that NetworkManager does not read, since DEVICE is not the name of the file",
    )
}

/// Returns the gateway that an alias names, where the file itself has none and says nothing of a default route.
fn gateway_of_alias(own: &Own<'_>) -> Option<(IpAddr, Option<Line>)> {
    if own.source.boolean("DEFROUTE").is_some() {
        return None;
    }
    let further = own.profile.layer3.further.iter();
    let mut aliases = further.filter(|part| part.about == About::Addresses);
    aliases.find_map(|part| {
        if unread(own, &part.at).is_some() {
            return None;
        }
        let doc = own.alias(&part.at)?;
        let found = doc.get("GATEWAY")?;
        let gateway = found.value.literal()?.parse().ok()?;
        Some((gateway, Some((own.number_of(&part.at), found.line))))
    })
}

fn bootproto<'o>(own: &'o Own<'_>) -> &'o str {
    own.source.text("BOOTPROTO").unwrap_or("")
}

/// Returns the addresses that network-scripts set.
///
/// Source: `expand_config()` in network-functions (run).
fn as_scripts_read(own: &Own<'_>) -> Result<Vec<At>, Cannot> {
    let source = &own.source;
    let mut found = Vec::new();
    for index in indices() {
        let key = |name: &str| format!("{name}{index}");
        if source.line(&key("IPADDR")).is_none() || source.any(&key("IPADDR")) == Some("") {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                break;
            }
            continue;
        }
        let (prefix, mask) = (source.text(&key("PREFIX")), source.text(&key("NETMASK")));
        // what only a shell knows is refused later on, with its line
        let Some(address) = source.text(&key("IPADDR")) else {
            continue;
        };
        let line = source.line(&key("IPADDR"));
        let net = address_v4(address, prefix, mask).ok_or_else(|| {
            let written = prefix.or(mask).map_or_else(
                || address.to_owned(),
                |length| format!("{address}/{length}"),
            );
            Cannot::new(format!("the address {written} is not valid")).at(source.path, line)
        })?;
        found.push((net, line));
    }
    Ok(found)
}

/// Returns the addresses that NetworkManager reads: without a mask of the same number that of the class counts, and a mask
/// with holes ends with its last bit.
///
/// Source: `read_full_ip4_address()` in nms-ifcfg-rh-reader.c (run).
fn as_nm_reads(own: &Own<'_>) -> Result<Vec<At>, Cannot> {
    let source = &own.source;
    let mut found = Vec::new();
    for index in indices() {
        let key = |name: &str| format!("{name}{index}");
        let Some(text) = source.text(&key("IPADDR")) else {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                break;
            }
            continue;
        };
        let refused = |key: &str, text: &str| {
            let why = format!("{key}={text} is not valid, and NetworkManager refuses the file");
            Cannot::new(why).at(source.path, source.line(key))
        };
        let address: Ipv4Addr = text.parse().map_err(|_| refused(&key("IPADDR"), text))?;
        let length = match (source.text(&key("PREFIX")), source.text(&key("NETMASK"))) {
            (Some(text), _) => {
                let length = text.trim().parse().ok().filter(|length| *length <= 32);
                length.ok_or_else(|| refused(&key("PREFIX"), text))?
            }
            (None, Some(text)) => {
                let mask: Ipv4Addr = text.parse().map_err(|_| refused(&key("NETMASK"), text))?;
                32 - u32::from(mask).trailing_zeros().min(32)
            }
            (None, None) => match address.octets()[0] {
                0..=127 => 8,
                128..=191 => 16,
                _ => 24,
            },
        };
        let length = u8::try_from(length).unwrap_or(32);
        let net = IpNet::new(IpAddr::V4(address), length);
        found.extend(net.ok().map(|net| (net, source.line(&key("IPADDR")))));
    }
    Ok(found)
}

/// The numbers behind keys, the first of them none.
fn indices() -> impl Iterator<Item = String> {
    let numbers = (0..=255).map(|number: u8| number.to_string());
    std::iter::once(String::new()).chain(numbers)
}

fn method(own: &Own<'_>, addresses: &[At]) -> Result<&'static str, Cannot> {
    let source = &own.source;
    let word = bootproto(own);
    let cannot = |why: String| {
        let line = source.line("BOOTPROTO");
        Cannot::new(why).at(source.path, line)
    };
    let has = !addresses.is_empty();
    Ok(match source.reader.method(word, has) {
        Method::Dhcp => "auto",
        Method::Manual if has => "manual",
        Method::Manual => "disabled",
        Method::Other(word) => match word.as_str() {
            "autoip" => "link-local",
            "shared" => "shared",
            "ibft" => {
                return Err(cannot(
                    "the firmware configures the interface (BOOTPROTO=ibft)".to_owned(),
                ));
            }
            _ if by_scripts(own) => "disabled",
            _ => {
                return Err(cannot(format!(
                    "BOOTPROTO=`{word}` is not known, and NetworkManager refuses the file"
                )));
            }
        },
        Method::Unsaid | Method::Unread | Method::Off | Method::Auto => "disabled",
    })
}

/// Returns whether the interface is never the default route, and writes that.
fn never_default(own: &Own<'_>, made: &mut Made) -> bool {
    let source = &own.source;
    let mut never = source.boolean("DEFROUTE") == Some(false);
    let mut line = source.line("DEFROUTE");
    let device = own.device();
    // in the file itself network-scripts alone read it
    let by_file = source.text("GATEWAYDEV").filter(|_| by_scripts(own));
    let by_network = || {
        own.network
            .as_ref()
            .and_then(|network| network.text("GATEWAYDEV"))
    };
    if let Some(named) = by_file.or_else(by_network) {
        never = (never && by_scripts(own)) || named != device;
        line = line.or_else(|| source.line("GATEWAYDEV"));
    }
    if never {
        made.set(GROUP, "never-default", "true", line);
    }
    never
}

/// network-scripts give the metric to the default route alone, NetworkManager to all routes of the profile.
fn metric(own: &Own<'_>, made: &mut Made) {
    let source = &own.source;
    if !by_scripts(own) || made.get(GROUP, "route-metric").is_some() {
        return;
    }
    if let Some(metric) = source.number("METRIC", 0, i64::from(u32::MAX)) {
        made.set(
            GROUP,
            "route-metric",
            metric.to_string(),
            source.line("METRIC"),
        );
    }
}

/// Returns the gateway of the default route.
fn gateway(
    own: &Own<'_>,
    addresses: &[At],
    losses: &mut Vec<Loss>,
) -> Option<(IpAddr, Option<Line>)> {
    let is_static = !addresses.is_empty();
    let from_file = match by_scripts(own) {
        true if own.source.reader.method(bootproto(own), true) == Method::Dhcp => return None,
        true => gateway_of_scripts(own, addresses, losses),
        false => gateway_of_index(own),
    };
    if from_file.is_some() || !is_static {
        return from_file;
    }
    let for_all = for_all(own, addresses);
    for_all.or_else(|| gateway_of_alias(own).filter(|_| !by_scripts(own)))
}

/// Returns the gateway for all interfaces.
fn for_all(own: &Own<'_>, addresses: &[At]) -> Option<(IpAddr, Option<Line>)> {
    let network = own.network.as_ref()?;
    let gateway: Ipv4Addr = network.text("GATEWAY")?.parse().ok()?;
    let reached = || {
        addresses
            .first()
            .is_some_and(|(net, _)| net.contains(&IpAddr::V4(gateway)))
    };
    // network-scripts hold it against the first subnet
    let silent = own.source.text("GATEWAY").is_none() && (!by_scripts(own) || reached());
    silent.then_some((IpAddr::V4(gateway), None))
}

/// network-scripts make a default route of a gateway that fits, and of no other one.
fn gateway_of_scripts(
    own: &Own<'_>,
    addresses: &[At],
    losses: &mut Vec<Loss>,
) -> Option<(IpAddr, Option<Line>)> {
    let (source, layer3) = (&own.source, &own.profile.layer3);
    let keys = indices().take(11).map(|index| format!("GATEWAY{index}"));
    let said = keys.filter_map(|key| {
        let gateway: IpAddr = source.text(&key)?.parse().ok()?;
        Some((gateway, source.line(&key)))
    });
    let said: Vec<_> = said.collect();
    let first = addresses.first().map(|(net, _)| net);
    let fits = |gateway: &IpAddr| match layer3.shell {
        true => first.is_some_and(|net| net.contains(gateway)),
        false => layer3.is_default_route(gateway),
    };
    let found = said.iter().find(|(gateway, _)| fits(gateway)).copied();
    if let (None, Some((idle, line))) = (found, said.first()) {
        let why = layer3.default_v4.passed_over.clone();
        let why = why.unwrap_or_else(|| "nothing: it is no default route today".to_owned());
        let what = format!("the gateway {idle}");
        losses.push(lost(
            source.path,
            line.map(|(_, line)| line),
            &what,
            &why,
            Weight::Idle,
        ));
    }
    found
}

/// NetworkManager reads a gateway with an address of the same number alone.
fn gateway_of_index(own: &Own<'_>) -> Option<(IpAddr, Option<Line>)> {
    let source = &own.source;
    for index in indices() {
        if source.text(&format!("IPADDR{index}")).is_none() {
            if index.parse::<u32>().is_ok_and(|n| n >= 2) {
                return None;
            }
            continue;
        }
        let key = format!("GATEWAY{index}");
        if let Some(gateway) = source.text(&key).and_then(|text| text.parse().ok()) {
            return Some((gateway, source.line(&key)));
        }
    }
    None
}

/// Writes name servers and domains.
fn names(own: &Own<'_>, made: &mut Made, losses: &mut Vec<Loss>) -> Result<(), Cannot> {
    let source = &own.source;
    let servers = own.servers(losses)?;
    let ours = servers.iter().filter(|server| server.address.is_ipv4());
    let (items, lines): (Vec<String>, Vec<Option<Line>>) = ours
        .map(|server| (server.text.clone(), server.line))
        .unzip();
    if !items.is_empty() {
        let items = items.iter().map(String::as_str);
        made.list(GROUP, "dns", items, lines.into_iter().flatten());
    }
    for key in ["DOMAIN", "SEARCH"] {
        let words = source.text(key).unwrap_or_default();
        if !words.is_empty() && made.get(GROUP, "dns-search").is_none() {
            made.list(
                GROUP,
                "dns-search",
                words.split_ascii_whitespace(),
                source.line(key),
            );
        }
    }
    options(own, made);
    Ok(())
}

/// Options of the resolver: those of the file, then those for all interfaces, which NetworkManager reads, too.
fn options(own: &Own<'_>, made: &mut Made) {
    let source = &own.source;
    let all = own.network.as_ref().filter(|_| !by_scripts(own));
    let texts = [
        source.any("RES_OPTIONS"),
        all.and_then(|network| network.any("RES_OPTIONS")),
    ];
    let said = texts.iter().any(Option::is_some);
    let words = texts
        .iter()
        .flatten()
        .flat_map(|text| text.split_ascii_whitespace());
    if said {
        made.list(GROUP, "dns-options", words, source.line("RES_OPTIONS"));
    }
}
