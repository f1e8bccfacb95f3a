//! Whether the gateway of a file becomes the default route.
//!
//! Source: ifup-eth of initscripts 9.03 to 10.00 (`DEFROUTE`, `GATEWAYDEV`, then
//! `ipcalc --network GATEWAY netmask[0] = NETWORK`, where NETWORK is that of `ipaddr[0]` unless the file says another one),
//! ifup-aliases (each further address sets the route, if it is not there), `read_defroute()` of NetworkManager. IPv6 has no
//! such test: ifup-ipv6 adds every address first, and then the route.

use std::net::IpAddr;

use super::companion::inherits;
use super::kind::is_no;
use super::text::{Companion, CompanionRole, Text};
use crate::backend::references::NETWORK;
use crate::doc::shell::ShellDoc;
use crate::host::layer3::DefaultRoute;
use crate::host::profile::Profile;
use crate::host::value::IpNet;
use crate::readers::Readers;
use crate::tree::{HostPath, Tree};

/// Returns whether the gateways of `profile`, with `text`, become the default routes of IPv4 and IPv6.
pub(super) fn of(
    profile: &Profile,
    text: &Text,
    tree: &Tree,
    readers: &Readers,
) -> (DefaultRoute, DefaultRoute) {
    let v4 = DefaultRoute {
        off: switched_off(profile, text, tree),
        passed_over: passed_over(profile, text, readers),
    };
    let v6 = DefaultRoute {
        off: no(text, profile, "IPV6_DEFROUTE"),
        passed_over: None,
    };
    (v4, v6)
}

/// Says why network-scripts make no default route of the gateway of `profile`, where they read it: they hold it against the
/// first address alone.
fn passed_over(profile: &Profile, text: &Text, readers: &Readers) -> Option<String> {
    let scripts = readers.scripts.is_some() && !readers.managed_by_nm(profile.nm_controlled);
    let layer3 = &profile.layer3;
    let known = layer3.is_static();
    let otherwise = text.companions.iter().any(sets_route);
    let value = |key: &str| value(profile, text, key);
    if !scripts || !known || otherwise || value("DEFROUTE").as_deref() == Some("no") {
        return None;
    }
    if layer3.v4.gateways.is_empty() {
        return None;
    }
    let name = &profile.interface;
    let Some(gateway) = value("GATEWAY") else {
        let numbered = |key: &str| numbered_gateway(key);
        let setting = text.settings.iter().find(|s| numbered(&s.key))?;
        let key = &setting.key;
        let gateway = value(key)?;
        return Some(format!(
            "network-scripts set no default route for `{name}`: they read GATEWAY, not {key}; write GATEWAY={gateway}"
        ));
    };
    let gateway: IpAddr = gateway.parse().ok()?;
    let mut addresses = layer3.v4.addresses.iter();
    let first = addresses.next()?;
    let network = match value("NETWORK") {
        Some(text) => text.parse().ok()?,
        None => first.network(),
    };
    let reached = IpNet::new(gateway, first.prefix_len()).ok()?.network();
    if reached == network {
        return None;
    }
    if first.contains(&gateway) {
        return Some(format!(
            "network-scripts set no default route for `{name}`: NETWORK={network} is not the network of {first}"
        ));
    }
    let why = format!(
        "network-scripts set no default route for `{name}`: they check the gateway {gateway} against the first address only, {first}"
    );
    Some(match addresses.find(|net| net.contains(&gateway)) {
        Some(other) => format!("{why}; write {other} first, as IPADDR"),
        None => why,
    })
}

/// Says so where `key` is switched off in the file.
fn no(text: &Text, profile: &Profile, key: &str) -> Option<String> {
    let off = value(profile, text, key).is_some_and(|value| is_no(&value));
    off.then(|| kept(profile, &format!("{key}=no remains in effect in its file")))
}

fn kept(profile: &Profile, because: &str) -> String {
    format!("`{}` gets no default route: {because}", profile.interface)
}

