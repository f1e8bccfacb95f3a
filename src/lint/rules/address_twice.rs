//! One address in two places.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::host::profile::Profile;
use crate::lint::{Finding, Place, Rule, Severity, Sight};
use crate::tree::{HostPath, Tree};

pub(super) static RULE: Rule = Rule {
    name: "address-twice",
    severity: Severity::Warning,
    finds: "An IP address that two interfaces have, or one interface twice.",
    why: "network-scripts look for the address in the network before they take it, and find it at the other interface: the\nsecond one stays without. Otherwise answers leave by either interface.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33          IPADDR=192.168.50.20
/etc/sysconfig/network-scripts/ifcfg-ens34          IPADDR=192.168.50.20",
    remedy: "Give one of them another address.",
    source: "ifup-eth of initscripts: arping -D, `some other host already uses address`",
    check,
    fix: None,
};

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let (mut known, mut found) = (HashMap::<IpAddr, &Profile>::new(), Vec::new());
    let mut lines = Lines {
        tree: sight.tree,
        files: HashMap::new(),
    };
    let ports = |profile: &&Profile| profile.controller.is_some() || !profile.autostart;
    for profile in sight.host.profiles().filter(|profile| !ports(profile)) {
        let own = profile
            .layer3
            .addressing
            .addresses
            .iter()
            .map(|net| net.addr());
        let further = profile
            .layer3
            .further
            .iter()
            .flat_map(|part| part.addresses.iter().copied());
        for address in own.chain(further) {
            match known.get(&address) {
                Some(first) if profile.interface != first.interface => {
                    found.extend(finding(&mut lines, address, profile, first));
                }
                Some(_) => {}
                None => {
                    known.insert(address, profile);
                }
            }
        }
    }
    found
}

fn finding<'t>(
    lines: &mut Lines<'t>,
    address: IpAddr,
    profile: &'t Profile,
    first: &'t Profile,
) -> Option<Finding> {
    let (name, other) = (&profile.interface, &first.interface);
    let message = format!("`{other}` and `{name}` have the same address {address}");
    let mut place = |profile: &'t Profile| {
        let path = profile.origin.as_ref()?;
        let line = lines.of(path, address)?;
        Some(Place::word(path, line, &address.to_string()))
    };
    let finding = RULE.finding(format!("{name} and {other}: {address}"), message);
    Some(
        finding
            .at(place(profile)?)
            .at(place(first)?.label("and here"))
            .help("give one of them another address"),
    )
}

/// The lines on which addresses stand, of each file found once.
struct Lines<'t> {
    tree: &'t Tree,
    files: HashMap<&'t HostPath, HashMap<IpAddr, u32>>,
}

impl<'t> Lines<'t> {
    /// Returns the first line of the file on which `address` stands, 0 where none is; `None` without the file.
    fn of(&mut self, path: &'t HostPath, address: IpAddr) -> Option<u32> {
        let file = self.tree.file(path)?;
        let known = self.files.entry(path).or_insert_with(|| {
            let text = String::from_utf8_lossy(&file.bytes);
            let mut known = HashMap::new();
            for (line, number) in text.lines().zip(1..) {
                let words = line.split(|c: char| !(c.is_ascii_hexdigit() || ".:".contains(c)));
                for address in words.filter_map(|word| word.parse().ok()) {
                    known.entry(address).or_insert(number);
                }
            }
            known
        });
        Some(known.get(&address).copied().unwrap_or(0))
    }
}
