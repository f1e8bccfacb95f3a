//! Routes, rules or further addresses of a port.

use crate::host::layer3::{About, Further};
use crate::host::profile::{Profile, Switch};
use crate::lint::{BOTH, Check, Finding, Meaning, Place, Rule, Severity};

pub(in crate::lint) static RULE: Rule = Rule {
    name: "companion-of-port",
    severity: Severity::Error,
    readers: BOTH,
    finds: "A file of routes, rules or further addresses that is named after the port of a bridge.",
    why: "Nothing of it reaches the bridge, and a port has no layer 3. The routes and addresses belong to the bridge, and are lost until\nthe file is named after it.",
    example: "
/etc/sysconfig/network-scripts/ifcfg-ens33          BRIDGE=br0
/etc/sysconfig/network-scripts/route-ens33",
    remedy: "Rename it after the bridge: mv route-ens33 route-br0 (and DEVICE= in an alias)",
    source: "ifup-eth of initscripts: the branch of ports exits before ifup-aliases and ifup-routes (run)",
    check: Check::Meaning(check),
    fix: None,
};

fn check(meaning: &Meaning<'_>) -> Vec<Finding> {
    let ports = meaning
        .host
        .profiles()
        .filter(|profile| profile.controller.is_some());
    let left = ports.flat_map(|port| {
        let further = port.layer3.further.iter();
        further.filter_map(move |part| finding(meaning, port, part))
    });
    left.collect()
}

fn finding(meaning: &Meaning<'_>, port: &Profile, part: &Further) -> Option<Finding> {
    let what = match part.about {
        About::Routes => "routes",
        About::Rules => "rules",
        About::Addresses => "addresses",
        About::Dhcp => return None,
    };
    let (name, bridge, path) = (&port.interface, port.controller.as_ref()?, &part.at);
    if meaning.joined.switch_of(bridge.as_str()) == Some(Switch::Ovs) {
        return None; // ifup-ovs goes on as for any interface
    }
    if let Some(owner) = &part.owner {
        let message = format!(
            "`{}` puts an address on `{name}`, which is a port of `{bridge}`",
            path.name()
        );
        let place = Place::of(owner.at.as_ref()?);
        return Some(RULE.finding(path.as_str(), message).at(place).help(format!(
            "write the address to the file of `{bridge}`, as IPADDR1"
        )));
    }
    let message = format!(
        "the {what} in `{}` have no effect: `{name}` is a port of `{bridge}`",
        path.name()
    );
    let renamed = path.name().replacen(name.as_str(), bridge.as_str(), 1);
    let renamed = path.folder().join(&renamed);
    let help = format!("mv {} {}", path.word(), renamed.word());
    Some(
        RULE.finding(path.as_str(), message)
            .at(Place::line(path, 1))
            .help(help),
    )
}