/// Says what else keeps the gateway of `profile`, or of its DHCP server, from being the default route, whoever reads it:
/// dhclient-script and NetworkManager heed DEFROUTE and GATEWAYDEV as for a gateway of its own.
fn switched_off(profile: &Profile, text: &Text, tree: &Tree) -> Option<String> {
    let (name, layer3) = (&profile.interface, &profile.layer3);
    if !layer3.is_dhcp() && layer3.v4.gateways.is_empty() {
        return None;
    }
    if let Some(off) = no(text, profile, "DEFROUTE") {
        return Some(off);
    }
    let path = HostPath::literal(NETWORK);
    let (at, device) = match value(profile, text, "GATEWAYDEV") {
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
    Some(kept(profile, &format!("{at} says GATEWAYDEV={device}")))
}

/// Returns whether the key is a gateway with a number, which NetworkManager reads and ifup-eth does not.
fn numbered_gateway(key: &str) -> bool {
    let number = key.strip_prefix("GATEWAY").unwrap_or("");
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the value of a setting: the last one holds.
fn value(profile: &Profile, text: &Text, key: &str) -> Option<String> {
    let mut settings = text.settings.iter().rev();
    let setting = settings.find(|setting| setting.key == key)?;
    let value = setting.value.as_ref()?.named(&profile.interface);
    Some(value).filter(|value| !value.is_empty())
}

fn sets_route(companion: &Companion) -> bool {
    match companion.role {
        CompanionRole::Alias(_) | CompanionRole::Range(_) => {
            inherits(companion)
                || ShellDoc::parse(companion.content.raw())
                    .get("GATEWAY")
                    .is_some()
        }
        CompanionRole::Route(_) => {
            let text = companion.content.raw();
            ["default", "0.0.0.0", "0/0"]
                .iter()
                .any(|word| text.contains(word))
        }
        CompanionRole::Rule(_) | CompanionRole::Dhclient(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::ifcfg::read::profiles;
    use crate::readers::{NetworkManager, Scripts, Starts};
    use crate::tree::{Attrs, Entry, File};

    fn tree(ifcfg: &str, network: &str) -> Tree {
        let mut tree = Tree::default();
        let files = [
            ("/etc/sysconfig/network-scripts/ifcfg-eth0", ifcfg),
            (NETWORK, network),
        ];
        for (path, text) in files {
            let attrs = Attrs {
                mode: 0o644,
                uid: 0,
                gid: 0,
            };
            let bytes = text.as_bytes().to_vec();
            tree.insert(
                HostPath::parse(path).unwrap(),
                Entry::File(File { bytes, attrs }),
            );
        }
        tree
    }

    /// What a plan says of a host must be what `check` says of it.
    #[test]
    fn who_carries_the_default_route() {
        let mut by_scripts = Readers::default();
        by_scripts.scripts = Some(Scripts::default());
        let mut network_manager = NetworkManager::default();
        network_manager.starts = Starts::Yes;
        let mut by_nm = Readers::default();
        by_nm.network_manager = Some(network_manager);
        let static_ = "BOOTPROTO=none\nIPADDR=192.168.2.2\nPREFIX=24\n";
        let second = "IPADDR1=192.168.50.2\nPREFIX1=24\n";
        for (text, network, scripts, nm) in [
            ("GATEWAY=192.168.2.1\n", "", true, true),
            ("", "", false, false),
            ("GATEWAY=192.168.2.1\nDEFROUTE=no\n", "", false, false),
            ("GATEWAY=192.168.2.1\n", "GATEWAYDEV=eth1\n", false, false),
            ("GATEWAY=192.168.2.1\n", "GATEWAYDEV=eth0\n", true, true),
            // network-scripts hold it against the first address alone
            ("GATEWAY=192.168.50.1\n", "", false, true),
            ("GATEWAY1=192.168.50.1\n", "", false, true),
            ("BOOTPROTO=dhcp\n", "", true, true),
            ("BOOTPROTO=dhcp\nDEFROUTE=no\n", "", false, false),
            ("BOOTPROTO=dhcp\n", "GATEWAYDEV=eth1\n", false, false),
            // of IPv6 they make one
            (
                "GATEWAY=192.168.50.1\nIPV6ADDR=2001:db8::2/64\nIPV6_DEFAULTGW=2001:db8::1\n",
                "",
                true,
                true,
            ),
        ] {
            let tree = tree(&format!("DEVICE=eth0\n{static_}{second}{text}"), network);
            for (readers, expected) in [(&by_scripts, scripts), (&by_nm, nm)] {
                let found = profiles(&tree, readers).0;
                let carries = found[0].layer3.carries_default_route();
                assert_eq!(carries, expected, "{text}{network}");
            }
        }
    }
}
