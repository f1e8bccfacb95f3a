//! A kernel command line by which the initramfs configures the port of a bridge.

use std::collections::HashMap;

use super::device;
use crate::lint::{Check, Finding, Meaning, Place, Rule, Severity};
use crate::readers::{Ask, Asked};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "boot-network",
    severity: Severity::Warning,
    readers: &[],
    finds: "A kernel command line (`ip=`, `BOOTIF=`) by which the initramfs configures the port of a bridge, or a bridge that it
does not make.",
    why: "The initramfs gives the card an address before any file of the host is read, and NetworkManager keeps what it finds up:
the card does not join its bridge, or has the address a second time. For a bridge that there is not, the initramfs
waits in vain.",
    example: "
/etc/default/grub
  GRUB_CMDLINE_LINUX=\"ip=ens33:dhcp\"      and ens33 is a port of br0",
    remedy: "Let the initramfs make the bridge as well, bridge=br0:ens33 ip=br0:dhcp, or take the word away where the initramfs\nneeds no network: grubby --update-kernel=ALL --remove-args=WORD",
    source: "dracut.cmdline(7); parse-ip-opts.sh, parse-bridge.sh and nm-lib.sh of dracut; nm-initrd-generator(8)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let asks = &meaning.readers.initramfs;
    if asks.is_empty() {
        return Vec::new();
    }
    let ports = device::ports_of_bridges(meaning);
    let macs = cards(meaning);
    let mut found: Vec<(String, Finding)> = Vec::new();
    for ask in asks {
        let name = match &ask.asked {
            Asked::Name(name) => name.as_str(),
            Asked::Mac(mac) => match macs.get(mac) {
                Some(name) => name,
                None => continue,
            },
            Asked::Any => continue,
        };
        let bridge = ports.get(name).copied();
        let profile = meaning.joined.profile(name);
        let message = match (bridge, &ask.over) {
            (Some(bridge), Some(over)) if over == bridge => continue,
            (Some(bridge), Some(over)) => format!(
                "the initramfs makes `{name}` a port of `{over}`, and the files make it one of `{bridge}`"
            ),
            (Some(bridge), None) => {
                format!("the initramfs configures `{name}`, which is a port of `{bridge}`")
            }
            (None, _) if profile.is_some_and(|p| p.bridge().is_some()) && !ask.made => format!(
                "the initramfs is told to configure the bridge `{name}`, and makes no bridge"
            ),
            (None, _) => continue,
        };
        let place = Place::word(&ask.at.path, ask.at.line, &ask.word);
        match found.iter_mut().find(|(known, _)| *known == message) {
            // entries of several kernels, and what they are made of
            Some((_, finding)) if finding.places.len() < 3 => {
                finding.places.push(place.label("and here"));
            }
            Some(_) => {}
            None => {
                let finding = RULE
                    .finding(format!("interface {name}"), &message)
                    .at(place)
                    .help(help(meaning, ask, name, bridge));
                found.push((message, finding));
            }
        }
    }
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// Returns the cards by their hardware addresses.
fn cards<'m>(meaning: &'m Meaning<'_>) -> HashMap<String, &'m str> {
    let of_profiles = meaning.host.profiles().filter_map(|profile| {
        let mac = profile.mac?.to_string();
        Some((mac, profile.interface.as_str()))
    });
    let present = meaning.host.macs.iter();
    let present = present.map(|(name, mac)| (mac.to_string(), name.as_str()));
    present
        .chain(of_profiles)
        .map(|(mac, name)| (mac.to_ascii_lowercase(), name))
        .collect()
}

fn help(meaning: &Meaning<'_>, ask: &Ask, name: &str, bridge: Option<&str>) -> String {
    let word = &ask.word;
    let beside = match bridge {
        Some(bridge) => {
            let instead = match &ask.asked {
                Asked::Name(name) => word.replacen(name.as_str(), bridge, 1),
                Asked::Mac(_) | Asked::Any => format!("ip={bridge}:dhcp"),
            };
            format!("write bridge={bridge}:{name} {instead} in its place")
        }
        None => {
            let ports = meaning.joined.ports(name).join(",");
            format!("write bridge={name}:{ports} beside it")
        }
    };
    format!("{beside}; or, if the initramfs needs no network, take the word away")
}
