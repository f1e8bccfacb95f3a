//! Lists for all interfaces: static routes that end with the migration, each with the line that says the same of one interface,
//! and name servers.
//!
//! Source: rc.d/init.d/network (lines that begin with `any`, words of route(8)), ifup-ipv6 (those that begin with its interface).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use super::Moved;
use crate::backend::migrate::{Entry, Loss, Weight};
use crate::host::profile::Profile;
use crate::host::value::IpNet;
use crate::tree::{HostPath, Tree};

/// Routes that the network service sets itself.
const OF_SERVICE: &str = "/etc/sysconfig/static-routes";

/// Routes of IPv6 that come with an interface.
const OF_INTERFACES: &str = "/etc/sysconfig/static-routes-ipv6";

/// Returns the routes that nobody sets any more; `is_idle` tells whether the network service is disabled.
pub(super) fn routes(tree: &Tree, profiles: &[&Profile], is_idle: bool) -> Vec<Loss> {
    let of_service = lines(tree, OF_SERVICE).into_iter();
    let of_service = of_service.filter(|(_, line)| is_idle && first(line) == Some("any"));
    let of_service = of_service.map(|(at, line)| {
        let route = route(&line, profiles);
        lost(OF_SERVICE, at, &line, route)
    });
    let ours = |name: &str| {
        profiles
            .iter()
            .any(|profile| profile.interface.as_str() == name)
    };
    let of_interfaces = lines(tree, OF_INTERFACES).into_iter();
    let of_interfaces = of_interfaces.filter(|(_, line)| first(line).is_some_and(ours));
    let of_interfaces = of_interfaces.map(|(at, line)| {
        let mut words = line.split_ascii_whitespace();
        let route = words.next().zip(words.next());
        let route = route.map(|(name, to)| {
            let via = words.next().map(|via| format!(" via {via}"));
            (
                format!("route6-{name}"),
                format!("{to}{}", via.unwrap_or_default()),
            )
        });
        lost(OF_INTERFACES, at, &line, route)
    });
    of_service.chain(of_interfaces).collect()
}

fn first(line: &str) -> Option<&str> {
    line.split_ascii_whitespace().next()
}

fn lines(tree: &Tree, path: &'static str) -> Vec<(u32, String)> {
    let file = tree.file(&HostPath::literal(path));
    let text = file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let text = text.unwrap_or_default();
    let lines = text.lines().map(|line| line.trim().to_owned());
    (1..).zip(lines).collect()
}

/// Says that a route is lost; `route` is the file and the line that say the same of one interface.
fn lost(path: &'static str, at: u32, line: &str, route: Option<(String, String)>) -> Loss {
    let instead = match route {
        Some((file, line)) => {
            format!("the line `{line}` in {file}, from where it is migrated, too")
        }
        None => "a line in route-IFACE, from where it is migrated, too".to_owned(),
    };
    Loss {
        at: HostPath::literal(path),
        line: Some(at),
        what: line.to_owned(),
        meant: "a static route that the network service sets".to_owned(),
        instead: Some(instead),
        weight: Weight::Grave,
    }
}

/// Returns what says the same as a line of route(8) does: the file of the interface that reaches its gateway, and the line.
fn route(line: &str, profiles: &[&Profile]) -> Option<(String, String)> {
    let mut words = line.split_ascii_whitespace().skip(1);
    let (mut to, mut mask, mut via, mut dev) = (None, None, None, None);
    let mut metric = String::new();
    while let Some(word) = words.next() {
        match word {
            "net" | "host" | "-net" | "-host" => to = words.next(),
            "netmask" => mask = words.next(),
            "gw" => via = words.next(),
            "dev" => dev = words.next(),
            "metric" => metric = format!(" metric {}", words.next()?),
            other if to.is_none() => to = Some(other),
            _ => return None,
        }
    }
    let length = mask.and_then(|mask| mask.parse::<Ipv4Addr>().ok());
    let length = length.and_then(|mask| ipnet::ipv4_mask_to_prefix(mask).ok());
    let to = match length {
        Some(length) => format!("{}/{length}", to?),
        None => to?.to_owned(),
    };
    let gateway: Option<IpAddr> = via.and_then(|via| via.parse().ok());
    let reaches = |profile: &&&Profile| {
        let mut nets = profile.layer3.addresses();
        gateway.is_some_and(|gateway| nets.any(|net: IpNet| net.contains(&gateway)))
    };
    let by_gateway = || Some(profiles.iter().find(reaches)?.interface.as_str());
    let name = dev.or_else(by_gateway)?;
    let via = via.map_or_else(|| format!(" dev {name}"), |via| format!(" via {via}"));
    Some((format!("route-{name}"), format!("{to}{via}{metric}")))
}

/// How names are resolved.
pub(super) const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Returns what stands in /etc/resolv.conf alone: NetworkManager writes that file anew.
///
/// Source: `rc-manager` in NetworkManager.conf(5); ifup-post changes the file where a profile says DNS1 and it does not, dhclient
/// writes it for a lease.
pub(super) fn resolver(tree: &Tree, moved: &[Moved<'_>]) -> Vec<Loss> {
    let entries = || moved.iter().flat_map(|one| &one.keyfile.said);
    let says_of = |one: &Moved<'_>, key: &str, value: &str| {
        let mut said = one.keyfile.said.iter();
        said.any(|entry| entry.group == "ipv4" && entry.key == key && entry.value == value)
    };
    let by_lease = |one: &Moved<'_>| {
        says_of(one, "method", "auto") && !says_of(one, "ignore-auto-dns", "true")
    };
    // dhclient has written it
    if moved.iter().any(by_lease) {
        return Vec::new();
    }
    let says = |entry: &&Entry| matches!(entry.key.as_str(), "dns" | "dns-search" | "dns-options");
    let said = entries().filter(says);
    let said: BTreeSet<&str> = said.flat_map(|entry| entry.value.split(';')).collect();
    let unsaid = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let known = ["nameserver", "search", "domain", "options"];
        let is_known = words.next().is_some_and(|word| known.contains(&word));
        is_known && !words.all(|word| said.contains(word))
    };
    let lines = lines(tree, RESOLV_CONF).into_iter();
    let lines = lines.filter(|(_, line)| unsaid(line));
    let lost = lines.map(|(at, line)| Loss {
        at: HostPath::literal(RESOLV_CONF),
        line: Some(at),
        what: line,
        meant: "how names are resolved, in a file that NetworkManager writes anew".to_owned(),
        instead: Some(
            "DNS1, DOMAIN or RES_OPTIONS in the profile first, or dns=none in NetworkManager.conf"
                .to_owned(),
        ),
        weight: Weight::Light,
    });
    lost.collect()
}
