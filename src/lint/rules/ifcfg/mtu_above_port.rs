//! A bridge with a larger MTU than one of its ports.

use std::collections::HashMap;

use super::script::Script;
use crate::lint::{BOTH, Check, Finding, Place, Rule, Severity, Sight};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "mtu-above-port",
    severity: Severity::Warning,
    readers: BOTH,
    finds: "A bridge whose `MTU` is larger than that of a port.",
    why: "The host sends frames that the port does not let through: connections stop once much is sent. The MTU of the wire is that of\nthe port, which has 1500 where its file says none.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-br0            MTU=9000
/etc/sysconfig/network-scripts/ifcfg-ens33          BRIDGE=br0, and no MTU",
    remedy: "Write the MTU into the file of the port.",
    source: "ifup-eth of initscripts (run: the bridge has 9000, the port 1500); br_mtu_auto_adjust() in the kernel's net/bridge/br_if.c",
    check: Check::Files(check),
    fix: None,
};

/// The MTU of a profile, and where it is said.
struct Mtu {
    bytes: u32,
    at: Place,
}

/// The MTU of a card that nothing is said of.
const USUAL: u32 = 1500;

fn check(sight: &Sight<'_>) -> Vec<Finding> {
    let profiles = sight.host.profiles();
    let known: HashMap<&str, Mtu> = profiles
        .filter_map(|profile| {
            let mtu = mtu(sight, profile.home.file.as_ref()?)?;
            Some((profile.interface.as_str(), mtu))
        })
        .collect();
    let ports = sight
        .host
        .profiles()
        .filter(|port| port.autostart && !port.wording.copy);
    let found = ports.filter_map(|port| {
        let bridge = port.controller.as_ref()?;
        let name = &port.interface;
        let above = known.get(bridge.as_str())?;
        let own = known.get(name.as_str());
        let bytes = own.map_or(USUAL, |mtu| mtu.bytes);
        // 0 leaves it as it is
        if bytes == 0 || above.bytes <= bytes {
            return None;
        }
        let said = if own.is_some() {
            ""
        } else {
            ", since its file says none"
        };
        let larger = above.bytes;
        let message =
            format!("`{bridge}` has an MTU of {larger}, and its port `{name}` {bytes}{said}");
        let found = RULE.finding(format!("bridge {bridge} and {name}"), message);
        let found = found.at(above.at.clone());
        let place = match own {
            Some(mtu) => mtu.at.clone(),
            None => Place::file(port.home.file.as_ref()?),
        };
        let help =
            format!("write the MTU {larger} into the file of {name}, if its network carries that");
        Some(found.at(place.label("its port")).help(help))
    });
    found.collect()
}

fn mtu(sight: &Sight<'_>, path: &crate::tree::HostPath) -> Option<Mtu> {
    if let Some(script) = sight.script(path) {
        return of_script(script);
    }
    let keyfile = sight.keyfile(path)?;
    let groups = ["ethernet", "802-3-ethernet"];
    groups.into_iter().find_map(|group| {
        let bytes = keyfile.get(group, "mtu")?.parse().ok()?;
        let at = keyfile.place_of(group, "mtu");
        Some(Mtu { bytes, at })
    })
}

fn of_script(script: &Script<'_>) -> Option<Mtu> {
    let bytes = script.value("MTU")?.parse().ok()?;
    let at = script.place_of("MTU");
    Some(Mtu { bytes, at })
}
