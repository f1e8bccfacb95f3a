//! Whether the gateway of a file becomes the default route.
//!
//! Source: ifup-eth of initscripts 9.03 to 10.00 (`DEFROUTE`, `GATEWAYDEV`, then
//! `ipcalc --network GATEWAY netmask[0] = NETWORK`, where NETWORK is that of `ipaddr[0]` unless the file says another one; where
//! that fails, GATEWAYDEV alone), ifup-aliases (each further address sets the route, if it is not there), `read_defroute()` of
//! NetworkManager. IPv6 has no such test: ifup-ipv6 adds every address first, and then the route, for which
//! ipv6_set_default_route() wants to know the interface of a link-local gateway.

use std::net::IpAddr;

use super::addressing::address_v4;
use super::companion::inherits;
use super::reader::Reader;
use super::text::{Companion, CompanionRole, Text};
use crate::backend::references::NETWORK;
use crate::doc::shell::ShellDoc;
use crate::host::layer3::{DefaultRoute, Method};
use crate::host::profile::Profile;
use crate::host::value::IpNet;
use crate::tree::{HostPath, Tree};

/// Returns whether the gateways of `profile`, with `text`, become the default routes of IPv4 and IPv6.
pub(super) fn of(
    profile: &Profile,
    text: &Text,
    tree: &Tree,
    reader: Reader,
) -> (DefaultRoute, DefaultRoute) {
    let own = Own {
        profile,
        text,
        tree,
        reader,
    };
    let v4 = DefaultRoute {
        off: own.switched_off(),
        passed_over: own.passed_over(),
        by_device: own.by_device(),
    };
    let v6 = DefaultRoute {
        off: own.switched_off_v6(),
        passed_over: own.passed_over_v6(),
        by_device: false,
    };
    (v4, v6)
}

/// A profile with all that decides.
struct Own<'a> {
    profile: &'a Profile,
    text: &'a Text,
    tree: &'a Tree,
    reader: Reader,
}

impl Own<'_> {
    /// Returns the value of a setting: the last one holds.
    fn value(&self, key: &str) -> Option<String> {
        let mut settings = self.text.settings.iter().rev();
        let setting = settings.find(|setting| setting.key == key)?;
        let value = setting.value.as_ref()?.named(&self.profile.interface);
        Some(value).filter(|value| !value.is_empty())
    }

    /// Returns the value of `key` where the file has it, else that for all interfaces, and which file says so.
    fn device(&self, key: &str) -> Option<(String, String)> {
        if let Some(device) = self.value(key) {
            return Some(("its file".to_owned(), device));
        }
        let path = HostPath::literal(NETWORK);
        let file = self.tree.file(&path)?;
        let doc = ShellDoc::parse(std::str::from_utf8(&file.bytes).ok()?);
        let found = doc.get(key)?;
        let device = found.value.literal()?.to_owned();
        (!device.is_empty()).then(|| (format!("{path}:{}", found.line), device))
    }

    /// Returns whether network-scripts set the addresses of the file, which are all known.
    fn is_set_by_scripts(&self) -> bool {
        let layer3 = &self.profile.layer3;
        let manual = *layer3.v4.method == Method::Manual && !layer3.shell;
        self.reader == Reader::NetworkScripts && manual
    }

    /// Returns the first address, with what is written of it where it is not valid.
    fn first(&self) -> Option<Result<IpNet, String>> {
        let indices = ["", "0", "1", "2"].into_iter();
        let mut found = indices.filter_map(|n| Some((n, self.value(&format!("IPADDR{n}"))?)));
        let (n, address) = found.next()?;
        let (prefix, mask) = (
            self.value(&format!("PREFIX{n}")),
            self.value(&format!("NETMASK{n}")),
        );
        let net = address_v4(&address, prefix.as_deref(), mask.as_deref());
        let written = || match prefix.as_ref().or(mask.as_ref()) {
            Some(mask) => format!("{address}/{mask}"),
            None => address.clone(),
        };
        Some(net.ok_or_else(written))
    }

    /// Returns whether ifup-eth makes the interface the default route itself, with no gateway that fits.
    fn by_device(&self) -> bool {
        let named = || self.device("GATEWAYDEV").map(|(_, device)| device);
        let own = |device: String| device == self.profile.interface.as_str();
        self.is_set_by_scripts() && self.first().is_some() && named().is_some_and(own)
    }

    /// Says why network-scripts make no default route of the gateway, where they read it: they hold it against the first
    /// address alone.
    fn passed_over(&self) -> Option<String> {
        let layer3 = &self.profile.layer3;
        let otherwise = self.text.companions.iter().any(sets_route) || self.by_device();
        if !self.is_set_by_scripts() || otherwise || self.no("DEFROUTE").is_some() {
            return None;
        }
        if layer3.v4.gateways.is_empty() {
            return None;
        }
        let none = format!(
            "network-scripts set no default route for `{}`",
            self.profile.interface
        );
        let Some(gateway) = self.value("GATEWAY") else {
            let mut settings = self.text.settings.iter();
            let key = &settings.find(|s| numbered_gateway(&s.key))?.key;
            let gateway = self.value(key)?;
            return Some(format!(
                "{none}: they read GATEWAY, not {key}; write GATEWAY={gateway}"
            ));
        };
        let gateway: IpAddr = gateway.parse().ok()?;
        let Some(first) = self.first() else {
            let port = self.profile.controller.is_some();
            return (!port).then(|| {
                format!("{none}: it has no address; write the address that reaches it, as IPADDR")
            });
        };
        match first {
            Ok(first) => Some(format!("{none}: {}", self.unreached(gateway, first)?)),
            Err(written) => Some(format!(
                "{none}: they check the gateway {gateway} against the first address, {written}, which is not valid; correct that address"
            )),
        }
    }

    /// Says why `gateway` is not in the network of the first address.
    fn unreached(&self, gateway: IpAddr, first: IpNet) -> Option<String> {
        let network = match self.value("NETWORK") {
            Some(text) => text.parse().ok()?,
            None => first.network(),
        };
        let reached = IpNet::new(gateway, first.prefix_len()).ok()?.network();
        if reached == network {
            return None;
        }
        if first.contains(&gateway) {
            return Some(format!(
                "NETWORK={network} is not the network of {first}; correct NETWORK, or delete it"
            ));
        }
        let why =
            format!("they check the gateway {gateway} against the first address only, {first}");
        let mut addresses = self.profile.layer3.v4.addresses.iter();
        Some(match addresses.find(|net| net.contains(&gateway)) {
            Some(other) => format!("{why}; write {other} first, as IPADDR"),
            None => format!("{why}; correct the gateway, or the prefix length"),
        })
    }

    /// Says so where `key` is switched off in the file.
    fn no(&self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        let off = self.reader.is_no(key, &value);
        off.then(|| self.kept(&format!("{key}={value} remains in effect in its file")))
    }

    fn kept(&self, because: &str) -> String {
        let name = &self.profile.interface;
        format!("`{name}` gets no default route: {because}")
    }

    /// Says what else keeps the gateway, or that of its DHCP server, from being the default route, whoever reads it:
    /// dhclient-script and NetworkManager heed DEFROUTE and GATEWAYDEV as for a gateway of its own.
    fn switched_off(&self) -> Option<String> {
        let layer3 = &self.profile.layer3;
        if !layer3.is_dhcp() && layer3.v4.gateways.is_empty() {
            return None;
        }
        if let Some(off) = self.no("DEFROUTE") {
            return Some(off);
        }
        let (at, device) = self.device("GATEWAYDEV")?;
        let other = device != self.profile.interface.as_str();
        other.then(|| self.kept(&format!("{at} says GATEWAYDEV={device}")))
    }

    /// Says what keeps the gateway of IPv6 from being the default route.
    fn switched_off_v6(&self) -> Option<String> {
        if let Some(off) = self.no("IPV6_DEFROUTE") {
            return Some(off);
        }
        if self.reader != Reader::NetworkScripts || self.profile.layer3.v6.gateways.is_empty() {
            return None;
        }
        let name = self.profile.interface.as_str();
        let gateway = self.value("IPV6_DEFAULTGW")?;
        // the interface behind the `%` comes first
        let (at, device) = match gateway.split_once('%') {
            Some((_, device)) => (
                format!("its file says IPV6_DEFAULTGW={gateway}"),
                device.to_owned(),
            ),
            None => {
                let (at, device) = self.device("IPV6_DEFAULTDEV")?;
                (format!("{at} says IPV6_DEFAULTDEV={device}"), device)
            }
        };
        (device != name).then(|| self.kept(&at))
    }

    /// Says why network-scripts set no default route of IPv6.
    fn passed_over_v6(&self) -> Option<String> {
        let gateway = self.value("IPV6_DEFAULTGW")?;
        let link_local = gateway.to_ascii_lowercase().starts_with("fe80:");
        let scripts = self.reader == Reader::NetworkScripts;
        let named = gateway.contains('%') || self.device("IPV6_DEFAULTDEV").is_some();
        let name = &self.profile.interface;
        (scripts && link_local && !named).then(|| {
            format!(
                "network-scripts set no default route of IPv6 for `{name}`: the gateway {gateway} is link-local, and nothing says its interface; write IPV6_DEFAULTGW={gateway}%{name}"
            )
        })
    }
}

