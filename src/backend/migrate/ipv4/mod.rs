//! `[ipv4]` of a profile that has a layer 3.
//!
//! Source: `make_ip4_setting()` and `read_aliases()` in nms-ifcfg-rh-reader.c; ifup-eth, ifup-aliases, ifup-post.

mod addresses;
pub(super) mod aliases;
mod gateway;

use super::Cannot;
use addresses::{At, addresses, bootproto, lost};
use gateway::{gateway, metric, never_default};

use super::loss::{Loss, Weight};
use super::made::{Line, Made};
use super::own::Own;
use super::plain::{self, not_valid};
use crate::host::layer3::Method;

const GROUP: &str = "ipv4";

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
    let (never, line) = never_default(own);
    metric(own, made);
    let gateway = match method {
        "disabled" => None,
        _ => gateway(own, &addresses, never, losses),
    };
    let gateway = gateway.filter(|(gateway, _)| !gateway.is_unspecified());
    // ifup-aliases looks at no DEFROUTE
    let never = never && (gateway.is_none() || !own.by_scripts());
    let gateway = gateway.filter(|_| !never);
    if never {
        made.set(GROUP, "never-default", "true", line);
    }
    if method == "disabled" {
        return Ok(());
    }
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
            _ if own.by_scripts() => "disabled",
            _ => {
                return Err(cannot(format!(
                    "BOOTPROTO=`{word}` is not known, and NetworkManager refuses the file"
                )));
            }
        },
        Method::Unsaid | Method::Unread | Method::Off | Method::Auto => "disabled",
    })
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
    for key in ["DOMAIN", "SEARCH"].into_iter().filter(|_| own.sets_dns()) {
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
    let all = own.network.as_ref().filter(|_| !own.by_scripts());
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
