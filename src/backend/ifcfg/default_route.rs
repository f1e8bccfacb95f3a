//! Whether the gateway of a file becomes the default route.
//!
//! Source: ifup-eth of initscripts 9.03 to 10.00 (`DEFROUTE`, `GATEWAYDEV`, then
//! `ipcalc --network GATEWAY netmask[0] = NETWORK`, where NETWORK is that of `ipaddr[0]` unless the file says another one),
//! ifup-aliases (each further address sets the route, if it is not there), `read_defroute()` of NetworkManager. IPv6 has no
//! such test: ifup-ipv6 adds every address first, and then the route.

use std::net::IpAddr;

use super::kind::is_no;
use crate::backend::references::NETWORK;
use crate::doc::shell::ShellDoc;
use crate::host::profile::{Companion, CompanionRole, Method, Profile};
use crate::host::value::IpNet;
use crate::readers::Readers;
use crate::tree::{HostPath, Tree};

/// Says why network-scripts make no default route of the gateway of `profile`, where they read it: they hold it against the
/// first address alone.
pub(in crate::backend) fn passed_over(profile: &Profile, readers: &Readers) -> Option<String> {
    let scripts = readers.scripts.is_some() && !readers.managed_by_nm(profile.nm_controlled);
    let addressing = &profile.layer3.addressing;
    let known = addressing.method == Method::Manual && !addressing.shell;
    let otherwise = profile.layer3.companions.iter().any(sets_route);
    if !scripts || !known || otherwise || value(profile, "DEFROUTE").as_deref() == Some("no") {
        return None;
    }
    if !addressing.gateways.iter().any(IpAddr::is_ipv4) {
        return None;
    }
    let name = &profile.interface;
    let Some(gateway) = value(profile, "GATEWAY") else {
        let numbered = |key: &str| numbered_gateway(key);
        let setting = profile.layer3.settings.iter().find(|s| numbered(&s.key))?;
        let key = &setting.key;
        let gateway = value(profile, key)?;
        return Some(format!(
            "network-scripts set no default route for {name}: they read GATEWAY, and not {key}; write GATEWAY={gateway}"
        ));
    };
    let gateway: IpAddr = gateway.parse().ok()?;
    let mut addresses = addressing.addresses.iter().filter(is_v4);
    let first = addresses.next()?;
    let network = match value(profile, "NETWORK") {
        Some(text) => text.parse().ok()?,
        None => first.network(),
    };
    let reached = IpNet::new(gateway, first.prefix_len()).ok()?.network();
    if reached == network {
        return None;
    }
    if first.contains(&gateway) {
        return Some(format!(
            "network-scripts set no default route for {name}: NETWORK={network} is not the network of {first}"
        ));
    }
    let why = format!(
        "network-scripts set no default route for {name}: they hold the gateway {gateway} against the first address \
         alone, {first}"
    );
    Some(match addresses.find(|net| net.contains(&gateway)) {
        Some(other) => format!("{why}; write {other} first, as IPADDR"),
        None => why,
    })
}

/// Says what else keeps the gateway of `profile` from being the default route, whoever reads it.
pub(in crate::backend) fn switched_off(profile: &Profile, tree: &Tree) -> Option<String> {
    let (name, gateways) = (&profile.interface, &profile.layer3.addressing.gateways);
    let kept = |because: String| Some(format!("{name} gets no default route: {because}"));
    let of_family = |key: &str, v6: bool| {
        gateways.iter().any(|gateway| gateway.is_ipv6() == v6)
            && value(profile, key).is_some_and(|value| is_no(&value))
    };
    for (key, v6) in [("DEFROUTE", false), ("IPV6_DEFROUTE", true)] {
        if of_family(key, v6) {
            return kept(format!("{key}=no stays in force in its file"));
        }
    }
    if !gateways.iter().any(IpAddr::is_ipv4) {
        return None;
    }
    let path = HostPath::literal(NETWORK);
    let (at, device) = match value(profile, "GATEWAYDEV") {
        Some(device) => ("its file".to_owned(), device),
        None => {
            let doc = ShellDoc::parse(std::str::from_utf8(&tree.file(&path)?.bytes).ok()?);
            let found = doc.get("GATEWAYDEV")?;
            (
                format!("{path}:{}", found.line),
                found.value.literal()?.to_owned(),
            )
        }
    };
    if device.is_empty() || device == name.as_str() {
        return None;
    }
    kept(format!("{at} says GATEWAYDEV={device}"))
}

/// Returns whether the key is a gateway with a number, which NetworkManager reads and ifup-eth does not.
fn numbered_gateway(key: &str) -> bool {
    let number = key.strip_prefix("GATEWAY").unwrap_or("");
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_v4(net: &&IpNet) -> bool {
    net.addr().is_ipv4()
}

/// Returns the value of a setting: the last one holds.
fn value(profile: &Profile, key: &str) -> Option<String> {
    let mut settings = profile.layer3.settings.iter().rev();
    let setting = settings.find(|setting| setting.key == key)?;
    let value = setting.value.as_ref()?.named(&profile.interface);
    Some(value).filter(|value| !value.is_empty())
}

fn sets_route(companion: &Companion) -> bool {
    match companion.role {
        CompanionRole::Alias(_) | CompanionRole::Range(_) => true,
        CompanionRole::Route(_) => {
            let text = companion.content.raw();
            ["default", "0.0.0.0", "0/0"]
                .iter()
                .any(|word| text.contains(word))
        }
        CompanionRole::Rule(_) | CompanionRole::Dhclient(_) => false,
    }
}