/// Returns whether the key is a gateway with a number, which NetworkManager reads and ifup-eth does not.
fn numbered_gateway(key: &str) -> bool {
    let number = key.strip_prefix("GATEWAY").unwrap_or("");
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
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
    use crate::readers::{NetworkManager, Readers, Scripts, Starts};
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
            // each knows its own words for no
            ("GATEWAY=192.168.2.1\nDEFROUTE=NO\n", "", true, false),
            ("GATEWAY=192.168.2.1\nDEFROUTE=off\n", "", true, true),
            ("BOOTPROTO=dhcp\nDEFROUTE=NO\n", "", true, false),
            // where the gateway does not fit, the interface itself is the route
            ("GATEWAY=10.2.0.1\nGATEWAYDEV=eth0\n", "", true, true),
            ("", "GATEWAYDEV=eth0\n", true, false),
            // a single address is its whole network
            ("PREFIX=32\nGATEWAY=192.168.2.1\n", "", false, true),
            // what is first counts, valid or not
            (
                "IPADDR=192.168.2.555\nGATEWAY=192.168.50.1\n",
                "",
                false,
                true,
            ),
            ("IPADDR=\nIPADDR1=\nGATEWAY=192.168.2.1\n", "", false, true),
            // of IPv6 they make one
            (
                "IPV6ADDR=2001:db8::2/64\nIPV6_DEFAULTGW=2001:db8::1\nIPV6_DEFROUTE=no\n",
                "",
                true,
                false,
            ),
            (
                "IPV6ADDR=2001:db8::2/64\nIPV6_DEFAULTGW=fe80::1\n",
                "",
                false,
                true,
            ),
            (
                "IPV6ADDR=2001:db8::2/64\nIPV6_DEFAULTGW=fe80::1%eth0\n",
                "",
                true,
                true,
            ),
            (
                "IPV6ADDR=2001:db8::2/64\nIPV6_DEFAULTGW=fe80::1\n",
                "IPV6_DEFAULTDEV=eth0\n",
                true,
                true,
            ),
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
